"""The part `connectors` of app.yaml: whose webhooks are taken, and what their words mean here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from bot.config.document import Document
from bot.config.fields import Email
from bot.config.problems import Problem, nearest
from bot.connectors.registry import CONNECTORS
from bot.core.allowed_text import code_problem
from bot.core.connector_settings import ConnectorSettings
from bot.core.contacts import ContactType, Priority
from bot.core.ids import QueueId

__all__ = ["ConnectorPart", "connector_settings", "unknown_connectors"]


def _code(text: str) -> str:
    if code_problem(text) is not None:
        raise PydanticCustomError("code", "not a code", {"value": text})
    return text


# A group's number may be written without quotes.
VendorWord = Annotated[str, BeforeValidator(lambda value: str(value).strip().lower())]
Tier = Annotated[str, AfterValidator(_code)]


class ConnectorPart(BaseModel):
    """One helpdesk.  Being there switches it on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = True
    queue: str | None = None
    queues: dict[VendorWord, str] = {}
    priorities: dict[VendorWord, Priority] = {}
    types: dict[VendorWord, ContactType] = {}
    tiers: dict[VendorWord, Tier] = {}
    agents: dict[VendorWord, Email] = {}


def connector_settings(parts: Mapping[str, ConnectorPart]) -> dict[str, ConnectorSettings]:
    return {
        name: ConnectorSettings(
            enabled=part.enabled,
            queue=None if part.queue is None else QueueId(part.queue),
            queues={word: QueueId(queue) for word, queue in part.queues.items()},
            priorities=part.priorities,
            types=part.types,
            tiers=part.tiers,
            agents=part.agents,
        )
        for name, part in parts.items()
    }


def unknown_connectors(document: Document) -> Iterator[Problem]:
    """Names that no connector has."""
    section = document.data.get("connectors")
    for name in section if isinstance(section, Mapping) else ():
        if str(name) not in CONNECTORS:
            allowed = tuple(CONNECTORS)
            yield document.problem(
                "not_allowed",
                ("connectors", str(name)),
                value=name,
                allowed=allowed,
                suggestion=nearest(str(name), allowed),
            )
