"""POST /v1/contact-events: what happened to contacts, one event or a list, idempotent by source and id."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
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
    answer_or_problem,
    documented_list,
    items_of,
    told,
)
from bot.http.gathering import Gathering
from bot.store.failures import is_temporary
from bot.store.unit_of_work import Store
from bot.usecases import intake

__all__ = ["ContactEventBody", "contact_events"]

_log = structlog.get_logger("bot.http")

EVENTS_PER_COMMIT = 400
"""What may share a commit: a batch must not keep the requests after it waiting for long."""
READ_AT_ONCE = 20


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
    kind: Annotated[
        EventKind,
        AfterValidator(_told_by_others),
        Word(EventKind, EVENT_KINDS, unsaid=frozenset({EventKind.ABSORBED})),
    ] = Field(validation_alias=AliasChoices("kind", "event"))
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

    def record(requests: Sequence[_Told]) -> list[IntakeAnswer]:
        answers = _record(store, settings, requests, clock)
        if any(answer.accepted for answer in answers):
            recorded()
        return answers

    gathering: Gathering[_Told, IntakeAnswer] = Gathering(
        record,
        executor,
        size=lambda given: len(given.events),
        limit=EVENTS_PER_COMMIT,
        shared=is_temporary,
    )

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
        # A long list is read beside the loop: it would keep everybody else waiting.
        given = await asyncio.to_thread(_read, items) if len(items) > READ_AT_ONCE else _read(items)
        answer_body = await answer_or_problem(gathering.done(given), failed="intake_failed")
        if isinstance(answer_body, JSONResponse):
            return answer_body
        kept = answer_body.accepted + answer_body.repeated
        status = 202 if kept or not answer_body.refused else 422
        return JSONResponse(answer_body.model_dump(), status_code=status)

    return router


@dataclass(slots=True, kw_only=True)
class _Told:
    """One request: its events with their places in what was sent, and what was refused so far."""

    events: list[ContactEvent] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    refused: list[RefusedItem] = field(default_factory=list)
    strangers: int = 0


def _read(items: Sequence[Any]) -> _Told:
    found = _Told()
    for index, item in enumerate(items):
        try:
            found.events.append(ContactEventBody.model_validate(item).event())
        except ValidationError as error:
            text = told(error, ContactEventBody.model_fields, whole="event")
            found.refused.append(RefusedItem(index=index, kind="invalid", message=text))
            continue
        found.places.append(index)
    return found


def _record(store: Store, settings: Settings, requests: Sequence[_Told], clock: Clock) -> list[IntakeAnswer]:
    """Keep the events of several requests in one transaction; to each its own answer."""
    known = _known_agents(store, requests)
    events: list[ContactEvent] = []
    spans: list[range] = []
    checked = [_of_known_agents(settings, request, known) for request in requests]
    for request in checked:
        spans.append(range(len(events), len(events) + len(request.events)))
        events += request.events
    answers: list[IntakeAnswer] = []
    result = intake.record(store, settings, events, now=clock()) if events else None
    late = {} if result is None else {i: (kind, text) for i, kind, text in result.refused}
    kept = frozenset[int]() if result is None else result.kept
    for request, span in zip(checked, spans, strict=True):
        refused = request.refused + [
            RefusedItem(index=request.places[i - span.start], kind=late[i][0], message=late[i][1])
            for i in span
            if i in late
        ]
        accepted = sum(i in kept for i in span)
        answers.append(
            IntakeAnswer(
                accepted=accepted,
                repeated=len(span) - accepted - sum(i in late for i in span),
                refused=sorted(refused, key=lambda r: r.index),
                agents_unknown=request.strangers,
            )
        )
    _log.info(
        "events_recorded",
        requests=len(answers),
        accepted=sum(a.accepted for a in answers),
        repeated=sum(a.repeated for a in answers),
        refused=sum(len(a.refused) for a in answers),
        agents_unknown=sum(a.agents_unknown for a in answers),
    )
    return answers


def _known_agents(store: Store, requests: Sequence[_Told]) -> frozenset[AgentId]:
    """Every agent, where any event names one."""
    named = (e for request in requests for e in request.events)
    if not any(e.agent is not None or e.complained_about is not None for e in named):
        return frozenset()
    with store.read() as uow:
        return frozenset(a.agent for a in uow.people.all(active=False))


def _of_known_agents(settings: Settings, request: _Told, known: frozenset[AgentId]) -> _Told:
    """The request with names we know only: what else stands there could be a customer's.

    An unknown agent, and a queue where none is read, is left out; the event still stops its clocks.
    """
    kept = _Told(refused=list(request.refused))
    for event, place in zip(request.events, request.places, strict=True):
        if event.agent is not None and event.agent not in known:
            if event.kind is EventKind.ASSIGNED:
                text = (
                    f"the agent of {event.ref} is not known; the event was not kept. Import the agent "
                    "(muster import agents) and send the event again."
                )
                kept.refused.append(RefusedItem(index=place, kind="unknown_agent", message=text))
                continue
            event = replace(event, agent=None)
            kept.strangers += 1
        if event.complained_about is not None and event.complained_about not in known:
            event = replace(event, complained_about=None)
            kept.strangers += 1
        reads_queue = event.kind in (EventKind.OPENED, EventKind.RECLASSIFIED)
        if not reads_queue and event.queue not in settings.queues:
            event = replace(event, queue=None)
        kept.events.append(event)
        kept.places.append(place)
    return kept


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
