"""Somebody cannot come: their shift goes, the leads get what could be done about it (SCENARIOS A11, L2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId
from bot.core.messages import Outgoing, Urgency
from bot.core.people import Agent
from bot.core.request_messages import OpenSpan, RepairProposed, RepairWay
from bot.core.requests import Answer, Cause, RequestId, RequestState
from bot.core.settings import Settings
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases.change_shifts import apply, keep_leave, leads_of, person_change, shift_times, trade_of
from bot.usecases.day_chances import day_play
from bot.usecases.live_rosters import Standing, standing
from bot.usecases.repair_cards import CARD, settle_cards
from scheduler.repair.changes import Absence, ChangeKind, RepairOption, RepairResult, with_changes
from scheduler.repair.search import repair, without_absent
from scheduler.requests.verdicts import Trade
from scheduler.roster.people import TimeSpan
from scheduler.roster.roster import Assignment, Roster
from scheduler.roster.shifts import Shift

__all__ = ["Proposal", "Reported", "leave_gap", "propose", "report", "report_and_propose"]

_log = structlog.get_logger("bot.requests")

DAY = timedelta(days=1)
SOON = timedelta(hours=8)
"""Where no day is named, a shift that begins within it is meant too: tonight's, past midnight."""
SHOWN = 4
"""Ways a card shows besides leaving the gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """``shift`` is off the list; ``begun``: it was under way and ends now."""

    agent: AgentId
    day: date
    shift: Shift
    begun: bool
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What could be done about an event, as kept: ``numbers`` of the requests, in the order of options."""

    event: str
    result: RepairResult
    numbers: tuple[RequestId | None, ...]


def report(
    store: Store, settings: Settings, agent: AgentId, *, by: str, now: datetime, day: date | None = None
) -> Reported:
    """Take the agent's shift of ``day`` (the agent's own date) off the roster.

    Without a day it is today's, or the one that begins soon.  A shift under way ends now.  No reason is
    asked or kept.  Raises RefusedError where there is no such shift.
    """
    with store.unit() as uow:
        person = uow.people.get(agent)
        if person is None:
            raise NotFoundError("no_agent", f"There is no agent {agent!r}; nothing was changed.", agent=agent)
        shift = _shift_of(uow, person, day, now)
        stands = standing(uow, settings, shift.date, now=now)
        uow.rosters.lock(stands.version.roster_id)
        begun = shift.start < now
        trade = _without(stands, agent, shift, now)
        apply(
            uow,
            stands.version.roster_id,
            (trade,),
            cause=Cause.ABSENCE,
            by=by,
            now=now,
            quiet=() if by != agent else (agent,),
        )
        if not begun:
            keep_leave(uow, agent, trade, kind="absent")
        uow.commit()
    event = f"absence:{agent}:{shift.date.isoformat()}:{int(now.timestamp())}"
    return Reported(agent=agent, day=shift.date, shift=shift, begun=begun, event=event)


def report_and_propose(
    store: Store, settings: Settings, agent: AgentId, *, by: str, now: datetime, day: date | None = None
) -> Reported:
    """`report`, then `propose`; the leads hear of it even where no way can be worked out."""
    reported = report(store, settings, agent, by=by, now=now, day=day)
    try:
        propose(store, settings, reported, now=now)
    except Exception as error:
        # The absence stands; that nobody learns of it would be worse than a card without ways.
        _log.error("repair_not_proposed", error=type(error).__name__, exc_info=error)
        with store.unit() as uow:
            person = uow.people.get(agent)
            assert person is not None
            _put_card(uow, settings, person, reported, (), [], now, None)
            uow.commit()
    return reported


def propose(store: Store, settings: Settings, reported: Reported, *, now: datetime) -> Proposal:
    """Work out what could be done, keep the ways as proposals and put the card before the leads."""
    with store.read() as look:
        # Whoever is away is not asked to come after all.
        away = Absence(agent=reported.agent, span=TimeSpan(start=now, end=max(reported.shift.end, now + DAY)))
        stands = standing(look, settings, reported.day, now=now, absences=(away,), dates=(reported.day,))
        result = repair(stands.task)
    chances = _chances(store, settings, stands, result, reported)
    with store.unit() as uow:
        person = uow.people.get(reported.agent)
        assert person is not None
        numbers: list[RequestId | None] = []
        ways: list[RepairWay] = []
        for option in _shown(result):
            number = None
            if option.changes:
                consent = {AgentId(a): Answer.WAITING for a in option.consent}
                made = uow.requests.add(
                    cause=Cause.REPAIR,
                    roster=stands.version.roster_id,
                    asker=None,
                    trades=tuple(trade_of(c) for c in option.changes),
                    answers=consent,
                    made_at=now,
                    made_by="muster",
                    ends_at=now + settings.roster.changes.answer_within,
                    state=RequestState.PROPOSED,
                    event=reported.event,
                )
                number = made.request
            numbers.append(number)
            ways.append(
                RepairWay(
                    number=0 if number is None else number,
                    changes=tuple(person_change(c) for c in option.changes),
                    open_spans=tuple(
                        OpenSpan(queue=u.queue, start=u.start, end=u.end, missing=u.missing)
                        for u in option.uncovered
                    ),
                    paid_minutes=option.paid_minutes,
                    overtime_minutes=option.overtime_minutes,
                    probability=chances.after.get(id(option)),
                )
            )
        _put_card(uow, settings, person, reported, tuple(ways), numbers, now, chances.before)
        uow.commit()
    return Proposal(event=reported.event, result=result, numbers=tuple(numbers))


@dataclass(frozen=True, slots=True)
class _Chances:
    """P of the day's weakest peak: before anybody was missing, and after each option (by identity)."""

    before: float | None
    after: dict[int, float]


def _shown(result: RepairResult) -> tuple[RepairOption, ...]:
    """The best of each kind of way, then the next best, in their rank; and leaving the gap, always."""
    ways = [o for o in result.options if o.changes]
    first: dict[tuple[ChangeKind, ...], RepairOption] = {}
    for way in ways:
        first.setdefault(way.kinds, way)
    chosen = [*first.values(), *(w for w in ways if w not in first.values())][:SHOWN]
    return (*(w for w in ways if w in chosen), result.leave_gap)


def _chances(
    store: Store, settings: Settings, stands: Standing, result: RepairResult, reported: Reported
) -> _Chances:
    period = stands.version.roster.period
    with store.read() as uow:
        play = day_play(uow, settings, period, reported.day)
    now = Roster(period=period, assignments=stands.version.roster.assignments)
    kept = [
        a for a in now.assignments if not (a.agent == reported.agent and a.shift.date == reported.shift.date)
    ]
    before = Roster(
        period=period, assignments=(*kept, Assignment(agent=reported.agent, shift=reported.shift))
    )
    after: dict[int, float] = {}
    for option in _shown(result):
        chance = play.weakest(with_changes(now, option.changes))
        if chance is not None:
            after[id(option)] = chance
    return _Chances(before=play.weakest(before), after=after)


def leave_gap(store: Store, number: RequestId, *, by: str, now: datetime) -> None:
    """A lead changes nobody; the cards say so.  Raises RefusedError where it was decided already."""
    with store.unit() as uow:
        held = uow.requests.get(number, locked=True)
        if held is None or held.event is None or held.state is not RequestState.PROPOSED:
            raise RefusedError(
                "request_over",
                "It was decided already; nothing was changed.",
                variant="withdrawn" if held is None else held.state.value,
            )
        settle_cards(uow, held.event, None, by=by, now=now)
        uow.commit()


def _put_card(
    uow: UnitOfWork,
    settings: Settings,
    person: Agent,
    reported: Reported,
    ways: tuple[RepairWay, ...],
    numbers: list[RequestId | None],
    now: datetime,
    chance_before: float | None,
) -> None:
    first = next((n for n in numbers if n is not None), None)
    keys = []
    for reader in leads_of(uow, settings, person.team, now=now, but=(person.agent,)):
        key = f"{CARD}{reported.event}-{reader.kind.value}-{reader.name}"
        card = RepairProposed(
            absence=0 if first is None else first,
            agent=person.agent,
            day=reported.day,
            gone=shift_times(reported.shift),
            ways=ways,
            probability_before=chance_before,
        )
        uow.outbox.put(
            Outgoing(
                recipient=reader,
                message=card,
                dedupe_key=key,
                urgency=Urgency.ALERT,
                not_before=now,
                loud=True,
            ),
            now,
        )
        keys.append(key)
    for number in numbers:
        if number is not None:
            uow.requests.told(number, keys)


def _shift_of(uow: UnitOfWork, person: Agent, day: date | None, now: datetime) -> Shift:
    zone = ZoneInfo(person.zone)
    today = now.astimezone(zone).date()
    wanted = today if day is None else day
    if wanted < today:
        raise RefusedError("absence_past", "That day is past; nothing was changed.")
    found = [
        s
        for s in uow.rosters.shifts_of(person.agent, now, now + 62 * DAY)
        if s.end > now
        and (s.start.astimezone(zone).date() == wanted or (day is None and s.start <= now + SOON))
    ]
    if not found:
        raise RefusedError(
            "absence_no_shift",
            f"There is no shift of {person.agent} on {wanted.isoformat()}; nothing was changed.",
            day=wanted.isoformat(),
            agent=person.agent,
        )
    return found[0]


def _without(stands: Standing, agent: AgentId, shift: Shift, now: datetime) -> Trade:
    span = TimeSpan(start=max(now, shift.start), end=shift.end)
    (gone,) = without_absent(stands.task_with(Absence(agent=agent, span=span)))
    return Trade(agent=agent, gone=(shift,), come=() if gone.after is None else (gone.after,))
