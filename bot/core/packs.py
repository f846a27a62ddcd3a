"""The weekly and monthly pack: core numbers against goals; and when a pack is due (SR6, SR7, SR9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.core.calendar import BusinessCalendar, is_working_day
from bot.core.kpis.settings import PackTimes
from forecasting.grid import local_midnight

__all__ = [
    "KINDS",
    "MONTH",
    "TREND",
    "WEEK",
    "AccuracyLine",
    "AspectLine",
    "CauseLine",
    "ClassLine",
    "FairnessLine",
    "FigureLine",
    "GoalLine",
    "MeasureLine",
    "Pack",
    "PackPeriod",
    "TypeLine",
    "due_at",
    "last_period",
    "period_of",
]

WEEK: Final = "week"
MONTH: Final = "month"
TREND: Final[Mapping[str, int]] = {WEEK: 8, MONTH: 6}
"""How many periods a trend shows, the pack's own the last."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackPeriod:
    """A week from Monday, or a calendar month: local days ``first`` to ``last``."""

    kind: str
    first: date
    last: date

    def bounds(self, zone: str) -> tuple[datetime, datetime]:
        """[start, end) in UTC."""
        return local_midnight(self.first, zone), local_midnight(self.last + _DAY, zone)

    def back(self, periods: int = 1) -> PackPeriod:
        """The same so many periods earlier.

        >>> period_of("month", date(2026, 3, 15)).back().last
        datetime.date(2026, 2, 28)
        """
        period = self
        for _ in range(periods):
            period = period_of(period.kind, period.first - _DAY)
        return period


def period_of(kind: str, day: date) -> PackPeriod:
    """The week or month a local day lies in.

    >>> period_of("week", date(2026, 11, 28))
    PackPeriod(kind='week', first=datetime.date(2026, 11, 23), last=datetime.date(2026, 11, 29))
    """
    if kind == WEEK:
        first = day - day.weekday() * _DAY
        return PackPeriod(kind=kind, first=first, last=first + 6 * _DAY)
    first = day.replace(day=1)
    following = (first + 32 * _DAY).replace(day=1)
    return PackPeriod(kind=kind, first=first, last=following - _DAY)


def last_period(kind: str, now: datetime, zone: str) -> PackPeriod:
    """The last one that is over for the team."""
    return period_of(kind, now.astimezone(ZoneInfo(zone)).date()).back()


def due_at(times: PackTimes, now: datetime, zone: str, calendar: BusinessCalendar) -> datetime:
    """When the pack of the last period was, or is, due; UTC.

    Where the clock shows the time twice it is the first; where it skips it, as long after midnight as usual.

    >>> from datetime import time
    >>> office = BusinessCalendar(name="office", zone="Asia/Shanghai", weekly={})
    >>> monday = PackTimes(at=time(9), weekday=0)
    >>> due_at(monday, datetime(2026, 11, 28, tzinfo=UTC), "Asia/Shanghai", office).isoformat()
    '2026-11-23T01:00:00+00:00'
    """
    day = now.astimezone(ZoneInfo(zone)).date()
    if times.weekday is not None:
        on = period_of(WEEK, day).first + times.weekday * _DAY
    else:
        first = period_of(MONTH, day).first
        on = next((d for d in (first + n * _DAY for n in range(28)) if is_working_day(calendar, d)), first)
    return datetime.combine(on, times.at, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureLine:
    """One KPI of the period.  ``missing``: why there is no value; ``before``: of the period before.

    ``trend``: of the last periods, the pack's own the last.  ``benchmark`` with its ``source`` (KS15).
    """

    kpi: str
    value: float | None
    count: int
    missing: str | None = None
    before: float | None = None
    trend: tuple[float | None, ...] = ()
    benchmark: float | None = None
    source: str | None = None

    @property
    def change(self) -> float | None:
        return None if self.value is None or self.before is None else self.value - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalLine:
    """A goal on the pack's last day.  ``expected``: where the straight path stands; ``on_course`` None where
    there is no figure.  ``started``: False while the goal's first day lies ahead.  ``trend`` and ``path``:
    the figure and the straight path at the end of the last periods, the pack's own the last."""

    kpi: str
    queue: str | None
    baseline: float
    goal: float
    start: date
    by: date
    actual: float | None
    before: float | None
    expected: float
    on_course: bool | None
    reached: bool
    missing: str | None = None
    started: bool = True
    trend: tuple[float | None, ...] = ()
    path: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassLine:
    """First responses of a class: ``overdue`` of ``judged``; ``before``: their rate the period before."""

    priority: str
    judged: int
    overdue: int
    before: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeLine:
    type: str
    count: int
    share: float
    change: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AspectLine:
    """``points``: 0 to 100; ``change`` to the period before."""

    aspect: str
    points: float
    count: int
    change: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseLine:
    """A cause of missed promises: ``cumulative`` share with all that are more frequent (KS12).

    ``vital``: it is needed to reach 80 % of all.
    """

    key: str
    count: int
    share: float
    cumulative: float
    vital: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureLine:
    """An improvement measure and, where it can be told, its KPI before and since (SR12)."""

    measure: int
    what: str
    owner: str | None
    state: str
    kpi: str | None = None
    before: float | None = None
    after: float | None = None
    verdict: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FairnessLine:
    """How far the team is apart in ``what`` (weekends, lates, hours): most less least, now and before."""

    what: str
    least: float
    most: float
    spread_before: float | None = None

    @property
    def spread(self) -> float:
        return self.most - self.least


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyLine:
    """Of the period's forecast of a queue: WAPE and bias as shares of what came (contacts)."""

    queue: str
    wape: float
    bias: float
    contacts: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """Everything a pack shows of a team's period; figures of single people are not in it (PS11).

    ``causes`` and ``measures`` are empty where nothing was noted; ``unnamed`` misses have no cause yet.
    ``repeat_days``: the N of the repeat-contact rate and of FCR.  ``asked``: customers the survey tool was
    told to ask in the period, ``answered`` so many of them.
    """

    team: str
    kind: str
    first: date
    last: date
    contacts: int
    figures: tuple[FigureLine, ...]
    goals: tuple[GoalLine, ...]
    classes: tuple[ClassLine, ...]
    types: tuple[TypeLine, ...]
    aspects: tuple[AspectLine, ...]
    causes: tuple[CauseLine, ...]
    measures: tuple[MeasureLine, ...]
    fairness: tuple[FairnessLine, ...]
    accuracy: tuple[AccuracyLine, ...]
    repeat_days: float
    unnamed: int = 0
    fairness_weeks: int = 0
    data_until: datetime | None = None
    late: bool = False
    asked: int = 0
    answered: int = 0


KINDS: Final[Mapping[str, type[Any]]] = {"pack": Pack}
"""Names of the kinds, as `bot.core.message_codec` keeps them."""
