"""What a roster costs beside pay and cover: wishes, pairings, kinds of shift, fair shares, steady starts,
soft rules, and work that people are slower at."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from scheduler.check.forms import template_of
from scheduler.check.sequences import breaches, weekends_worked
from scheduler.roster.people import RosterAgent
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster
from scheduler.roster.shifts import Shift
from scheduler.roster.wishes import ShiftCover, Wish

__all__ = ["kinds_worked", "slowness", "start_change", "ungranted", "wish_terms"]

_DAY = timedelta(days=1)


def wish_terms(problem: RosterProblem, roster: Roster) -> dict[str, float]:
    """Weighted terms in paid minutes; only those the problem has anything of."""
    terms: dict[str, float] = {}
    shifts = roster.by_agent()
    if problem.wishes:
        terms["wishes"] = sum(w.weight for w in ungranted(problem, roster))
    if problem.shift_cover:
        terms["shift_cover"] = sum(_cover_price(c, have) for c, have in kinds_worked(problem, roster))
    if problem.pairings:
        terms["pairings"] = _pairings(problem, shifts)
    if any(a.fair_shares for a in problem.agents):
        terms["fair_shares"] = sum(_fair(problem, a, shifts.get(a.agent, ())) for a in problem.agents)
    if problem.rules.steady_starts is not None:
        terms["steady_starts"] = _steady(problem, shifts)
    if problem.rules.soft:
        terms["soft_rules"] = _soft(problem, shifts)
    slow = {a.agent: prices for a in problem.agents if (prices := slowness(problem, a))}
    if slow:
        terms["proficiency"] = sum(
            prices.get(segment.activity, 0) * (segment.duration / problem.grid.interval)
            for agent, prices in slow.items()
            for shift in shifts.get(agent, ())
            for segment in shift.segments
        )
    return {name: float(value) for name, value in terms.items()}


def slowness(problem: RosterProblem, agent: RosterAgent) -> dict[str, int]:
    """What an interval of the agent's work costs on queues where he or she is less than fully proficient."""
    minutes = problem.weights.proficiency * problem.interval_minutes
    found: dict[str, int] = {}
    for requirement in problem.requirements:
        price = round(minutes * (1 - min(1.0, agent.skills.get(requirement.skill, 1.0))))
        if price:
            found[requirement.queue] = price
    return found


def _cover_price(cover: ShiftCover, have: int) -> int:
    off = have - cover.required
    return cover.over_weight * off if off > 0 else cover.under_weight * -off


def ungranted(problem: RosterProblem, roster: Roster) -> tuple[Wish, ...]:
    """Wishes the roster does not grant, in the problem's order."""
    agents = {a.agent: a for a in problem.agents}
    shifts = roster.by_agent()
    kinds: dict[tuple[str, date], list[tuple[str, time]]] = {}
    for agent in {w.agent for w in problem.wishes}:
        person = agents[agent]
        zone = ZoneInfo(person.zone)
        for shift in shifts.get(agent, ()):
            kind = template_of(problem, person, shift), shift.start.astimezone(zone).time()
            kinds.setdefault((agent, shift.date), []).append(kind)
    found: list[Wish] = []
    for wish in problem.wishes:
        have = kinds.get((wish.agent, wish.date), [])
        if any(wish.means(template, start) for template, start in have) != wish.works:
            found.append(wish)
    return tuple(found)


def kinds_worked(problem: RosterProblem, roster: Roster) -> list[tuple[ShiftCover, int]]:
    """Each shift cover with the number of such shifts on the roster."""
    agents = {a.agent: a for a in problem.agents}
    counts: dict[tuple[date, str], int] = {}
    for assignment in roster.assignments:
        agent = agents.get(assignment.agent)
        if agent is not None:
            key = (assignment.shift.date, template_of(problem, agent, assignment.shift))
            counts[key] = counts.get(key, 0) + 1
    return [(cover, counts.get((cover.date, cover.template), 0)) for cover in problem.shift_cover]


def _pairings(problem: RosterProblem, shifts: dict[str, tuple[Shift, ...]]) -> int:
    total = 0
    for pairing in problem.pairings:
        for shift in shifts.get(pairing.agent, ()):
            beside = [m for m in shifts.get(pairing.mentor, ()) if m.date == shift.date]
            shared = max(
                (min(shift.end, m.end) - max(shift.start, m.start) for m in beside), default=timedelta(0)
            )
            if 2 * shared < shift.presence:
                total += pairing.weight
    return total


def _fair(problem: RosterProblem, agent: RosterAgent, own: tuple[Shift, ...]) -> int:
    total = 0
    for share in agent.fair_shares:
        if share.templates:
            have = sum(1 for s in own if template_of(problem, agent, s) in share.templates)
        else:
            have = len(weekends_worked(own))
        total += share.weight * max(0, have - share.most)
    return total


def start_change(earlier: datetime, later: datetime, zone: str) -> timedelta:
    """How far two starts differ on the clock of a zone, at most half a day.

    >>> from datetime import UTC
    >>> start_change(datetime(2026, 3, 2, 23, tzinfo=UTC), datetime(2026, 3, 4, 1, tzinfo=UTC), "UTC")
    datetime.timedelta(seconds=7200)
    """
    clocks = [t.astimezone(ZoneInfo(zone)) for t in (earlier, later)]
    first, second = (timedelta(hours=c.hour, minutes=c.minute, seconds=c.second) for c in clocks)
    moved = abs(first - second)
    return min(moved, _DAY - moved)


def _steady(problem: RosterProblem, shifts: dict[str, tuple[Shift, ...]]) -> int:
    """Changes of the start on successive days, the last day before the period included."""
    rule = problem.rules.steady_starts
    assert rule is not None
    before: dict[str, list[Shift]] = {}
    for assignment in problem.previous:
        before.setdefault(assignment.agent, []).append(assignment.shift)
    total = 0
    for agent in problem.agents:
        own = shifts.get(agent.agent, ())
        ordered = sorted((*before.get(agent.agent, ()), *own), key=lambda s: s.start)
        for earlier, later in pairwise(ordered):
            near = later.date - earlier.date == _DAY and later in own
            if near and start_change(earlier.start, later.start, agent.zone) > timedelta(hours=rule.hours):
                total += rule.weight
    return total


def _soft(problem: RosterProblem, shifts: dict[str, tuple[Shift, ...]]) -> int:
    previous: dict[str, list[Shift]] = {}
    for assignment in problem.previous:
        previous.setdefault(assignment.agent, []).append(assignment.shift)
    total = 0
    for agent in problem.agents:
        own = shifts.get(agent.agent, ())
        if own:
            before = tuple(sorted(previous.get(agent.agent, ()), key=lambda s: s.start))
            for breach in breaches(problem, agent, before, own):
                total += (problem.rules.price(breach.rule) or 0) * breach.units
    return total
