"""Deliver the outbox: claim, call Slack, record the answer.  Nothing is lost, nothing is said twice.

A message is claimed and committed as SENDING before the call, and its outcome is committed after it.  A
crash between the two leaves it SENDING; when its lease ends it is looked up in Slack by its metadata and
marked sent, or sent again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.core.alert_messages import AlertCard, AlertNews, StormCard, StormNews
from bot.core.board_messages import GONE, BoardPost
from bot.core.delivery import LEASE, PACE, PATIENCE, Gate, after_failure, choose
from bot.core.escalation import last_resort
from bot.core.ids import AgentId, AlertId
from bot.core.message_codec import kind_of
from bot.core.messages import (
    DeliveryState,
    Message,
    OperatorNotice,
    OutboxMessage,
    Outgoing,
    Recipient,
    RecipientKind,
    StandUpDigest,
    Urgency,
)
from bot.core.on_duty import reachable
from bot.core.ports import Clock, DeliveryError, Destination, MessageSender, Sent
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store, UnitOfWork
from bot.usecases.on_the_floor import Present, complained_about
from bot.usecases.operator_notices import tell_operators

__all__ = ["DeliverResult", "tick"]

log = structlog.get_logger(__name__)

_INSTEAD = ":instead:"
_INSTEAD_OF = "instead"
"""Level of those who are told because the one meant could not be reached."""
_UNTIL_LINKED = timedelta(seconds=60)
_WAIT_FOR_EARLIER = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverResult:
    """``waiting``: attempts to be repeated.  ``next_due``: when to call again, None with nothing in line."""

    sent: int
    failed: int
    waiting: int
    next_due: datetime | None


def tick(
    store: Store,
    settings: Settings,
    sender: MessageSender,
    *,
    now: Clock,
    worker: str,
    limit: int = 20,
) -> DeliverResult:
    """Send at most ``limit`` messages, in the order of `bot.core.delivery`; returns when none may leave.

    ``worker`` must differ between processes and threads.  Any number of workers may run: a message is
    claimed by one, and they keep one pace per channel between them.
    """
    counts = dict.fromkeys(DeliveryState, 0)
    next_due: datetime | None = None
    for _ in range(limit):
        claimed, next_due = _claim(store, now(), worker)
        if claimed is None:
            break
        message, uncertain = claimed
        counts[_attempt(store, settings, sender, message, uncertain=uncertain, now=now, worker=worker)] += 1
    return DeliverResult(
        sent=counts[DeliveryState.SENT],
        failed=counts[DeliveryState.FAILED],
        waiting=counts[DeliveryState.WAITING] + counts[DeliveryState.SENDING],
        next_due=next_due,
    )


def _claim(
    store: Store, now: datetime, worker: str
) -> tuple[tuple[OutboxMessage, bool] | None, datetime | None]:
    with store.read() as uow:
        if not uow.outbox.anything_in_line():
            return None, None
    with store.unit() as uow:
        closed = uow.outbox.lock_line()
        choice = choose(
            uow.outbox.heads(now),
            busy_until=uow.outbox.busy_until(now),
            last_sent=uow.outbox.last_sent(now - PACE),
            closed_until=closed,
            now=now,
        )
        claimed = None
        if choice.message is not None:
            claimed = uow.outbox.claim(choice.message, worker=worker, now=now, lease=LEASE)
        next_due = choice.next_due
        if claimed is None:
            scheduled = uow.outbox.next_scheduled(now)
            next_due = min((t for t in (next_due, scheduled) if t is not None), default=None)
        uow.commit()
    return claimed, next_due


def _attempt(
    store: Store,
    settings: Settings,
    sender: MessageSender,
    message: OutboxMessage,
    *,
    uncertain: bool,
    now: Clock,
    worker: str,
) -> DeliveryState:
    """One claimed message to its outcome; returns the state it is left in."""
    outgoing = message.outgoing
    bound = log.bind(outbox_id=message.id, kind=kind_of(outgoing.message), attempt=message.attempts)
    try:
        with store.read() as uow:
            earlier = _earlier(uow, outgoing)
            if outgoing.edits is not None and uow.outbox.newer_edit(message):
                earlier = DeliveryState.DROPPED
            if not isinstance(earlier, DeliveryState):
                destination = _destination(uow, settings, outgoing, earlier)
        if isinstance(earlier, DeliveryState):
            return _without_earlier(store, message, earlier, now=now(), worker=worker)
        sent = _call(sender, message, destination, uncertain=uncertain)
    except DeliveryError as error:
        return _failed(store, settings, message, error, now=now(), worker=worker)
    except Exception as error:
        # An error of ours (rendering, say) must not stop the others; it may or may not have been sent.
        bound.exception("delivery_error")
        tries_left = message.attempts < PATIENCE
        failure = DeliveryError(type(error).__name__, temporary=tries_left, uncertain=tries_left)
        return _failed(store, settings, message, failure, now=now(), worker=worker)
    with store.unit() as uow:
        kept = uow.outbox.mark_sent(message, worker=worker, sent=sent, now=now())
        uow.commit()
    bound.info("message_sent" if kept else "message_sent_after_lease")
    return DeliveryState.SENT


def _call(
    sender: MessageSender, message: OutboxMessage, destination: Destination, *, uncertain: bool
) -> Sent:
    if uncertain:
        try:
            found = sender.find(message, destination)
        except DeliveryError as error:
            if error.code != "missing_scope" and (error.temporary or error.uncertain):
                # Not knowing is no reason to say it twice: look again later.
                raise DeliveryError(
                    error.code, temporary=True, uncertain=True, retry_after=error.retry_after
                ) from error
            # It cannot be looked up at all (a scope is missing): perhaps twice is better than perhaps never.
            log.warning("message_lookup_refused", outbox_id=message.id, code=error.code)
            found = None
        if found is not None:
            return found
    return sender.send(message, destination)


def _earlier(uow: ReadUnit, outgoing: Outgoing) -> Sent | DeliveryState | None:
    """The post to edit or answer under; its state where it has not been sent; None where none is named."""
    key = outgoing.edits or outgoing.thread_of
    if key is None:
        return None
    post = uow.outbox.by_key(key)
    if (
        post is not None
        and post.state is DeliveryState.SENT
        and post.channel is not None
        and post.ts is not None
    ):
        return Sent(channel=post.channel, ts=post.ts)
    if post is not None and post.state in (DeliveryState.WAITING, DeliveryState.SENDING):
        return DeliveryState.WAITING
    # It will never stand: an edit has nothing to edit, an answer becomes a post of its own.
    return DeliveryState.DROPPED if outgoing.edits is not None else None


def _without_earlier(
    store: Store, message: OutboxMessage, earlier: DeliveryState, *, now: datetime, worker: str
) -> DeliveryState:
    """The earlier post does not stand yet: wait for it.  It never will, or a newer edit says more: drop."""
    with store.unit() as uow:
        if earlier is DeliveryState.WAITING:
            uow.outbox.put_back(message, worker=worker, until=now + _WAIT_FOR_EARLIER)
        else:
            uow.outbox.mark_dropped(message, worker=worker, reason="nothing_to_edit")
        uow.commit()
    return earlier


def _destination(uow: ReadUnit, settings: Settings, outgoing: Outgoing, earlier: Sent | None) -> Destination:
    """Who reads it, in which language and zone.  Raises DeliveryError for a person Slack cannot reach."""
    recipient = outgoing.recipient
    locale, zone = settings.locale, settings.zone
    slack_user = None
    if recipient.kind is RecipientKind.CHANNEL:
        team = next((t for t in settings.teams.values() if t.team == recipient.team), None)
        if team is not None:
            locale, zone = team.locale, team.zone
    else:
        if recipient.kind is RecipientKind.AGENT:
            agent = uow.people.get(AgentId(recipient.name))
            waits = outgoing.urgency not in (Urgency.URGENT, Urgency.ALERT)
            if waits and agent is not None and not any(a.slack_user for a in uow.people.all()):
                # Slack was not reached since the agents came: nobody is linked, so nobody is missing.
                raise DeliveryError("nobody_linked_yet", temporary=True, retry_after=_UNTIL_LINKED)
            if agent is None or not reachable(agent):
                raise DeliveryError("user_not_linked", temporary=False)
        else:
            agent = uow.people.by_email(recipient.name)
        if agent is not None:
            slack_user, zone = agent.slack_user, agent.zone
            locale = uow.languages.of(agent.agent, slack_user) or agent.locale or locale
    return Destination(
        recipient=recipient,
        locale=locale,
        zone=zone,
        slack_user=slack_user,
        earlier=earlier if outgoing.edits is not None else None,
        thread=earlier if outgoing.edits is None else None,
    )


def _failed(
    store: Store,
    settings: Settings,
    message: OutboxMessage,
    error: DeliveryError,
    *,
    now: datetime,
    worker: str,
) -> DeliveryState:
    outcome = after_failure(error, attempts=message.attempts, now=now)
    outgoing = message.outgoing
    log.warning(
        "message_not_sent",
        outbox_id=message.id,
        kind=kind_of(outgoing.message),
        attempt=message.attempts,
        code=error.code,
        state=outcome.state.value,
    )
    with store.unit() as uow:
        if outcome.close_gate_until is not None:
            gate = Gate.POST if outgoing.edits is None else Gate.EDIT
            uow.outbox.close_gate(gate, outcome.close_gate_until)
        again = outcome.again_at
        if again is None:
            if uow.outbox.mark_failed(message, worker=worker, error=error.code):
                _tell_instead(uow, settings, outgoing, error, now)
        elif outcome.state is DeliveryState.SENDING:
            uow.outbox.look_up_later(message, worker=worker, until=again, error=error.code)
        else:
            uow.outbox.wait_again(message, worker=worker, until=again, error=error.code)
        uow.commit()
    return outcome.state


def _tell_instead(
    uow: UnitOfWork, settings: Settings, outgoing: Outgoing, error: DeliveryError, now: datetime
) -> None:
    """K8: operators learn what could not be delivered; alerts and the digest go to a person meanwhile.

    From a channel to the leads on duty, from a person to the chain's last resort; a notice about a notice
    is not made.
    """
    if isinstance(outgoing.message, OperatorNotice):
        return
    if isinstance(outgoing.message, BoardPost) and outgoing.edits is not None and error.code in GONE:
        return  # another post takes its place, or that one tells why not
    instead = _replacements(uow, settings, outgoing, now)
    for recipient in instead:
        base = outgoing.dedupe_key.partition(_INSTEAD)[0]
        key = f"{base}{_INSTEAD}{recipient.kind.value}:{recipient.name}"
        message = outgoing.message
        if isinstance(message, AlertCard | StormCard):
            message = replace(message, level=_INSTEAD_OF, mention=())
        again = replace(
            outgoing, recipient=recipient, message=message, dedupe_key=key, not_before=now, thread_of=None
        )
        uow.outbox.put(again, now)
    notice = OperatorNotice(
        code=error.code,
        subject=_shown(outgoing.recipient),
        detail=kind_of(outgoing.message),
        instead=tuple(_shown(recipient) for recipient in instead),
    )
    tell_operators(uow, settings, notice, now)


def _replacements(
    uow: UnitOfWork, settings: Settings, outgoing: Outgoing, now: datetime
) -> tuple[Recipient, ...]:
    message = outgoing.message
    alert = outgoing.loud and isinstance(message, AlertCard | AlertNews | StormCard | StormNews)
    if not alert and not isinstance(message, StandUpDigest):
        return ()
    team = next((t for t in settings.teams.values() if t.team == outgoing.recipient.team), None)
    if team is None:
        return ()
    resort = last_resort(settings.chains[team.escalation], team.team)
    if outgoing.recipient.kind is RecipientKind.CHANNEL:
        leads = Present(uow, settings, now).leads(team.team, _never(uow, message))
        if leads:
            return tuple(Recipient(kind=RecipientKind.AGENT, name=a, team=team.team) for a in leads)
        return (resort,)
    return () if outgoing.recipient == resort else (resort,)


def _never(uow: UnitOfWork, message: Message) -> str | None:
    """The agent a complaint names: never told of it, whoever else cannot be reached."""
    if not isinstance(message, AlertCard | AlertNews):
        return None
    held = uow.alerts.get(AlertId(message.alert))
    contact = None if held is None else uow.contacts.get(held.ref)
    return None if contact is None else complained_about(contact)


def _shown(recipient: Recipient) -> str:
    return f"#{recipient.name}" if recipient.kind is RecipientKind.CHANNEL else recipient.name
