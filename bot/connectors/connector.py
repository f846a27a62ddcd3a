"""The shape of a connector: what each module of this package has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from bot.core.connector_settings import ConnectorSettings
from bot.core.contacts import ContactEvent
from bot.core.ids import AgentId

__all__ = ["Connector", "Delivery", "Fault", "LeftOut", "PayloadError", "Reading"]


class Fault(Enum):
    """Why a delivery is not believed."""

    UNSIGNED = "unsigned"  # no signature, token or secret where one must be
    WRONG = "wrong"  # not made with our secret
    STALE = "stale"  # signed too long ago, or ahead of our clock: it may be a replay


class LeftOut(Enum):
    """Why something a payload says became no event."""

    EVENT = "event"  # a kind of event that says nothing about a promise
    UNCHANGED = "unchanged"  # nothing that Muster keeps has changed
    QUEUE = "queue"  # no queue for it in app.yaml
    AGENT = "agent"  # assigned to nobody we know
    INTERNAL = "internal"  # a note among colleagues
    AUTOMATIC = "automatic"  # written by a machine: no answer of the team


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One request as it came: raw bytes, headers by lower-case name, the ``token`` of its address."""

    body: bytes
    headers: Mapping[str, str]
    token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a payload says: events, and what was left out with the reason.

    ``at``: the vendor's own time of it, where it has one.
    """

    events: tuple[ContactEvent, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    at: datetime | None = None


class PayloadError(ValueError):
    """A payload that is not of the documented form.  The text names the place and repeats no content."""


class Connector(Protocol):
    """What a module of this package offers; `bot.connectors.registry` has one line for each."""

    TITLE: str
    """The vendor's name."""
    DOCUMENTATION: str
    """Address of the vendor's page about its webhooks."""

    def verify(self, delivery: Delivery, secret: str, now: datetime) -> Fault | None:
        """Whether a delivery was made with the secret, and not long ago; None if it is genuine.

        Compares in constant time, on the raw bytes.
        """

    def events(self, payload: object, settings: ConnectorSettings, agents: Mapping[str, AgentId]) -> Reading:
        """What a payload says, purely.  ``agents``: agents Muster knows, by e-mail address in lower case.

        The same payload gives the same events with the same ids.  Raises PayloadError where it is not of the
        documented form; an event type we have no use for is left out, not refused.
        """
