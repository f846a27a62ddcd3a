"""The frame of endpoints that take one item or a list and answer what became of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any, TypeVar

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field, ValidationError

from bot.core.changes import ChangeCounts
from bot.http.bodies import Problem, RefusedItem, answer_of, documented_list, items_of, told

__all__ = ["Refused", "StoredAnswer", "list_endpoint"]

_log = structlog.get_logger("bot.http")

B = TypeVar("B", bound=BaseModel)
Refused = Sequence[tuple[int, str, str]]
"""(index among the items handed over, kind, text)."""


class StoredAnswer(BaseModel):
    """What became of the items; what is not listed under ``refused`` is stored."""

    new: int
    changed: int
    unchanged: int = Field(description="Said before; nothing was changed.")
    refused: list[RefusedItem]


def list_endpoint(
    path: str,
    *,
    body: type[B],
    example: Any,
    summary: str,
    token: str | None,
    executor: Executor,
    store: Callable[[Sequence[B]], tuple[ChangeCounts, Refused]],
    event: str,
) -> APIRouter:
    """A POST route.  Refused items are listed and the rest is kept; 422 when nothing was kept.

    ``store`` keeps the sound items in one transaction; ``event`` is what the log calls it.
    """
    router = APIRouter()

    def keep(items: Sequence[Any]) -> StoredAnswer:
        sound: list[B] = []
        places: list[int] = []
        refused: list[RefusedItem] = []
        for index, item in enumerate(items):
            try:
                sound.append(body.model_validate(item))
            except ValidationError as error:
                text = told(error, body.model_fields, whole="item")
                refused.append(RefusedItem(index=index, kind="invalid", message=text))
            else:
                places.append(index)
        counts, unkept = store(sound) if sound else (ChangeCounts(), ())
        refused += [RefusedItem(index=places[i], kind=kind, message=text) for i, kind, text in unkept]
        _log.info(event, stored=counts.total, refused=len(refused))
        return StoredAnswer(
            new=counts.new,
            changed=counts.changed,
            unchanged=counts.unchanged,
            refused=sorted(refused, key=lambda r: r.index),
        )

    @router.post(
        path,
        status_code=202,
        response_model=StoredAnswer,
        responses={
            400: {"model": Problem},
            401: {"model": Problem},
            413: {"model": Problem},
            422: {"model": StoredAnswer},
            503: {"model": Problem},
        },
        openapi_extra=documented_list(body, example),
        summary=summary,
    )
    async def post(request: Request) -> Response:
        """One item or a list.  Refused items are listed and the rest is kept; 422 when nothing was kept."""
        items = await items_of(request, token)
        if isinstance(items, JSONResponse):
            return items
        answer = await answer_of(executor, lambda: keep(items), failed=f"{event}_failed")
        if isinstance(answer, JSONResponse):
            return answer
        kept = answer.new + answer.changed + answer.unchanged
        return JSONResponse(answer.model_dump(), status_code=202 if kept or not answer.refused else 422)

    return router
