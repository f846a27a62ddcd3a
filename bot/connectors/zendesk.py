"""Zendesk: webhooks that subscribe to ticket events, and webhooks that triggers call.

Signed: base64 of HMAC-SHA256 over timestamp and body.  Subscriptions carry ids of groups, brands and agents
and an id per event; what triggers send is written by the operator (`bot.connectors.rule_made`).

Vendor's pages: https://developer.zendesk.com/documentation/webhooks/verifying/ and
https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot.connectors.case import NEXT, Case, Person
from bot.connectors.connector import Delivery, Fault, LeftOut, Reading
from bot.connectors.payloads import Flag, Labels, Payload, VendorId, VendorTime, VendorWord, understood
from bot.connectors.rule_made import rule_made
from bot.connectors.signatures import hmac_digest, same, stale
from bot.core.connector_settings import ConnectorSettings
from bot.core.contacts import EventKind, WaitingFor
from bot.core.ids import AgentId
from bot.core.queues import Channel

TITLE: Final = "Zendesk"
DOCUMENTATION: Final = "https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events"

_PREFIX: Final = "zen:event-type:"
_WAITING: Final = {"pending": WaitingFor.CUSTOMER, "hold": WaitingFor.DEPARTMENT}
_SOLVED: Final = frozenset({"solved", "closed"})
_CHANNELS: Final = {
    "email": Channel.EMAIL,
    "web": Channel.WEB,
    "web form": Channel.WEB,
    "web_form": Channel.WEB,
    "mobile": Channel.APP,
    "mobile_sdk": Channel.APP,
    "chat": Channel.CHAT,
    "native_messaging": Channel.CHAT,
    "voice": Channel.PHONE,
    "phone": Channel.PHONE,
    "facebook": Channel.SOCIAL,
    "twitter": Channel.SOCIAL,
    "whatsapp": Channel.SOCIAL,
    "instagram_dm": Channel.SOCIAL,
    "line": Channel.SOCIAL,
    "wechat": Channel.SOCIAL,
}


class _Via(Payload):
    channel: VendorWord = None


class _Detail(Payload):
    id: VendorId
    created_at: VendorTime | None = None
    group_id: VendorWord = None
    brand_id: VendorWord = None
    assignee_id: VendorWord = None
    type: VendorWord = None
    priority: VendorWord = None
    tags: Labels = ()
    via: _Via | None = None


class _Author(Payload):
    id: VendorWord = None
    is_staff: Flag = None


class _Comment(Payload):
    is_public: Flag = None
    author: _Author = _Author()


class _CommentEvent(Payload):
    comment: _Comment


class _Change(Payload):
    current: VendorWord = None
    previous: VendorWord = None


class _Type(Payload):
    type: VendorWord = None


class _Envelope(Payload):
    type: str
    id: VendorId
    time: VendorTime
    detail: _Detail


class _Changed(_Envelope):
    event: _Change


class _Commented(_Envelope):
    event: _CommentEvent


def verify(delivery: Delivery, secret: str, now: datetime) -> Fault | None:
    """X-Zendesk-Webhook-Signature over X-Zendesk-Webhook-Signature-Timestamp and the body."""
    timestamp = delivery.headers.get("x-zendesk-webhook-signature-timestamp", "")
    expected = base64.b64encode(hmac_digest(secret, timestamp.encode() + delivery.body, "sha256")).decode()
    fault = same(delivery.headers.get("x-zendesk-webhook-signature"), expected)
    return fault or stale(_signed_at(timestamp), now)


def events(payload: object, settings: ConnectorSettings, agents: Mapping[str, AgentId]) -> Reading:
    """Creation, status, comments, assignment, priority, group and tags of a ticket."""
    kind = understood(_Type, payload).type
    if kind is None:
        return rule_made(payload, source="zendesk", settings=settings, agents=agents, channels=_CHANNELS)
    name = kind.removeprefix(_PREFIX + "ticket.")
    read = {
        "created": _created,
        "status_changed": _status_changed,
        "comment_added": _comment_added,
        "agent_assignment_changed": _assigned,
        "priority_changed": _priority_changed,
        "group_assignment_changed": _regrouped,
        "tags_changed": _moved,
        "type_changed": _moved,
    }.get(name)
    if read is None or name == kind:
        return Reading(left_out=(LeftOut.EVENT,))
    return read(payload, settings, agents)


def _created(payload: object, settings: ConnectorSettings, agents: Mapping[str, AgentId]) -> Reading:
    told = understood(_Envelope, payload)
    case = _case(told, settings, agents)
    person = Person(number=told.detail.assignee_id)
    case.opened(told.detail.created_at or told.time, told.id, person)
    return case.reading(told.time)


def _status_changed(payload: object, settings: ConnectorSettings, agents: Mapping[str, AgentId]) -> Reading:
    told = understood(_Changed, payload)
    case = _case(told, settings, agents)
    before, after = (told.event.previous or "").lower(), (told.event.current or "").lower()
    person = Person(number=told.detail.assignee_id)
    if after in _WAITING:
        first = EventKind.REOPENED if before in _SOLVED else None
        if before in _WAITING:
            first = EventKind.RESUMED
        case.paused(told.time, told.id, _WAITING[after], after=first)
    elif after in _SOLVED:
        at = told.time
        if before not in _SOLVED:
            case.happened(EventKind.RESOLVED, at, told.id, person=person)
            at += NEXT
        if after == "closed":
            case.happened(EventKind.ARCHIVED, at, f"{told.id}:archived")
    elif after in {"open", "new"} and before in _WAITING:
        case.happened(EventKind.RESUMED, told.time, told.id)
    elif after in {"open", "new"} and before in _SOLVED:
        case.happened(EventKind.REOPENED, told.time, told.id)
    else:
        case.leave_out(LeftOut.UNCHANGED)
    return case.reading(told.time)


def _comment_added(payload: object, settings: ConnectorSettings, agents: Mapping[str, AgentId]) -> Reading:
    told = understood(_Commented, payload)
    case = _case(told, settings, agents)
    comment = told.event.comment
    if not comment.is_public:
        case.leave_out(LeftOut.INTERNAL)
    elif comment.author.is_staff:
        case.happened(EventKind.RESPONDED, told.time, told.id, person=Person(number=comment.author.id))
    else:
        case.happened(EventKind.CUSTOMER_REPLIED, told.time, told.id)
    return case.reading(told.time)


def _assigned(payload: object, settings: ConnectorSettings, agents: Mapping[str, AgentId]) -> Reading:
    told = understood(_Changed, payload)
    case = _case(told, settings, agents)
    case.happened(EventKind.ASSIGNED, told.time, told.id, person=Person(number=told.event.current))
    return case.reading(told.time)


def _priority_changed(payload: object, settings: ConnectorSettings, agents: Mapping[str, AgentId]) -> Reading:
    told = understood(_Changed, payload)
    case = _case(told, settings, agents)
    case.priority = told.event.current
    case.happened(EventKind.PRIORITY_CHANGED, told.time, told.id)
    return case.reading(told.time)


def _moved(payload: object, settings: ConnectorSettings, agents: Mapping[str, AgentId]) -> Reading:
    told = understood(_Envelope, payload)
    case = _case(told, settings, agents)
    case.moved(told.time, told.id)
    return case.reading(told.time)


def _regrouped(payload: object, settings: ConnectorSettings, agents: Mapping[str, AgentId]) -> Reading:
    told = understood(_Changed, payload)
    case = _case(told, settings, agents)
    # The group it went to; the ticket may have been moved on by the time it was described.
    case.places = (told.event.current, *case.places[1:])
    case.moved(told.time, told.id)
    return case.reading(told.time)


def _case(told: _Envelope, settings: ConnectorSettings, agents: Mapping[str, AgentId]) -> Case:
    detail = told.detail
    return Case(
        source="zendesk",
        number=detail.id,
        settings=settings,
        agents=agents,
        places=(detail.group_id, detail.brand_id, *detail.tags),
        words=(detail.type, *detail.tags),
        priority=detail.priority,
        channel=_CHANNELS.get(((detail.via and detail.via.channel) or "").lower()),
    )


def _signed_at(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
