"""Intercom: notifications about conversations.

Signed: ``X-Hub-Signature: sha1=`` and the hexadecimal HMAC-SHA1 of the body with the app's client secret.
The signature is not dated, but the notification inside it is, and has an id.

Vendor's pages: https://developers.intercom.com/docs/webhooks and
https://developers.intercom.com/docs/references/webhooks/webhook-models
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from bot.connectors.case import Case, Person
from bot.connectors.connector import Delivery, Fault, LeftOut, PayloadError, Reading
from bot.connectors.payloads import Labels, Payload, VendorId, VendorTime, VendorWord, understood
from bot.connectors.signatures import hmac_digest, same, stale
from bot.core.connector_settings import ConnectorSettings
from bot.core.contacts import EventKind, WaitingFor
from bot.core.ids import AgentId
from bot.core.queues import Channel

TITLE: Final = "Intercom"
DOCUMENTATION: Final = "https://developers.intercom.com/docs/references/webhooks/webhook-models"

WINDOW: Final = timedelta(days=1)
"""A notification is repeated for hours after a failure, dated as the first one was."""

_KINDS: Final = {
    "conversation.user.created": EventKind.OPENED,
    "conversation.user.replied": EventKind.CUSTOMER_REPLIED,
    "conversation.admin.replied": EventKind.RESPONDED,
    "conversation.admin.assigned": EventKind.ASSIGNED,
    "conversation.admin.closed": EventKind.RESOLVED,
    "conversation.admin.opened": EventKind.REOPENED,
    "conversation.admin.snoozed": EventKind.PENDING,
    "conversation.admin.unsnoozed": EventKind.RESUMED,
    "conversation.priority.updated": EventKind.PRIORITY_CHANGED,
}
_PRIORITIES: Final = {"priority": "high", "not_priority": "medium"}
_CHANNELS: Final = {
    "conversation": Channel.CHAT,
    "email": Channel.EMAIL,
    "phone_call": Channel.PHONE,
    "facebook": Channel.SOCIAL,
    "instagram": Channel.SOCIAL,
    "twitter": Channel.SOCIAL,
    "whatsapp": Channel.SOCIAL,
}


class _Human(Payload):
    type: VendorWord = None
    id: VendorWord = None
    email: VendorWord = None


class _Tag(Payload):
    name: VendorWord = None


class _Tags(Payload):
    tags: tuple[_Tag, ...] = ()


class _Part(Payload):
    created_at: VendorTime | None = None
    author: _Human | None = None
    assigned_to: _Human | None = None


class _Parts(Payload):
    conversation_parts: tuple[_Part, ...] = ()


class _Origin(Payload):
    type: VendorWord = None


class _Conversation(Payload):
    id: VendorId
    created_at: VendorTime | None = None
    assignee: _Human | None = None
    admin_assignee_id: VendorWord = None
    team_assignee_id: VendorWord = None
    priority: VendorWord = None
    tags: _Tags | Labels | None = None
    source: _Origin | None = None
    conversation_parts: _Parts | None = None


class _Data(Payload):
    item: _Conversation


class _Topic(Payload):
    topic: VendorWord
    created_at: VendorTime | None = None


class _Notification(Payload):
    id: VendorId
    created_at: VendorTime
    data: _Data


def verify(delivery: Delivery, secret: str, now: datetime) -> Fault | None:
    """X-Hub-Signature over the body, and the date of the notification in it."""
    expected = f"sha1={hmac_digest(secret, delivery.body, 'sha1').hex()}"
    fault = same(delivery.headers.get("x-hub-signature"), expected)
    if fault is not None:
        return fault
    try:
        told = understood(_Topic, json.loads(delivery.body))
    except (PayloadError, ValueError, RecursionError):
        return None  # genuine; what it says is judged where it is read
    return None if told.created_at is None else stale(told.created_at, now, WINDOW)


def events(payload: object, settings: ConnectorSettings, agents: Mapping[str, AgentId]) -> Reading:
    """Beginning, replies, assignment, closing, snoozing and priority of a conversation."""
    topic = understood(_Topic, payload)
    kind = _KINDS.get(topic.topic or "")
    if kind is None:
        return Reading(left_out=(LeftOut.EVENT,), at=topic.created_at)
    told = understood(_Notification, payload)
    item = told.data.item
    parts = () if item.conversation_parts is None else item.conversation_parts.conversation_parts
    part = parts[-1] if parts else _Part()
    case = _case(item, settings, agents)
    if kind is EventKind.OPENED:
        case.opened(item.created_at or told.created_at, told.id, _assignee(item, _Part()))
        return case.reading(told.created_at)
    person = _assignee(item, part) if kind is EventKind.ASSIGNED else _author(part)
    case.happened(
        kind,
        part.created_at or told.created_at,
        told.id,
        person=person,
        waiting_for=WaitingFor.CUSTOMER if kind is EventKind.PENDING else None,
    )
    if kind is EventKind.ASSIGNED and item.team_assignee_id is not None:
        case.moved(part.created_at or told.created_at, f"{told.id}:moved")
    return case.reading(told.created_at)


def _case(item: _Conversation, settings: ConnectorSettings, agents: Mapping[str, AgentId]) -> Case:
    tags = (
        tuple(tag.name for tag in item.tags.tags) if isinstance(item.tags, _Tags) else tuple(item.tags or ())
    )
    team = item.assignee.id if item.assignee is not None and item.assignee.type == "team" else None
    return Case(
        source="intercom",
        number=item.id,
        settings=settings,
        agents=agents,
        places=(item.team_assignee_id, team, *tags),
        words=tags,
        priority=_PRIORITIES.get((item.priority or "").lower(), item.priority),
        channel=_CHANNELS.get(((item.source and item.source.type) or "").lower()),
    )


def _assignee(item: _Conversation, part: _Part) -> Person:
    """Whom the part names, else the conversation; the address stands in either."""
    told = [h for h in (part.assigned_to, item.assignee) if h is not None and h.type == "admin"]
    number = next((h.id for h in told if h.id is not None), item.admin_assignee_id)
    return Person(number=number, email=next((h.email for h in told if h.email and h.id == number), None))


def _author(part: _Part) -> Person | None:
    """The author, if a colleague: a customer's address is not even compared."""
    if part.author is None or part.author.type != "admin":
        return None
    return Person(email=part.author.email, number=part.author.id)
