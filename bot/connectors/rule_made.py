"""JSON that a rule in a helpdesk sends because the operator wrote it there: one form for every vendor.

The form is ours, not the vendor's: `bot/docs/connectors.md` has it to be pasted, with the vendor's
placeholders.  A placeholder without a value is an empty text, which counts as absent.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.connectors.case import Case, Person
from bot.connectors.connector import LeftOut, Reading
from bot.connectors.payloads import Labels, Payload, VendorId, VendorTime, VendorWord, digest, understood
from bot.core.connector_settings import ConnectorSettings
from bot.core.contacts import EventKind, WaitingFor
from bot.core.ids import AgentId
from bot.core.queues import Channel
from bot.core.source_words import EVENT_KINDS, meant

__all__ = ["rule_made"]

_WITH_CASE = frozenset(
    {
        EventKind.ASSIGNED,
        EventKind.RESPONDED,
        EventKind.CUSTOMER_REPLIED,
        EventKind.PENDING,
        EventKind.RESUMED,
        EventKind.RESOLVED,
        EventKind.REOPENED,
        EventKind.PRIORITY_CHANGED,
    }
)


class _Ticket(Payload):
    id: VendorId
    group: VendorWord = None
    brand: VendorWord = None
    type: VendorWord = None
    tags: Labels = ()
    priority: VendorWord = None
    channel: VendorWord = None
    agent_email: VendorWord = None


class _Rule(Payload):
    event: VendorWord
    at: VendorTime
    waiting_for: VendorWord = None
    ticket: _Ticket


def rule_made(
    payload: object,
    *,
    source: str,
    settings: ConnectorSettings,
    agents: Mapping[str, AgentId],
    channels: Mapping[str, Channel],
    priorities: Mapping[str, str] | None = None,
) -> Reading:
    """What a rule says.  ``channels`` and ``priorities``: the vendor's words.  Raises PayloadError.

    The event's id is a digest of what it says, as rules have none: two equal events of the same time are
    one.
    """
    told = understood(_Rule, payload)
    ticket = told.ticket
    priority = ticket.priority
    if priority is not None and priorities is not None:
        priority = priorities.get(priority.lower(), priority)
    case = Case(
        source=source,
        number=ticket.id,
        settings=settings,
        agents=agents,
        places=(ticket.group, ticket.brand, *ticket.tags),
        words=(ticket.type, *ticket.tags),
        priority=priority,
        channel=channels.get((ticket.channel or "").lower()),
    )
    kind = meant(told.event or "", EventKind, EVENT_KINDS)
    person = Person(email=ticket.agent_email)
    subject = {EventKind.PRIORITY_CHANGED: priority, EventKind.ASSIGNED: ticket.agent_email}
    event_id = digest(ticket.id, kind, told.at.isoformat(), subject.get(kind) if kind else None)
    if kind is EventKind.OPENED:
        # One opening per ticket, however often its rule fires.
        case.opened(told.at, digest(ticket.id, kind), person)
    elif kind is EventKind.RECLASSIFIED:
        case.moved(told.at, event_id)
    elif kind in _WITH_CASE:
        waiting = told.waiting_for if kind is EventKind.PENDING else None
        case.happened(
            kind,
            told.at,
            event_id,
            person=person,
            waiting_for=None if waiting is None else meant(waiting, WaitingFor, {}),
        )
    else:
        case.leave_out(LeftOut.EVENT)
    return case.reading(told.at)
