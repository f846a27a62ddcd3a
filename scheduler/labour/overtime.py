"""The overtime ledger: hours beyond normal ones per person and calendar month, and what a limit leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from forecasting.grid import local_midnight
from scheduler.labour.packs import LabourPack
from scheduler.labour.working_time import DAY, HOUR, History, Person, people
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster
from scheduler.roster.shifts import Shift

__all__ = ["OvertimeEntry", "overtime_ledger", "overtime_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OvertimeEntry:
    """One person's month, by the end of the roster.  ``month`` is its first day, in the person's zone.

    ``limit``: hours the month may have, None where no pack names any.  ``complete``: every shift since the
    month began is known; otherwise ``hours`` is the least it can be.
    """

    agent: str
    month: date
    hours: float
    limit: float | None
    complete: bool

    @property
    def left(self) -> float | None:
        """Hours left of the limit, below 0 where it is passed; None without one."""
        return None if self.limit is None else self.limit - self.hours


def overtime_ledger(
    packs: Sequence[LabourPack], problem: RosterProblem, roster: Roster, history: History
) -> tuple[OvertimeEntry, ...]:
    """Every person's months that the period touches, sorted by month and person.

    Overtime is time worked beyond a pack's normal day or week, or beyond the contract's hours of a week where
    those are fewer.  A shift counts in the month in which it starts.
    """
    found: list[OvertimeEntry] = []
    for person in people(problem, roster, history):
        zone = person.agent.zone
        limits = [p.hours("monthly_overtime") for p in packs if p.holds_for(person.agent.contract.name)]
        limit = min((x for x in limits if x is not None), default=None)
        split = overtime_of(person, packs)
        for month in _months(person):
            beyond = sum(
                (time for shift, time in split if person.day_of(shift).replace(day=1) == month),
                start=timedelta(0),
            )
            began = local_midnight(month, zone)
            # The first days may belong to a week whose hours were used up in the month before.
            day = problem.period.date_of(began)
            week, _ = person.week_span(day - day.weekday() * DAY)
            found.append(
                OvertimeEntry(
                    agent=person.agent.agent,
                    month=month,
                    hours=beyond / HOUR,
                    limit=limit,
                    complete=person.known_from <= min(began, week),
                )
            )
    return tuple(sorted(found, key=lambda e: (e.month, e.agent)))


def overtime_of(person: Person, packs: Sequence[LabourPack]) -> list[tuple[Shift, timedelta]]:
    """Each known shift of a person with its part beyond what packs and contract call normal."""
    own = [p for p in packs if p.holds_for(person.agent.contract.name)]
    days = [h for p in own if (h := p.hours("daily_hours")) is not None]
    weeks = [h for p in own if (h := p.hours("weekly_hours")) is not None]
    return person.overtime(
        normal_day=min(days) * HOUR if days else None,
        normal_week=min([*weeks, person.agent.contract.max_hours_per_week]) * HOUR,
    )


def _months(person: Person) -> list[date]:
    """First days of the months, in the person's zone, that the period touches."""
    zone = ZoneInfo(person.agent.zone)
    day = person.period.start.astimezone(zone).date()
    last = (person.period.end - timedelta(seconds=1)).astimezone(zone).date()
    found: list[date] = []
    while day <= last:
        if day.replace(day=1) not in found:
            found.append(day.replace(day=1))
        day += DAY
    return found
