"""How each row of the SLA table was kept: the figures of `muster sla show` and `muster sla review`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from bot.core.courses import Measure

__all__ = ["ENOUGH", "Attainment", "Fit", "fit"]

ENOUGH = 30
"""Fewer judged promises say nothing about a target."""


class Fit(Enum):
    """Whether a target fits what the team does (SP19)."""

    FITS = "fits"
    TOO_TIGHT = "too_tight"  # broken in more than one case of ten
    TOO_LOOSE = "too_loose"  # kept nearly always, with half of the time to spare
    UNKNOWN = "unknown"  # too few cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Attainment:
    """One row and measure.  ``excused`` of the ``broken`` ones broke inside a declared exception window.

    ``median`` and ``p90``: time from start to stop [s] of those stopped; ``p90_share``: of the promised
    time (both by the clock on the wall).  ``queues``: where it was judged, most cases first.
    """

    policy: str
    measure: Measure
    kept: int
    broken: int
    excused: int
    median: float | None
    p90: float | None
    p90_share: float | None
    queues: tuple[str, ...] = ()

    @property
    def judged(self) -> int:
        return self.kept + self.broken

    @property
    def share(self) -> float | None:
        """Kept of all judged; what broke in an exception window counts as broken."""
        return self.kept / self.judged if self.judged else None

    @property
    def share_outside(self) -> float | None:
        """Kept of those judged outside exception windows: what the team is responsible for."""
        outside = self.judged - self.excused
        return self.kept / outside if outside else None


def fit(attainment: Attainment) -> Fit:
    """Whether the target is too tight, too loose or fits; by what happened outside exception windows.

    >>> row = Attainment(
    ...     policy="high", measure=Measure.FIRST_RESPONSE, kept=99, broken=1, excused=0,
    ...     median=60.0, p90=200.0, p90_share=0.33,
    ... )
    >>> fit(row)
    <Fit.TOO_LOOSE: 'too_loose'>
    """
    share = attainment.share_outside
    if share is None or attainment.judged - attainment.excused < ENOUGH:
        return Fit.UNKNOWN
    if share < 0.9:
        return Fit.TOO_TIGHT
    if share >= 0.99 and attainment.p90_share is not None and attainment.p90_share <= 0.5:
        return Fit.TOO_LOOSE
    return Fit.FITS


def quantile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least ``share`` of them do not exceed; None without values.

    >>> quantile([1.0, 2.0, 3.0, 4.0], 0.5), quantile([], 0.5)
    (2.0, None)
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None
