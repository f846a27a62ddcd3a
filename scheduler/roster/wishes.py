"""What people wish, and cover asked for by kind of shift; all of it has a price, none is a rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from scheduler.roster.errors import ProblemError

__all__ = ["Pairing", "ShiftCover", "Wish"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One agent's wish for one date; ``weight`` paid minutes are what not granting it costs.

    ``works``: wants to work, a shift of one of ``templates`` where any are named; otherwise wants not to.
    ``starts_from`` and ``starts_before``: only shifts that start in [from, before) of the agent's clock are
    meant.
    """

    agent: str
    date: date
    works: bool
    weight: int
    templates: tuple[str, ...] = ()
    starts_from: time | None = None
    starts_before: time | None = None

    def means(self, template: str, start: time) -> bool:
        """Whether a shift of this template and start (of the agent's clock) is what the wish is about."""
        return (
            (not self.templates or template in self.templates)
            and (self.starts_from is None or start >= self.starts_from)
            and (self.starts_before is None or start < self.starts_before)
        )

    def __post_init__(self) -> None:
        if self.weight < 0:
            raise ProblemError(
                f"wish of {self.agent!r} for {self.date}: the weight must not be negative, got {self.weight}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """``agent`` should work beside ``mentor``: each of the agent's shifts that lies by less than half inside
    a shift of the mentor of the same date costs ``weight`` paid minutes."""

    agent: str
    mentor: str
    weight: int

    def __post_init__(self) -> None:
        if self.agent == self.mentor or self.weight < 0:
            raise ProblemError(
                f"a pairing needs two people and a weight from 0 on, got {self.agent!r}, {self.mentor!r}, "
                f"{self.weight}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftCover:
    """``required`` shifts of one template on one date; each one off costs its weight in paid minutes."""

    date: date
    template: str
    required: int
    under_weight: int
    over_weight: int

    def __post_init__(self) -> None:
        if min(self.required, self.under_weight, self.over_weight) < 0:
            raise ProblemError(
                f"cover of {self.template!r} on {self.date}: numbers must not be negative, got required "
                f"{self.required}, weights {self.under_weight} and {self.over_weight}"
            )
