"""From a RosterProblem to a RosterResult; the only package that imports ortools."""

from scheduler.solve.params import Progress, SolveParams
from scheduler.solve.solver import solve

__all__ = ["Progress", "SolveParams", "solve"]
