"""Broken rules of any roster, however it was made."""

from __future__ import annotations

from datetime import date, timedelta

from scheduler.check.forms import shift_violations
from scheduler.check.sequences import Breach, breaches
from scheduler.check.sessions import missed
from scheduler.check.weeks import maximum_minutes, minimum_minutes
from scheduler.roster.people import RosterAgent
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster
from scheduler.roster.rules import (
    MaxDaysPerWeek,
    MinimumHours,
    MinimumRest,
    OneShiftPerDay,
    WeeklyHours,
    WeeklyRestDays,
)
from scheduler.roster.shifts import Shift
from scheduler.roster.violation import Violation

__all__ = ["Violation", "agent_violations", "check", "sequence_violations", "unmet"]


def check(problem: RosterProblem, roster: Roster) -> tuple[Violation, ...]:
    """Every broken hard rule, sorted by agent and date; empty for a legal roster.

    Shifts of ``problem.previous`` count for rest, runs and shared weeks; a violation wholly among them is
    not reported.
    """
    shifts = roster.by_agent()
    previous: dict[str, list[Shift]] = {}
    for assignment in problem.previous:
        previous.setdefault(assignment.agent, []).append(assignment.shift)
    known = {a.agent for a in problem.agents}
    found: list[Violation] = []
    for name in shifts:
        if name not in known:
            first = shifts[name][0].date
            found.append(_broken("known_agent", "unknown", name, first, 1, 0))
    for agent in problem.agents:
        own = shifts.get(agent.agent, ())
        if own:
            found += agent_violations(problem, agent, tuple(previous.get(agent.agent, ())), own)
    return tuple(sorted(found, key=lambda v: (v.agent, v.date, v.rule, v.code)))


def agent_violations(
    problem: RosterProblem, agent: RosterAgent, before: tuple[Shift, ...], own: tuple[Shift, ...]
) -> list[Violation]:
    """Hard rules one agent's shifts break, whatever the others do; ``before`` are the previous roster's."""
    found = [v for shift in own for v in shift_violations(problem, agent, shift)]
    return found + sequence_violations(problem, agent, before, own)


def sequence_violations(
    problem: RosterProblem, agent: RosterAgent, before: tuple[Shift, ...], own: tuple[Shift, ...]
) -> list[Violation]:
    """Hard rules that one agent's shifts break together: rest, runs, weekends, hours and days of weeks."""
    before = tuple(sorted(before, key=lambda s: s.start))
    found = _one_a_day(agent, own)
    found += _rest(problem, agent, before, own)
    for breach in breaches(problem, agent, before, own):
        if problem.rules.price(breach.rule) is None:
            found.append(_of_breach(agent, breach, hard=True))
    found += _weeks(problem, agent, before, own)
    return found


def _of_breach(agent: RosterAgent, breach: Breach, *, hard: bool) -> Violation:
    return Violation(
        rule=breach.rule,
        code=breach.code,
        agent=agent.agent,
        date=breach.date,
        amount=breach.amount,
        limit=breach.limit,
        hard=hard,
    )


def unmet(problem: RosterProblem, roster: Roster) -> tuple[Violation, ...]:
    """Soft rules missed, by agent: hours below the contract's minimum, agents without any shift included,
    sessions an agent was invited to (minutes), and rules that ``RosterRules.soft`` gives a price."""
    shifts = roster.by_agent()
    previous: dict[str, list[Shift]] = {}
    for assignment in problem.previous:
        previous.setdefault(assignment.agent, []).append(assignment.shift)
    found: list[Violation] = []
    for agent in problem.agents:
        own = shifts.get(agent.agent, ())
        if problem.rules.minimum_hours is not None:
            found += _few_hours(problem, agent, own)
        if own and problem.rules.soft:
            before = tuple(sorted(previous.get(agent.agent, ()), key=lambda s: s.start))
            for breach in breaches(problem, agent, before, own):
                if problem.rules.price(breach.rule) is not None:
                    found.append(_of_breach(agent, breach, hard=False))
    for session, name in missed(problem.sessions, roster):
        day = problem.period.date_of(session.start)
        found.append(
            Violation(
                rule="sessions",
                code=f"sessions.{session.kind}",
                agent=name,
                date=day,
                amount=0,
                limit=session.minutes,
                hard=False,
            )
        )
    return tuple(found)


def _few_hours(problem: RosterProblem, agent: RosterAgent, own: tuple[Shift, ...]) -> list[Violation]:
    found: list[Violation] = []

    def add(day: date, worked: float, least: float) -> None:
        found.append(
            Violation(
                rule=MinimumHours.name,
                code=f"{MinimumHours.name}.too_few",
                agent=agent.agent,
                date=day,
                amount=worked / 60,
                limit=least / 60,
                hard=False,
            )
        )

    for week, days in problem.period.weeks().items():
        worked = _minutes([s for s in own if s.date.isocalendar()[:2] == week])
        least = minimum_minutes(agent, days)
        if worked < least:
            add(days[0], worked, least)
    paid, asked = _minutes(list(own)), agent.contract.min_hours_per_period * 60
    if paid < asked - 1e-6:
        add(problem.period.first, paid, asked)
    return found


def _broken(rule: str, code: str, agent: str, day: date, amount: float, limit: float) -> Violation:
    return Violation(rule=rule, code=f"{rule}.{code}", agent=agent, date=day, amount=amount, limit=limit)


def _minutes(shifts: list[Shift]) -> float:
    return sum(s.paid_time.total_seconds() for s in shifts) / 60


def _one_a_day(agent: RosterAgent, own: tuple[Shift, ...]) -> list[Violation]:
    per_day: dict[date, int] = {}
    for shift in own:
        per_day[shift.date] = per_day.get(shift.date, 0) + 1
    return [
        _broken(OneShiftPerDay.name, "several", agent.agent, day, count, 1)
        for day, count in per_day.items()
        if count > 1
    ]


def _rest(
    problem: RosterProblem, agent: RosterAgent, before: tuple[Shift, ...], own: tuple[Shift, ...]
) -> list[Violation]:
    """Elapsed hours between shifts, so a night of a clock change counts as long as it was."""
    rule = problem.rules.rest
    limit = timedelta(hours=rule.hours if rule is not None else 0)
    found: list[Violation] = []
    all_shifts = sorted((*before, *own), key=lambda s: (s.start, s.end))
    ended = None
    for shift in all_shifts:
        if ended is not None and shift.start - ended < limit and shift in own:
            hours = (shift.start - ended) / timedelta(hours=1)
            code = "overlap" if hours < 0 else "too_short"
            found.append(
                _broken(MinimumRest.name, code, agent.agent, shift.date, hours, limit / timedelta(hours=1))
            )
        ended = shift.end if ended is None else max(ended, shift.end)
    return found


def _weeks(
    problem: RosterProblem, agent: RosterAgent, before: tuple[Shift, ...], own: tuple[Shift, ...]
) -> list[Violation]:
    rules = problem.rules
    found: list[Violation] = []
    for week in sorted({s.date.isocalendar()[:2] for s in own}):
        mine = [s for s in own if s.date.isocalendar()[:2] == week]
        shared = [s for s in before if s.date.isocalendar()[:2] == week]
        first = min(s.date for s in mine)
        hours = _minutes([*mine, *shared]) / 60
        if rules.weekly_hours is not None and hours * 60 > maximum_minutes(agent):
            limit = agent.contract.max_hours_per_week
            found.append(_broken(WeeklyHours.name, "too_many", agent.agent, first, hours, limit))
        days = len({s.date for s in (*mine, *shared)})
        if rules.days_per_week is not None and days > agent.contract.max_days_per_week:
            limit = agent.contract.max_days_per_week
            found.append(_broken(MaxDaysPerWeek.name, "too_many", agent.agent, first, days, limit))
        if rules.weekly_rest is not None and 7 - days < rules.weekly_rest.days:
            limit = rules.weekly_rest.days
            found.append(_broken(WeeklyRestDays.name, "too_few", agent.agent, first, 7 - days, limit))
    return found
