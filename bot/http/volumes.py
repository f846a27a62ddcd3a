"""POST /v1/volumes: contacts per queue and interval, as a telephone system or a report counts them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from bot.core.changes import ChangeCounts
from bot.core.ids import QueueId
from bot.core.ports import Clock
from bot.core.settings import Settings
from bot.http.bodies import Moment, SystemName
from bot.http.lists import Refused, list_endpoint
from bot.store.unit_of_work import Store
from bot.store.volumes import VolumeCount
from bot.usecases import live_volumes

__all__ = ["VolumeBody", "volumes"]

MOST_CONTACTS = 1_000_000
"""Of one queue in one interval; more is a unit mistaken for another."""


class VolumeBody(BaseModel):
    """One count.  Fields that are not listed are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, populate_by_name=True)

    queue: SystemName = Field(description="A queue of app.yaml.")
    start: Moment = Field(description="Start of the interval, with offset; on the interval's grid.")
    contacts: Annotated[float, Field(ge=0, le=MOST_CONTACTS, allow_inf_nan=False)] = Field(
        description="Contacts that arrived, answered or not."
    )
    aht_seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] | None = Field(
        default=None, description="Mean handling time [s] with after-call work; 0 means unknown."
    )
    interval: Annotated[int, Field(ge=1, le=60)] | None = Field(
        default=None,
        validation_alias=AliasChoices("interval", "interval_minutes"),
        description="Length [min]; it divides an hour. Without it the planning interval of app.yaml.",
    )
    source: SystemName = Field(default="volumes", description="The system that counts.")


def volumes(
    *, store: Store, settings: Settings, token: str | None, clock: Clock, executor: Executor
) -> APIRouter:
    """The route: an upsert by queue and start; the same count twice changes nothing."""

    def keep(items: Sequence[VolumeBody]) -> tuple[ChangeCounts, Refused]:
        rows = [
            VolumeCount(
                queue=QueueId(item.queue),
                start=item.start,
                interval=settings.staffing.interval
                if item.interval is None
                else timedelta(minutes=item.interval),
                contacts=item.contacts,
                aht_seconds=item.aht_seconds,
            )
            for item in items
        ]
        result = live_volumes.record(
            store, settings, rows, sources=[item.source for item in items], now=clock()
        )
        return result.counts, result.refused

    return list_endpoint(
        "/v1/volumes",
        body=VolumeBody,
        example=[
            {"queue": "phone", "start": "2026-11-30T09:00:00+08:00", "contacts": 14, "aht_seconds": 241},
            {"queue": "phone", "start": "2026-11-30T09:15:00+08:00", "contacts": 17, "interval": 15},
        ],
        summary="Record contacts per queue and interval",
        token=token,
        executor=executor,
        store=keep,
        event="volumes_recorded",
    )
