"""How a due time comes about, line by line: the arithmetic that `muster sla explain` prints.

The lines are data; the words are chosen where they are shown.  The counted stretches add up to the promise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from bot.core.calendar import (
    BusinessCalendar,
    close_of_business,
    day_of_submission,
    is_working_day,
    local_date,
    open_periods,
)
from bot.core.case_history import Step
from bot.core.courses import Course, Pause, PauseReason, courses
from bot.core.sla import (
    Counted,
    SlaClock,
    SlaPolicy,
    SlaTarget,
    SlaTerms,
    choose_policy,
    conditions_of,
    make_clock,
    matches,
)

__all__ = [
    "DayLine",
    "Explanation",
    "Idle",
    "Line",
    "Row",
    "StretchLine",
    "explain",
]

_DAY = timedelta(days=1)
MOST_LINES = 60
"""A promise of weeks is cut here; the lines left out are counted."""


class Idle(Enum):
    """Why time or a day does not count."""

    CLOSED = "closed"  # outside opening hours
    WEEKEND = "weekend"  # no working weekday
    HOLIDAY = "holiday"
    SPECIAL = "special"  # a special day without hours, or not working
    CUSTOMER = "customer"  # paused: waiting for the customer
    SOLVED = "solved"  # paused: solved, and reopened later
    SUBMITTED = "submitted"  # the day of submission itself


@dataclass(frozen=True, slots=True, kw_only=True)
class StretchLine:
    """[start, end) counts (``idle`` None) or does not; ``total`` counted so far, at the end of it.

    ``name``: of the holiday or special day.
    """

    start: datetime
    end: datetime
    total: timedelta
    idle: Idle | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """A day of a promise in working days: its ``number``, or why it does not count."""

    day: date
    closes_at: datetime
    number: int | None
    idle: Idle | None = None
    name: str | None = None


Line = StretchLine | DayLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the table that promises the measure to this case, with its conditions; one of them won."""

    policy: str
    conditions: tuple[str, ...]
    won: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One promise on one case.  ``used``: counted up to the stop, or up to now; ``left_out``: lines cut."""

    clock: SlaClock
    target: SlaTarget
    calendar: str
    zone: str
    rows: tuple[Row, ...]
    lines: tuple[Line, ...]
    left_out: int
    pauses: tuple[Pause, ...]


def explain(steps: Sequence[Step], terms: SlaTerms, calendar: BusinessCalendar) -> tuple[Explanation, ...]:
    """Every promise of a case, as its steps tell it; ``calendar`` is that of its queue."""
    found: list[Explanation] = []
    for course in courses(steps):
        clock = make_clock(course, terms, calendar)
        hours = terms.calendar_of(course.judged, calendar)
        chosen = choose_policy(terms.policies, course.judged, course.measure, hours)
        if clock is None or chosen is None:
            continue
        policy, target = chosen
        counting = terms.counting_on(target, hours)
        lines = list(_lines(course, clock, target, counting))
        found.append(
            Explanation(
                clock=clock,
                target=target,
                calendar=counting.name,
                zone=counting.zone,
                rows=_rows(terms.policies, course, hours, policy),
                lines=tuple(lines[:MOST_LINES]),
                left_out=max(0, len(lines) - MOST_LINES),
                pauses=course.pauses,
            )
        )
    return tuple(found)


def _rows(
    policies: Sequence[SlaPolicy], course: Course, calendar: BusinessCalendar, won: SlaPolicy
) -> tuple[Row, ...]:
    promising = (
        p
        for p in policies
        if any(t.measure is course.measure for t in p.targets) and matches(p, course.judged, calendar)
    )
    rows = [Row(policy=p.name, conditions=conditions_of(p), won=p is won) for p in promising]
    return tuple(sorted(rows, key=lambda row: (not row.won, -len(row.conditions))))


def _lines(course: Course, clock: SlaClock, target: SlaTarget, calendar: BusinessCalendar) -> Iterator[Line]:
    if target.counted is Counted.WORKING_DAYS:
        return _days(course, clock, target, calendar)
    return _stretches(course, clock, target, calendar)


def _stretches(
    course: Course, clock: SlaClock, target: SlaTarget, calendar: BusinessCalendar
) -> Iterator[StretchLine]:
    """From the start to the due time: what counts, what does not, and the running total."""
    total = timedelta(0)
    at = clock.started_at
    for start, end in _open(target.counted, clock.started_at, clock.due_at, calendar):
        if start > at:
            yield from _closed(at, start, total, calendar)
        at = start
        for pause in course.pauses:
            until = min(pause.end or end, end)
            if pause.start >= end or until <= at:
                continue
            if pause.start > at:
                total += pause.start - at
                yield StretchLine(start=at, end=pause.start, total=total)
            begins = max(at, pause.start)
            yield StretchLine(start=begins, end=until, total=total, idle=Idle(pause.reason.value))
            at = until
        if at < end:
            total += end - at
            yield StretchLine(start=at, end=end, total=total)
            at = end
    if at < clock.due_at:
        # Used up in the instant a wait began, and the wait ended while it was closed.
        yield from _closed(at, clock.due_at, total, calendar)


def _open(
    counted: Counted, start: datetime, due: datetime, calendar: BusinessCalendar
) -> Iterator[tuple[datetime, datetime]]:
    if counted is Counted.ELAPSED:
        yield start, due
        return
    day = local_date(calendar, start) - _DAY
    while day <= local_date(calendar, due) + _DAY:
        for opens, closes in open_periods(calendar, day):
            first, last = max(opens, start), min(closes, due)
            if first < last:
                yield first, last
        day += _DAY


def _closed(
    start: datetime, end: datetime, total: timedelta, calendar: BusinessCalendar
) -> Iterator[StretchLine]:
    """A stretch that is not open, with the holiday or weekend it lies in, if any."""
    day, last = local_date(calendar, start), local_date(calendar, end)
    named: tuple[Idle, str | None] = (Idle.CLOSED, None)
    while day <= last:
        reason = _no_opening(calendar, day)
        if reason is not None:
            named = reason
            if reason[1] is not None:
                break
        day += _DAY
    yield StretchLine(start=start, end=end, total=total, idle=named[0], name=named[1])


def _no_opening(calendar: BusinessCalendar, day: date) -> tuple[Idle, str | None] | None:
    if open_periods(calendar, day):
        return None
    return _not_working(calendar, day)


def _not_working(calendar: BusinessCalendar, day: date) -> tuple[Idle, str | None]:
    if (special := calendar.special_days.get(day)) is not None:
        return Idle.SPECIAL, special.name
    if day in calendar.holidays:
        return Idle.HOLIDAY, calendar.holidays[day]
    return Idle.WEEKEND, None


def _days(
    course: Course, clock: SlaClock, target: SlaTarget, calendar: BusinessCalendar
) -> Iterator[DayLine]:
    """The day it was submitted on, then day by day to the one whose close of business is the due time."""
    submitted = day_of_submission(calendar, clock.started_at)
    day = min(local_date(calendar, clock.started_at), submitted)
    number = 0
    while number <= target.working_days:
        closes = close_of_business(calendar, day)
        if not is_working_day(calendar, day):
            idle, name = _not_working(calendar, day)
            yield DayLine(day=day, closes_at=closes, number=None, idle=idle, name=name)
        elif day < submitted:
            yield DayLine(day=day, closes_at=closes, number=None, idle=Idle.CLOSED)
        elif day == submitted:
            yield DayLine(day=day, closes_at=closes, number=0, idle=Idle.SUBMITTED)
        elif (reason := _standing_at(course.pauses, closes)) is not None:
            yield DayLine(day=day, closes_at=closes, number=None, idle=Idle(reason.value))
        else:
            number += 1
            yield DayLine(day=day, closes_at=closes, number=number)
        if day >= submitted and number == target.working_days:
            return
        day += _DAY


def _standing_at(pauses: Sequence[Pause], at: datetime) -> PauseReason | None:
    return next((p.reason for p in pauses if p.end is not None and p.start <= at < p.end), None)
