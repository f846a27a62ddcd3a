"""Frozen forecasts against what came: how good they were by weeks ahead, and whether they drift.

The tracking signal is the smoothed error over the smoothed absolute error (Trigg, "Monitoring a forecasting
system", Operational Research Quarterly 15, 1964), here over the errors e of whole days, newest last:

    signal = sum w e / sum w |e|,    w = (1 - alpha)^k for the day k days of data before the newest,

which is Trigg's E / M begun at zero, so that no start value has to be guessed.  Errors are forecast minus
actual, as in ``forecasting.metrics.bias``: 1 means every error was too much, -1 every one too little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from forecasting.calendars import ForecastCalendar
from forecasting.cleaning import FindingKind, clean
from forecasting.day_table import DayTable, cells_of
from forecasting.errors import ForecastingError
from forecasting.grid import IntervalGrid, local_midnight
from forecasting.history import VolumeHistory

__all__ = [
    "Actuals",
    "DayError",
    "FrozenForecast",
    "HorizonAccuracy",
    "Omission",
    "QueueAccuracy",
    "TrackingSignal",
    "day_errors",
    "is_calm",
    "is_drifting",
    "known_actuals",
    "score_frozen",
    "track",
]

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

SMOOTHING = 0.1
"""alpha: half of the weight lies on the last 7 days."""
WINDOW_DAYS = 42
FEWEST_DAYS = 14
SIGNAL_LIMIT = 0.75
LEAST_BIAS = 0.10
"""A queue drifts from this bias on: less is one-sided, but changes no roster."""
CALM_SIGNAL = 0.4
CALM_BIAS = 0.05
FAR_ERRORS = 4.0
"""Errors are cut at so many times the median one: a single odd day is no drift."""
LEAST_SHARE = 0.5
"""Of a day's forecast must fall into intervals that count, else the day is left out."""


class Omission(Enum):
    """Why an interval does not count."""

    NO_DATA = "no_data"  # no row for it
    CLOSED = "closed"  # the whole day without contacts: closed, or not recorded
    OUTAGE = "outage"  # recorded as nothing at a time when contacts come
    DOUBLED = "doubled"  # a day imported twice


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrozenForecast:
    """A forecast as it was when it was made, or the part of it that lies in some period.

    ``begins``: start of the whole forecast, up to which things were known.  ``mean``, and ``low`` to
    ``high``, the central 80 % band [count], shape (grid.count,); ``open``: contacts accepted, same shape.
    """

    number: int
    made_at: datetime
    begins: datetime
    grid: IntervalGrid
    mean: Floats
    low: Floats
    high: Floats
    open: Mask

    def __post_init__(self) -> None:
        for values in (self.mean, self.low, self.high, self.open):
            if values.shape != (self.grid.count,):
                raise ForecastingError(f"a frozen forecast needs shape ({self.grid.count},) throughout")

    @property
    def backdated(self) -> bool:
        """Made more than a day after it begins; it used nothing later, but nobody planned by it."""
        return self.made_at - self.begins > timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Actuals:
    """What came, on a grid.  ``contacts`` [count] and ``omitted``: reason to mask, all (grid.count,)."""

    grid: IntervalGrid
    contacts: Floats
    omitted: Mapping[Omission, Mask]

    @property
    def counted(self) -> Mask:
        """Intervals that no reason leaves out."""
        return np.asarray(~np.logical_or.reduce(list(self.omitted.values())), dtype=np.bool_)

    def part(self, part: slice) -> Actuals:
        """Only some consecutive intervals of it."""
        omitted = {reason: mask[part] for reason, mask in self.omitted.items()}
        return Actuals(grid=self.grid.sub(part), contacts=self.contacts[part], omitted=omitted)

    def with_outages(self, spans: Sequence[tuple[datetime, datetime]]) -> Actuals:
        """The same with every interval that touches one of the spans [start, end) left out as an outage."""
        mask = self.omitted[Omission.OUTAGE].copy()
        for start, end in spans:
            first = (start - self.grid.start) // self.grid.interval
            last = -((self.grid.start - end) // self.grid.interval)
            mask[max(0, first) : max(0, last)] = True
        return replace(self, omitted={**self.omitted, Omission.OUTAGE: mask})


def known_actuals(history: VolumeHistory, calendar: ForecastCalendar) -> Actuals:
    """A history with what does not count marked, by the same rules that keep models from learning it.

    One-off days stay: they do happen.  The longer the history, the better it is known what is unusual.
    Raises HistoryError for an empty grid.
    """
    omitted = {reason: np.zeros(history.grid.count, dtype=np.bool_) for reason in Omission}
    omitted[Omission.NO_DATA] = ~history.observed
    for found in clean(DayTable.from_history(history), calendar).findings:
        reason = _REASONS.get(found.kind)
        if reason is not None:
            omitted[reason][history.grid.slice_between(found.start, found.end)] = True
    return Actuals(grid=history.grid, contacts=history.offered, omitted=omitted)


_REASONS: Mapping[FindingKind, Omission] = {
    FindingKind.CLOSURE: Omission.CLOSED,
    FindingKind.PARTIAL_OUTAGE: Omission.OUTAGE,
    FindingKind.DOUBLED_IMPORT: Omission.DOUBLED,
}


# -- by weeks ahead ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class HorizonAccuracy:
    """All frozen forecasts of one queue, where they spoke of the ``horizon``-th week after they began.

    ``wape``, ``bias`` as in ``forecasting.metrics``, pooled over every pair of forecast and interval; NaN
    where nothing came.  ``cover80``: share of those pairs inside the 80 % band.  ``forecasts``: how many;
    ``weeks``: ISO weeks touched; ``intervals``, ``contacts``: judged and come, each interval counted once.
    """

    horizon: int
    wape: float
    bias: float
    cover80: float
    forecasts: int
    weeks: int
    intervals: int
    contacts: float


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueAccuracy:
    """``omitted``: intervals that were forecast and do not count, once each, by the first reason that holds.

    ``scores``: only horizons of which something could be judged.
    """

    scores: tuple[HorizonAccuracy, ...]
    omitted: Mapping[Omission, int]


def score_frozen(
    frozen: Sequence[FrozenForecast], actuals: Actuals, horizons: Sequence[int] = (1, 2, 3, 4)
) -> QueueAccuracy:
    """Compare each forecast with what came, at the horizon [weeks] at which it spoke of it.

    The seven local days from the day a forecast begins are horizon 1, as in ``uncertainty``.  A forecast
    that was replaced later counts all the same.  What lies outside of the grid of the actuals, and
    intervals in which the forecast had the queue closed, are not judged.
    """
    count = actuals.grid.count
    sums = {h: _Sums.empty(count) for h in horizons}
    wanted = np.zeros(count, dtype=np.bool_)
    counted = actuals.counted
    ordinals = _day_ordinals(actuals.grid)
    for one in frozen:
        placed = _placed(one, actuals.grid)
        if placed is None:
            continue
        at, part = placed
        origin = one.begins.astimezone(ZoneInfo(one.grid.zone)).date().toordinal()
        ahead = (ordinals[at] - origin) // 7 + 1
        is_open = one.open[part]
        for horizon, held in sums.items():
            here = is_open & (ahead == horizon)
            wanted[at] |= here
            judged = here & counted[at]
            if judged.any():
                held.add(one, part, at, judged, actuals.contacts[at])
    left = wanted.copy()
    omitted = {}
    for reason in (Omission.DOUBLED, Omission.OUTAGE, Omission.CLOSED, Omission.NO_DATA):
        here = left & actuals.omitted[reason]
        omitted[reason] = int(here.sum())
        left &= ~here
    scores = (held.score(h, actuals, ordinals) for h, held in sums.items() if held.pairs)
    return QueueAccuracy(scores=tuple(scores), omitted=omitted)


@dataclass(slots=True)
class _Sums:
    """What is summed over forecasts for one horizon."""

    judged: Mask
    off: float = 0.0
    signed: float = 0.0
    came: float = 0.0
    inside: int = 0
    pairs: int = 0
    forecasts: int = 0

    @classmethod
    def empty(cls, count: int) -> _Sums:
        return cls(judged=np.zeros(count, dtype=np.bool_))

    def add(self, one: FrozenForecast, part: slice, at: slice, judged: Mask, contacts: Floats) -> None:
        actual, mean = contacts[judged], one.mean[part][judged]
        self.off += float(np.abs(actual - mean).sum())
        self.signed += float((mean - actual).sum())
        self.came += float(actual.sum())
        self.inside += int(((actual >= one.low[part][judged]) & (actual <= one.high[part][judged])).sum())
        self.pairs += int(judged.sum())
        self.forecasts += 1
        self.judged[at] |= judged

    def score(self, horizon: int, actuals: Actuals, ordinals: NDArray[np.int64]) -> HorizonAccuracy:
        nothing = float("nan")
        return HorizonAccuracy(
            horizon=horizon,
            wape=self.off / self.came if self.came > 0 else nothing,
            bias=self.signed / self.came if self.came > 0 else nothing,
            cover80=self.inside / self.pairs,
            forecasts=self.forecasts,
            # The ordinal 1 is a Monday.
            weeks=len(np.unique((ordinals[self.judged] - 1) // 7)),
            intervals=int(self.judged.sum()),
            contacts=float(actuals.contacts[self.judged].sum()),
        )


def _placed(one: FrozenForecast, grid: IntervalGrid) -> tuple[slice, slice] | None:
    """Where a forecast lies on the grid, and the part of it that does; None where the intervals differ."""
    if one.grid.interval != grid.interval or one.grid.zone != grid.zone:
        return None
    if (one.grid.start - grid.start) % grid.interval:
        return None
    offset = (one.grid.start - grid.start) // grid.interval
    first, last = max(0, offset), min(grid.count, offset + one.grid.count)
    return None if first >= last else (slice(first, last), slice(first - offset, last - offset))


def _day_ordinals(grid: IntervalGrid) -> NDArray[np.int64]:
    """The proleptic ordinal of every interval's local day, shape (grid.count,)."""
    if not grid.count:
        return np.zeros(0, dtype=np.int64)
    first, _, rows, _ = cells_of(grid)
    return np.asarray(rows + first.toordinal(), dtype=np.int64)


# -- drift -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DayError:
    """A local day [contacts] against the forecast in force when it began, over intervals that count."""

    day: date
    forecast: float
    actual: float
    number: int
    made_at: datetime


def day_errors(frozen: Sequence[FrozenForecast], actuals: Actuals) -> tuple[DayError, ...]:
    """Every day of the actuals that can be judged, in order.

    The forecast in force is the one that begins last of those that begin by the day's first instant and
    reach to its end.  Days of which less than LEAST_SHARE counts are left out, and so is a last day whose
    opening hours, by the forecast, are not over.
    """
    grid = actuals.grid
    held = sorted(frozen, key=lambda one: (one.begins, one.number), reverse=True)
    days = {one.number: one.grid.days() for one in held}
    counted = actuals.counted
    found: list[DayError] = []
    for day in grid.days():
        begin, end = local_midnight(day, grid.zone), local_midnight(day + timedelta(days=1), grid.zone)
        for one in held:
            own = days[one.number].get(day)
            if own is None or one.begins > begin or one.grid.start > begin or one.grid.end < end:
                continue
            error = _day_error(one, day, own, actuals, counted)
            if error is not None:
                found.append(error)
            break
    return tuple(found)


def _day_error(
    one: FrozenForecast, day: date, own: slice, actuals: Actuals, counted: Mask
) -> DayError | None:
    opened = np.flatnonzero(one.open[own])
    placed = _placed(one, actuals.grid)
    if placed is None or not opened.size:
        return None
    at, part = placed
    if own.start < part.start or own.start + int(opened[-1]) >= part.stop:
        return None
    own = slice(own.start, own.start + int(opened[-1]) + 1)
    there = slice(own.start + at.start - part.start, own.stop + at.start - part.start)
    judged = one.open[own] & counted[there]
    whole, mean = float((one.mean[own] * one.open[own]).sum()), float(one.mean[own][judged].sum())
    if mean <= 0 or mean < LEAST_SHARE * whole:
        return None
    actual = float(actuals.contacts[there][judged].sum())
    return DayError(day=day, forecast=mean, actual=actual, number=one.number, made_at=one.made_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingSignal:
    """``signal`` in [-1, 1] and ``bias`` [ratio], both positive where too much was forecast.

    Of ``days`` judged days from ``first`` to ``last``, the newest weighing most.
    """

    signal: float
    bias: float
    days: int
    first: date
    last: date


def track(errors: Sequence[DayError]) -> TrackingSignal | None:
    """The tracking signal after the newest of these days; None with fewer than FEWEST_DAYS, or where nothing
    came in any of them (that is a silent source).

    The last WINDOW_DAYS count; errors beyond FAR_ERRORS times the median absolute error (at least
    that of Poisson counts) are cut to it, in the signal and in the bias alike.
    """
    held = errors[-WINDOW_DAYS:]
    if len(held) < FEWEST_DAYS:
        return None
    actual = np.array([e.actual for e in held])
    off = np.array([e.forecast for e in held]) - actual
    # Days that agree to the contact are luck: Poisson noise alone has this median error.
    noise = 0.6745 * float(np.sqrt(np.mean([e.forecast for e in held])))
    usual = max(float(np.median(np.abs(off))), noise)
    off = np.clip(off, -FAR_ERRORS * usual, FAR_ERRORS * usual)
    weight = (1 - SMOOTHING) ** np.arange(len(held) - 1, -1, -1)
    size, came = float((weight * np.abs(off)).sum()), float((weight * actual).sum())
    if came <= 0:
        return None
    signed = float((weight * off).sum())
    return TrackingSignal(
        signal=signed / size if size > 0 else 0.0,
        bias=signed / came,
        days=len(held),
        first=held[0].day,
        last=held[-1].day,
    )


def is_drifting(tracked: TrackingSignal) -> bool:
    """Whether the errors are one-sided and large enough to matter.

    Drawn days that share 4 to 6 % of error with their week raise an alarm every two to six years; a lasting
    30 % more or less is noticed after one to two weeks.
    """
    return abs(tracked.signal) >= SIGNAL_LIMIT and abs(tracked.bias) >= LEAST_BIAS


def is_calm(tracked: TrackingSignal, *, too_much: bool) -> bool:
    """Whether a drift, towards too much or too little, is over: hardly one-sided, small, or turned round."""
    turned = tracked.signal < 0 if too_much else tracked.signal > 0
    return turned or abs(tracked.signal) < CALM_SIGNAL or abs(tracked.bias) < CALM_BIAS
