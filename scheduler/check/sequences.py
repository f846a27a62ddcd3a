"""Rules about an agent's days in their order: runs, weekends, successions, kinds of shift, hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from scheduler.check.forms import template_of
from scheduler.roster.people import RosterAgent
from scheduler.roster.problem import RosterProblem
from scheduler.roster.rules import (
    CompleteWeekends,
    ForbiddenSuccessions,
    MaxConsecutiveDays,
    MaxShifts,
    MaxWeekends,
    MinConsecutiveDays,
    MinConsecutiveDaysOff,
    PeriodHours,
    WeekendRotation,
)
from scheduler.roster.shifts import Shift

__all__ = ["Breach", "breaches", "runs_of", "weekend_of", "weekends_worked"]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """``amount`` where ``limit`` is allowed; ``units`` days, shifts or weekends beyond it, which a soft rule
    prices."""

    rule: str
    code: str
    date: date
    amount: float
    limit: float
    units: int


def breaches(
    problem: RosterProblem, agent: RosterAgent, before: tuple[Shift, ...], own: tuple[Shift, ...]
) -> list[Breach]:
    """What one agent's shifts break of these rules, hard or soft; ``before`` are the previous roster's."""
    found: list[Breach] = []
    found += _long_runs(problem, agent, before, own)
    found += _short_runs(problem, agent, before, own)
    found += _weekends(problem, agent, before, own)
    found += _kinds(problem, agent, own)
    found += _successions(problem, agent, before, own)
    most = agent.contract.max_hours_per_period
    hours = sum(s.paid_time.total_seconds() for s in own) / 3600
    if most is not None and hours > most + 1e-9:
        found.append(_breach(PeriodHours.name, "too_many", own[0].date, hours, most))
    return found


def _breach(rule: str, code: str, day: date, amount: float, limit: float, units: int = 1) -> Breach:
    return Breach(rule=rule, code=f"{rule}.{code}", date=day, amount=amount, limit=limit, units=units)


def runs_of(days: set[date]) -> list[tuple[date, date]]:
    """(first, last) of each run of successive days, in order.

    >>> runs_of({date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 5)})[1]
    (datetime.date(2026, 3, 5), datetime.date(2026, 3, 5))
    """
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and day - found[-1][1] == _DAY:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def _long_runs(
    problem: RosterProblem, agent: RosterAgent, before: tuple[Shift, ...], own: tuple[Shift, ...]
) -> list[Breach]:
    rule = problem.rules.consecutive_days
    limits = [] if rule is None else [rule.days]
    if agent.contract.max_consecutive_days is not None:
        limits.append(agent.contract.max_consecutive_days)
    if not limits:
        return []
    most = min(limits)
    now = {s.date for s in own}
    found: list[Breach] = []
    for first, last in runs_of({s.date for s in before} | now):
        for offset in range(most, (last - first).days + 1):
            day = first + offset * _DAY
            if day in now:
                found.append(_breach(MaxConsecutiveDays.name, "too_many", day, offset + 1, most))
    return found


def _short_runs(
    problem: RosterProblem, agent: RosterAgent, before: tuple[Shift, ...], own: tuple[Shift, ...]
) -> list[Breach]:
    """Runs of work and of days off that end inside the period and were seen to begin.

    A run of work that ended with the previous roster is not this roster's to mend.
    """
    least, least_off = agent.contract.min_consecutive_days, agent.contract.min_consecutive_days_off
    if least <= 1 and least_off <= 1:
        return []
    first, last = problem.period.dates[0], problem.period.dates[-1]
    worked = {s.date for s in before} | {s.date for s in own}
    if not worked:
        return []
    seen_from = min(worked) if before else first
    found: list[Breach] = []
    runs = runs_of(worked)
    for start, end in runs:
        length = (end - start).days + 1
        began = bool(before) or start > first
        if began and first <= end < last and length < least:
            found.append(
                _breach(MinConsecutiveDays.name, "too_few", end, length, least, units=least - length)
            )
    off = {seen_from + i * _DAY for i in range((last - seen_from).days + 1)} - worked
    for start, end in runs_of(off):
        length = (end - start).days + 1
        began = bool(before) or start > first
        if began and first - _DAY <= end < last and length < least_off:
            found.append(
                _breach(
                    MinConsecutiveDaysOff.name, "too_few", end, length, least_off, units=least_off - length
                )
            )
    return found


def weekend_of(day: date) -> int | None:
    """A number for the weekend a day is in, successive ones differing by one; None on other days."""
    return (day.toordinal() - 1) // 7 if day.weekday() >= 5 else None


def weekends_worked(shifts: tuple[Shift, ...]) -> dict[int, set[date]]:
    """Number of each weekend with a shift to its days with one, in order."""
    found: dict[int, set[date]] = {}
    for shift in shifts:
        number = weekend_of(shift.date)
        if number is not None:
            found.setdefault(number, set()).add(shift.date)
    return dict(sorted(found.items()))


def _weekends(
    problem: RosterProblem, agent: RosterAgent, before: tuple[Shift, ...], own: tuple[Shift, ...]
) -> list[Breach]:
    contract = agent.contract
    worked = weekends_worked(own)
    found: list[Breach] = []
    most = contract.max_weekends
    if most is not None and len(worked) > most:
        day = min(list(worked.values())[most])
        found.append(_breach(MaxWeekends.name, "too_many", day, len(worked), most, units=len(worked) - most))
    if contract.complete_weekends:
        whole = set(problem.period.dates)
        for days in worked.values():
            day = min(days)
            other = day + _DAY if day.weekday() == 5 else day - _DAY
            if len(days) == 1 and other in whole:
                found.append(_breach(CompleteWeekends.name, "half", day, 1, 2))
    if contract.weekend_rotation > 1:
        numbers = sorted(set(weekends_worked(before)) | set(worked))
        for earlier, later in pairwise(numbers):
            if later in worked and earlier != later and later - earlier < contract.weekend_rotation:
                day = min(worked[later])
                found.append(
                    _breach(WeekendRotation.name, "too_soon", day, later - earlier, contract.weekend_rotation)
                )
    return found


def _kinds(problem: RosterProblem, agent: RosterAgent, own: tuple[Shift, ...]) -> list[Breach]:
    if not agent.contract.shift_limits:
        return []
    kinds = [template_of(problem, agent, s) for s in own]
    found: list[Breach] = []
    for limit in agent.contract.shift_limits:
        days = [s.date for s, kind in zip(own, kinds, strict=True) if kind in limit.templates]
        if len(days) > limit.most:
            found.append(
                _breach(
                    MaxShifts.name,
                    "too_many",
                    days[limit.most],
                    len(days),
                    limit.most,
                    units=len(days) - limit.most,
                )
            )
    return found


def _successions(
    problem: RosterProblem, agent: RosterAgent, before: tuple[Shift, ...], own: tuple[Shift, ...]
) -> list[Breach]:
    rule = problem.rules.successions
    if rule is None:
        return []
    found: list[Breach] = []
    ordered = sorted((*before, *own), key=lambda s: s.start)
    for earlier, later in pairwise(ordered):
        if later.date - earlier.date != _DAY or later not in own:
            continue
        pair = template_of(problem, agent, earlier), template_of(problem, agent, later)
        if pair in rule.pairs:
            found.append(_breach(ForbiddenSuccessions.name, "follows", later.date, 1, 0))
    return found
