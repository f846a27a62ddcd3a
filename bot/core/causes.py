"""Why promises were broken: one cause for every miss, and the few that most misses come from (SR10, KS12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.core.courses import Measure
from bot.core.ids import AgentId, ContactRef, QueueId

__all__ = [
    "LONGEST_NOTE",
    "VITAL_SHARE",
    "Miss",
    "NamedCause",
    "Pareto",
    "ParetoLine",
    "pareto",
]

VITAL_SHARE: Final = 0.8
"""The line the vital few reach together (KS12)."""
_VITAL_OF: Final = (4, 5)
LONGEST_NOTE: Final = 140
"""Characters of what is noted beside a cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCause:
    """``cause``: a code of app.yaml, ``reviews.causes``; ``note`` in the words of whoever named it."""

    cause: str
    note: str | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A broken promise; ``stopped_at`` None while it still is one, ``named`` None until somebody says why."""

    ref: ContactRef
    measure: Measure
    cycle: int
    queue: QueueId
    type: str
    owner: AgentId | None
    due_at: datetime
    stopped_at: datetime | None
    named: NamedCause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParetoLine:
    """``count`` of ``key``; ``share`` of all, ``cumulative`` with the lines before it, both 0 to 1.

    ``vital``: it is needed to reach `VITAL_SHARE`.
    """

    key: str
    count: int
    share: float
    cumulative: float
    vital: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pareto:
    """The largest first.  ``unnamed``: what was counted nowhere because nobody said what it belongs to."""

    lines: tuple[ParetoLine, ...] = ()
    total: int = 0
    unnamed: int = 0

    @property
    def vital(self) -> tuple[ParetoLine, ...]:
        """The fewest lines, from the largest on, that reach the 80 % line."""
        return tuple(line for line in self.lines if line.vital)


def pareto(counts: Mapping[str, int], *, unnamed: int = 0) -> Pareto:
    """Counts in Pareto's order, the larger first, equal ones by key; those of nothing are left out.

    Raises ValueError for a count below 0.

    >>> found = pareto({"system": 3, "process": 12, "training": 5, "staffing": 0})
    >>> [(line.key, line.count, line.cumulative, line.vital) for line in found.lines]
    [('process', 12, 0.6, True), ('training', 5, 0.85, True), ('system', 3, 1.0, False)]
    """
    if any(count < 0 for count in counts.values()) or unnamed < 0:
        raise ValueError("a count below 0")
    total = sum(counts.values())
    lines, before = [], 0
    for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if not count:
            continue
        parts, whole = _VITAL_OF
        lines.append(
            ParetoLine(
                key=key,
                count=count,
                share=count / total,
                cumulative=(before + count) / total,
                vital=before * whole < total * parts,  # in whole numbers: 80 % exactly is enough
            )
        )
        before += count
    return Pareto(lines=tuple(lines), total=total, unnamed=unnamed)
