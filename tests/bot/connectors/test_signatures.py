"""A delivery is believed if it was made with the secret, on these bytes, and not long ago (PS12)."""

from __future__ import annotations

import base64
import inspect
import json
from datetime import datetime, timedelta

import pytest

from bot.connectors import connector as shape
from bot.connectors.connector import Delivery, Fault
from bot.connectors.registry import CONNECTORS, connector, secret_variable
from tests.support.builders import at
from tests.support.webhooks import SAMPLES, SECRET, names, signed

NOW = at(10, 1)
BODIES = {vendor: (SAMPLES / f"{names(vendor)[-1]}.json").read_bytes() for vendor in CONNECTORS}


def verify(
    vendor: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    *,
    now: datetime = NOW,
    token: str | None = None,
) -> Fault | None:
    body = BODIES[vendor] if body is None else body
    given = signed(vendor, body, NOW) if headers is None else headers
    delivery = Delivery(body=body, headers={k.lower(): v for k, v in given.items()}, token=token)
    return connector(vendor).verify(delivery, SECRET, now)


@pytest.mark.parametrize("vendor", CONNECTORS)
def test_every_connector_has_the_same_shape(vendor: str) -> None:
    module = connector(vendor)
    assert module.DOCUMENTATION.startswith("https://")
    assert module.DOCUMENTATION in (module.__doc__ or "")
    assert module.TITLE.lower() == vendor
    for name in ("verify", "events"):
        wanted = inspect.signature(getattr(shape.Connector, name)).parameters
        assert ["self", *inspect.signature(getattr(module, name)).parameters] == list(wanted)
    assert names(vendor), "a sample payload per event in tests/data/connectors"
    assert secret_variable(vendor) == f"MUSTER_CONNECTOR_{vendor.upper()}_SECRET"


@pytest.mark.parametrize("vendor", CONNECTORS)
def test_a_genuine_delivery_is_believed_and_no_other(vendor: str) -> None:
    body = BODIES[vendor]
    assert verify(vendor) is None
    assert verify(vendor, headers={}) is Fault.UNSIGNED
    assert verify(vendor, headers=signed(vendor, body, NOW, secret="guessed")) is Fault.WRONG
    assert verify(vendor, headers=dict.fromkeys(signed(vendor, body, NOW), "鑰")) is Fault.WRONG
    if vendor != "freshdesk":  # its secret does not cover the body
        assert verify(vendor, body + b" ", signed(vendor, body, NOW)) is Fault.WRONG


@pytest.mark.parametrize("vendor", ["zendesk", "chatwoot"])
@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_delivery_of_another_time_is_no_longer_believed(vendor: str, minutes: int) -> None:
    assert verify(vendor, now=NOW + timedelta(minutes=minutes)) is Fault.STALE
    assert verify(vendor, now=NOW + timedelta(minutes=minutes / 2)) is None


def test_a_signature_without_a_time_is_not_believed() -> None:
    for vendor, stamp in (("zendesk", "Signature-Timestamp"), ("chatwoot", "Timestamp")):
        headers = signed(vendor, BODIES[vendor], NOW)
        name = next(key for key in headers if key.endswith(stamp))
        assert verify(vendor, headers={k: v for k, v in headers.items() if k != name}) is Fault.WRONG
        assert verify(vendor, headers={**headers, name: "9" * 40}) is Fault.WRONG


def test_intercom_dates_the_notification_inside() -> None:
    assert verify("intercom", now=NOW + timedelta(hours=23)) is None
    assert verify("intercom", now=NOW + timedelta(days=2)) is Fault.STALE
    # Genuine, but not JSON: that is for the reader to say.
    assert verify("intercom", b"[" * 100_000) is None
    assert verify("intercom", json.dumps({"topic": {}}).encode()) is None


def test_freshdesk_takes_the_secret_as_header_or_as_password() -> None:
    basic = base64.b64encode(f"muster:{SECRET}".encode()).decode()
    assert verify("freshdesk", headers={"Authorization": f"Basic {basic}"}) is None
    assert verify("freshdesk", headers={"Authorization": "Basic bXVzdGVyOndyb25n"}) is Fault.WRONG
    for broken in ("Basic ???", "Bearer x", "Basic /w=="):
        assert verify("freshdesk", headers={"Authorization": broken}) is Fault.UNSIGNED


def test_an_older_chatwoot_has_the_secret_in_its_address() -> None:
    assert verify("chatwoot", headers={}, token=SECRET) is None
    assert verify("chatwoot", headers={}, token="guessed") is Fault.WRONG
    # Who signs is judged by the signature alone.
    wrong = signed("chatwoot", BODIES["chatwoot"], NOW, secret="guessed")
    assert verify("chatwoot", headers=wrong, token=SECRET) is Fault.WRONG
