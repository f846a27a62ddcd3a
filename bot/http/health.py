"""GET /health: is Muster able to keep its promises right now?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from bot.core.delivery import TOKEN_REFUSED
from bot.core.ports import Clock
from bot.store.unit_of_work import Store

__all__ = ["SlackHealth", "health"]

OLD_SECONDS = 120.0
"""An unsent message older than this means that Slack does not take them."""


class SlackHealth(BaseModel):
    """``state``: connected, connecting, unreachable, refused, stopped or off."""

    mode: str
    state: str
    since: datetime
    detail: str | None = None


class DatabaseHealth(BaseModel):
    reachable: bool


class OutboxHealth(BaseModel):
    """Messages that should have left, those given up, and the age of the oldest unsent one [s].

    ``failed_lately``: given up, of the last 24 hours; ``failed`` counts all that are stored.
    ``held_back_by``: Slack's error, or the kind of failure, that the last one tried met.
    """

    waiting: int
    failed: int
    failed_lately: int = 0
    oldest_unsent_seconds: float | None
    held_back_by: str | None = None


class DataHealth(BaseModel):
    """``newest_event_at``: the latest time of any contact event; ``age_seconds`` [s] from then to now."""

    newest_event_at: datetime | None
    age_seconds: float | None


class Health(BaseModel):
    """``ok``; ``degraded``: works, with something an operator should see; ``down``: no database."""

    status: Literal["ok", "degraded", "down"]
    now: datetime
    database: DatabaseHealth
    slack: SlackHealth
    outbox: OutboxHealth | None = None
    data: DataHealth | None = None
    ticks: dict[str, str | None] = Field(
        description="Timetable entry to the kind of its latest failure; null: its latest run was good, or it "
        "has not ended one since the start."
    )


@dataclass(frozen=True, slots=True)
class _Stored:
    outbox: OutboxHealth
    data: DataHealth


def health(
    *,
    store: Store,
    clock: Clock,
    executor: Executor,
    slack: Callable[[], Awaitable[SlackHealth]],
    ticks: Callable[[], dict[str, str | None]],
) -> APIRouter:
    """The route; 200 unless the database does not answer (503)."""
    router = APIRouter()

    @router.get(
        "/health",
        response_model=Health,
        responses={503: {"model": Health}},
        summary="How the service is",
    )
    async def health_now() -> JSONResponse:
        """200 with status ok or degraded; 503 with status down while the database does not answer."""
        now = clock()
        loop = asyncio.get_running_loop()
        try:
            stored: _Stored | None = await loop.run_in_executor(executor, _look, store, now)
        except Exception:
            # Whatever the driver raised: the database does not answer, which is the answer.
            stored = None
        connection = await slack()
        failures = ticks()
        body = Health(
            status=_status(stored, connection, failures),
            now=now,
            database=DatabaseHealth(reachable=stored is not None),
            slack=connection,
            outbox=None if stored is None else stored.outbox,
            data=None if stored is None else stored.data,
            ticks=failures,
        )
        return JSONResponse(body.model_dump(mode="json"), status_code=200 if stored is not None else 503)

    return router


def _status(
    stored: _Stored | None, slack: SlackHealth, failures: dict[str, str | None]
) -> Literal["ok", "degraded", "down"]:
    if stored is None:
        return "down"
    late = stored.outbox.oldest_unsent_seconds
    well = slack.state in {"connected", "off"} and not any(failures.values())
    refused = stored.outbox.held_back_by in TOKEN_REFUSED
    lost = stored.outbox.failed_lately > 0
    return "ok" if well and not refused and not lost and (late is None or late < OLD_SECONDS) else "degraded"


def _look(store: Store, now: datetime) -> _Stored:
    with store.read() as uow:
        backlog = uow.outbox.backlog(now)
        newest = uow.contacts.data_until()
    oldest = backlog.oldest_due_at
    return _Stored(
        outbox=OutboxHealth(
            waiting=backlog.waiting,
            failed=backlog.failed,
            failed_lately=backlog.failed_lately,
            held_back_by=backlog.held_back_by,
            oldest_unsent_seconds=None if oldest is None else max(0.0, (now - oldest).total_seconds()),
        ),
        data=DataHealth(
            newest_event_at=newest,
            age_seconds=None if newest is None else max(0.0, (now - newest).total_seconds()),
        ),
    )
