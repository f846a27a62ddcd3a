"""Agents' wishes: kept, withdrawn, and how often published rosters granted them (SCENARIOS A15)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.errors import NotFoundError, RefusedError
from bot.core.fairness import Counts, FairnessSettings, TeamRange, counts_of, team_ranges
from bot.core.ids import AgentId
from bot.core.people import Agent
from bot.core.settings import Settings
from bot.core.wishes import Standing, StandingWish, clash, kept
from bot.store.unit_of_work import ReadUnit, Store
from scheduler.roster.shifts import Shift

__all__ = ["Fairness", "Granted", "add", "fairness", "granted", "withdraw"]

DAY = timedelta(days=1)
LOOK_BACK = timedelta(weeks=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A wish, and on how many of the published days it was about it was kept, of the last eight weeks."""

    standing: Standing
    kept: int
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fairness:
    """Counts of some people (``own``) and the ranges of their whole team over so many weeks."""

    weeks: int
    own: dict[AgentId, Counts]
    ranges: dict[str, TeamRange]


def add(store: Store, settings: Settings, agent: Agent, wish: StandingWish, *, now: datetime) -> Standing:
    """Keep a wish.  Raises RefusedError, and keeps nothing, where it contradicts one that stands."""
    with store.unit() as uow:
        held = uow.wishes.of([agent.agent], since=_today(agent, now))
        if wish.day is not None and wish.day < _today(agent, now):
            raise RefusedError("day_past", "That day is past; nothing was changed. Write a day still ahead.")
        other = clash(wish, held)
        if other is not None:
            raise RefusedError(
                "wish_clash",
                f"It cannot be granted together with your wish {other.number}; nothing was kept. Which "
                f"counts more? /muster wish drop {other.number} takes the older one back.",
                number=other.number,
            )
        if len(held) >= settings.roster.wishes.most and wish not in [h.wish for h in held]:
            raise RefusedError(
                "wishes_many",
                f"You have {len(held)} wishes, which is the most; nothing was kept. "
                "/muster wish drop NUMBER takes one back.",
                most=settings.roster.wishes.most,
            )
        made = uow.wishes.add(agent.agent, wish, now=now)
        uow.commit()
    return made


def withdraw(store: Store, agent: AgentId, number: int, *, now: datetime) -> None:
    """Take a wish back.  Raises NotFoundError where it is not the agent's."""
    with store.unit() as uow:
        if not uow.wishes.withdraw(number, agent, now=now):
            raise NotFoundError(
                "no_wish", f"You have no wish {number}; nothing was changed. See /muster wish.", number=number
            )
        uow.commit()


def granted(store: Store, settings: Settings, agents: Iterable[Agent], *, now: datetime) -> list[Granted]:
    """Standing wishes of agents with how often they were kept on published days up to today."""
    found: list[Granted] = []
    with store.read() as uow:
        for agent in agents:
            today = _today(agent, now)
            held = uow.wishes.of([agent.agent], since=today - LOOK_BACK)
            if not held:
                continue
            first = today - LOOK_BACK
            own = _by_day(uow, agent, first, today)
            days = _published(uow, first, today)
            for one in held:
                theirs: dict[date, Shift] = {}
                if one.wish.colleague is not None:
                    other = uow.people.get(one.wish.colleague)
                    theirs = {} if other is None else _by_day(uow, other, first, today)
                # What was wished later could not be kept before.
                since = one.made_at.astimezone(ZoneInfo(agent.zone)).date()
                yes, times = kept(
                    one.wish,
                    [d for d in days if d > since],
                    own,
                    theirs,
                    agent.zone,
                    settings.roster.wishes,
                )
                found.append(Granted(standing=one, kept=yes, times=times))
    return found


def fairness(store: Store, settings: Settings, agent: Agent | None, *, now: datetime) -> Fairness:
    """Counts of the last published weeks: of one agent beside the team's ranges, or of everybody (None)."""
    chosen = settings.roster.fairness or FairnessSettings()
    since = now - chosen.weeks * 7 * DAY
    with store.read() as uow:
        people = [a for a in uow.people.all() if agent is None or a.team == agent.team]
        shifts: dict[str, list[Shift]] = {a.agent: [] for a in people}
        for assignment in uow.rosters.shifts_between(since, now):
            if assignment.agent in shifts and since <= assignment.shift.start < now:
                shifts[assignment.agent].append(assignment.shift)
    late = settings.roster.wishes.late
    counts = {a.agent: counts_of(shifts[a.agent], a.zone, late) for a in people}
    own = counts if agent is None else {agent.agent: counts[agent.agent]} if agent.agent in counts else {}
    return Fairness(weeks=chosen.weeks, own=own, ranges=team_ranges(counts.values()))


def _today(agent: Agent, now: datetime) -> date:
    return now.astimezone(ZoneInfo(agent.zone)).date()


def _by_day(uow: ReadUnit, agent: Agent, first: date, last: date) -> dict[date, Shift]:
    zone = ZoneInfo(agent.zone)
    start = datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC)
    end = datetime(last.year, last.month, last.day, tzinfo=zone).astimezone(UTC) + DAY
    return {s.start.astimezone(zone).date(): s for s in uow.rosters.shifts_of(agent.agent, start, end)}


def _published(uow: ReadUnit, first: date, last: date) -> list[date]:
    periods = uow.rosters.published_periods(first, last + DAY)
    return sorted({d for p in periods for d in p.dates if first <= d <= last})
