"""Deliveries of helpdesks as the vendors make them: sample payloads and their signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.core.connector_settings import ConnectorSettings
from bot.core.contacts import ContactType, Priority
from bot.core.ids import AgentId
from tests.support.builders import CHAT, EMAIL

SAMPLES = Path(__file__).parents[1] / "data" / "connectors"
SECRET = "shared-with-the-vendor"
AGENTS = {"bo@harbour.example": AgentId("bo"), "lin@harbour.example": AgentId("lin")}

SETTINGS = {
    "zendesk": ConnectorSettings(
        queue=CHAT,
        queues={"8447320466431": EMAIL},
        types={"refund": ContactType.AFTER_SALES},
        tiers={"vip": "gold"},
        agents={"8447388090494": "bo@harbour.example"},
    ),
    "freshdesk": ConnectorSettings(queues={"chat desk": CHAT}, types={"refund": ContactType.AFTER_SALES}),
    "intercom": ConnectorSettings(queues={"5017690": CHAT}, priorities={"high": Priority.URGENT}),
    "chatwoot": ConnectorSettings(queue=EMAIL, queues={"inbox 7": CHAT}, agents={"12": "bo@harbour.example"}),
}


def sample(name: str) -> Any:
    """The payload in tests/data/connectors/NAME.json."""
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def names(vendor: str) -> list[str]:
    return sorted(path.stem for path in SAMPLES.glob(f"{vendor}_*.json"))


def signed(vendor: str, body: bytes, at: datetime, secret: str = SECRET) -> dict[str, str]:
    """The headers a vendor sends with a body at a time."""
    key = secret.encode()
    if vendor == "zendesk":
        stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        made = hmac.new(key, stamp.encode() + body, hashlib.sha256).digest()
        return {
            "X-Zendesk-Webhook-Signature": base64.b64encode(made).decode(),
            "X-Zendesk-Webhook-Signature-Timestamp": stamp,
        }
    if vendor == "chatwoot":
        stamp = str(int(at.timestamp()))
        made = hmac.new(key, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return {"X-Chatwoot-Signature": f"sha256={made}", "X-Chatwoot-Timestamp": stamp}
    if vendor == "intercom":
        return {"X-Hub-Signature": f"sha1={hmac.new(key, body, hashlib.sha1).hexdigest()}"}
    return {"X-Muster-Secret": secret}
