"""A talk to help somebody: the best times in both people's shifts, booked by one press, off by another (TI7).

Nothing here is begun by a figure: a lead books it, or the agent for themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from bot.core.coaching import common_starts, with_talk, without_talk
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId, TeamId
from bot.core.people import Agent, Role
from bot.core.requests import Cause, Request, RequestId
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases.ask_changes import Outcome, request
from bot.usecases.live_rosters import Standing, standing
from scheduler.repair.live import LiveRoster
from scheduler.requests.verdicts import Trade, judge, opens
from scheduler.roster.shifts import SessionKind, Shift

__all__ = ["Slot", "Talk", "book", "cancel", "coaches_of", "find", "talk_of"]

DAYS_AHEAD: Final = 7
NOTICE: Final = timedelta(hours=2)
"""A talk begins so long from now at the earliest: nobody is called away from what they are about to do."""
OFFERED: Final = 3
CHECKED: Final = 200
"""Times a search asks every rule about, the cheapest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """``agent`` with ``coach`` in [start, end)."""

    agent: AgentId
    coach: AgentId
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A time it could be.  ``cost``: what cover then costs more [paid minutes], below 0 where too many are
    there.  ``spare``: people more than needed who stay, at the worst moment; None where no need is known."""

    talk: Talk
    cost: float
    spare: int | None


def coaches_of(uow: ReadUnit, settings: Settings, team: TeamId, but: AgentId) -> list[Agent]:
    """Leads of a team on the roster."""
    return [a for a in uow.people.all() if a.team == team and a.agent != but and _coaches(a, settings)]


def _coaches(agent: Agent, settings: Settings) -> bool:
    return settings.roles.role_of(agent.email, agent.role) is not Role.AGENT


def find(
    store: Store,
    settings: Settings,
    agent: AgentId,
    coaches: Sequence[AgentId],
    length: timedelta,
    *,
    now: datetime,
) -> tuple[Slot, ...]:
    """Up to three times within a week, what they do to cover first, then the earliest; they share no minute.

    Only times at which nobody would be missing who is not missing now, and that every rule allows.
    """
    found: list[Slot] = []
    with store.read() as uow:
        for stands, start, end in _weeks(uow, settings, now):
            own = uow.rosters.shifts_of(agent, start, end)
            for coach in coaches:
                theirs = uow.rosters.shifts_of(coach, start, end)
                starts = _starts(own, theirs, length, settings.staffing.interval, now)
                talks = [Talk(agent=agent, coach=coach, start=s, end=s + length) for s in starts]
                found += _best(stands, talks, own, theirs)
    found.sort(key=_rank)
    return tuple(_apart(found))


def _weeks(uow: ReadUnit, settings: Settings, now: datetime) -> Iterable[tuple[Standing, datetime, datetime]]:
    """Each published roster of the days ahead, with the part of its time that is meant."""
    first = now + NOTICE
    last = now + timedelta(days=DAYS_AHEAD)
    for period in uow.rosters.published_periods(first.date() - timedelta(days=1), last.date()):
        if period.end <= first or period.start >= last:
            continue
        try:
            yield (
                standing(uow, settings, period.first, now=now),
                max(first, period.start),
                min(last, period.end),
            )
        except NotFoundError:
            continue


def _starts(
    own: Iterable[Shift], theirs: Sequence[Shift], length: timedelta, step: timedelta, now: datetime
) -> list[datetime]:
    return sorted(
        {
            start
            for one in own
            for other in theirs
            if one.start < other.end and other.start < one.end
            for start in common_starts(one, other, length, step, after=now + NOTICE)
        }
    )


def _best(
    stands: Standing, talks: Iterable[Talk], own: Sequence[Shift], theirs: Sequence[Shift]
) -> list[Slot]:
    """The best of them, first by what each of the two alone is worth at a queue, then by every rule."""
    live = stands.live
    priced: list[tuple[float, datetime, Talk, tuple[Trade, ...]]] = []
    for talk in talks:
        trades = _trades(talk, own, theirs)
        if (
            trades is None
            or not all(_is_there(live, t) for t in trades)
            or any(opens(live, t) for t in trades)
        ):
            continue
        price = sum(live.cover_change(t.agent, t.gone, t.come) for t in trades)
        priced.append((price, talk.start, talk, trades))
    priced.sort(key=lambda p: p[:2])
    found: list[Slot] = []
    for _, _, talk, trades in priced[:CHECKED]:
        if len(_apart(found)) == OFFERED:
            break
        verdict = judge(live, trades)
        if verdict.is_approved:
            found.append(Slot(talk=talk, cost=verdict.cost, spare=_spare(live, talk, trades)))
    return found


def _trades(talk: Talk, own: Iterable[Shift], theirs: Iterable[Shift]) -> tuple[Trade, ...] | None:
    found = []
    for name, shifts in ((talk.agent, own), (talk.coach, theirs)):
        for shift in shifts:
            come = with_talk(shift, talk.start, talk.end)
            if come is not None:
                found.append(Trade(agent=name, gone=(shift,), come=(come,)))
                break
        else:
            return None
    return tuple(found)


def _is_there(live: LiveRoster, trade: Trade) -> bool:
    return all(s in live.shifts.get(trade.agent, ()) for s in trade.gone)


def _spare(live: LiveRoster, talk: Talk, trades: Iterable[Trade]) -> int | None:
    """The fewest people beyond the need, at the queues both leave, while they talk."""
    grid, tried = live.problem.grid, live.copy()
    for trade in trades:
        tried.change(trade.agent, trade.gone, trade.come)
    first = max(0, (talk.start - grid.start) // grid.interval)
    last = min(grid.count, -((grid.start - talk.end) // grid.interval))
    queues = {
        s.activity
        for t in trades
        for shift in t.gone
        for s in shift.segments
        if s.is_work and s.start <= talk.start < s.end
    }
    lines = [i for i, queue in enumerate(live.problem.queues) if queue in queues]
    if not lines or last <= first or not np.any(live.lines.required[lines]):
        return None
    return int((tried.at[lines, first:last] - live.lines.required[lines, first:last]).min())


def _rank(slot: Slot) -> tuple[float, datetime]:
    return round(slot.cost, 6), slot.talk.start


def _apart(slots: Iterable[Slot]) -> list[Slot]:
    chosen: list[Slot] = []
    for slot in slots:
        if len(chosen) == OFFERED:
            break
        if all(slot.talk.end <= c.talk.start or c.talk.end <= slot.talk.start for c in chosen):
            chosen.append(slot)
    return chosen


def book(store: Store, settings: Settings, talk: Talk, *, by: str, now: datetime) -> Outcome:
    """Put the talk into both shifts, after every rule was asked again; both are told.

    Raises RefusedError, with nothing changed, where that time has gone.
    """
    with store.read() as uow:
        agents = uow.people.named({talk.agent, talk.coach})
        both = [agents.get(talk.agent), agents.get(talk.coach)]
        own, theirs = (uow.rosters.shifts_of(a, talk.start, talk.end) for a in (talk.agent, talk.coach))
    length = talk.end - talk.start
    coach = agents.get(talk.coach)
    fits = (
        coach is not None
        and all(a is not None and a.active for a in both)
        and talk.agent != talk.coach
        and _coaches(coach, settings)
        and timedelta(0) < length <= timedelta(hours=2)
    )
    trades = _trades(talk, own, theirs) if fits and talk.start > now else None
    if trades is None:
        raise RefusedError(
            "coach_time_gone",
            "That time has gone: one of the two is not at a queue then any more. Nothing was booked. "
            "Look again: /muster coach",
        )
    return request(store, settings, trades, cause=Cause.COACHING, asker=talk.agent, asked=(), by=by, now=now)


def talk_of(store: Store, number: RequestId) -> tuple[Request, Talk]:
    """A talk that was booked.  Raises NotFoundError."""
    with store.read() as uow:
        held = uow.requests.get(number)
    if held is not None and held.cause is Cause.COACHING and held.asker is not None:
        other = next((t.agent for t in held.trades if t.agent != held.asker), None)
        own = held.trade_of(held.asker)
        if own is not None and other is not None:
            before = {(s.start, s.end) for shift in own.gone for s in shift.segments}
            for segment in own.come[0].segments:
                if segment.activity == SessionKind.ONE_TO_ONE and (segment.start, segment.end) not in before:
                    talk = Talk(agent=held.asker, coach=AgentId(other), start=segment.start, end=segment.end)
                    return held, talk
    raise NotFoundError("coach_none", "There is no such talk; nothing was changed.")


def cancel(
    store: Store, settings: Settings, number: RequestId, *, by: str, now: datetime
) -> tuple[Talk, Outcome]:
    """Take a talk out of the shifts that still have it: work goes on there, and both are told.

    Raises RefusedError where it has begun, or is in no shift any more.
    """
    _, talk = talk_of(store, number)
    if talk.start <= now:
        raise RefusedError("coach_begun", "That talk has begun or is over; nothing was changed.")
    trades = []
    with store.read() as uow:
        for name in (talk.agent, talk.coach):
            for shift in uow.rosters.shifts_of(name, talk.start, talk.end):
                come = without_talk(shift, talk.start, talk.end)
                if come is not None:
                    trades.append(Trade(agent=name, gone=(shift,), come=(come,)))
    if not trades:
        raise RefusedError("coach_gone", "That talk is off already; nothing was changed.")
    done = request(
        store, settings, tuple(trades), cause=Cause.COACHING_OFF, asker=talk.agent, asked=(), by=by, now=now
    )
    return talk, done
