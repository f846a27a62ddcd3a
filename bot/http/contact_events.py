"""POST /v1/contact-events: what happened to contacts, one event or a list, idempotent by source and id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from bot.core.contacts import ContactEvent, ContactType, EventKind, Priority, WaitingFor
from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.ports import Clock
from bot.core.queues import Channel
from bot.core.settings import Settings
from bot.core.source_words import CHANNELS, CONTACT_TYPES, EVENT_KINDS, PRIORITIES
from bot.http.aliases import Word
from bot.http.bodies import (
    Code,
    ForeignId,
    Identifier,
    Moment,
    Problem,
    Reference,
    RefusedItem,
    SystemName,
    answer_of,
    documented_list,
    items_of,
    told,
)
from bot.store.unit_of_work import Store
from bot.usecases import intake

__all__ = ["ContactEventBody", "contact_events"]

_log = structlog.get_logger("bot.http")


def _told_by_others(kind: EventKind) -> EventKind:
    if kind is EventKind.ABSORBED:
        raise ValueError("send 'merged' of the case that ends; the other side is written by Muster")
    return kind


class ContactEventBody(BaseModel):
    """One event.  Fields that are not listed are refused: they could carry what must not be stored."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, populate_by_name=True)

    contact: Reference = Field(
        validation_alias=AliasChoices("contact", "case", "ref"),
        description="The case's public id: letters, digits and . : # / - _, no blanks; no customer's name, "
        "no telephone, identity or card number.",
    )
    kind: Annotated[EventKind, AfterValidator(_told_by_others), Word(EventKind, EVENT_KINDS)] = Field(
        validation_alias=AliasChoices("kind", "event")
    )
    at: Moment = Field(
        validation_alias=AliasChoices("at", "time", "timestamp"), description="When it happened, with offset."
    )
    source: SystemName = Field(description="The system that tells it.")
    event_id: ForeignId = Field(
        validation_alias=AliasChoices("event_id", "source_event_id", "id"),
        description="Unique within the source; a repeated delivery changes nothing.",
    )
    queue: SystemName | None = Field(
        default=None, description="A queue of app.yaml; needed by 'opened', read by 'reclassified' as well."
    )
    channel: Annotated[Channel | None, Word(Channel, CHANNELS)] = Field(
        default=None, description="Where the customer turned to us; the queue's unless given."
    )
    type: Annotated[ContactType | None, Word(ContactType, CONTACT_TYPES)] = None
    priority: Annotated[Priority | None, Word(Priority, PRIORITIES)] = None
    tier: Code | None = Field(default=None, description="One short word, no free text.")
    agent: Identifier | None = Field(
        default=None,
        description="Id of an agent Muster knows. An event of another agent is kept without the agent and "
        "counted in 'agents_unknown'; 'assigned', which says nothing else, is refused: import the agent, "
        "then send it again.",
    )
    outcome: Code | None = Field(default=None, description="One short word, no free text.")
    tags: Annotated[list[Code], Field(max_length=20)] | None = Field(
        default=None, description="Short words such as 'agitated'; read by 'opened' and 'reclassified'."
    )
    waiting_for: WaitingFor | None = Field(
        default=None, description="Read by 'pending': only waiting for the customer pauses the clocks."
    )
    department: Code | None = Field(
        default=None, description="Needed by 'handed_over' and 'blocked'; one short word."
    )
    complained_about: Identifier | None = Field(
        default=None, description="The agent a complaint is about; never its handler. Ids Muster knows only."
    )
    into: Reference | None = Field(default=None, description="Needed by 'merged': the case that goes on.")
    handle_seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] | None = None

    def event(self) -> ContactEvent:
        return ContactEvent(
            ref=ContactRef(self.contact),
            kind=self.kind,
            at=self.at,
            source=self.source,
            source_event_id=self.event_id,
            queue=None if self.queue is None else QueueId(self.queue),
            type=self.type,
            priority=self.priority,
            tier=self.tier,
            agent=None if self.agent is None else AgentId(self.agent),
            outcome=self.outcome,
            handle_seconds=self.handle_seconds,
            channel=self.channel,
            tags=None if self.tags is None else frozenset(self.tags),
            waiting_for=self.waiting_for,
            department=self.department,
            complained_about=None if self.complained_about is None else AgentId(self.complained_about),
            into=None if self.into is None else ContactRef(self.into),
        )


class IntakeAnswer(BaseModel):
    """What became of the events; what is not listed under ``refused`` is stored."""

    accepted: int
    repeated: int
    refused: list[RefusedItem]
    agents_unknown: int = Field(default=0, description="Events taken without their agent, whom nobody knows.")


def contact_events(
    *,
    store: Store,
    settings: Settings,
    token: str | None,
    clock: Clock,
    executor: Executor,
    recorded: Callable[[], None],
) -> APIRouter:
    """The route.  ``recorded`` is called after events were stored, to wake the clocks."""
    router = APIRouter()

    @router.post(
        "/v1/contact-events",
        status_code=202,
        response_model=IntakeAnswer,
        responses=_ANSWERS,
        openapi_extra=_DOCUMENTED,
        summary="Record contact events",
    )
    async def post(request: Request) -> Response:
        """One event or a list.  Refused items are listed and the rest is kept; 422 when nothing was kept."""
        items = await items_of(request, token)
        if isinstance(items, JSONResponse):
            return items
        answer_body = await answer_of(
            executor, lambda: _record(store, settings, items, clock), failed="intake_failed"
        )
        if isinstance(answer_body, JSONResponse):
            return answer_body
        if answer_body.accepted:
            recorded()
        kept = answer_body.accepted + answer_body.repeated
        status = 202 if kept or not answer_body.refused else 422
        return JSONResponse(answer_body.model_dump(), status_code=status)

    return router


def _record(store: Store, settings: Settings, items: Sequence[Any], clock: Clock) -> IntakeAnswer:
    events: list[ContactEvent] = []
    places: list[int] = []
    refused: list[RefusedItem] = []
    for index, item in enumerate(items):
        try:
            events.append(ContactEventBody.model_validate(item).event())
        except ValidationError as error:
            text = told(error, ContactEventBody.model_fields, whole="event")
            refused.append(RefusedItem(index=index, kind="invalid", message=text))
            continue
        places.append(index)
    events, places, strangers = _of_known_agents(store, settings, events, places, refused)
    accepted = repeated = 0
    if events:
        result = intake.record(store, settings, events, now=clock())
        accepted, repeated = result.accepted, result.repeated
        refused += [RefusedItem(index=places[i], kind=kind, message=text) for i, kind, text in result.refused]
    _log.info(
        "events_recorded",
        accepted=accepted,
        repeated=repeated,
        refused=len(refused),
        agents_unknown=strangers,
    )
    return IntakeAnswer(
        accepted=accepted,
        repeated=repeated,
        refused=sorted(refused, key=lambda r: r.index),
        agents_unknown=strangers,
    )


def _of_known_agents(
    store: Store,
    settings: Settings,
    events: Sequence[ContactEvent],
    places: Sequence[int],
    refused: list[RefusedItem],
) -> tuple[list[ContactEvent], list[int], int]:
    """Events with names we know only: what else stands there could be a customer's.

    An unknown agent, and a queue where none is read, is left out; the event still stops its clocks.
    """
    known: frozenset[AgentId] = frozenset()
    if any(event.agent is not None or event.complained_about is not None for event in events):
        with store.read() as uow:
            known = frozenset(a.agent for a in uow.people.all(active=False))
    kept: list[ContactEvent] = []
    kept_places: list[int] = []
    strangers = 0
    for event, place in zip(events, places, strict=True):
        if event.agent is not None and event.agent not in known:
            if event.kind is EventKind.ASSIGNED:
                text = (
                    f"the agent of {event.ref} is not known; the event was not kept. Import the agent "
                    "(muster import agents) and send the event again."
                )
                refused.append(RefusedItem(index=place, kind="unknown_agent", message=text))
                continue
            event = replace(event, agent=None)
            strangers += 1
        if event.complained_about is not None and event.complained_about not in known:
            event = replace(event, complained_about=None)
            strangers += 1
        reads_queue = event.kind in (EventKind.OPENED, EventKind.RECLASSIFIED)
        if not reads_queue and event.queue not in settings.queues:
            event = replace(event, queue=None)
        kept.append(event)
        kept_places.append(place)
    return kept, kept_places, strangers


_ANSWERS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem},
    401: {"model": Problem},
    413: {"model": Problem},
    422: {"model": IntakeAnswer},
    503: {"model": Problem},
}

_DOCUMENTED = documented_list(
    ContactEventBody,
    {
        "contact": "GD20261122001",
        "kind": "opened",
        "at": "2026-11-22T10:00:00+08:00",
        "source": "crm",
        "event_id": "e-1",
        "queue": "chat",
        "priority": "high",
    },
)
