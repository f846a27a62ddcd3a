"""Changing a published roster: shifts, the record of it, and a word to everybody concerned, in one unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from bot.core.availability import LeaveEntry
from bot.core.errors import RefusedError
from bot.core.ids import AgentId, RosterId, TeamId
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.on_duty import leads_on_duty, reachable
from bot.core.people import Agent, Role
from bot.core.request_messages import (
    OpenSpan,
    PauseMoved,
    PersonChange,
    ShiftsChanged,
    ShiftTimes,
    TalkChange,
)
from bot.core.requests import Cause, MadeChange, RequestId
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, UnitOfWork
from scheduler.repair.changes import Change, ChangeKind, kind_of
from scheduler.repair.live import Fit
from scheduler.requests.verdicts import Trade
from scheduler.roster.roster import UncoveredInterval
from scheduler.roster.shifts import BREAK, LUNCH, SessionKind, Shift

__all__ = [
    "apply",
    "keep_leave",
    "leads_of",
    "open_spans",
    "person_change",
    "person_changes",
    "shift_times",
    "team_leads",
    "trade_of",
    "whole_change",
]


def apply(
    uow: UnitOfWork,
    roster: RosterId,
    trades: Sequence[Trade],
    *,
    cause: Cause,
    by: str,
    now: datetime,
    request: RequestId | None = None,
    quiet: Iterable[str] = (),
) -> None:
    """Make trades part of the published roster, and tell everybody but ``quiet`` what changed for them.

    Raises RefusedError, with nothing changed, where somebody's shift is no longer what the trade takes.
    """
    silent = set(quiet)
    for trade in trades:
        agent = AgentId(trade.agent)
        if not uow.rosters.replace_shifts(roster, agent, trade.gone, trade.come):
            raise RefusedError(
                "roster_moved_on",
                f"The shifts of {agent} changed meanwhile; nothing was changed. Look again and ask anew.",
                agent=agent,
            )
        for day, before, after in _days(trade):
            uow.requests.add_change(
                MadeChange(
                    roster=roster,
                    agent=agent,
                    day=day,
                    before=before,
                    after=after,
                    cause=cause,
                    by=by,
                    at=now,
                    request=request,
                )
            )
        if agent not in silent:
            _tell(uow, agent, trade, cause, request, now)
    uow.audit.add(
        by,
        "roster.changed",
        f"roster:{roster}",
        {
            "cause": cause.value,
            "request": request,
            "agents": [t.agent for t in trades],
            "days": sorted({d.isoformat() for t in trades for d, _, _ in _days(t)}),
        },
        now,
    )


def _tell(
    uow: UnitOfWork,
    agent: AgentId,
    trade: Trade,
    cause: Cause,
    request: RequestId | None,
    now: datetime,
) -> None:
    changes = tuple(person_changes(trade))
    marks = "-".join(str(int(s.start.timestamp())) for s in (*trade.gone, *trade.come))
    uow.outbox.put(
        Outgoing(
            recipient=Recipient(kind=RecipientKind.AGENT, name=agent),
            message=ShiftsChanged(changes=changes, cause=cause.value, request=request),
            dedupe_key=f"shifts-{agent}-{marks}-{int(now.timestamp() * 1000)}",
            urgency=Urgency.NOTICE,
            not_before=now,
        ),
        now,
    )


def person_changes(trade: Trade) -> list[PersonChange]:
    """A trade day by day, as it is told."""
    found = []
    for _, before, after in _days(trade):
        found.append(
            PersonChange(
                agent=trade.agent,
                kind=kind_of(before, after).value,
                before=None if before is None else shift_times(before),
                after=None if after is None else shift_times(after),
                pauses=_pauses_moved(before, after),
                talk=_talk(before, after),
            )
        )
    return found


def _talk(before: Shift | None, after: Shift | None) -> TalkChange | None:
    """The one talk by which two shifts of the same hours differ."""
    if before is None or after is None or (before.start, before.end) != (after.start, after.end):
        return None
    old, new = (
        {(s.start, s.end) for s in shift.segments if s.activity == SessionKind.ONE_TO_ONE}
        for shift in (before, after)
    )
    if len(old ^ new) != 1:
        return None
    ((start, end),) = old ^ new
    return TalkChange(start=start, end=end, gone=(start, end) in old)


def _pauses_moved(before: Shift | None, after: Shift | None) -> tuple[PauseMoved, ...]:
    """The pauses that move, where nothing else of a shift does."""
    if before is None or after is None or kind_of(before, after) is not ChangeKind.MOVE_PAUSES:
        return ()
    old, new = ([s for s in shift.segments if s.activity in (LUNCH, BREAK)] for shift in (before, after))
    return tuple(
        PauseMoved(activity=a.activity, start=a.start, to=b.start)
        for a, b in zip(old, new, strict=True)
        if (a.activity, a.start) != (b.activity, b.start)
    )


def whole_change(trade: Trade) -> PersonChange:
    """A person's whole part of a change at once: what comes, what goes for it that day and on another."""
    after = trade.come[0] if trade.come else None
    same = next((s for s in trade.gone if after is None or s.date == after.date), None)
    dropped = next((s for s in trade.gone if s is not same), None)
    return PersonChange(
        agent=trade.agent,
        kind=kind_of(same, after, dropped).value,
        before=None if same is None else shift_times(same),
        after=None if after is None else shift_times(after),
        dropped=None if dropped is None else shift_times(dropped),
        pauses=() if dropped is not None else _pauses_moved(same, after),
    )


def person_change(change: Change) -> PersonChange:
    """One change of a repair, as it is told."""
    return PersonChange(
        agent=change.agent,
        kind=change.kind.value,
        before=None if change.before is None else shift_times(change.before),
        after=None if change.after is None else shift_times(change.after),
        dropped=None if change.dropped is None else shift_times(change.dropped),
        needs_consent=change.needs_consent,
        pauses=() if change.dropped is not None else _pauses_moved(change.before, change.after),
    )


def trade_of(change: Change) -> Trade:
    """A change of a repair as a trade of one person."""
    gone = tuple(s for s in (change.before, change.dropped) if s is not None)
    fits = {ChangeKind.LENGTHEN: Fit.LONGER, ChangeKind.SHORTEN: Fit.FREE}
    fit = fits.get(change.kind, Fit.TEMPLATE)
    return Trade(agent=change.agent, gone=gone, come=() if change.after is None else (change.after,), fit=fit)


def shift_times(shift: Shift) -> ShiftTimes:
    """What messages say about a shift; several queues are joined with commas."""
    return ShiftTimes(start=shift.start, end=shift.end, queue=", ".join(shift.queues))


def open_spans(found: Iterable[UncoveredInterval]) -> tuple[OpenSpan, ...]:
    """Who is missing where, as it is told."""
    return tuple(OpenSpan(queue=u.queue, start=u.start, end=u.end, missing=u.missing) for u in found)


def keep_leave(uow: UnitOfWork, agent: AgentId, trade: Trade | None, kind: str = "leave") -> None:
    """Days on which a trade leaves the agent no shift are leave from now on: nothing plans over them."""
    if trade is None:
        return
    uow.people.save_leave(
        [
            LeaveEntry(agent=agent, first=day, last=day, kind=kind)
            for day, _, after in _days(trade)
            if after is None
        ]
    )


def leads_of(
    uow: ReadUnit, settings: Settings, team: TeamId, *, now: datetime, but: Iterable[str] = ()
) -> tuple[Recipient, ...]:
    """Leads of a team: those on duty, else all who can be reached, else the last resort."""
    found = team_leads(uow, settings, team, now=now, but=but)
    if found:
        return found
    resort = settings.chains[settings.teams[team].escalation].last_resort
    return (Recipient(kind=RecipientKind.EMAIL, name=resort, team=team),)


def team_leads(
    uow: ReadUnit, settings: Settings, team: TeamId, *, now: datetime, but: Iterable[str] = ()
) -> tuple[Recipient, ...]:
    """Leads of a team who can be reached: those on duty, else all; empty where there is none."""
    agents = {a.agent: a for a in uow.people.all()}
    left_out = set(but)
    on_duty = leads_on_duty(uow.rosters.on_shift(now), agents, team=team, roles=settings.roles)
    found = [a for a in on_duty if a not in left_out]
    if not found:
        found = [a.agent for a in agents.values() if _leads(a, team, settings) and a.agent not in left_out]
    return tuple(Recipient(kind=RecipientKind.AGENT, name=name, team=team) for name in sorted(found))


def _leads(agent: Agent, team: TeamId, settings: Settings) -> bool:
    role = settings.roles.role_of(agent.email, agent.role)
    return agent.team == team and reachable(agent) and role is not Role.AGENT


def _days(trade: Trade) -> list[tuple[date, Shift | None, Shift | None]]:
    """(day, before, after) of every day a trade changes, in order."""
    gone = {s.date: s for s in trade.gone}
    come = {s.date: s for s in trade.come}
    return [(day, gone.get(day), come.get(day)) for day in sorted(gone.keys() | come.keys())]
