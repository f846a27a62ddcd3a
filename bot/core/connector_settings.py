"""What the operator decided about a helpdesk that sends webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.core.contacts import ContactType, Priority
from bot.core.ids import QueueId

__all__ = ["ConnectorSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorSettings:
    """How a vendor's words become ours.  Keys are compared without regard to case.

    ``queue`` is where a case goes that no entry of ``queues`` (group, brand, inbox, team or tag) claims;
    None leaves such cases out.  ``agents``: the vendor's id of an agent to the e-mail address in agents.csv,
    for payloads that carry no address.
    """

    queue: QueueId | None = None
    queues: Mapping[str, QueueId] = field(default_factory=dict)
    priorities: Mapping[str, Priority] = field(default_factory=dict)
    types: Mapping[str, ContactType] = field(default_factory=dict)
    tiers: Mapping[str, str] = field(default_factory=dict)
    agents: Mapping[str, str] = field(default_factory=dict)
    enabled: bool = True
