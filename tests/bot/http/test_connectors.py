"""POST /v1/connectors/{name}: believed by signature, kept once, silent about what was sent."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import httpx
import pytest

from bot.core.contacts import ContactStatus, ContactType, Priority
from bot.core.ids import ContactRef
from bot.store.unit_of_work import Store
from tests.bot.http.conftest import Http, Maker
from tests.support.builders import agent, at
from tests.support.webhooks import SECRET, SETTINGS, sample, signed

REF = ContactRef("zendesk:1001")
NOW = at(12)


@pytest.fixture
def http(make: Maker, sqlite_store: Store) -> Http:
    with sqlite_store.unit() as uow:
        uow.people.upsert(agent("bo"))
        uow.commit()
    return make(connectors=SETTINGS, secrets=dict.fromkeys(SETTINGS, SECRET), now=NOW)


def deliver(
    http: Http, vendor: str, payload: Any, headers: dict[str, str] | None = None, query: str = ""
) -> httpx.Response:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    given = signed(vendor, body, NOW) if headers is None else headers
    return http.call("POST", f"/v1/connectors/{vendor}{query}", content=body, headers=given)


def test_a_ticket_becomes_a_contact_and_the_same_delivery_changes_nothing(
    http: Http, sqlite_store: Store
) -> None:
    answer = deliver(http, "zendesk", sample("zendesk_created"))
    assert answer.status_code == 202
    assert answer.json() == {"accepted": 1, "repeated": 0, "left_out": {}, "refused": []}
    with sqlite_store.read() as uow:
        contact = uow.contacts.get(REF)
        [source] = uow.sources.all()
    assert contact is not None
    assert (contact.type, contact.priority) == (ContactType.AFTER_SALES, Priority.HIGH)
    assert (contact.opened_at, contact.source) == (at(10), "zendesk")
    assert (source.name, source.last_event_at, source.heard_at) == ("zendesk", at(10), NOW)
    assert http.woken == ["recorded"]
    again = deliver(http, "zendesk", sample("zendesk_created"))
    assert (again.status_code, again.json()["repeated"]) == (202, 1)
    assert http.woken == ["recorded"]
    with sqlite_store.read() as uow:
        assert uow.contacts.get(REF) == contact


STORY = [
    "zendesk_created",
    "zendesk_assigned",
    "zendesk_comment_by_agent",
    "zendesk_status_open_pending",
    "zendesk_status_pending_open",
    "zendesk_status_open_solved",
]


def test_events_in_any_order_end_in_the_same_state(make: Maker, store: Store) -> None:
    ends = set()
    for number, order in enumerate(list(permutations(STORY))[::97]):
        http = make(connectors=SETTINGS, secrets={"zendesk": SECRET}, now=NOW, store=store)
        with store.unit() as uow:
            uow.people.upsert(agent("bo"))
            uow.commit()
        for name in order:
            payload = sample(name)
            payload["detail"]["id"] = str(number)
            payload["id"] = f"{number}-{payload['id']}"
            assert deliver(http, "zendesk", payload).status_code == 202
        with store.read() as uow:
            contact = uow.contacts.get(ContactRef(f"zendesk:{number}"))
        assert contact is not None
        ends.add(replace(contact, ref=REF))
    [end] = ends
    assert (end.status, end.agent) == (ContactStatus.SOLVED, "bo")
    assert end.responded_at is not None
    assert abs(end.responded_at - at(10, 12)) < timedelta(seconds=1)


@pytest.mark.parametrize("vendor", SETTINGS)
def test_nobody_without_the_secret_is_believed(http: Http, sqlite_store: Store, vendor: str) -> None:
    body = b"{}"
    for headers in ({}, signed(vendor, body, NOW, secret="guessed"), {"Authorization": "Basic x"}):
        answer = deliver(http, vendor, body, headers)
        assert answer.status_code == 401
        assert answer.json()["error"] in {"delivery_unsigned", "delivery_wrong"}
        assert SECRET not in answer.text
    if vendor in {"zendesk", "chatwoot"}:
        old = deliver(http, vendor, body, signed(vendor, body, NOW - timedelta(minutes=6)))
        assert (old.status_code, old.json()["error"]) == (401, "delivery_stale")
    with sqlite_store.read() as uow:
        assert uow.sources.all() == []


def test_an_older_chatwoot_brings_the_secret_in_its_address(http: Http) -> None:
    payload = sample("chatwoot_conversation_created")
    assert deliver(http, "chatwoot", payload, {}, f"?token={SECRET}").json()["accepted"] == 1
    assert deliver(http, "chatwoot", payload, {}, "?token=guessed").status_code == 401


def test_events_of_no_use_are_counted_and_the_source_is_heard(http: Http, sqlite_store: Store) -> None:
    answer = deliver(http, "intercom", sample("intercom_ping"))
    assert answer.status_code == 202
    assert answer.json()["left_out"] == {"event": 1}
    with sqlite_store.read() as uow:
        source = uow.sources.get("intercom")
    assert source is not None
    assert source.heard_at == NOW
    assert http.woken == []


def test_a_payload_of_another_form_is_named_by_place_and_not_repeated(http: Http) -> None:
    payload = sample("zendesk_created")
    payload["detail"]["id"] = "Zhang Wei 13812345678"
    answer = deliver(http, "zendesk", payload)
    assert (answer.status_code, answer.json()["error"]) == (422, "payload")
    assert "detail.id" in answer.json()["message"]
    assert "Zhang" not in answer.text
    assert "1381" not in answer.text
    assert deliver(http, "zendesk", b"{").json()["error"] == "not_json"
    assert deliver(http, "zendesk", b" " * 1_000_001).status_code == 413


def test_what_the_intake_refuses_is_told_to_the_vendor(http: Http) -> None:
    payload = sample("zendesk_created")
    payload["time"] = payload["detail"]["created_at"] = "2026-11-24T05:00:00Z"
    answer = deliver(http, "zendesk", payload)
    assert answer.status_code == 422
    assert [r["kind"] for r in answer.json()["refused"]] == ["event_in_future"]


def test_a_connector_that_is_off_unknown_or_without_secret(make: Maker) -> None:
    off = {"zendesk": replace(SETTINGS["zendesk"], enabled=False)}
    for http in (make(secrets={"zendesk": SECRET}, now=NOW), make(connectors=off, now=NOW)):
        for name in ("zendesk", "udesk"):
            answer = http.call("POST", f"/v1/connectors/{name}", content=b"{}")
            assert (answer.status_code, answer.json()["error"]) == (404, "connector_off")
            assert "udesk" not in answer.text
    bare = make(connectors=SETTINGS, now=NOW).call("POST", "/v1/connectors/zendesk", content=b"{}")
    assert (bare.status_code, bare.json()["error"]) == (503, "connector_secret")
    assert "MUSTER_CONNECTOR_ZENDESK_SECRET" in bare.json()["message"]
