"""Queueing formulas: arrays in, arrays out.  Times in seconds, load in erlangs.

The formula modules load numba (about a second), so they are imported where they are used:
``from scheduler.queueing import erlang_c``.
"""
