"""Freshdesk: the action "Trigger webhook" of an automation rule.

Freshdesk signs nothing.  The rule sends a secret of the operator's: as header ``X-Muster-Secret``, or as the
password of basic authentication.  What it sends besides is written by the operator
(`bot.connectors.rule_made`).

Vendor's page: https://support.freshdesk.com/support/solutions/articles/132589-using-webhooks-in-automation-rules
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot.connectors.connector import Delivery, Fault, Reading
from bot.connectors.rule_made import rule_made
from bot.connectors.signatures import basic_password, same
from bot.core.connector_settings import ConnectorSettings
from bot.core.ids import AgentId
from bot.core.queues import Channel

TITLE: Final = "Freshdesk"
DOCUMENTATION: Final = (
    "https://support.freshdesk.com/support/solutions/articles/132589-using-webhooks-in-automation-rules"
)

_PRIORITIES: Final = {"1": "low", "2": "medium", "3": "high", "4": "urgent"}
_CHANNELS: Final = {
    "email": Channel.EMAIL,
    "outbound email": Channel.EMAIL,
    "1": Channel.EMAIL,
    "portal": Channel.WEB,
    "2": Channel.WEB,
    "feedback widget": Channel.WEB,
    "9": Channel.WEB,
    "phone": Channel.PHONE,
    "3": Channel.PHONE,
    "chat": Channel.CHAT,
    "7": Channel.CHAT,
    "mobihelp": Channel.APP,
    "twitter": Channel.SOCIAL,
    "facebook": Channel.SOCIAL,
    "whatsapp": Channel.SOCIAL,
}


def verify(delivery: Delivery, secret: str, now: datetime) -> Fault | None:  # noqa: ARG001 - nothing is dated
    """The shared secret.  There is no time in it: a delivery may be replayed, and changes nothing then."""
    given = delivery.headers.get("x-muster-secret") or basic_password(delivery.headers.get("authorization"))
    return same(given, secret)


def events(payload: object, settings: ConnectorSettings, agents: Mapping[str, AgentId]) -> Reading:
    """What the rule was told to say."""
    return rule_made(
        payload,
        source="freshdesk",
        settings=settings,
        agents=agents,
        channels=_CHANNELS,
        priorities=_PRIORITIES,
    )
