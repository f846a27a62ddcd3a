"""How each rule is judged, one function per code: what is broken, and what could not be judged and why.

A judgement is made from shifts alone, independently of the solver and of the rules a roster was solved with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from forecasting.grid import local_midnight
from scheduler.labour.overtime import OvertimeEntry
from scheduler.labour.packs import LabourRule
from scheduler.labour.working_time import DAY, HOUR, Person, pauses, worked, worked_within
from scheduler.roster.shifts import BREAK, Shift

__all__ = ["JUDGEMENTS", "Facts", "Finding", "Gap", "Reason", "Verdict"]

_ZERO: Final = timedelta(0)
_MINUTE: Final = timedelta(minutes=1)
_WEEK: Final = 7 * DAY


class Reason(StrEnum):
    """Why something is not covered."""

    #: Shifts before the roster, which decide, are not known.
    NO_HISTORY = "no_history"
    #: The shifts after the roster decide.
    NEXT_ROSTER = "next_roster"
    #: The roster has a part of the week only.
    PART_WEEK = "part_week"
    #: Lawful with the person's consent, of which a roster says nothing.
    CONSENT = "consent"
    #: No calendar names public holidays.
    NO_CALENDAR = "no_calendar"
    #: Weeks without work may be leave, which an average leaves out.
    LEAVE_UNKNOWN = "leave_unknown"
    #: The pack holds for nobody on the roster.
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place where a rule is not kept: ``amount`` was found where ``limit`` is allowed."""

    agent: str
    date: date
    amount: float
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One person whom a rule could not judge, or not wholly."""

    agent: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What judgements need besides a person's shifts.

    ``holidays``: public holidays by agent, absent where no calendar names them.  ``overtime``: the split of
    the person's shifts; ``ledger``: the months of everybody.
    """

    holidays: Mapping[str, frozenset[date]]
    ledger: tuple[OvertimeEntry, ...]
    overtime: tuple[tuple[Shift, timedelta], ...]


@dataclass(slots=True, kw_only=True)
class Verdict:
    """One rule over one person."""

    agent: str
    findings: list[Finding] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def broken(self, day: date, amount: float, limit: float) -> None:
        self.findings.append(Finding(agent=self.agent, date=day, amount=amount, limit=limit))

    def unknown(self, reason: Reason) -> None:
        gap = Gap(agent=self.agent, reason=reason)
        if gap not in self.gaps:
            self.gaps.append(gap)


Judgement = Callable[[LabourRule, Person, Facts, Verdict], None]


def _daily_hours(rule: LabourRule, person: Person, _facts: Facts, verdict: Verdict) -> None:
    """Hours worked per day; with ``normal``, the hours beyond it."""
    normal = rule.parameters.get("normal", 0.0)
    for day, time_worked in person.days().items():
        hours = time_worked / HOUR - normal
        if _above(hours, rule.parameters["hours"]):
            verdict.broken(day, hours, rule.parameters["hours"])


def _weekly_hours(rule: LabourRule, person: Person, _facts: Facts, verdict: Verdict) -> None:
    for monday, time_worked in person.weeks().items():
        hours = time_worked / HOUR
        if _above(hours, rule.parameters["hours"]):
            verdict.broken(max(monday, person.period.first), hours, rule.parameters["hours"])
        elif not person.knows(*person.week_span(monday)):
            verdict.unknown(Reason.PART_WEEK)


def _weekly_rest(rule: LabourRule, person: Person, _facts: Facts, verdict: Verdict) -> None:
    """An uninterrupted rest of ``hours`` in each week, at least 24 h of it inside the week.

    A rest over the week's border so counts for the week that has most of it, and never for a week it only
    touches.
    """
    needed = rule.parameters["hours"] * HOUR
    stretches = person.free()
    for monday in person.weeks():
        start, end = person.week_span(monday)
        touching = [s for s in stretches if s.inside(start, end) or s.open_start or s.open_end]
        if any(s.length >= needed and s.inside(start, end) >= DAY for s in touching):
            continue
        before = any(s.open_start and s.end > start and s.end - start >= DAY for s in touching)
        after = any(s.open_end and s.start < end and end - s.start >= DAY for s in touching)
        if before and person.known_from > start - needed:
            verdict.unknown(Reason.NO_HISTORY)
        elif after:
            verdict.unknown(Reason.NEXT_ROSTER)
        else:
            longest = max((min(s.length, s.inside(start, end)) for s in touching), default=_ZERO)
            verdict.broken(max(monday, person.period.first), longest / HOUR, rule.parameters["hours"])


def _daily_rest(rule: LabourRule, person: Person, _facts: Facts, verdict: Verdict) -> None:
    """In the 24 h from the start of each shift, one rest of ``hours``.

    What follows the roster counts as free: the rest before the next roster's first shift is judged with it.
    """
    needed = rule.parameters["hours"] * HOUR
    shifts = sorted(person.shifts, key=lambda s: (s.start, s.end))
    seen: set[date] = set()
    for shift in shifts:
        until = shift.start + DAY
        inside = [s for s in shifts if s.start < until and s.end > shift.start]
        last = max(inside, key=lambda s: s.start)
        if last not in person.own:
            continue
        longest, free_from = _ZERO, shift.start
        for other in inside:
            longest = max(longest, other.start - free_from)
            free_from = max(free_from, other.end)
        longest = max(longest, until - free_from)
        day = person.day_of(last)
        if longest < needed and day not in seen:
            seen.add(day)
            verdict.broken(day, longest / HOUR, rule.parameters["hours"])
    first = min((s.start for s in person.own), default=None)
    if first is not None and first - person.known_from < needed:
        verdict.unknown(Reason.NO_HISTORY)


def _break(rule: LabourRule, person: Person, _facts: Facts, verdict: Verdict) -> None:
    """A pause, however long, in every shift with more than ``hours`` of work."""
    for shift in person.own:
        hours = worked(shift) / HOUR
        if _above(hours, rule.parameters["hours"]) and not pauses(shift):
            verdict.broken(person.day_of(shift), hours, rule.parameters["hours"])


def _weekly_average(rule: LabourRule, person: Person, _facts: Facts, verdict: Verdict) -> None:
    """Average per seven days over the months before the roster's end.

    Leave is to be left out of the average, and a history of shifts does not tell leave from other free time:
    an average that holds although weeks without work are left out holds either way.
    """
    zone, end = person.period.zone, person.period.end
    first = _months_before(person.period.date_of(end), int(rule.parameters["months"]))
    start = local_midnight(first, zone)
    if person.known_from > start:
        verdict.unknown(Reason.NO_HISTORY)
        return
    time_worked = sum((worked_within(s, start, end) for s in person.shifts), start=_ZERO)
    limit = rule.parameters["hours"]
    average = time_worked / HOUR / ((end - start) / _WEEK)
    if _above(average, limit):
        verdict.broken(person.period.first, average, limit)
        return
    idle = 0
    at = start
    while at + _WEEK <= end:
        idle += not any(s.start < at + _WEEK and s.end > at for s in person.shifts)
        at += _WEEK
    present = (end - start) / _WEEK - idle
    if present > 0 and _above(time_worked / HOUR / present, limit):
        verdict.unknown(Reason.LEAVE_UNKNOWN)


def _night_work(rule: LabourRule, person: Person, _facts: Facts, verdict: Verdict) -> None:
    """Night workers' average in 24 h over the roster, the weekly rest of a day in seven left out.

    A night worker works ``least`` hours between midnight and ``until_hour``, which is night in every state.
    """
    if not any(_night_hours(person, s, rule) >= rule.parameters["least"] - 1e-9 for s in person.own):
        return
    hours = sum((worked(s) for s in person.own), start=_ZERO) / HOUR
    average = hours / (person.period.days * 6 / 7)
    if _above(average, rule.parameters["hours"]):
        verdict.broken(person.period.first, average, rule.parameters["hours"])


def _night_hours(person: Person, shift: Shift, rule: LabourRule) -> float:
    zone = ZoneInfo(person.agent.zone)
    day = shift.start.astimezone(zone).date()
    found = _ZERO
    while (start := local_midnight(day, person.agent.zone)) < shift.end:
        until = datetime.combine(day, time(int(rule.parameters["until_hour"])), tzinfo=zone)
        found += worked_within(shift, start, until.astimezone(start.tzinfo))
        day += DAY
    return found / HOUR


def _holiday_work(_rule: LabourRule, person: Person, facts: Facts, verdict: Verdict) -> None:
    """Hours worked on public holidays, by the day in the person's zone."""
    days = facts.holidays.get(person.agent.agent)
    if days is None:
        verdict.unknown(Reason.NO_CALENDAR)
        return
    zone = person.agent.zone
    # A day more on both sides: the person's zone can be a day off, and a shift may end on the day after.
    near = (d for d in days if person.period.first - DAY <= d <= person.period.dates[-1] + 2 * DAY)
    for day in sorted(near):
        start, end = local_midnight(day, zone), local_midnight(day + DAY, zone)
        hours = sum((worked_within(s, start, end) for s in person.own), start=_ZERO) / HOUR
        if hours:
            verdict.broken(day, hours, 0.0)


def _overtime_pay(_rule: LabourRule, person: Person, facts: Facts, verdict: Verdict) -> None:
    for shift, beyond in facts.overtime:
        if beyond and shift in person.own:
            verdict.broken(person.day_of(shift), beyond / HOUR, 0.0)
    weeks = [person.week_span(monday) for monday in person.weeks()]
    if any(person.known_from > start for start, _ in weeks):
        verdict.unknown(Reason.PART_WEEK)


def _monthly_overtime(rule: LabourRule, person: Person, facts: Facts, verdict: Verdict) -> None:
    for entry in facts.ledger:
        if entry.agent != person.agent.agent:
            continue
        if _above(entry.hours, rule.parameters["hours"]):
            verdict.broken(entry.month, entry.hours, rule.parameters["hours"])
        elif not entry.complete:
            verdict.unknown(Reason.NO_HISTORY)


def _meal_break(rule: LabourRule, person: Person, _facts: Facts, verdict: Verdict) -> None:
    _meals(rule, person, verdict, which=1)


def _second_meal_break(rule: LabourRule, person: Person, _facts: Facts, verdict: Verdict) -> None:
    _meals(rule, person, verdict, which=2)


def _meals(rule: LabourRule, person: Person, verdict: Verdict, *, which: int) -> None:
    """In shifts with more than ``hours`` of work, meal ``which`` begins by the end of that hour of work.

    Up to ``waiver`` hours of work it may be waived by consent.  Amounts are the hour of work at which it
    begins, or all of them without one.
    """
    most = rule.parameters["hours"]
    for shift in person.own:
        hours = worked(shift) / HOUR
        if not _above(hours, most):
            continue
        meals = [p for p in pauses(shift) if p.duration >= rule.parameters["minutes"] * _MINUTE]
        if len(meals) < which:
            if _above(hours, rule.parameters["waiver"]):
                verdict.broken(person.day_of(shift), hours, most)
            else:
                verdict.unknown(Reason.CONSENT)
            continue
        begins = worked_within(shift, shift.start, meals[which - 1].start) / HOUR
        if _above(begins, most):
            verdict.broken(person.day_of(shift), begins, most)


def _rest_breaks(rule: LabourRule, person: Person, _facts: Facts, verdict: Verdict) -> None:
    """Paid pauses of ``minutes`` per ``hours`` of work or major fraction of them, from ``least`` hours on.

    Limits and amounts are numbers of pauses.
    """
    for shift in person.own:
        hours = worked(shift) / HOUR
        if hours < rule.parameters["least"] - 1e-9:
            continue
        whole, rest = divmod(hours + 1e-9, rule.parameters["hours"])
        asked = max(1, int(whole) + (rest > rule.parameters["hours"] / 2 + 1e-6))
        least = rule.parameters["minutes"] * _MINUTE
        have = sum(1 for p in pauses(shift) if p.activity == BREAK and p.paid and p.duration >= least)
        if have < asked:
            verdict.broken(person.day_of(shift), have, asked)


def _day_of_rest(rule: LabourRule, person: Person, _facts: Facts, verdict: Verdict) -> None:
    """A day on which no shift starts in each week, except in weeks of few hours.

    Excepted are at most ``week`` hours in the week, or at most ``day`` hours on each of its days.
    """
    for monday, time_worked in person.weeks().items():
        start, end = person.week_span(monday)
        known = person.knows(start, end)
        days: dict[date, timedelta] = {}
        for shift in person.shifts:
            if person.week_of(shift) == monday:
                day = person.period.date_of(shift.start)
                days[day] = days.get(day, _ZERO) + worked(shift)
        free = 7 - len(days)
        few = time_worked <= rule.parameters["week"] * HOUR or all(
            t <= rule.parameters["day"] * HOUR for t in days.values()
        )
        if free < rule.parameters["days"] and not few:
            verdict.broken(max(monday, person.period.first), free, rule.parameters["days"])
        elif not known:
            verdict.unknown(Reason.PART_WEEK)


def _above(value: float, limit: float) -> bool:
    # Hours are ratios of durations; a limit reached exactly is kept.
    return value > limit + 1e-6


def _months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last of its month.

    >>> _months_before(date(2026, 6, 30), 4)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, min(day.day, 28))


JUDGEMENTS: Final[Mapping[str, Judgement]] = MappingProxyType(
    {
        "daily_hours": _daily_hours,
        "weekly_hours": _weekly_hours,
        "weekly_rest": _weekly_rest,
        "holiday_work": _holiday_work,
        "usual_overtime": _daily_hours,
        "daily_overtime": _daily_hours,
        "monthly_overtime": _monthly_overtime,
        "overtime_pay": _overtime_pay,
        "daily_rest": _daily_rest,
        "break": _break,
        "weekly_average": _weekly_average,
        "night_work": _night_work,
        "meal_break": _meal_break,
        "second_meal_break": _second_meal_break,
        "rest_breaks": _rest_breaks,
        "day_of_rest": _day_of_rest,
    }
)
"""Every code and how it is judged."""
