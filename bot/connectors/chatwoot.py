"""Chatwoot: account webhooks about conversations and messages.

Signed since 4.13: ``X-Chatwoot-Signature: sha256=`` and the hexadecimal HMAC-SHA256 over timestamp, a full
stop and the body.  Older versions sign nothing: the operator puts the secret into the webhook's address as
``?token=``.

Status "pending" is Chatwoot's word for a conversation a bot still holds: the team's clocks wait meanwhile,
and what is said there is not the team's.

Vendor's page: https://www.chatwoot.com/hc/user-guide/articles/1677693021-how-to-use-webhooks
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot.connectors.case import Case, Person
from bot.connectors.connector import Delivery, Fault, LeftOut, Reading
from bot.connectors.payloads import (
    Flag,
    Labels,
    Payload,
    VendorId,
    VendorTime,
    VendorWord,
    digest,
    understood,
)
from bot.connectors.signatures import hmac_digest, same, stale, unix_time
from bot.core.connector_settings import ConnectorSettings
from bot.core.contacts import EventKind, WaitingFor
from bot.core.ids import AgentId
from bot.core.queues import Channel

TITLE: Final = "Chatwoot"
DOCUMENTATION: Final = "https://www.chatwoot.com/hc/user-guide/articles/1677693021-how-to-use-webhooks"

_PAUSED: Final = frozenset({"pending", "snoozed"})
_MESSAGE_TYPES: Final = {"0": "incoming", "1": "outgoing", "2": "activity", "3": "template"}
_CHANNELS: Final = {
    "channel::webwidget": Channel.CHAT,
    "channel::api": Channel.CHAT,
    "channel::email": Channel.EMAIL,
    "channel::voice": Channel.PHONE,
    "channel::facebookpage": Channel.SOCIAL,
    "channel::instagram": Channel.SOCIAL,
    "channel::twitterprofile": Channel.SOCIAL,
    "channel::whatsapp": Channel.SOCIAL,
    "channel::telegram": Channel.SOCIAL,
    "channel::line": Channel.SOCIAL,
    "channel::sms": Channel.SOCIAL,
    "channel::twiliosms": Channel.SOCIAL,
}


class _Named(Payload):
    id: VendorWord = None
    name: VendorWord = None
    type: VendorWord = None
    email: VendorWord = None


class _Meta(Payload):
    assignee: _Named | None = None
    team: _Named | None = None


class _Change(Payload):
    previous_value: VendorWord = None
    current_value: VendorWord = None


class _Changes(Payload):
    status: _Change | None = None
    priority: _Change | None = None
    assignee_id: _Change | None = None
    team_id: _Change | None = None
    label_list: object = None


class _Conversation(Payload):
    id: VendorId
    status: VendorWord = None
    inbox_id: VendorWord = None
    channel: VendorWord = None
    labels: Labels = ()
    priority: VendorWord = None
    meta: _Meta = _Meta()
    created_at: VendorTime | None = None
    updated_at: VendorTime | None = None
    timestamp: VendorTime | None = None
    changed_attributes: tuple[_Changes, ...] | None = None

    @property
    def moved_at(self) -> datetime | None:
        return self.updated_at or self.timestamp


class _Message(Payload):
    id: VendorId
    created_at: VendorTime
    message_type: VendorWord = None
    private: Flag = None
    sender: _Named | None = None
    inbox: _Named | None = None
    conversation: _Conversation


class _Created(_Conversation):
    created_at: VendorTime


class _Event(Payload):
    event: VendorWord


def verify(delivery: Delivery, secret: str, now: datetime) -> Fault | None:
    """X-Chatwoot-Signature with X-Chatwoot-Timestamp; without them the token of the address."""
    signature = delivery.headers.get("x-chatwoot-signature")
    if signature is None:
        return same(delivery.token, secret)
    timestamp = delivery.headers.get("x-chatwoot-timestamp", "")
    expected = hmac_digest(secret, f"{timestamp}.".encode() + delivery.body, "sha256").hex()
    return same(signature, f"sha256={expected}") or stale(unix_time(timestamp), now)


def events(payload: object, settings: ConnectorSettings, agents: Mapping[str, AgentId]) -> Reading:
    """Conversations created, changed and resolved, and messages of both sides."""
    name = understood(_Event, payload).event
    if name == "conversation_created":
        return _created(understood(_Created, payload), settings, agents)
    if name == "message_created":
        return _message(understood(_Message, payload), settings, agents)
    if name in {"conversation_status_changed", "conversation_updated"}:
        return _changed(understood(_Conversation, payload), name, settings, agents)
    return Reading(left_out=(LeftOut.EVENT,))


def _created(told: _Created, settings: ConnectorSettings, agents: Mapping[str, AgentId]) -> Reading:
    case = _case(told, settings, agents)
    case.opened(told.created_at, digest(told.id, "opened"), _assignee(told))
    if told.status == "pending":
        case.happened(
            EventKind.PENDING, told.created_at, digest(told.id, "with bot"), waiting_for=WaitingFor.CUSTOMER
        )
    return case.reading(told.created_at)


def _message(told: _Message, settings: ConnectorSettings, agents: Mapping[str, AgentId]) -> Reading:
    case = _case(told.conversation, settings, agents)
    word = told.message_type or ""
    direction = _MESSAGE_TYPES.get(word, word)
    sender = told.sender or _Named()
    event_id = digest(told.conversation.id, "message", told.id)
    if told.private:
        case.leave_out(LeftOut.INTERNAL)
    elif direction not in {"incoming", "outgoing"} or told.conversation.status == "pending":
        case.leave_out(LeftOut.AUTOMATIC)
    elif direction == "incoming":
        case.happened(EventKind.CUSTOMER_REPLIED, told.created_at, event_id)
    elif sender.type == "user":
        person = Person(email=sender.email, number=sender.id)
        case.happened(EventKind.RESPONDED, told.created_at, event_id, person=person)
    else:
        case.leave_out(LeftOut.AUTOMATIC)
    return case.reading(told.created_at)


def _changed(
    told: _Conversation, name: str, settings: ConnectorSettings, agents: Mapping[str, AgentId]
) -> Reading:
    at = told.moved_at
    if at is None:
        return Reading(left_out=(LeftOut.UNCHANGED,))
    case = _case(told, settings, agents)
    for change in told.changed_attributes or ():
        # The status is told by both events; one of them is enough.
        if change.status is not None and name == "conversation_status_changed":
            _status(case, told, change.status, at)
        if name == "conversation_status_changed":
            continue
        if change.priority is not None:
            case.happened(EventKind.PRIORITY_CHANGED, at, digest(told.id, at, "priority", told.priority))
        if change.assignee_id is not None:
            event_id = digest(told.id, at, "assigned", change.assignee_id.current_value)
            case.happened(EventKind.ASSIGNED, at, event_id, person=_assignee(told))
        if change.team_id is not None or change.label_list is not None:
            case.moved(at, digest(told.id, at, "moved"))
    reading = case.reading(at)
    if not reading.events and not reading.left_out:
        return Reading(left_out=(LeftOut.UNCHANGED,), at=at)
    return reading


def _status(case: Case, told: _Conversation, change: _Change, at: datetime) -> None:
    before, after = change.previous_value, change.current_value or told.status
    event_id = digest(told.id, at, "status", after)
    if after == "resolved":
        case.happened(EventKind.RESOLVED, at, event_id, person=_assignee(told))
    elif after in _PAUSED and before not in _PAUSED:
        first = EventKind.REOPENED if before == "resolved" else None
        case.paused(at, event_id, WaitingFor.CUSTOMER, after=first)
    elif after == "open" and before == "resolved":
        case.happened(EventKind.REOPENED, at, event_id)
    elif after == "open" and before in _PAUSED:
        case.happened(EventKind.RESUMED, at, event_id)
    else:
        case.leave_out(LeftOut.UNCHANGED)


def _case(told: _Conversation, settings: ConnectorSettings, agents: Mapping[str, AgentId]) -> Case:
    team = told.meta.team or _Named()
    return Case(
        source="chatwoot",
        number=told.id,
        settings=settings,
        agents=agents,
        places=(
            team.name,
            team.id and f"team {team.id}",
            told.inbox_id and f"inbox {told.inbox_id}",
            *told.labels,
        ),
        words=told.labels,
        priority=told.priority,
        channel=_CHANNELS.get((told.channel or "").lower()),
    )


def _assignee(told: _Conversation) -> Person | None:
    assignee = told.meta.assignee
    return None if assignee is None else Person(email=assignee.email, number=assignee.id)
