"""POST /v1/presence: what agents are doing, as the system they are logged in to sees it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Annotated

from fastapi import APIRouter
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from bot.core.changes import ChangeCounts
from bot.core.floor import AgentState, PresenceEntry
from bot.core.ids import AgentId
from bot.core.ports import Clock
from bot.core.source_words import AGENT_STATES
from bot.http.aliases import Word
from bot.http.bodies import Identifier, Moment, SystemName
from bot.http.lists import Refused, list_endpoint
from bot.store.unit_of_work import Store
from bot.usecases import track_floor

__all__ = ["PresenceBody", "presence"]

_EXAMPLE = [
    {"agent": "bo", "state": "available", "since": "2026-11-30T09:00:00+08:00", "source": "pbx"},
    {
        "agent": "lin@harbour.example",
        "state": "午休",
        "since": "2026-11-30T12:00:00+08:00",
        "source": "pbx",
    },
]


class PresenceBody(BaseModel):
    """One state of one agent.  Fields that are not listed are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, populate_by_name=True)

    agent: Identifier = Field(description="Id or e-mail address of an agent Muster knows.")
    state: Annotated[AgentState, Word(AgentState, AGENT_STATES)] = Field(
        validation_alias=AliasChoices("state", "status"),
        description="The words of other systems are understood, both languages.",
    )
    since: Moment = Field(
        validation_alias=AliasChoices("since", "at", "time", "timestamp"),
        description="When it began, with offset, by the source's clock; the latest one is in force.",
    )
    source: SystemName = Field(description="The system that tells it.")


def presence(*, store: Store, token: str | None, clock: Clock, executor: Executor) -> APIRouter:
    """The route: states may come late, twice and in any order; the latest ``since`` is in force."""

    def keep(items: Sequence[PresenceBody]) -> tuple[ChangeCounts, Refused]:
        entries = [
            PresenceEntry(agent=AgentId(item.agent), state=item.state, since=item.since, source=item.source)
            for item in items
        ]
        result = track_floor.record_presence(store, entries, now=clock())
        return result.counts, result.refused

    return list_endpoint(
        "/v1/presence",
        body=PresenceBody,
        example=_EXAMPLE,
        summary="Record what agents are doing",
        token=token,
        executor=executor,
        store=keep,
        event="presence_recorded",
    )
