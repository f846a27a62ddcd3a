"""What can go wrong in the scheduler; every message says what came, what was not done and what to do.

All of them are permanent: the same input fails again.
"""

__all__ = [
    "QueueingError",
    "RosterError",
    "SchedulerError",
    "SimulationError",
    "SolveError",
    "StaffingError",
]


class SchedulerError(Exception):
    """Base of all errors of this library."""


class QueueingError(SchedulerError):
    """Arguments for which a queueing formula has no meaning."""


class StaffingError(SchedulerError):
    """A workload, a shrinkage plan or a target from which no requirement follows."""


class RosterError(SchedulerError):
    """A shift, an agent or a rule that cannot exist."""


class SolveError(SchedulerError):
    """The solver could not be run; an infeasible problem is a result, not this."""


class SimulationError(SchedulerError):
    """A roster or arrivals that cannot be played."""
