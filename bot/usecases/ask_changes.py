"""Requests for other shifts: made, answered, withdrawn, run out; done once everybody agreed and rules allow.

Rules and cover are asked twice: when the request is made, and again when the last word is in, because the
roster may have changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.errors import NotAllowedError, NotFoundError, RefusedError
from bot.core.ids import AgentId, RosterId, TeamId
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.request_messages import ChangeEnded, PlanUnanswered
from bot.core.requests import Answer, Cause, Request, RequestId, RequestState
from bot.core.rosters import RosterStatus
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store, UnitOfWork
from bot.usecases.change_shifts import apply, keep_leave, leads_of, person_changes, whole_change
from bot.usecases.live_rosters import Standing, standing
from bot.usecases.repair_cards import settle_cards
from bot.usecases.request_posts import close_posts, inform_leads, put_questions, say_granted
from scheduler.labour.overtime import OvertimeEntry
from scheduler.requests.verdicts import Trade, Verdict, judge
from scheduler.roster.shifts import Shift

__all__ = [
    "BEFORE_THE_SHIFT",
    "PLANNED",
    "Outcome",
    "answer",
    "choose",
    "end_without_change",
    "expire",
    "request",
    "time_to_answer",
    "turn_down",
    "undo",
    "withdraw",
]

BEFORE_THE_SHIFT = timedelta(hours=1)
"""Answers count until so long before the first shift concerned."""
UNDO_WITHIN = timedelta(minutes=15)

PLANNED = frozenset({Cause.REPLANNED, Cause.PUBLISHED})
"""What a new version of the published roster asks."""
_BY_RULES = frozenset({Cause.SWAP, Cause.GIVE, Cause.CHAIN, Cause.GO_HOME, Cause.COACHING})
"""Exchanges that must leave nobody missing; what a lead proposes only has to be lawful."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A request as it stands after a step.  ``verdict``: of the last time rules were asked."""

    request: Request
    verdict: Verdict | None = None


def request(
    store: Store,
    settings: Settings,
    trades: tuple[Trade, ...],
    *,
    cause: Cause,
    asker: AgentId | None,
    asked: Iterable[str],
    by: str,
    now: datetime,
    month: OvertimeEntry | None = None,
) -> Outcome:
    """Ask everybody in ``asked`` for their word; with nobody to ask the change is made at once.

    ``month``: what law leaves of overtime to the one who is offered some.

    Raises RefusedError, with nothing kept, where rules (or, for exchanges, cover) forbid it, and where the
    first shift begins too soon for anybody to answer.
    """
    people = [AgentId(a) for a in asked]
    with store.unit() as uow:
        stands = _standing(uow, settings, trades, now)
        uow.rosters.lock(stands.version.roster_id)
        verdict = judge(stands.live, trades)
        _refuse(verdict, cause)
        ends_at = time_to_answer(settings, trades, people, now)
        if people and ends_at <= now:
            raise RefusedError(
                "request_too_late",
                "It would begin before anybody can answer; nobody was asked and nothing was changed. "
                "Ask directly.",
            )
        made = uow.requests.add(
            cause=cause,
            roster=stands.version.roster_id,
            asker=asker,
            trades=trades,
            answers=dict.fromkeys(people, Answer.WAITING),
            made_at=now,
            made_by=by,
            ends_at=ends_at,
        )
        if people:
            put_questions(uow, made, now, month)
        else:
            _make(uow, settings, made, verdict, by=by, now=now)
        uow.commit()
        held = uow.requests.get(made.request)
    assert held is not None
    return Outcome(request=held, verdict=verdict)


def choose(store: Store, settings: Settings, number: RequestId, *, by: str, now: datetime) -> Outcome:
    """A lead takes one of the ways proposed; the others of its event are withdrawn.

    Who has to agree is asked; with nobody to ask the change is made at once.  Raises RefusedError where it
    was decided already, or rules no longer allow it.
    """
    with store.unit() as uow:
        held = uow.requests.get(number, locked=True)
        if held is None:
            raise NotFoundError("no_request", "There is no such request (any more); nothing was changed.")
        if held.state is not RequestState.PROPOSED:
            raise RefusedError(
                "request_over",
                f"It was decided already ({held.state.value}); nothing was changed.",
                variant=held.state.value,
            )
        uow.rosters.lock(held.roster)
        _refuse_over(uow, settings, held, now)
        stands = _standing(uow, settings, held.trades, now)
        if stands.version.roster_id != held.roster or not _still_there(stands, held.trades):
            raise RefusedError(
                "roster_moved_on",
                "The shifts changed meanwhile; nothing was changed. Look again and ask anew.",
                agent=held.trades[0].agent,
            )
        verdict = judge(stands.live, held.trades)
        _refuse(verdict, held.cause, granted=held.was_referred)
        ends_at = time_to_answer(settings, held.trades, held.answers, now)
        uow.requests.choose(number, by=by, ends_at=ends_at)
        for other in uow.requests.of_event(held.event) if held.event is not None else ():
            if other.request != number:
                uow.requests.end(other.request, RequestState.WITHDRAWN, by=by, at=now)
        made = uow.requests.get(number)
        assert made is not None
        if made.answers:
            put_questions(uow, made, now)
            if made.was_referred:
                say_granted(uow, held, by=by, verdict=verdict, now=now)
            elif made.event is not None:
                settle_cards(uow, made.event, made, by=by, now=now)
        else:
            _make(uow, settings, made, verdict, by=by, now=now)
        uow.commit()
        done = uow.requests.get(number)
    assert done is not None
    return Outcome(request=done, verdict=verdict)


def turn_down(store: Store, settings: Settings, number: RequestId, *, by: str, now: datetime) -> Outcome:
    """A lead does not grant what was referred; the asker is told.

    Raises RefusedError where it was decided already.
    """
    with store.unit() as uow:
        held = _open(uow, number)
        if held.was_referred and not held.is_referred:
            raise RefusedError("request_over", "A lead granted it; nothing was changed.", variant="open")
        if not held.is_referred:
            raise NotAllowedError(
                "request_not_yours", "you were not asked; nothing was changed.", action="request.answer"
            )
        _refuse_over(uow, settings, held, now)
        end_without_change(uow, settings, held, RequestState.DECLINED, by=by, now=now)
        uow.commit()
        done = uow.requests.get(number)
    assert done is not None
    return Outcome(request=done)


def answer(
    store: Store, settings: Settings, number: RequestId, agent: AgentId, word: Answer, *, now: datetime
) -> Outcome:
    """One person's ``word``.  The last yes makes the change, after rules and cover were asked again.

    Raises RefusedError where it has ended, NotAllowedError where this person was not asked.
    """
    with store.unit() as uow:
        held = _open(uow, number)
        if agent not in held.answers or held.is_referred:
            raise NotAllowedError(
                "request_not_yours", "you were not asked; nothing was changed.", action="request.answer"
            )
        if now >= held.ends_at:
            end_without_change(uow, settings, held, RequestState.EXPIRED, by="muster", now=now)
            uow.commit()
            raise RefusedError(
                "request_over", "the time to answer is over; nothing was changed.", variant="expired"
            )
        uow.requests.answer(number, agent, word)
        after = uow.requests.get(number)
        assert after is not None
        verdict = None
        if word is not Answer.YES:
            end_without_change(uow, settings, after, RequestState.DECLINED, by=agent, now=now)
        elif after.is_agreed:
            verdict = _settle(uow, settings, after, by=agent, now=now)
        uow.commit()
        done = uow.requests.get(number)
    assert done is not None
    return Outcome(request=done, verdict=verdict)


def withdraw(
    store: Store, settings: Settings, number: RequestId, *, agent: AgentId | None, by: str, now: datetime
) -> Outcome:
    """Take a request back before it is decided.  Only its asker may, or whoever made it."""
    with store.unit() as uow:
        held = _open(uow, number)
        if by != held.made_by and (agent is None or agent != held.asker):
            raise NotAllowedError(
                "request_not_yours", "this request is somebody else's; nothing was changed.",
                action="request.withdraw",
            )  # fmt: skip
        end_without_change(uow, settings, held, RequestState.WITHDRAWN, by=by, now=now)
        uow.commit()
        done = uow.requests.get(number)
    assert done is not None
    return Outcome(request=done)


def undo(store: Store, number: RequestId, *, agent: AgentId, by: str, now: datetime) -> Outcome:
    """Turn an exchange back within a quarter of an hour, by any of those it changed; all are told.

    Raises RefusedError where it is too late, has been turned back, a shift has changed since, or the roster
    has been published anew.
    """
    with store.unit() as uow:
        held = uow.requests.get(number, locked=True)
        if held is None or agent not in held.people:
            raise NotFoundError("no_request", "There is no such change of yours; nothing was changed.")
        changes = uow.requests.changes_for(number)
        if held.state is not RequestState.DONE or any(c.cause is Cause.UNDONE for c in changes):
            raise RefusedError(
                "request_over",
                "that was not done, or was turned back; nothing was changed.",
                variant="undone",
            )
        if not changes or now - changes[0].at > UNDO_WITHIN:
            raise RefusedError(
                "exchange_undo_too_late",
                "It can be turned back for 15 minutes only; nothing was changed. Ask for a swap instead.",
                minutes=int(UNDO_WITHIN.total_seconds() // 60),
            )
        uow.rosters.lock(held.roster)
        version = uow.rosters.get(held.roster)
        if version is None or version.status is not RosterStatus.PUBLISHED:
            raise RefusedError(
                "exchange_undo_superseded",
                "The week was published anew since; nothing was changed. Ask for a swap instead.",
            )
        back = tuple(Trade(agent=t.agent, gone=t.come, come=t.gone, fit=t.fit) for t in held.trades)
        apply(uow, held.roster, back, cause=Cause.UNDONE, by=by, now=now, request=number)
        uow.commit()
    return Outcome(request=held)


def expire(store: Store, settings: Settings, *, now: datetime) -> int:
    """End requests nobody answered in time, and say so; returns how many messages were written."""
    with store.read() as look:
        if not look.requests.ended_by(now):
            return 0
    told = 0
    silent: dict[RosterId, list[Request]] = {}
    with store.unit() as uow:
        for number in uow.requests.ended_by(now):
            held = uow.requests.get(number, locked=True)
            if held is not None and held.cause in PLANNED and held.state is RequestState.OPEN:
                silent.setdefault(held.roster, []).append(held)
            if held is not None and (held.state is RequestState.OPEN or held.is_referred):
                state = _over_by_itself(uow, settings, held, now) or RequestState.EXPIRED
                told += end_without_change(uow, settings, held, state, by="muster", now=now)
        for requests in silent.values():
            told += _tell_of_plan(uow, settings, requests, declined=False, now=now)
        uow.commit()
    return told


def _over_by_itself(uow: ReadUnit, settings: Settings, held: Request, now: datetime) -> RequestState | None:
    """What has become of a referral before a lead decided: its shift changed, or its time is over."""
    if not held.is_referred:
        return None
    try:
        stands = _standing(uow, settings, held.trades, now)
        moved = stands.version.roster_id != held.roster or not _still_there(stands, held.trades)
    except (RefusedError, NotFoundError):
        moved = True
    if moved:
        return RequestState.OVERTAKEN
    return RequestState.EXPIRED if now >= held.ends_at else None


def _refuse_over(uow: UnitOfWork, settings: Settings, held: Request, now: datetime) -> None:
    """End a referral nobody can decide any more, for good, and raise RefusedError."""
    state = _over_by_itself(uow, settings, held, now)
    if state is None:
        return
    end_without_change(uow, settings, held, state, by="muster", now=now)
    uow.commit()
    raise RefusedError(
        "request_over", f"It has ended already ({state.value}); nothing was changed.", variant=state.value
    )


def time_to_answer(
    settings: Settings, trades: Iterable[Trade], asked: Collection[str], now: datetime
) -> datetime:
    """Until when answers count; not after ``now`` where the change has begun."""
    first = min(_takes_effect(trade) for trade in trades)
    ends_at = min(now + settings.roster.changes.answer_within, first - BEFORE_THE_SHIFT)
    if asked and ends_at <= now:
        # Under an hour: whoever is asked can still answer until it begins.
        ends_at = first
    return ends_at


def _takes_effect(trade: Trade) -> datetime:
    """The first moment at which somebody does something else than before."""
    edges = sorted({t for s in (*trade.gone, *trade.come) for x in s.segments for t in (x.start, x.end)})
    for at in edges:
        if _activity(trade.gone, at) != _activity(trade.come, at):
            return at
    return edges[0]


def _activity(shifts: Iterable[Shift], at: datetime) -> str | None:
    return next((x.activity for s in shifts for x in s.segments if x.start <= at < x.end), None)


def _standing(uow: ReadUnit, settings: Settings, trades: Iterable[Trade], now: datetime) -> Standing:
    days = sorted({s.date for t in trades for s in (*t.gone, *t.come)})
    stands = standing(uow, settings, days[0], now=now)
    if days[-1] not in stands.version.roster.period.dates:
        raise RefusedError(
            "two_rosters",
            "The shifts are on two rosters; nothing was changed. Swap within one roster.",
        )
    return stands


def _refuse(verdict: Verdict, cause: Cause, *, granted: bool = False) -> None:
    """Raise RefusedError for a broken rule, and for a gap unless a lead took it (``granted``)."""
    if verdict.violations:
        worst = verdict.violations[0]
        raise RefusedError(
            "breaks_rule",
            f"It would break {worst.code} for {worst.agent} on {worst.date}: {worst.amount:g}, allowed "
            f"{worst.limit:g}. Nothing was changed.",
            variant=worst.rule,
            rule=worst.code,
            agent=worst.agent,
            day=worst.date.isoformat(),
            amount=worst.amount,
            limit=worst.limit,
        )
    if verdict.opened and cause in _BY_RULES and not granted:
        gap = verdict.opened[0]
        raise RefusedError(
            "opens_gap",
            f"{gap.missing} more would be missing on {gap.queue} from {gap.start.isoformat()} to "
            f"{gap.end.isoformat()}. Nothing was changed.",
            queue=gap.queue,
            start=gap.start.isoformat(),
            end=gap.end.isoformat(),
            missing=gap.missing,
        )


def _open(uow: UnitOfWork, number: RequestId) -> Request:
    held = uow.requests.get(number, locked=True)
    if held is None:
        raise NotFoundError("no_request", "There is no such request (any more); nothing was changed.")
    if held.state is not RequestState.OPEN and not held.is_referred:
        raise RefusedError(
            "request_over",
            f"It has ended already ({held.state.value}); nothing was changed.",
            variant="filled" if _was_filled(held) else held.state.value,
        )
    return held


def _was_filled(held: Request) -> bool:
    return held.cause is Cause.OVERTIME and held.state is RequestState.OVERTAKEN


def _settle(uow: UnitOfWork, settings: Settings, held: Request, *, by: str, now: datetime) -> Verdict | None:
    """Everybody agreed: make the change if rules still allow it, else say that it came too late."""
    uow.rosters.lock(held.roster)
    if held.cause is Cause.PUBLISHED:
        # It stands already; the word only says that it was read.
        uow.requests.end(held.request, RequestState.DONE, by=by, at=now)
        close_posts(uow, held, RequestState.DONE, by=by, now=now)
        return None
    try:
        stands = _standing(uow, settings, held.trades, now)
        if stands.version.roster_id != held.roster or not _still_there(stands, held.trades):
            raise RefusedError("roster_moved_on", "the roster changed meanwhile", agent=by)
        verdict = judge(stands.live, held.trades)
        _refuse(verdict, held.cause, granted=held.was_referred)
        if _is_filled(stands, held):
            _end_filled(uow, held, now)
            return None
    except (RefusedError, NotFoundError):
        end_without_change(uow, settings, held, RequestState.OVERTAKEN, by="muster", now=now)
        return None
    _make(uow, settings, held, verdict, by=by, now=now)
    return verdict


def _still_there(stands: Standing, trades: Iterable[Trade]) -> bool:
    return all(s in stands.live.shifts.get(t.agent, ()) for t in trades for s in t.gone)


def _make(
    uow: UnitOfWork, settings: Settings, held: Request, verdict: Verdict, *, by: str, now: datetime
) -> None:
    uow.requests.end(held.request, RequestState.DONE, by=by, at=now)
    if held.cause is Cause.LEAVE and held.asker is not None:
        keep_leave(uow, held.asker, held.trade_of(held.asker))
    # Whoever was asked reads it where they were asked; the others are told.
    apply(
        uow, held.roster, held.trades, cause=held.cause, by=by, now=now, request=held.request,
        quiet=held.answers,
    )  # fmt: skip
    close_posts(uow, held, RequestState.DONE, by=by, now=now, verdict=verdict)
    done = uow.requests.get(held.request)
    if held.event is not None:
        settle_cards(uow, held.event, done, by=held.made_by, now=now)
    inform_leads(uow, settings, held, now)
    for offer in uow.requests.open_in(held.roster, {Cause.OVERTIME}):
        if _is_filled(_standing(uow, settings, offer.trades, now), offer):
            _end_filled(uow, offer, now)


def _is_filled(stands: Standing, held: Request) -> bool:
    """Whether hours were offered where nobody is missing any more (SCENARIOS A10)."""
    missed = any(stands.live.is_missed(t.agent, t.gone, t.come) for t in held.trades)
    return held.cause is Cause.OVERTIME and not missed


def _end_filled(uow: UnitOfWork, held: Request, now: datetime) -> None:
    """The offer is over and its card says since when; the leads know who filled it."""
    if uow.requests.end(held.request, RequestState.OVERTAKEN, by="muster", at=now):
        close_posts(uow, held, RequestState.OVERTAKEN, by="muster", now=now, filled=True)


def end_without_change(
    uow: UnitOfWork, settings: Settings, held: Request, state: RequestState, *, by: str, now: datetime
) -> int:
    """End without a change; questions are closed and the asker is told.  Returns the messages written."""
    if not uow.requests.end(held.request, state, by=by, at=now):
        return 0
    told = close_posts(uow, held, state, by=by, now=now)
    if state is RequestState.WITHDRAWN:
        return told
    if held.cause in PLANNED:
        if state is RequestState.DECLINED:
            told += _tell_of_plan(uow, settings, [held], declined=True, now=now)
        # Silence is told for everybody at once (`expire`); what a new version overtook is told by that.
        return told
    about = held.trades[0] if held.asker is None else held.trade_of(held.asker)
    assert about is not None
    for reader in _answered_to(uow, settings, held, now):
        told += uow.outbox.put(
            Outgoing(
                recipient=reader,
                message=ChangeEnded(
                    request=held.request,
                    cause=held.cause.value,
                    state=state.value,
                    by=by,
                    change=whole_change(about),
                ),
                dedupe_key=f"request-{held.request}-ended-{reader.kind.value}-{reader.name}",
                urgency=Urgency.NOTICE,
                not_before=now,
            ),
            now,
        )
    return told


def _tell_of_plan(
    uow: UnitOfWork, settings: Settings, requests: Sequence[Request], *, declined: bool, now: datetime
) -> int:
    """One note to each lead of who did not agree to, or confirm, changes of a published roster."""
    team_of = {a.agent: a.team for a in uow.people.all()}
    grouped: dict[tuple[TeamId, bool], list[Request]] = {}
    for held in requests:
        for team in {team_of[a] for a in held.people if a in team_of}:
            grouped.setdefault((team, held.cause is Cause.PUBLISHED), []).append(held)
    told = 0
    for (team, made), group in sorted(grouped.items()):
        changes = tuple(c for held in group for t in held.trades for c in person_changes(t))
        people = [a for held in group for a in held.people]
        for reader in leads_of(uow, settings, team, now=now, but=people):
            told += uow.outbox.put(
                Outgoing(
                    recipient=reader,
                    message=PlanUnanswered(declined=declined, made=made, changes=changes),
                    dedupe_key=f"request-{group[0].request}-plan-{reader.kind.value}-{reader.name}",
                    urgency=Urgency.NOTICE,
                    not_before=now,
                ),
                now,
            )
    return told


def _answered_to(uow: ReadUnit, settings: Settings, held: Request, now: datetime) -> tuple[Recipient, ...]:
    """Who waits for how it ends: the asker, or the leads where a lead asked."""
    if held.asker is not None:
        return (Recipient(kind=RecipientKind.AGENT, name=held.asker),)
    teams: set[TeamId] = {a.team for a in uow.people.all() if a.agent in held.people}
    return tuple(r for team in sorted(teams) for r in leads_of(uow, settings, team, now=now))
