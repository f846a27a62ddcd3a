"""What a team and its people carry, week by week (ST11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from bot.core.errors import RefusedError
from bot.core.fairness import TeamRange
from bot.core.ids import AgentId, TeamId
from bot.core.people import Agent
from bot.core.requests import Cause
from bot.core.settings import Settings
from bot.core.work_load import (
    CareSettings,
    Load,
    LostPauses,
    Pattern,
    TeamLoad,
    load_of,
    lost_pauses,
    patterns,
    team_load,
)
from bot.store.unit_of_work import ReadUnit, Store
from forecasting.grid import local_midnight
from scheduler.roster.shifts import Shift

__all__ = ["WEEKS", "OwnLoad", "TeamSeen", "last_week", "own_load", "read_team", "see_team"]

WEEKS = 8
"""Weeks of a trend, the newest included."""
_LOOK_BACK = timedelta(days=28)
"""A row of days is followed so far back before the first week."""
_DAY = timedelta(days=1)
_WEEK = 7 * _DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamSeen:
    """A team's load, and for its lead what each person shows; people without a pattern are absent."""

    load: TeamLoad
    shown: Mapping[AgentId, tuple[Pattern, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLoad:
    """One person's weeks, the newest last, what the newest shows, and the team's ranges of it."""

    agent: Agent
    weeks: tuple[date, ...]
    loads: tuple[Load, ...]
    shown: tuple[Pattern, ...]
    ranges: Mapping[str, TeamRange]


def last_week(settings: Settings, team: TeamId, now: datetime) -> date:
    """The Monday of the last whole week on the team's wall."""
    zone = settings.teams[team].zone
    day = now.date() + _DAY
    while local_midnight(day, zone) > now:
        day -= _DAY
    return day - day.weekday() * _DAY - _WEEK


def see_team(
    store: Store,
    settings: Settings,
    team: TeamId,
    week: date | None = None,
    *,
    weeks: int = WEEKS,
    now: datetime,
) -> TeamLoad:
    """The team's load in the week that begins on ``week`` (None: the last whole one), naming nobody.

    Raises RefusedError for a week that has not begun.
    """
    with store.read() as uow:
        return read_team(uow, settings, team, week, weeks=weeks, now=now).load


def read_team(
    uow: ReadUnit,
    settings: Settings,
    team: TeamId,
    week: date | None = None,
    *,
    weeks: int = WEEKS,
    now: datetime,
) -> TeamSeen:
    """The same with who shows what: for their lead's eyes, and to tell each person alone."""
    newest = last_week(settings, team, now) if week is None else week
    mondays = _mondays(settings, team, newest, weeks, now)
    care = settings.care or CareSettings()
    people = [a for a in uow.people.all() if a.team == team]
    loads = _loads(uow, settings, people, mondays, settings.teams[team].zone, care, now)
    shown = {a: found for a, held in loads.items() if (found := patterns(held, care))}
    whole = team_load(team, mondays, loads, care, law=_law(uow, newest, {a.agent for a in people}))
    return TeamSeen(load=whole, shown=shown)


def own_load(store: Store, settings: Settings, agent: Agent, *, weeks: int = 4, now: datetime) -> OwnLoad:
    """One person's last whole weeks, beside the ranges of the team."""
    newest = last_week(settings, agent.team, now)
    mondays = _mondays(settings, agent.team, newest, weeks, now)
    care = settings.care or CareSettings()
    with store.read() as uow:
        people = [a for a in uow.people.all() if a.team == agent.team]
        loads = _loads(uow, settings, people, mondays, settings.teams[agent.team].zone, care, now)
    own = loads[agent.agent]
    team = team_load(agent.team, mondays, loads, care)
    return OwnLoad(
        agent=agent,
        weeks=mondays,
        loads=own,
        shown=patterns(own, care),
        ranges={line.measure: line.spread for line in team.lines if line.spread is not None},
    )


def _mondays(settings: Settings, team: TeamId, newest: date, weeks: int, now: datetime) -> tuple[date, ...]:
    if local_midnight(newest, settings.teams[team].zone) >= now:
        raise RefusedError("pack_future", "That period has not begun; nothing was shown.")
    return tuple(newest - n * _WEEK for n in range(weeks - 1, -1, -1))


def _loads(
    uow: ReadUnit,
    settings: Settings,
    people: Sequence[Agent],
    mondays: Sequence[date],
    zone: str,
    care: CareSettings,
    now: datetime,
) -> dict[AgentId, tuple[Load, ...]]:
    """Each person's loads of those weeks; everything is read once."""
    bounds = [local_midnight(day, zone) for day in (*mondays, mondays[-1] + _WEEK)]
    spans = [(start, min(end, now)) for start, end in pairwise(bounds)]
    first, end = spans[0][0], spans[-1][1]
    agents = {a.agent for a in people}
    shifts: dict[AgentId, list[Shift]] = {agent: [] for agent in agents}
    for assignment in uow.rosters.shifts_between(first - _LOOK_BACK, end):
        if assignment.agent in agents and assignment.shift.start < end:
            shifts[AgentId(assignment.agent)].append(assignment.shift)
    states = uow.presence.history(agents, first - _DAY, end) if agents else {}
    lost = _lost(uow, mondays)
    complaints = Counter(
        (agent, _week_of(solved, spans))
        for agent, solved in uow.contacts.complaints_solved(agents, first, end)
    )
    late = settings.roster.wishes.late
    found = {}
    for person in people:
        contract = settings.roster.contracts.get(person.contract)
        found[person.agent] = tuple(
            load_of(
                shifts[person.agent],
                states.get(person.agent, []),
                span=span,
                zone=person.zone,
                contract=None if contract is None else contract.max_hours_per_week,
                late=late,
                care=care,
                lost=lost.get((person.agent, monday)),
                complaints=complaints[person.agent, number],
            )
            for number, (monday, span) in enumerate(zip(mondays, spans, strict=True))
        )
    return found


def _week_of(instant: datetime, spans: Sequence[tuple[datetime, datetime]]) -> int:
    return next((n for n, (start, end) in enumerate(spans) if start <= instant < end), -1)


def _lost(uow: ReadUnit, mondays: Sequence[date]) -> dict[tuple[AgentId, date], LostPauses]:
    """Pauses that changes of published shifts moved or took, by person and week of the shift."""
    found: dict[tuple[AgentId, date], LostPauses] = {}
    for change in uow.requests.changes_between(mondays[0], mondays[-1] + _WEEK):
        if change.before is None or change.after is None:
            continue
        key = (change.agent, change.day - change.day.weekday() * _DAY)
        one = lost_pauses(change.before, change.after, moved=change.cause is Cause.BREAK_MOVED)
        held = found.get(key, LostPauses())
        found[key] = LostPauses(moved=held.moved + one.moved, given_up=held.given_up + one.given_up)
    return found


def _law(uow: ReadUnit, week: date, agents: set[AgentId]) -> int | None:
    """How many of these people the receipts of the week's published roster speak of."""
    version = uow.rosters.published(local_midnight(week + 3 * _DAY, "UTC"))
    receipt = None if version is None else uow.rosters.receipt(version.roster_id)
    if receipt is None:
        return None
    named = {
        finding["agent"]
        for pack in receipt.report.get("packs", ())
        for rule in pack.get("rules", ())
        for finding in rule.get("findings", ())
        if week <= date.fromisoformat(finding["date"]) < week + _WEEK
    }
    return len(named & agents)
