"""What is written about a request: questions to those it needs, their closing, a note to the leads."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.core.ids import TeamId
from bot.core.messages import DeliveryState, Outgoing, Recipient, RecipientKind, RosterPublished, Urgency
from bot.core.request_messages import (
    ChangeAsked,
    ChangeEnded,
    ExchangeMade,
    ReferralDecided,
    RequestReferred,
)
from bot.core.requests import Cause, Request, RequestState
from bot.core.settings import Settings
from bot.store.unit_of_work import UnitOfWork
from bot.usecases.change_shifts import leads_of, open_spans, person_changes, whole_change
from scheduler.labour.overtime import OvertimeEntry
from scheduler.requests.verdicts import Verdict

__all__ = ["close_posts", "inform_leads", "put_questions", "say_granted"]


def put_questions(uow: UnitOfWork, made: Request, now: datetime, month: OvertimeEntry | None = None) -> None:
    """Ask everybody whose word is needed, each about their own part.  ``month``: as `request` takes it."""
    keys = []
    for agent in made.answers:
        trade = made.trade_of(agent)
        assert trade is not None
        key = f"request-{made.request}-ask-{agent}"
        message = ChangeAsked(
            request=made.request,
            cause=made.cause.value,
            change=whole_change(trade),
            ends_at=made.ends_at,
            asker=made.asker,
            others=len(made.answers) - 1,
            granted=made.was_referred,
            hours_left=None if month is None else month.left,
            hours_limit=None if month is None else month.limit,
        )
        uow.outbox.put(
            Outgoing(
                recipient=Recipient(kind=RecipientKind.AGENT, name=agent),
                message=message,
                dedupe_key=key,
                urgency=Urgency.NOTICE,
                not_before=now,
                loud=True,
            ),
            now,
        )
        keys.append(key)
    uow.requests.told(made.request, keys)


def say_granted(uow: UnitOfWork, held: Request, *, by: str, verdict: Verdict, now: datetime) -> None:
    """The leads' cards say who granted it, and that the others are asked now."""
    for key in held.posts:
        post = uow.outbox.by_key(key)
        if post is not None and isinstance(post.outgoing.message, RequestReferred):
            uow.outbox.put(
                Outgoing(
                    recipient=post.outgoing.recipient,
                    message=_over(held, post.outgoing.message, RequestState.OPEN, by, verdict),
                    dedupe_key=f"{key}:granted",
                    urgency=Urgency.NOTICE,
                    not_before=now,
                    edits=key,
                ),
                now,
            )


def close_posts(
    uow: UnitOfWork,
    held: Request,
    state: RequestState,
    *,
    by: str,
    now: datetime,
    verdict: Verdict | None = None,
    filled: bool = False,
) -> int:
    """Every question says how it ended; those not sent yet are dropped.

    ``filled``: nobody is missing any more where hours were offered.
    """
    told = 0
    current = uow.requests.get(held.request)
    for key in () if current is None else current.posts:
        post = uow.outbox.by_key(key)
        if post is None or post.state in (DeliveryState.FAILED, DeliveryState.DROPPED):
            continue
        asked = post.outgoing.message
        if not isinstance(asked, ChangeAsked | RequestReferred | RosterPublished):
            # The leads' card is settled by itself (`settle_cards`).
            continue
        if post.state is DeliveryState.WAITING and not post.attempts and state is not RequestState.DONE:
            uow.outbox.drop_all([post.id])
            dropped = uow.outbox.by_key(key)
            if dropped is not None and dropped.state is DeliveryState.DROPPED:
                continue
        told += uow.outbox.put(
            Outgoing(
                recipient=post.outgoing.recipient,
                message=_over(held, asked, state, by, verdict, filled_at=now if filled else None),
                dedupe_key=f"{key}:over",
                urgency=Urgency.NOTICE,
                not_before=now,
                edits=key,
            ),
            now,
        )
    return told


def _over(
    held: Request,
    asked: ChangeAsked | RequestReferred | RosterPublished,
    state: RequestState,
    by: str,
    verdict: Verdict | None,
    *,
    filled_at: datetime | None = None,
) -> ChangeEnded | ReferralDecided | RosterPublished:
    """What stands in the place of a question then."""
    if isinstance(asked, RosterPublished):
        return replace(asked, state=state.value)
    if isinstance(asked, RequestReferred):
        return ReferralDecided(
            request=held.request,
            agent=asked.agent,
            change=asked.change,
            state=state.value,
            by=by,
            open_spans=None if verdict is None else open_spans(verdict.opened),
            others=asked.others,
        )
    return ChangeEnded(
        request=held.request,
        cause=held.cause.value,
        state=state.value,
        by=by,
        change=asked.change,
        filled_at=filled_at,
    )


def inform_leads(uow: UnitOfWork, settings: Settings, held: Request, now: datetime) -> None:
    """L11: one note to the leads of each team concerned; none where a card of theirs says so already.

    A talk is between two people: nobody else is told of it (TI7).
    """
    if held.event is not None or held.cause in (Cause.COACHING, Cause.COACHING_OFF):
        return
    teams: set[TeamId] = {a.team for a in uow.people.all() if a.agent in held.people}
    changes = tuple(c for t in held.trades for c in person_changes(t))
    for team in sorted(teams):
        for reader in leads_of(uow, settings, team, now=now, but=held.people):
            uow.outbox.put(
                Outgoing(
                    recipient=reader,
                    message=ExchangeMade(cause=held.cause.value, changes=changes, request=held.request),
                    dedupe_key=f"request-{held.request}-made-{reader.kind.value}-{reader.name}",
                    urgency=Urgency.DIGEST,
                    not_before=now,
                ),
                now,
            )
