"""How long and how a solve may work, and what it tells on the way."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.errors import SolveError

__all__ = ["Progress", "SolveParams"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveParams:
    """Limits of one solve.

    ``seconds``: wall clock for the whole solve.
    ``seed``: of the solver and of the choice of neighbourhoods.
    ``workers``: threads of the solver.
    ``deterministic_limit``: work in the solver's own units, about a second each.  With one worker the same
    problem, seed and limit give the same roster; ``seconds`` then does not count, because a wall clock
    never repeats.
    ``gap``: stop when (objective - bound) / required staff-minutes is at most this.
    """

    seconds: float = 60.0
    seed: int = 1
    workers: int = 2
    deterministic_limit: float | None = None
    gap: float = 0.001

    def __post_init__(self) -> None:
        if not self.seconds > 0:
            raise SolveError(f"seconds must be above 0, got {self.seconds:g}; nothing was solved")
        if self.workers < 1:
            raise SolveError(f"workers must be at least 1, got {self.workers}; nothing was solved")
        if not 0 <= self.seed < 2**31:
            raise SolveError(f"seed must be 0 to 2147483647, got {self.seed}; nothing was solved")
        if self.deterministic_limit is not None and not self.deterministic_limit > 0:
            raise SolveError(
                f"deterministic_limit must be above 0, got {self.deterministic_limit:g}; nothing was solved"
            )
        if not self.gap >= 0:
            raise SolveError(f"gap must not be negative, got {self.gap:g}; nothing was solved")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """State of a running solve; ``objective`` is None until there is a roster."""

    objective: float | None
    bound: float | None
    seconds: float
    solutions: int
