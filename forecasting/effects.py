"""What dated events do to the volume, as columns of the day-level regressions.

The effect of an event is a curve over the open days around it, on the log scale.  Its prior is a Gaussian
process: no effect expected, a size that fades with the distance, and neighbours that agree, so that the
first days of a campaign say what the next ones may bring (Rasmussen and Williams, "Gaussian Processes for
Machine Learning", 2006, chapter 2).  The curve has two parts: what events of this nature do here, and what
this kind does beyond that.  So a kind never seen is expected to act a little like its fellows, one seen
once mostly like that once, and one seen often like itself (partial pooling: Gelman and Hill, "Data Analysis
Using Regression and Multilevel/Hierarchical Models", 2007, chapter 12).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from forecasting.calendars import ForecastCalendar
from forecasting.events import DatedEvent, EventNature, distinct_events, span_of

Floats = NDArray[np.float64]

EIGHTY_PERCENT = 1.2815515655446004
"""Standard normal quantile of 0.9: the half width of an 80 % range."""
AGREEMENT = 3.0
"""How far neighbours agree, in units of log(1 + open days)."""
LONG_EVENT_DAYS = 7
"""A campaign that lasts this long has an end of its own, with an effect like a deadline's."""
ALL_KINDS = ""
"""Stands for the part that events of one nature share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectCurve:
    """Where a curve has its knots [open days from the event], and its prior.

    ``begin``, ``end``: the effect is 0 there and beyond [open days].  ``fade``: open days in which the
    prior falls to 1/e.  ``own_sd``, ``shared_sd``: size on the log scale, of one kind and of the nature.
    ``lasting``: the effect does not fade; one knot, from the event's first day to its last.
    """

    nature: EventNature
    knots: tuple[int, ...]
    begin: int
    end: int
    fade: float
    own_sd: float
    shared_sd: float
    lasting: bool = False

    def lags(self) -> Floats:
        """Every lag at which the effect can differ from its neighbours, shape (n,)."""
        if self.lasting:
            return np.zeros(1)
        return np.arange(self.begin + 1, self.end, dtype=np.float64)

    def values(self, lag: Floats) -> Floats:
        """The basis at ``lag`` open days from the event, prior variance 1 each, shape (n, knots).

        >>> curve = CURVES[EventNature.CAMPAIGN]
        >>> bool((curve.values(np.array([-1.0, 60.0])) == 0).all())
        True
        """
        if self.lasting:
            return np.asarray((lag[:, None] >= 0).astype(np.float64))
        knots = np.array(self.knots, dtype=np.float64)
        edges = np.concatenate([[self.begin], knots, [self.end]])
        left, middle, right = edges[:-2], edges[1:-1], edges[2:]
        at = lag[:, None]
        rising = (at - left) / (middle - left)
        falling = (right - at) / (right - middle)
        hats = np.clip(np.minimum(rising, falling), 0.0, None)
        near = np.sign(knots) * np.log1p(np.abs(knots))
        size = np.exp(-np.abs(knots) / self.fade)
        covariance = np.outer(size, size) * np.exp(-np.abs(near[:, None] - near[None, :]) / AGREEMENT)
        return np.asarray(hats @ np.linalg.cholesky(covariance + 1e-9 * np.eye(knots.size)))


CURVES: Mapping[EventNature, EffectCurve] = {
    EventNature.CAMPAIGN: EffectCurve(
        nature=EventNature.CAMPAIGN,
        knots=(0, 1, 2, 4, 7, 12, 20),
        begin=-1,
        end=36,
        fade=15.0,
        own_sd=0.8,
        shared_sd=0.2,
    ),
    EventNature.DEADLINE: EffectCurve(
        nature=EventNature.DEADLINE,
        knots=(-4, -2, -1, 0, 1, 2, 4),
        begin=-8,
        end=8,
        fade=4.0,
        own_sd=0.15,
        shared_sd=0.05,
    ),
    EventNature.OUTAGE: EffectCurve(
        nature=EventNature.OUTAGE,
        knots=(0, 1, 2),
        begin=-1,
        end=4,
        fade=1.5,
        own_sd=0.5,
        shared_sd=0.3,
    ),
    EventNature.DEFLECTION: EffectCurve(
        nature=EventNature.DEFLECTION,
        knots=(0,),
        begin=-1,
        end=1,
        fade=math.inf,
        own_sd=0.2,
        shared_sd=0.05,
        lasting=True,
    ),
}
"""A campaign is counted from its first day, a deadline from its last, an outage and a deflection from their
first."""


@dataclass(frozen=True, slots=True)
class EventColumn:
    """One column: the ``number``-th of a curve, of the kind ``event`` or shared by the nature."""

    nature: EventNature
    event: str
    number: int

    @property
    def prior_sd(self) -> float:
        curve = CURVES[self.nature]
        return curve.shared_sd if self.event == ALL_KINDS else curve.own_sd


def event_columns(calendar: ForecastCalendar) -> tuple[EventColumn, ...]:
    """The columns that the calendar's events need; none for events whose lift is entered by hand."""
    curves = dict.fromkeys(
        (nature, event.kind)
        for event in distinct_events(calendar.events)
        if event.lift is None
        for nature, _ in _anchors(event)
    )
    natures = dict.fromkeys(nature for nature, _ in curves)
    return tuple(
        EventColumn(nature, kind, number)
        for nature, kind in (*((nature, ALL_KINDS) for nature in natures), *curves)
        for number in range(len(CURVES[nature].knots))
    )


def event_matrix(calendar: ForecastCalendar, days: Sequence[date], columns: Sequence[EventColumn]) -> Floats:
    """Values of the columns, shape (days, columns); an event's ``size`` multiplies its curve."""
    matrix = np.zeros((len(days), len(columns)))
    if not days or not columns:
        return matrix
    place: dict[tuple[EventNature, str], int] = {}
    for at, column in enumerate(columns):
        place.setdefault((column.nature, column.event), at)
    counted = _OpenDays(calendar, days)
    for event in distinct_events(calendar.events):
        if event.lift is not None:
            continue
        for nature, day in _anchors(event):
            curve = CURVES[nature]
            lag = counted.since(day)
            if curve.lasting:
                inside = (lag >= 0) & np.array([day <= event.last_day for day in days])
            else:
                inside = (lag > curve.begin) & (lag < curve.end)
            if not inside.any():
                continue
            values = event.size * curve.values(lag[inside])
            for kind in (ALL_KINDS, event.kind):
                begins = place.get((nature, kind))
                if begins is not None:
                    matrix[inside, begins : begins + values.shape[1]] += values
    return matrix


def entered_effect(calendar: ForecastCalendar, days: Sequence[date]) -> tuple[Floats, Floats]:
    """Mean and variance on the log scale of the lifts entered by hand, both of shape (days,).

    >>> from forecasting.events import Lift
    >>> day = date(2026, 11, 11)
    >>> sale = DatedEvent(kind="sale", first_day=day, last_day=day, lift=Lift(low=1.5, mid=2.0, high=2.5))
    >>> calendar = ForecastCalendar(zone="UTC", weekly={}, events=(sale,))
    >>> mean, variance = entered_effect(calendar, [day, date(2026, 11, 12)])
    >>> [round(float(v), 3) for v in np.exp(mean)], round(float(variance[0]), 3)
    ([2.0, 1.0], 0.04)
    """
    mean, variance = np.zeros(len(days)), np.zeros(len(days))
    for event in distinct_events(calendar.events):
        if event.lift is None:
            continue
        first, last = span_of(event)
        sd = math.log(event.lift.high / event.lift.low) / (2 * EIGHTY_PERCENT)
        for row, day in enumerate(days):
            if first <= day <= last:
                acts = event.ramp(day)
                mean[row] += acts * math.log(event.lift.mid)
                variance[row] += (acts * sd) ** 2
    return mean, variance


def explained_days(calendar: ForecastCalendar, days: Sequence[date]) -> NDArray[np.bool_]:
    """Days on which somebody said that something happens: from an event's first day to two days after its
    last, of a deflection its first alone.  What is unusual on them is not a one-off to be left out, shape
    (days,)."""
    explained = np.zeros(len(days), dtype=np.bool_)
    for event in calendar.events:
        first, last = span_of(event)
        if event.nature is EventNature.DEFLECTION:
            last = event.first_day
        for row, day in enumerate(days):
            if first <= day <= last + timedelta(days=2):
                explained[row] = True
    return explained


def _anchors(event: DatedEvent) -> tuple[tuple[EventNature, date], ...]:
    if event.nature is EventNature.DEADLINE:
        return ((EventNature.DEADLINE, event.last_day),)
    if event.nature is EventNature.CAMPAIGN and event.days > LONG_EVENT_DAYS:
        return ((EventNature.CAMPAIGN, event.first_day), (EventNature.DEADLINE, event.last_day))
    return ((event.nature, event.first_day),)


class _OpenDays:
    """Counts open days between any day and the given ones; a closed day counts as the next open one."""

    def __init__(self, calendar: ForecastCalendar, days: Sequence[date]) -> None:
        margin = timedelta(days=90)
        self.first = min(days) - margin
        count = (max(days) - self.first + margin).days + 1
        opens = np.array(
            [calendar.is_open(self.first + timedelta(days=i)) for i in range(count)], dtype=np.int64
        )
        self.before = np.concatenate([[0], np.cumsum(opens)])
        self.at = self.before[[(day - self.first).days for day in days]]

    def since(self, day: date) -> Floats:
        """Open days from ``day`` to each of the days; far outside the days, a distance beyond any curve."""
        offset = (day - self.first).days
        if not 0 <= offset < self.before.size:
            return np.full(self.at.size, np.inf if offset < 0 else -np.inf)
        return np.asarray(self.at - self.before[offset], dtype=np.float64)
