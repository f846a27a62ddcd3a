"""Solver-free truth about rosters; holds for a roster made by hand as well."""
