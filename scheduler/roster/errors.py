"""A roster problem, or a part of it, that cannot be meant."""

from scheduler.errors import RosterError

__all__ = ["ProblemError"]


class ProblemError(RosterError):
    """Input that contradicts itself; the message names the object, the value and what is allowed."""
