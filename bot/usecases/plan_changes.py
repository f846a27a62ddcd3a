"""A roster published in the place of another: who is told what, and whose word is awaited (SCENARIOS A12).

Called inside the unit that publishes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.ids import AgentId
from bot.core.messages import (
    Outgoing,
    Recipient,
    RecipientKind,
    RosterPublished,
    ShiftChange,
    ShiftLine,
    Urgency,
)
from bot.core.requests import Answer, Cause, RequestState
from bot.core.rosters import RosterVersion
from bot.core.settings import Settings
from bot.store.unit_of_work import UnitOfWork
from bot.usecases.ask_changes import PLANNED, end_without_change, time_to_answer
from bot.usecases.roster_problem import build_problem
from scheduler.check.violations import check
from scheduler.repair.live import Fit
from scheduler.requests.verdicts import Trade
from scheduler.roster.diff import AgentChanges
from scheduler.roster.roster import Assignment, Roster
from scheduler.roster.shifts import Shift

__all__ = ["Told", "overtake", "shift_changes", "tell"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """``told``: whom a message was written for; ``waiting``: whose shifts wait for their consent."""

    told: tuple[AgentId, ...]
    waiting: tuple[AgentId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    before: Shift | None
    after: Shift | None

    @property
    def shifts(self) -> tuple[Shift, ...]:
        return tuple(s for s in (self.before, self.after) if s is not None)


def overtake(uow: UnitOfWork, settings: Settings, before: RosterVersion, *, now: datetime) -> None:
    """Questions about a roster that is published no more are over; their cards say so."""
    for held in uow.requests.open_in(before.roster_id, PLANNED):
        end_without_change(uow, settings, held, RequestState.OVERTAKEN, by="muster", now=now)


def tell(
    uow: UnitOfWork,
    settings: Settings,
    version: RosterVersion,
    changes: Sequence[AgentChanges],
    *,
    by: str,
    why: str | None,
    now: datetime,
) -> Told:
    """Tell everybody whose own shifts changed, before and after, and ask for their word.

    What begins inside the notice is not made: the shifts of before stay on the published roster until the
    agent agrees.  All of an agent's changes wait where the mixture would break a rule that neither roster
    breaks.  Everything else stands at once, and is only to be confirmed.
    """
    inside = {AgentId(c.agent): _inside(settings, c, now) for c in changes}
    active = {a.agent for a in uow.people.all()}
    waits = {agent: pairs for agent, pairs in inside.items() if pairs and agent in active}
    _widen(uow, settings, version, changes, waits, now)
    for agent, pairs in waits.items():
        back, planned = _shifts(pairs, "before"), _shifts(pairs, "after")
        if not uow.rosters.replace_shifts(version.roster_id, agent, planned, back):
            raise AssertionError("the roster that is being published has other shifts than it was read with")
    for change in changes:
        agent = AgentId(change.agent)
        waiting = waits.get(agent, ())
        at_once = [p for p in _pairs(change) if p not in waiting]
        if waiting:
            _ask(uow, settings, version, agent, waiting, cause=Cause.REPLANNED, by=by, why=why, now=now)
        if at_once:
            _ask(uow, settings, version, agent, at_once, cause=Cause.PUBLISHED, by=by, why=why, now=now)
    return Told(told=tuple(AgentId(c.agent) for c in changes), waiting=tuple(waits))


def _inside(settings: Settings, change: AgentChanges, now: datetime) -> tuple[_Pair, ...]:
    """Changes of shifts that begin before the notice is over, and can still be asked about."""
    until = now + settings.roster.publish.notice
    return tuple(
        p
        for p in _pairs(change)
        if any(s.start < until for s in p.shifts) and _ahead(settings, change.agent, p, now)
    )


def _ahead(settings: Settings, agent: str, pair: _Pair, now: datetime) -> bool:
    """Whether there is time for an answer before the change begins; what is past stands as published."""
    trade = _trade(agent, [pair])
    return time_to_answer(settings, (trade,), (agent,), now) > now


def _trade(agent: str, pairs: Sequence[_Pair]) -> Trade:
    # Both rosters were judged as a whole; whatever form a shift has was accepted there.
    return Trade(agent=agent, gone=_shifts(pairs, "before"), come=_shifts(pairs, "after"), fit=Fit.FREE)


def _widen(
    uow: UnitOfWork,
    settings: Settings,
    version: RosterVersion,
    changes: Sequence[AgentChanges],
    waits: dict[AgentId, tuple[_Pair, ...]],
    now: datetime,
) -> None:
    """Where shifts of before and after together break a rule, all of the agent's changes wait."""
    if not waits:
        return
    problem = build_problem(uow, settings, version.roster.period, need_requirement=False)
    own = version.roster.by_agent()
    for change in changes:
        agent = AgentId(change.agent)
        if agent not in waits:
            continue
        planned = own.get(change.agent, ())
        gone, back = _shifts(waits[agent], "after"), _shifts(waits[agent], "before")
        mixed = (*(s for s in planned if s not in gone), *back)

        def broken(shifts: Sequence[Shift], agent: AgentId = agent) -> int:
            alone = Roster(
                period=problem.period, assignments=tuple(Assignment(agent=agent, shift=s) for s in shifts)
            )
            return sum(v.agent == agent for v in check(problem, alone))

        if broken(mixed) > broken(planned):
            waits[agent] = tuple(p for p in _pairs(change) if _ahead(settings, change.agent, p, now))


def _ask(
    uow: UnitOfWork,
    settings: Settings,
    version: RosterVersion,
    agent: AgentId,
    pairs: Sequence[_Pair],
    *,
    cause: Cause,
    by: str,
    why: str | None,
    now: datetime,
) -> None:
    trade = _trade(agent, pairs)
    consent = cause is Cause.REPLANNED
    until = time_to_answer(settings, (trade,), (agent,), now)
    request = None
    if until > now:
        request = uow.requests.add(
            cause=cause,
            roster=version.roster_id,
            asker=None,
            trades=(trade,),
            answers={agent: Answer.WAITING},
            made_at=now,
            made_by=by,
            ends_at=until,
        ).request
    key = f"roster-{version.roster_id}-agent-{agent}{'-consent' if consent else ''}"
    period = version.roster.period
    uow.outbox.put(
        Outgoing(
            recipient=Recipient(kind=RecipientKind.AGENT, name=agent),
            message=RosterPublished(
                roster=version.roster_id,
                first=period.first,
                days=period.days,
                shifts=(),
                changes=tuple(_line(p) for p in sorted(pairs, key=lambda p: p.shifts[0].start)),
                first_version=False,
                request=request,
                ends_at=None if request is None else until,
                needs_consent=consent,
                why=why,
            ),
            dedupe_key=key,
            urgency=Urgency.NOTICE,
            not_before=now,
            loud=consent,
        ),
        now,
    )
    if request is not None:
        uow.requests.told(request, [key])


def shift_changes(change: AgentChanges) -> tuple[ShiftChange, ...]:
    """One person's changes as messages tell them, by time."""
    return tuple(_line(p) for p in sorted(_pairs(change), key=lambda p: p.shifts[0].start))


def _pairs(change: AgentChanges) -> list[_Pair]:
    return [
        *(_Pair(before=None, after=s) for s in change.added),
        *(_Pair(before=s, after=None) for s in change.removed),
        *(_Pair(before=c.before, after=c.after) for c in change.changed),
    ]


def _shifts(pairs: Sequence[_Pair], side: str) -> tuple[Shift, ...]:
    return tuple(s for p in pairs if (s := getattr(p, side)) is not None)


def _line(pair: _Pair) -> ShiftChange:
    return ShiftChange(
        day=pair.shifts[-1].date,
        before=None if pair.before is None else ShiftLine.of(pair.before),
        after=None if pair.after is None else ShiftLine.of(pair.after),
    )
