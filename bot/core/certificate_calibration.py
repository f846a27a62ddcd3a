"""Certificates against what came: how often peaks promised with a probability were inside their target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from itertools import pairwise
from math import sqrt

from bot.core.ids import QueueId, RosterId

__all__ = ["Calibration", "CalibrationBin", "PeakOutcome", "Verdict", "calibrate", "wilson"]

EDGES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
ENOUGH = 20
"""Fewer peaks say nothing about certificates."""
NOTICEABLE = 0.02
"""So much further off is worth a proposal."""


class Verdict(Enum):
    """What the peaks together say about the promises."""

    TRUE = "true"
    TOO_SURE = "too_sure"
    TOO_CAREFUL = "too_careful"
    UNKNOWN = "unknown"  # too few peaks


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakOutcome:
    """One judged peak of a published roster: what was promised, and what came.

    ``promised``: probability that at least ``target_share`` of the contacts are answered in time.
    ``contacts``: that came; ``in_time`` of them.  Where nobody came nothing was missed.  ``error``: relative
    error beyond chance that the forecast had for these contacts; None where it is gone.
    """

    roster: RosterId
    queue: QueueId
    day: date
    start: datetime
    end: datetime
    promised: float
    target_share: float
    expected_contacts: float
    contacts: int
    in_time: int
    error: float | None = None

    @property
    def held(self) -> bool:
        return self.in_time >= self.target_share * self.contacts - 1e-9

    @property
    def share(self) -> float | None:
        return self.in_time / self.contacts if self.contacts else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationBin:
    """Peaks promised from ``low`` to below ``high`` (1 included): how many, what on average, how many held,
    and the 95 % interval of the share that holds."""

    low: float
    high: float
    peaks: int
    promised: float
    held: int
    interval: tuple[float, float]

    @property
    def share_held(self) -> float:
        return self.held / self.peaks


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """``weeks``: per Monday the peaks and how many held.  ``busier``: contacts over expected ones in the
    peaks that failed, None where none did or nothing was expected; ``as_busy``: in those that held.
    ``assumed_error``: the relative error of volume that was reckoned with, ``seen_error`` the one the peaks
    show; None where it is not known, or too few peaks are."""

    bins: tuple[CalibrationBin, ...]
    whole: CalibrationBin | None
    weeks: tuple[tuple[date, int, int], ...]
    verdict: Verdict
    busier: float | None
    as_busy: float | None
    assumed_error: float | None = None
    seen_error: float | None = None

    @property
    def proposed_error(self) -> float | None:
        """What `staffing.volume_error` might be set to; None unless promises were too sure, and volume was
        further off than was reckoned with."""
        if self.verdict is not Verdict.TOO_SURE or self.assumed_error is None or self.seen_error is None:
            return None
        seen = round(self.seen_error, 2)
        return seen if seen > self.assumed_error + NOTICEABLE else None


def wilson(held: int, of: int) -> tuple[float, float]:
    """95 % interval of a share (E. B. Wilson, "Probable inference, the law of succession, and statistical
    inference", JASA 22, 1927).

    >>> [round(v, 3) for v in wilson(71, 100)]
    [0.615, 0.79]
    """
    z = 1.959964
    share = held / of
    middle = share + z * z / (2 * of)
    reach = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, (middle - reach) / (1 + z * z / of)), min(1.0, (middle + reach) / (1 + z * z / of))


def calibrate(outcomes: Sequence[PeakOutcome]) -> Calibration:
    """Bins, weeks and a verdict: too sure (or careful) where the mean promise of all peaks lies outside the
    95 % interval of the share that held.  Peaks of a day are not independent, so it is no strict test."""
    bins = []
    for low, high in pairwise(EDGES):
        own = [o for o in outcomes if low <= o.promised < high or (high == 1.0 and o.promised == 1.0)]
        if own:
            bins.append(_bin(own, low, high))
    whole = _bin(outcomes, 0.0, 1.0) if outcomes else None
    weeks: dict[date, list[PeakOutcome]] = {}
    for outcome in outcomes:
        monday = date.fromordinal(outcome.day.toordinal() - outcome.day.weekday())
        weeks.setdefault(monday, []).append(outcome)
    verdict = Verdict.UNKNOWN
    if whole is not None and whole.peaks >= ENOUGH:
        verdict = Verdict.TRUE
        if whole.promised > whole.interval[1]:
            verdict = Verdict.TOO_SURE
        elif whole.promised < whole.interval[0]:
            verdict = Verdict.TOO_CAREFUL
    return Calibration(
        bins=tuple(bins),
        whole=whole,
        weeks=tuple((monday, len(o), sum(p.held for p in o)) for monday, o in sorted(weeks.items())),
        verdict=verdict,
        busier=_over_expected([o for o in outcomes if not o.held]),
        as_busy=_over_expected([o for o in outcomes if o.held]),
        assumed_error=_assumed(outcomes),
        seen_error=seen_error(outcomes),
    )


def seen_error(outcomes: Sequence[PeakOutcome]) -> float | None:
    """Relative error of the volume beyond chance, by moments: a count N with mean m and error s has
    E (N - m)^2 = m + s^2 m^2, so s^2 = sum((N - m)^2 - m) / sum(m^2).  None for too few peaks.

    >>> seen_error([]) is None
    True
    """
    known = [o for o in outcomes if o.expected_contacts > 0]
    if len(known) < ENOUGH:
        return None
    beyond = sum((o.contacts - o.expected_contacts) ** 2 - o.expected_contacts for o in known)
    return sqrt(max(0.0, beyond / sum(o.expected_contacts**2 for o in known)))


def _assumed(outcomes: Sequence[PeakOutcome]) -> float | None:
    """Weighted as in `seen_error`."""
    known = [(o.error, o.expected_contacts) for o in outcomes if o.error is not None]
    weight = sum(expected**2 for _, expected in known)
    if len(known) < ENOUGH or not weight:
        return None
    return sqrt(sum(error**2 * expected**2 for error, expected in known) / weight)


def _bin(own: Sequence[PeakOutcome], low: float, high: float) -> CalibrationBin:
    held = sum(o.held for o in own)
    return CalibrationBin(
        low=low,
        high=high,
        peaks=len(own),
        promised=sum(o.promised for o in own) / len(own),
        held=held,
        interval=wilson(held, len(own)),
    )


def _over_expected(own: Sequence[PeakOutcome]) -> float | None:
    expected = sum(o.expected_contacts for o in own)
    return sum(o.contacts for o in own) / expected if expected > 0 else None
