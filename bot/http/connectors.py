"""POST /v1/connectors/{name}: webhooks of helpdesks, believed by their signature."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import Any

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from bot.connectors.connector import Delivery, Fault, PayloadError
from bot.connectors.registry import CONNECTORS, connector, secret_variable
from bot.core.ports import Clock
from bot.core.settings import Settings
from bot.http.bodies import Problem, RefusedItem, answer_of, json_of, problem, read_body
from bot.store.unit_of_work import Store
from bot.usecases.hear_helpdesk import agents_by_address, hear

__all__ = ["connectors"]

_log = structlog.get_logger("bot.http")

BODY_BYTES = 1_000_000

_FAULTS = {
    Fault.UNSIGNED: "the delivery carries no signature or secret; nothing was stored. Set it up as "
    "bot/docs/connectors.md says.",
    Fault.WRONG: "the signature or secret is not ours; nothing was stored. Compare the secret the helpdesk "
    "uses with the one in Muster's environment.",
    Fault.STALE: "the delivery was signed too long ago or ahead of our clock; nothing was stored. Check both "
    "clocks; a delivery is not taken twice.",
}


class ConnectorAnswer(BaseModel):
    """What became of one delivery."""

    accepted: int
    repeated: int = Field(description="Events that were told before; nothing was changed.")
    left_out: dict[str, int] = Field(description="Parts that became no event, counted by reason.")
    refused: list[RefusedItem]


def connectors(
    *,
    store: Store,
    settings: Settings,
    secrets: Mapping[str, str],
    clock: Clock,
    executor: Executor,
    recorded: Callable[[], None],
) -> APIRouter:
    """The route.  ``recorded`` is called after events were stored, to wake the clocks."""
    router = APIRouter()

    @router.post(
        "/v1/connectors/{name}",
        status_code=202,
        response_model=ConnectorAnswer,
        responses={
            400: {"model": Problem},
            401: {"model": Problem},
            404: {"model": Problem},
            413: {"model": Problem},
            422: {"model": Problem},
            503: {"model": Problem},
        },
        openapi_extra=_DOCUMENTED,
        summary="Take a helpdesk's webhook",
    )
    async def post(name: str, request: Request) -> Response:
        """A delivery as the vendor makes it, signed as the vendor signs it."""
        chosen = settings.connectors.get(name)
        if name not in CONNECTORS or chosen is None or not chosen.enabled:
            text = (
                "no connector of this name is switched on; nothing was stored. Name it under 'connectors' of "
                f"app.yaml. There are: {', '.join(CONNECTORS)}."
            )
            return problem(404, "connector_off", text)
        secret = secrets.get(name)
        if secret is None:
            return problem(
                503, "connector_secret", f"{secret_variable(name)} is not set; nothing was stored."
            )
        body = await read_body(request, BODY_BYTES)
        if body is None:
            return problem(413, "too_large", f"more than {BODY_BYTES} bytes; nothing was stored.")
        vendor, now = connector(name), clock()
        token = request.query_params.get("token")
        fault = vendor.verify(Delivery(body=body, headers=dict(request.headers), token=token), secret, now)
        if fault is not None:
            _log.warning("connector_not_believed", connector=name, reason=fault.value)
            return problem(401, f"delivery_{fault.value}", _FAULTS[fault])
        try:
            payload = json_of(body)
        except ValueError:
            return problem(400, "not_json", "the body is not JSON; nothing was stored.")

        def take() -> ConnectorAnswer:
            reading = vendor.events(payload, chosen, agents_by_address(store))
            result = hear(store, settings, name, reading.events, at=reading.at, now=now)
            refused = [RefusedItem(index=i, kind=kind, message=text) for i, kind, text in result.refused]
            left_out = Counter(reason.value for reason in reading.left_out)
            _log.info(
                "connector_heard",
                connector=name,
                accepted=result.accepted,
                repeated=result.repeated,
                left_out=dict(left_out),
                refused=[item.kind for item in refused],
            )
            return ConnectorAnswer(
                accepted=result.accepted, repeated=result.repeated, left_out=left_out, refused=refused
            )

        try:
            answer = await answer_of(executor, take, failed="connector_failed", apart=(PayloadError,))
        except PayloadError as error:
            _log.warning("connector_not_understood", connector=name, places=str(error))
            text = f"the payload is not of the form the vendor documents; nothing was stored: {error}"
            return problem(422, "payload", text)
        if isinstance(answer, JSONResponse):
            return answer
        if answer.accepted:
            recorded()
        kept = answer.accepted or answer.repeated or not answer.refused
        return JSONResponse(answer.model_dump(), status_code=202 if kept else 422)

    return router


_DOCUMENTED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "What the vendor documents; see bot/docs/connectors.md.",
        "content": {
            "application/json": {
                "schema": {"type": "object"},
                "example": {
                    "event": "opened",
                    "at": "2026-11-30T09:00:00+08:00",
                    "ticket": {"id": "1001", "group": "Chat", "priority": "high"},
                },
            }
        },
    },
}
