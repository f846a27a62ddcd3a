"""What every endpoint that takes JSON shares: token, limits, refusals that repeat nothing, storable texts."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Executor
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import structlog
from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    Field,
    ValidationError,
    WithJsonSchema,
)

from bot.core.allowed_text import (
    CODE_PATTERN,
    REFERENCE_PATTERN,
    TextProblem,
    code_problem,
    identifier_problem,
    reference_problem,
    storable_identifier,
)
from bot.core.errors import MusterError
from bot.core.privacy import findings
from bot.store.failures import as_muster_error

__all__ = [
    "BODY_BYTES",
    "LIST_ITEMS",
    "Code",
    "ForeignId",
    "Identifier",
    "Moment",
    "Problem",
    "Reference",
    "RefusedItem",
    "SystemName",
    "answer_of",
    "answer_or_problem",
    "authorised",
    "documented_list",
    "items_of",
    "json_of",
    "problem",
    "read_body",
    "told",
]

_log = structlog.get_logger("bot.http")

BODY_BYTES = 5_000_000
LIST_ITEMS = 5_000

T = TypeVar("T")


def _text_schema(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{pattern}$"}


# Printable, no spaces at the ends: ids travel into messages and logs.
Identifier = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^\S(?:[^\x00-\x1f\x7f]*\S)?$")]


_A_PERSONS = "this looks like a person's number, mail or address, which is not stored"


def _name_of_system(text: str) -> str:
    if findings(text):
        raise ValueError(_A_PERSONS)
    return text


def _foreign_id(text: str) -> str:
    if identifier_problem(text) is not None:
        raise ValueError(_A_PERSONS)
    return storable_identifier(text)


SystemName = Annotated[Identifier, AfterValidator(_name_of_system)]
"""A name somebody chose for a system or a queue: no part of it may look like personal data."""

ForeignId = Annotated[Identifier, AfterValidator(_foreign_id)]
"""An id another system made.  One that looks like a person's is refused; a long number that has a card's
check digit, as one in ten has by chance, is kept as its digest, so that its event is not lost."""

_SAID = {
    TextProblem.CHARACTERS: "letters, digits and . : # / - _, up to 64, no blanks",
    TextProblem.PERSONAL_NUMBER: "telephone, identity and card numbers are not stored; send the case's id",
    TextProblem.FREE_TEXT: "free text is not stored; send one word: it begins with a letter, has no blanks, "
    "up to 32 characters (8 Chinese ones) and no long number",
}


def _reference(text: str) -> str:
    found = reference_problem(text)
    if found is not None:
        raise ValueError(_SAID[found])
    return text


def _code(text: str) -> str:
    found = code_problem(text)
    if found is not None:
        raise ValueError(_SAID[found])
    return text


Reference = Annotated[str, AfterValidator(_reference), WithJsonSchema(_text_schema(REFERENCE_PATTERN))]
Code = Annotated[str, AfterValidator(_code), WithJsonSchema(_text_schema(CODE_PATTERN))]


def _whole_year(at: datetime) -> datetime:
    if not 2000 <= at.year <= 2100:
        raise ValueError("the year must lie between 2000 and 2100")
    return at.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_whole_year)]
"""A time with offset, kept as UTC."""


class RefusedItem(BaseModel):
    """``index`` counts from 0 in the list that was sent."""

    index: int
    kind: str
    message: str


class Problem(BaseModel):
    error: str
    message: str


def problem(status: int, error: str, text: str) -> JSONResponse:
    """An answer that is no success: a kind that does not change and a sentence."""
    return JSONResponse(Problem(error=error, message=text).model_dump(), status_code=status)


def authorised(header: str | None, token: str) -> bool:
    """Whether an Authorization header carries the bearer token."""
    scheme, _, given = (header or "").partition(" ")
    # Compared always, and in constant time, whatever the scheme.
    same = hmac.compare_digest(given.strip().encode(), token.encode())
    return same and scheme.lower() == "bearer"


async def read_body(request: Request, limit: int) -> bytes | None:
    """The body, or None as soon as it is longer than ``limit`` bytes."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def json_of(body: bytes) -> Any:
    """The value a body holds.  Raises ValueError for what is not JSON, and for nesting without end."""
    try:
        return json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


async def items_of(request: Request, token: str | None) -> list[Any] | JSONResponse:
    """The items that were sent, one or a list; or the answer that refuses them all."""
    if token is None:
        return problem(503, "intake_off", "MUSTER_INTAKE_TOKEN is not set; nothing was stored.")
    if not authorised(request.headers.get("authorization"), token):
        answer = problem(401, "unauthorised", "Bearer token missing or wrong; nothing was stored.")
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    body = await read_body(request, BODY_BYTES)
    if body is None:
        return problem(413, "too_large", f"more than {BODY_BYTES} bytes; nothing was stored. Send less.")
    try:
        given = json_of(body)
    except ValueError:
        return problem(400, "not_json", "the body is not JSON; nothing was stored.")
    items = given if isinstance(given, list) else [given]
    if len(items) > LIST_ITEMS:
        text = f"more than {LIST_ITEMS} items in one list; nothing was stored. Send smaller lists."
        return problem(413, "too_many", text)
    return items


async def answer_of(
    executor: Executor, work: Callable[[], T], *, failed: str, apart: tuple[type[Exception], ...] = ()
) -> T | JSONResponse:
    """What ``work`` returns, done beside the loop; its failure as an answer.

    ``failed``: the log's event.  Raises only errors of the kinds ``apart``, which the caller answers.
    """
    doing = asyncio.get_running_loop().run_in_executor(executor, work)
    return await answer_or_problem(doing, failed=failed, apart=apart)


async def answer_or_problem(
    result: Awaitable[T], *, failed: str, apart: tuple[type[Exception], ...] = ()
) -> T | JSONResponse:
    """What is awaited; its failure as an answer, as `answer_of` gives it."""
    try:
        return await result
    except apart:
        raise
    except Exception as error:
        known = error if isinstance(error, MusterError) else as_muster_error(error)
        if known is None:
            _log.exception(failed)
            return problem(500, "internal", "Muster failed; nothing was stored. Send it again.")
        return problem(503 if known.temporary else 400, known.kind, str(known))


def told(error: ValidationError, known: Iterable[str], *, whole: str) -> str:
    """Where and why, and that it was not kept; nothing of what was sent, which may not be logged.

    ``known``: the fields there are; ``whole``: what to call the item itself.
    """
    names = set(known)
    parts: dict[str, None] = {}
    for found in error.errors(include_url=False, include_input=False, include_context=False):
        if found["type"] == "extra_forbidden":
            # Its name was sent, too.
            parts[f"unknown field; known are {', '.join(known)}"] = None
            continue
        place = ".".join(str(part) for part in found["loc"] if part in names) or whole
        parts[f"{place}: {found['msg'].removeprefix('Value error, ')}"] = None
    return f"{'; '.join(parts)}. The {whole} was not kept."


def documented_list(model: type[BaseModel], example: Any) -> dict[str, Any]:
    """The OpenAPI part of an endpoint that takes one item or a list, with an example."""
    schema = model.model_json_schema()
    many = {"type": "array", "maxItems": LIST_ITEMS, "items": schema}
    content = {"schema": {"oneOf": [schema, many]}, "example": example}
    return {
        "security": [{"intakeToken": []}],
        "requestBody": {"required": True, "content": {"application/json": content}},
    }
