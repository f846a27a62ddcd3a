"""POST /v1/contact-events: what happened to contacts, one event or a list, idempotent by source and id."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
)

from bot.core.allowed_text import (
    CODE_PATTERN,
    REFERENCE_PATTERN,
    TextProblem,
    code_problem,
    reference_problem,
)
from bot.core.contacts import ContactEvent, ContactType, EventKind, Priority
from bot.core.errors import MusterError
from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.ports import Clock
from bot.core.settings import Settings
from bot.core.source_words import CONTACT_TYPES, EVENT_KINDS, PRIORITIES
from bot.http.aliases import Word
from bot.store.failures import as_muster_error
from bot.store.unit_of_work import Store
from bot.usecases import intake

__all__ = ["ContactEventBody", "contact_events"]

_log = structlog.get_logger("bot.http")

BODY_BYTES = 5_000_000
LIST_ITEMS = 5_000


def _text_schema(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{pattern}$"}


# Printable, no spaces at the ends: ids travel into messages and logs.
Identifier = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^\S(?:[^\x00-\x1f\x7f]*\S)?$")]


_SAID = {
    TextProblem.CHARACTERS: "letters, digits and . : # / - _, up to 64, no blanks",
    TextProblem.PERSONAL_NUMBER: "telephone, identity and card numbers are not stored; send the case's id",
    TextProblem.FREE_TEXT: "free text is not stored; send one word: it begins with a letter, has no blanks, "
    "up to 32 characters (8 Chinese ones) and no long number",
}


def _reference(text: str) -> str:
    problem = reference_problem(text)
    if problem is not None:
        raise ValueError(_SAID[problem])
    return text


def _code(text: str) -> str:
    problem = code_problem(text)
    if problem is not None:
        raise ValueError(_SAID[problem])
    return text


Reference = Annotated[str, AfterValidator(_reference), WithJsonSchema(_text_schema(REFERENCE_PATTERN))]
Code = Annotated[str, AfterValidator(_code), WithJsonSchema(_text_schema(CODE_PATTERN))]


def _whole_year(at: datetime) -> datetime:
    if not 2000 <= at.year <= 2100:
        raise ValueError("the year must lie between 2000 and 2100")
    return at.astimezone(UTC)


class ContactEventBody(BaseModel):
    """One event.  Fields that are not listed are refused: they could carry what must not be stored."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, populate_by_name=True)

    contact: Reference = Field(
        validation_alias=AliasChoices("contact", "case", "ref"),
        description="The case's public id: letters, digits and . : # / - _, no blanks; no customer's name, "
        "no telephone, identity or card number.",
    )
    kind: Annotated[EventKind, Word(EventKind, EVENT_KINDS)] = Field(
        validation_alias=AliasChoices("kind", "event")
    )
    at: Annotated[AwareDatetime, AfterValidator(_whole_year)] = Field(
        validation_alias=AliasChoices("at", "time", "timestamp"), description="When it happened, with offset."
    )
    source: Identifier = Field(description="The system that tells it.")
    event_id: Identifier = Field(
        validation_alias=AliasChoices("event_id", "source_event_id", "id"),
        description="Unique within the source; a repeated delivery changes nothing.",
    )
    queue: Identifier | None = Field(
        default=None, description="A queue of app.yaml; needed by 'opened', read by no other kind."
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
        )


class RefusedItem(BaseModel):
    """``index`` counts from 0 in the list that was sent."""

    index: int
    kind: str
    message: str


class IntakeAnswer(BaseModel):
    """What became of the events; what is not listed under ``refused`` is stored."""

    accepted: int
    repeated: int
    refused: list[RefusedItem]
    agents_unknown: int = Field(default=0, description="Events taken without their agent, whom nobody knows.")


class Problem(BaseModel):
    error: str
    message: str


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
        if token is None:
            return _problem(503, "intake_off", "MUSTER_INTAKE_TOKEN is not set; nothing was stored.")
        if not _authorised(request.headers.get("authorization"), token):
            answer = _problem(401, "unauthorised", "Bearer token missing or wrong; nothing was stored.")
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        body = await _read(request)
        if body is None:
            return _problem(413, "too_large", f"more than {BODY_BYTES} bytes; nothing was stored. Send less.")
        try:
            given: Any = json.loads(body)
        except (ValueError, RecursionError):
            return _problem(400, "not_json", "the body is not JSON; nothing was stored.")
        items = given if isinstance(given, list) else [given]
        if len(items) > LIST_ITEMS:
            text = f"more than {LIST_ITEMS} events in one list; nothing was stored. Send smaller lists."
            return _problem(413, "too_many", text)
        loop = asyncio.get_running_loop()
        try:
            answer_body = await loop.run_in_executor(executor, _record, store, settings, items, clock)
        except Exception as error:
            known = error if isinstance(error, MusterError) else as_muster_error(error)
            if known is None:
                _log.exception("intake_failed")
                return _problem(500, "internal", "Muster failed; nothing was stored. Send the events again.")
            return _problem(503 if known.temporary else 400, known.kind, str(known))
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
            refused.append(RefusedItem(index=index, kind="invalid", message=_told(error)))
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
    if any(event.agent is not None for event in events):
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
        if event.kind is not EventKind.OPENED and event.queue not in settings.queues:
            event = replace(event, queue=None)
        kept.append(event)
        kept_places.append(place)
    return kept, kept_places, strangers


def _told(error: ValidationError) -> str:
    """Where and why, without repeating what was sent: it may be what must not be logged."""
    parts: dict[str, None] = {}
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        if problem["type"] == "extra_forbidden":
            # Its name was sent, too.
            parts[f"unknown field; known are {', '.join(ContactEventBody.model_fields)}"] = None
            continue
        place = ".".join(str(part) for part in problem["loc"]) or "event"
        parts[f"{place}: {problem['msg'].removeprefix('Value error, ')}"] = None
    return "; ".join(parts)


def _authorised(header: str | None, token: str) -> bool:
    scheme, _, given = (header or "").partition(" ")
    # Compared always, and in constant time, whatever the scheme.
    same = hmac.compare_digest(given.strip().encode(), token.encode())
    return same and scheme.lower() == "bearer"


async def _read(request: Request) -> bytes | None:
    """The body, or None as soon as it is longer than allowed."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_BYTES:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _problem(status: int, error: str, text: str) -> JSONResponse:
    return JSONResponse(Problem(error=error, message=text).model_dump(), status_code=status)


_ANSWERS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem},
    401: {"model": Problem},
    413: {"model": Problem},
    422: {"model": IntakeAnswer},
    503: {"model": Problem},
}

_DOCUMENTED: dict[str, Any] = {
    "security": [{"intakeToken": []}],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [
                        ContactEventBody.model_json_schema(),
                        {
                            "type": "array",
                            "maxItems": LIST_ITEMS,
                            "items": ContactEventBody.model_json_schema(),
                        },
                    ]
                },
                "example": {
                    "contact": "GD20261122001",
                    "kind": "opened",
                    "at": "2026-11-22T10:00:00+08:00",
                    "source": "crm",
                    "event_id": "e-1",
                    "queue": "chat",
                    "priority": "high",
                },
            }
        },
    },
}
