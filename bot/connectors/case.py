"""From a vendor's words about a case to contact events, by what the operator decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.connectors.connector import LeftOut, Reading
from bot.core.allowed_text import code_problem
from bot.core.connector_settings import ConnectorSettings
from bot.core.contacts import ContactEvent, ContactType, EventKind, Priority, WaitingFor
from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.queues import Channel
from bot.core.source_words import CONTACT_TYPES, PRIORITIES, meant

__all__ = ["NEXT", "Case", "Person"]

NEXT: Final = timedelta(microseconds=1)
"""Between two events of one payload that must be taken in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A vendor's agent: by the id app.yaml has a line for, else by the address the payload has."""

    email: str | None = None
    number: str | None = None


@dataclass(slots=True, kw_only=True)
class Case:
    """One case of a vendor, and the events a payload tells about it.

    ``places``: group, brand, inbox, team and tags, the most telling first: the first one that app.yaml
    knows chooses the queue.  ``words``: kind of case and tags, for type and tier.
    """

    source: str
    number: str
    settings: ConnectorSettings
    agents: Mapping[str, AgentId]
    places: tuple[str | None, ...] = ()
    words: tuple[str | None, ...] = ()
    priority: str | None = None
    channel: Channel | None = None
    _events: list[ContactEvent] = field(default_factory=list)
    _left_out: list[LeftOut] = field(default_factory=list)

    @property
    def ref(self) -> ContactRef:
        return ContactRef(f"{self.source}:{self.number}")

    def opened(self, at: datetime, event_id: str, person: Person | None = None) -> None:
        """The case began; without a queue for it, it is left out."""
        queue = self._queue()
        if queue is None:
            self.leave_out(LeftOut.QUEUE)
            return
        self._events.append(
            ContactEvent(
                ref=self.ref,
                kind=EventKind.OPENED,
                at=at,
                source=self.source,
                source_event_id=event_id,
                queue=queue,
                channel=self.channel,
                type=self._type(),
                priority=self._priority(),
                tier=self._tier(),
                agent=self._agent(person),
            )
        )

    def happened(
        self,
        kind: EventKind,
        at: datetime,
        event_id: str,
        *,
        person: Person | None = None,
        waiting_for: WaitingFor | None = None,
    ) -> None:
        """Anything else; an assignment to nobody we know, and a priority that is no word, are left out."""
        agent, priority = self._agent(person), None
        if kind is EventKind.ASSIGNED and agent is None:
            self.leave_out(LeftOut.AGENT)
            return
        if kind is EventKind.PRIORITY_CHANGED:
            priority = self._priority()
            if priority is None:
                self.leave_out(LeftOut.UNCHANGED)
                return
        self._events.append(
            ContactEvent(
                ref=self.ref,
                kind=kind,
                at=at,
                source=self.source,
                source_event_id=event_id,
                priority=priority,
                agent=agent,
                waiting_for=waiting_for,
            )
        )

    def paused(
        self, at: datetime, event_id: str, waiting_for: WaitingFor, *, after: EventKind | None = None
    ) -> None:
        """The case waits.  One that was solved is REOPENED ``after``, one that waited otherwise RESUMED."""
        if after is not None:
            self.happened(after, at, f"{event_id}:{after.value}")
            at += NEXT
        self.happened(EventKind.PENDING, at, event_id, waiting_for=waiting_for)

    def moved(self, at: datetime, event_id: str) -> None:
        """Another group, tag or kind; left out where app.yaml says nothing about them."""
        queue, kind, tier = self._queue(default=False), self._type(), self._tier()
        if queue is None and kind is None and tier is None:
            self.leave_out(LeftOut.UNCHANGED)
            return
        self._events.append(
            ContactEvent(
                ref=self.ref,
                kind=EventKind.RECLASSIFIED,
                at=at,
                source=self.source,
                source_event_id=event_id,
                queue=queue,
                type=kind,
                tier=tier,
            )
        )

    def leave_out(self, reason: LeftOut) -> None:
        self._left_out.append(reason)

    def reading(self, at: datetime) -> Reading:
        return Reading(events=tuple(self._events), left_out=tuple(self._left_out), at=at)

    def _queue(self, *, default: bool = True) -> QueueId | None:
        for place in self.places:
            found = None if place is None else self.settings.queues.get(place.lower())
            if found is not None:
                return found
        return self.settings.queue if default else None

    def _priority(self) -> Priority | None:
        if self.priority is None:
            return None
        word = self.priority.lower()
        return self.settings.priorities.get(word) or meant(word, Priority, PRIORITIES)

    def _type(self) -> ContactType | None:
        words = [word for word in self.words if word is not None]
        # What the operator said of any word goes before what we think of the first.
        said = [self.settings.types.get(word.lower()) for word in words]
        understood = [meant(word, ContactType, CONTACT_TYPES) for word in words]
        return next((found for found in (*said, *understood) if found is not None), None)

    def _tier(self) -> str | None:
        found = (self.settings.tiers.get(word.lower()) for word in self.words if word is not None)
        return next((tier for tier in found if tier is not None and code_problem(tier) is None), None)

    def _agent(self, person: Person | None) -> AgentId | None:
        if person is None:
            return None
        number = "" if person.number is None else person.number.lower()
        address = self.settings.agents.get(number, person.email)
        return None if address is None else self.agents.get(address.strip().lower())
