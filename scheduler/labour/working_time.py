"""Working time of one person from shifts alone: hours, days, weeks, free stretches, overtime.

All durations are elapsed time, so a night of a clock change counts as long as it was.  Days are those of the
person's zone, by the start of the shift; weeks are ISO weeks in the roster's zone, as the checker counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from forecasting.grid import local_midnight
from scheduler.roster.people import RosterAgent
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Assignment, Roster, RosterPeriod
from scheduler.roster.shifts import BREAK, LUNCH, Segment, Shift

__all__ = ["DAY", "HOUR", "FreeStretch", "History", "Person", "pauses", "people", "worked", "worked_within"]

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_ZERO = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Shifts before the period, complete from ``since`` (UTC) on; None: nothing before it is known."""

    assignments: tuple[Assignment, ...] = ()
    since: datetime | None = None


def worked(shift: Shift) -> timedelta:
    """Presence less unpaid pauses.  Time no segment explains counts as work: nobody said it was free."""
    return worked_within(shift, shift.start, shift.end)


def worked_within(shift: Shift, start: datetime, end: datetime) -> timedelta:
    """As ``worked``, of the part of the shift inside [start, end)."""
    low, high = max(start, shift.start), min(end, shift.end)
    if high <= low:
        return _ZERO
    unpaid = _ZERO
    free_from = low
    for segment in shift.segments:
        if not segment.paid:
            begin = max(free_from, segment.start)
            unpaid += max(_ZERO, min(high, segment.end) - begin)
            free_from = max(free_from, segment.end)
    return (high - low) - unpaid


def pauses(shift: Shift) -> tuple[Segment, ...]:
    """Lunch and short breaks, in order; preparing is work."""
    return tuple(s for s in shift.segments if s.activity in (LUNCH, BREAK))


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeStretch:
    """Uninterrupted time without a shift.  An open end is where knowledge ends, not where work begins."""

    start: datetime
    end: datetime
    open_start: bool = False
    open_end: bool = False

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def inside(self, start: datetime, end: datetime) -> timedelta:
        """How much of it lies in [start, end)."""
        return max(_ZERO, min(self.end, end) - max(self.start, start))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One agent, their shifts of the roster (``own``) and those before it, both sorted by start."""

    agent: RosterAgent
    period: RosterPeriod
    own: tuple[Shift, ...]
    earlier: tuple[Shift, ...]
    known_from: datetime

    @property
    def shifts(self) -> tuple[Shift, ...]:
        """All that is known, in order."""
        return (*self.earlier, *self.own)

    def day_of(self, shift: Shift) -> date:
        """The local date, in the person's zone, on which a shift starts."""
        return shift.start.astimezone(ZoneInfo(self.agent.zone)).date()

    def week_of(self, shift: Shift) -> date:
        """The Monday of the shift's week, in the roster's zone."""
        day = self.period.date_of(shift.start)
        return day - day.weekday() * DAY

    def days(self) -> dict[date, timedelta]:
        """Hours worked per day on which a shift of the roster starts; earlier shifts of the day count too."""
        found = {self.day_of(s): _ZERO for s in self.own}
        for shift in self.shifts:
            day = self.day_of(shift)
            if day in found:
                found[day] += worked(shift)
        return found

    def weeks(self) -> dict[date, timedelta]:
        """Hours worked per week of the period, by its Monday."""
        found = {days[0] - days[0].weekday() * DAY: _ZERO for days in self.period.weeks().values()}
        for shift in self.shifts:
            week = self.week_of(shift)
            if week in found:
                found[week] += worked(shift)
        return found

    def week_span(self, monday: date) -> tuple[datetime, datetime]:
        """A week of the roster's zone as instants, [start, end)."""
        zone = self.period.zone
        return local_midnight(monday, zone), local_midnight(monday + 7 * DAY, zone)

    def knows(self, start: datetime, end: datetime) -> bool:
        """Whether every shift of [start, end) is known."""
        return self.known_from <= start and end <= self.period.end

    def free(self) -> tuple[FreeStretch, ...]:
        """Stretches without work from ``known_from`` to the end of the period; the first and the last are
        open, and may be empty."""
        found: list[FreeStretch] = []
        free_from, is_open = self.known_from, True
        for shift in sorted(self.shifts, key=lambda s: (s.start, s.end)):
            if shift.end <= self.known_from:
                continue
            if shift.start > free_from or is_open:
                end = max(free_from, shift.start)
                found.append(FreeStretch(start=free_from, end=end, open_start=is_open))
            free_from, is_open = max(free_from, shift.end), False
        end = max(free_from, self.period.end)
        found.append(FreeStretch(start=free_from, end=end, open_start=is_open, open_end=True))
        return tuple(found)

    def overtime(
        self, *, normal_day: timedelta | None, normal_week: timedelta | None
    ) -> list[tuple[Shift, timedelta]]:
        """Each known shift with its part beyond normal hours, in order.

        First what goes beyond the day, then what is left of the week beyond the week's hours; no hour counts
        twice.
        """
        found: list[tuple[Shift, timedelta]] = []
        in_day: dict[date, timedelta] = {}
        in_week: dict[date, timedelta] = {}
        for shift in sorted(self.shifts, key=lambda s: (s.start, s.end)):
            day, week, time = self.day_of(shift), self.week_of(shift), worked(shift)
            beyond = _ZERO
            if normal_day is not None:
                room = max(_ZERO, normal_day - in_day.get(day, _ZERO))
                beyond = max(_ZERO, time - room)
                in_day[day] = in_day.get(day, _ZERO) + time
            normal = time - beyond
            if normal_week is not None:
                room = max(_ZERO, normal_week - in_week.get(week, _ZERO))
                beyond += max(_ZERO, normal - room)
            in_week[week] = in_week.get(week, _ZERO) + normal
            found.append((shift, beyond))
        return found


def people(problem: RosterProblem, roster: Roster, history: History) -> tuple[Person, ...]:
    """Everybody of the problem with their shifts, those without any included.

    Without ``since`` the history still counts for what it holds, but nothing is concluded from its gaps.
    """
    own = roster.by_agent()
    earlier: dict[str, list[Shift]] = {}
    for assignment in history.assignments:
        if assignment.shift.start < problem.period.start:
            earlier.setdefault(assignment.agent, []).append(assignment.shift)
    known_from = problem.period.start if history.since is None else min(history.since, problem.period.start)
    return tuple(
        Person(
            agent=agent,
            period=problem.period,
            own=own.get(agent.agent, ()),
            earlier=tuple(sorted(earlier.get(agent.agent, ()), key=lambda s: (s.start, s.end))),
            known_from=known_from,
        )
        for agent in problem.agents
    )
