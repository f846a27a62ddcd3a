"""How much people carry (ST11, TI5): one person's weeks, a team's ranges, patterns that wear people out.

Counts come from published shifts, states and cases, never from what somebody thinks of a colleague.  A team's
load names nobody; one person's is that person's and their lead's (PS11).
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import Enum
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.fairness import TeamRange, counts_of
from bot.core.floor import AgentState, PresenceState
from bot.core.ids import AgentId
from scheduler.roster.shifts import BREAK, LUNCH, Shift

__all__ = [
    "CONCERNED",
    "LEAST_PEOPLE",
    "MEASURES",
    "CareSettings",
    "Load",
    "LostPauses",
    "MeasureLine",
    "Pattern",
    "TeamLoad",
    "load_of",
    "lost_pauses",
    "patterns",
    "team_load",
]

LEAST_PEOPLE: Final = 3
"""A range over fewer would name somebody."""
MEASURES: Final = (
    "hours",
    "overtime",
    "nights",
    "lates",
    "run",
    "short_rests",
    "breaks_lost",
    "occupancy",
    "complaints",
)
CONCERNED: Final = frozenset({"overtime", "nights", "lates", "short_rests", "breaks_lost", "complaints"})
"""Measures that add up over a team, and of which it is told how many people they concern."""

_NIGHT_UNTIL: Final = time(5)
_NIGHT_LEAST: Final = timedelta(hours=3)
"""Directive 2003/88/EC art. 2: a night worker works three hours of the night, which has midnight to five."""
_OBSERVED: Final = timedelta(hours=2)
"""A day whose states tell of less says nothing of how busy it was."""
_DAYS_OBSERVED: Final = 3
_PAUSES: Final = frozenset({BREAK, LUNCH})
_EPSILON: Final = 1e-6


class Pattern(Enum):
    """What wears people out; the values stand in messages."""

    HOURS = "hours"  # week after week beyond the contract
    RUN = "run"  # many days in a row
    REST = "rest"  # short rests, again and again
    OCCUPANCY = "occupancy"  # hardly a moment between two contacts


@dataclass(frozen=True, slots=True, kw_only=True)
class CareSettings:
    """From when on something is a pattern, and when it is told: ``at`` on ``weekday`` of the team's wall.

    ``weeks_over`` whole weeks beyond the contract's hours; ``days_in_a_row``; ``short_rests`` of less than
    ``rest`` in one week; ``occupancy`` on most days of a week.
    """

    weeks_over: int = 3
    days_in_a_row: int = 7
    rest: timedelta = timedelta(hours=11)
    short_rests: int = 2
    occupancy: float = 0.88
    weekday: int = 0
    at: time = time(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class LostPauses:
    """Pauses of one shift that were ``moved`` or ``given_up``."""

    moved: int = 0
    given_up: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One person's week.  ``contract``: hours it may have, None where no contract says so.

    ``run``: the longest row of days worked that touches the week, from its beginning, whenever that was.
    ``occupancy``: time with customers of the time at the queue, None where too little is known; ``busy_days``
    of ``known_days`` had at least the settings' occupancy.
    """

    shifts: int
    hours: float
    contract: float | None
    nights: int
    lates: int
    run: int
    short_rests: int
    moved: int = 0
    given_up: int = 0
    occupancy: float | None = None
    busy_days: int = 0
    known_days: int = 0
    complaints: int = 0

    @property
    def overtime(self) -> float:
        """Hours beyond the contract's."""
        return 0.0 if self.contract is None else max(0.0, self.hours - self.contract)

    @property
    def breaks_lost(self) -> int:
        return self.moved + self.given_up

    def value(self, measure: str) -> float | None:
        """The count of this name (`MEASURES`)."""
        found = getattr(self, measure)
        return None if found is None else float(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureLine:
    """One measure over a team: ``spread`` of who worked, None where it is not known of anybody.

    ``total`` and ``people`` (how many it concerns) for those that add up; ``trend``: week by week, the newest
    last, the total of those, else of hours and occupancy the median and of the row of days the longest.
    """

    measure: str
    spread: TeamRange | None
    total: float | None
    people: int | None
    trend: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamLoad:
    """A team's week, and the weeks before it; ``weeks``: their Mondays.  ``lines`` are empty where so few
    worked that a range would name somebody.  ``patterns``: how many people show each, and
    ``concerned`` any of them.

    ``law``: how many people the rules of labour law of the week's published roster speak of, None where it
    was not judged.
    """

    team: str
    weeks: tuple[date, ...]
    people: int
    lines: tuple[MeasureLine, ...] = ()
    patterns: Mapping[Pattern, int] = field(default_factory=dict)
    concerned: int = 0
    law: int | None = None

    @property
    def week(self) -> date:
        return self.weeks[-1]

    @property
    def too_few(self) -> bool:
        return self.people < LEAST_PEOPLE


def load_of(
    shifts: Sequence[Shift],
    states: Sequence[PresenceState],
    *,
    span: tuple[datetime, datetime],
    zone: str,
    contract: float | None,
    late: time,
    care: CareSettings,
    lost: LostPauses | None = None,
    complaints: int = 0,
) -> Load:
    """One person's week ``span``: shifts that begin in it, judged with those before it.

    ``shifts`` in order of time, from so long before the week as the longest row of days that matters;
    ``states`` in order of time; ``zone`` is the person's.
    """
    start, end = span
    own = [s for s in shifts if start <= s.start < end]
    counts = counts_of(own, zone, late)
    days = [found for s in own if (found := _occupied(s, states, end)) is not None]
    busy = sum((b for b, _ in days), start=timedelta(0))
    known = sum((k for _, k in days), start=timedelta(0))
    lost = lost or LostPauses()
    return Load(
        shifts=counts.shifts,
        hours=counts.hours,
        contract=contract,
        nights=sum(_is_night(s, zone) for s in own),
        lates=counts.lates,
        run=_longest_run(shifts, own),
        short_rests=_short_rests(shifts, start, end, care.rest),
        moved=lost.moved,
        given_up=lost.given_up,
        occupancy=busy / known if len(days) else None,
        busy_days=sum(b / k >= care.occupancy - _EPSILON for b, k in days),
        known_days=len(days),
        complaints=complaints,
    )


def lost_pauses(before: Shift, after: Shift, *, moved: bool) -> LostPauses:
    """What a change of a published shift took of its pauses.

    A shift made shorter owes fewer of them, so none is given up with it.
    """
    gone = _pauses(before) - _pauses(after)
    shorter = after.end - after.start < before.end - before.start
    return LostPauses(moved=int(moved), given_up=0 if shorter else max(0, gone))


def patterns(weeks: Sequence[Load], care: CareSettings) -> tuple[Pattern, ...]:
    """What a person's last week, with the weeks before it, shows; the newest last.

    >>> calm = Load(shifts=5, hours=40, contract=40, nights=0, lates=0, run=5, short_rests=0)
    >>> patterns([calm] * 3, CareSettings())
    ()
    >>> from dataclasses import replace
    >>> [p.value for p in patterns([replace(calm, hours=44, run=7)] * 3, CareSettings())]
    ['hours', 'run']
    """
    if not weeks or not weeks[-1].shifts:
        return ()
    newest = weeks[-1]
    found = []
    lately = weeks[-care.weeks_over :]
    if len(lately) == care.weeks_over and all(w.overtime > _EPSILON for w in lately):
        found.append(Pattern.HOURS)
    if newest.run >= care.days_in_a_row:
        found.append(Pattern.RUN)
    if newest.short_rests >= care.short_rests:
        found.append(Pattern.REST)
    if newest.known_days >= _DAYS_OBSERVED and 2 * newest.busy_days > newest.known_days:
        found.append(Pattern.OCCUPANCY)
    return tuple(found)


def team_load(
    team: str,
    weeks: Sequence[date],
    people: Mapping[AgentId, Sequence[Load]],
    care: CareSettings,
    *,
    law: int | None = None,
) -> TeamLoad:
    """The team's load over ``weeks`` (Mondays, the newest last); ``people``: each one's loads of them."""
    worked = [loads for loads in people.values() if loads[-1].shifts]
    shown = [patterns(loads, care) for loads in worked]
    counts = Counter(p for each in shown for p in each)
    few = len(worked) < LEAST_PEOPLE
    return TeamLoad(
        team=team,
        weeks=tuple(weeks),
        people=len(worked),
        lines=() if few else tuple(_line(measure, list(people.values()), len(weeks)) for measure in MEASURES),
        patterns={p: counts[p] for p in Pattern if counts[p]},
        concerned=sum(bool(each) for each in shown),
        law=law,
    )


def _line(measure: str, people: Sequence[Sequence[Load]], weeks: int) -> MeasureLine:
    by_week = [_values(measure, people, n) for n in range(weeks)]
    newest = by_week[-1]
    adds_up = measure in CONCERNED
    return MeasureLine(
        measure=measure,
        spread=TeamRange(least=min(newest), median=statistics.median(newest), most=max(newest))
        if newest
        else None,
        total=sum(newest) if adds_up and newest else None,
        people=sum(v > _EPSILON for v in newest) if adds_up else None,
        trend=tuple(_told(measure, values) for values in by_week),
    )


def _values(measure: str, people: Sequence[Sequence[Load]], week: int) -> list[float]:
    """Of who worked in that week; none where so few did that it would name somebody."""
    found = [v for loads in people if loads[week].shifts and (v := loads[week].value(measure)) is not None]
    return found if len(found) >= LEAST_PEOPLE else []


def _told(measure: str, values: Sequence[float]) -> float | None:
    if not values:
        return None
    if measure in CONCERNED:
        return sum(values)
    return max(values) if measure == "run" else statistics.median(values)


def _pauses(shift: Shift) -> int:
    return sum(s.activity in _PAUSES for s in shift.segments)


def _is_night(shift: Shift, zone: str) -> bool:
    """Whether at least three hours of it lie between midnight and five of the person's clock."""
    tz = ZoneInfo(zone)
    found = timedelta(0)
    day = shift.start.astimezone(tz).date()
    while (midnight := datetime.combine(day, time(0), tzinfo=tz).astimezone(shift.start.tzinfo)) < shift.end:
        until = datetime.combine(day, _NIGHT_UNTIL, tzinfo=tz).astimezone(shift.start.tzinfo)
        found += max(timedelta(0), min(shift.end, until) - max(shift.start, midnight))
        day += timedelta(days=1)
    return found >= _NIGHT_LEAST


def _longest_run(shifts: Sequence[Shift], own: Sequence[Shift]) -> int:
    days = sorted({s.date for s in shifts})
    within = {s.date for s in own}
    longest = length = 0
    before: date | None = None
    for day in days:
        length = length + 1 if before is not None and day - before == timedelta(days=1) else 1
        before = day
        if day in within:
            longest = max(longest, length)
    return longest


def _short_rests(shifts: Sequence[Shift], start: datetime, end: datetime, rest: timedelta) -> int:
    """Shorter rests before shifts of the week; the two halves of one day's work have none between them."""
    return sum(
        one.date != two.date and start <= two.start < end and two.start - one.end < rest
        for one, two in pairwise(shifts)
    )


def _occupied(
    shift: Shift, states: Sequence[PresenceState], until: datetime
) -> tuple[timedelta, timedelta] | None:
    """Time with customers, and time at the queue, of a shift; None where too little was told."""
    if not states:
        return None
    busy = free = timedelta(0)
    ends = [*(s.since for s in states[1:]), until]
    for state, over in zip(states, ends, strict=True):
        time_in = min(over, shift.end) - max(state.since, shift.start)
        if time_in <= timedelta(0):
            continue
        if state.state is AgentState.BUSY:
            busy += time_in
        elif state.state is AgentState.AVAILABLE:
            free += time_in
    known = busy + free
    return (busy, known) if known >= _OBSERVED else None
