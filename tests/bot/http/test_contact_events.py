"""POST /v1/contact-events: authenticated, checked item by item, and good input is never lost with bad."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.contacts import ContactType, Priority
from bot.core.ids import ContactRef
from bot.core.messages import OperatorNotice, Outgoing, Recipient, RecipientKind, Urgency
from bot.store.unit_of_work import Store
from tests.bot.http.conftest import TOKEN, Maker
from tests.support.builders import TEAM, at


def opened(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "contact": f"GD{number}",
        "kind": "opened",
        "at": "2026-11-24T10:00:00+08:00",
        "source": "crm",
        "event_id": f"e{number}",
        "queue": "chat",
        **fields,
    }


def answered(accepted: int, repeated: int = 0) -> dict[str, Any]:
    return {"accepted": accepted, "repeated": repeated, "refused": [], "agents_unknown": 0}


def test_single_and_list(make: Maker, sqlite_store: Store) -> None:
    http = make()
    assert http.send(opened()).json() == answered(1)
    answer = http.send([opened(), opened(2)])
    assert answer.status_code == 202
    assert answer.json() == answered(1, 1)
    assert http.woken == ["recorded", "recorded"]
    with sqlite_store.unit() as uow:
        contact = uow.contacts.get(ContactRef("GD1"))
    assert contact is not None
    assert contact.opened_at == at(10)


def test_a_repeated_delivery_wakes_nobody(make: Maker) -> None:
    http = make()
    http.send(opened())
    http.woken.clear()
    assert http.send(opened()).json()["repeated"] == 1
    assert http.woken == []


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN + "x", TOKEN[:-1], "右"])
def test_wrong_or_missing_token_stores_nothing(make: Maker, sqlite_store: Store, token: str | None) -> None:
    headers = {} if token is None else {"Authorization": f"Bearer {token}".encode()}
    answer = make().call("POST", "/v1/contact-events", json=opened(), headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert TOKEN not in answer.text
    with sqlite_store.unit() as uow:
        assert uow.contacts.data_until() is None


def test_without_a_configured_token_the_intake_is_off(make: Maker) -> None:
    answer = make(token=None).send(opened())
    assert answer.status_code == 503
    assert answer.json()["error"] == "intake_off"


def test_refused_items_are_listed_and_the_rest_is_kept(make: Maker) -> None:
    items = [
        opened(1),
        opened(2, queue="nope"),
        opened(3, at="2026-11-24T10:00:00"),  # no offset
        opened(4, customer_name="Wang"),
        "not an object",
        opened(6, kind="exploded"),
        opened(7),
    ]
    answer = make().send(items)
    assert answer.status_code == 202
    body = answer.json()
    assert body["accepted"] == 2
    assert [r["index"] for r in body["refused"]] == [1, 2, 3, 4, 5]
    reasons = {r["index"]: r["message"] for r in body["refused"]}
    assert "Queues: chat" in reasons[1]
    assert "nope" not in answer.text
    assert "at:" in reasons[2]
    assert reasons[3].startswith("unknown field; known are contact, kind")
    assert "customer_name" not in answer.text
    assert "Wang" not in answer.text
    assert "opened" in reasons[5]


def test_nothing_kept_is_422(make: Maker) -> None:
    answer = make().send(opened(queue="nope"))
    assert answer.status_code == 422
    assert answer.json()["refused"][0]["index"] == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"at": 1e400},
        {"at": "9999-12-31T23:59:59-23:59"},
        {"at": "0001-01-01T00:00:00+23:59"},
        {"contact": " "},
        {"contact": "x" * 101},
        {"contact": "a\u0000b"},
        {"contact": "a\nb"},
        {"handle_seconds": -1},
        {"handle_seconds": 1e308},
        {"priority": "high!"},
        {"queue": None},
        {"event_id": {}},
    ],
    ids=str,
)
def test_impossible_values_are_refused(make: Maker, fields: dict[str, Any]) -> None:
    import json

    body = json.dumps(opened(**fields))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = make().call("POST", "/v1/contact-events", content=body, headers=headers)
    assert answer.status_code == 422, answer.text
    assert len(answer.json()["refused"]) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"contact": "Zhang Wei 13812345678 angry"},
        {"contact": "13812345678"},
        {"contact": "+8613812345678"},
        {"contact": "wei@example.com"},
        {"contact": "11010519491231002X"},
        {"contact": "4111111111111111"},
        {"contact": "x" * 65},
        {"tier": "lives in XX road 88"},
        {"outcome": "he said his card is 6222 0000"},
        {"outcome": "card62220000"},
        {"outcome": "客户张伟来电说孩子病了很生气"},
    ],
    ids=str,
)
def test_what_could_be_about_a_customer_is_refused_and_not_repeated(
    make: Maker, sqlite_store: Store, fields: dict[str, Any]
) -> None:
    answer = make().send([opened(1, **fields), opened(2, tier="vip", outcome="call-back")])
    assert answer.json()["accepted"] == 1
    [refused] = answer.json()["refused"]
    assert (refused["index"], refused["kind"]) == (0, "invalid")
    [(name, value)] = fields.items()
    assert refused["message"].startswith(f"{name}: ")
    assert value not in answer.text
    with sqlite_store.unit() as uow:
        assert uow.contacts.get(ContactRef("GD1")) is None
        assert uow.contacts.get(ContactRef("GD2")) is not None


@pytest.mark.parametrize("ref", ["GD20231027001", "2024031500012", "CASE-7:a/b#3.1", "工单20231027001"])
def test_case_numbers_are_taken(make: Maker, ref: str) -> None:
    assert make().send(opened(contact=ref)).json() == answered(1)


def test_a_misspelt_queue_is_answered_with_the_nearest_one_only(make: Maker) -> None:
    [refused] = make().send(opened(queue="chta")).json()["refused"]
    assert "Did you mean chat?" in refused["message"]
    assert "chta" not in refused["message"]
    [refused] = make().send(opened(queue="Zhang Wei, card 6222")).json()["refused"]
    assert "Did you mean" not in refused["message"]
    assert "Zhang" not in refused["message"]


def test_an_unknown_agent_costs_no_answer_and_is_not_kept(make: Maker, sqlite_store: Store) -> None:
    responded = opened(1, kind="responded", event_id="r1", at="2026-11-24T10:00:30+08:00", agent="Zhang Wei")
    assigned = opened(1, kind="assigned", event_id="a1", at="2026-11-24T10:00:20+08:00", agent="Zhang Wei")
    answer = make().send([opened(1), {**responded, "queue": "Wei lives here"}, assigned])
    body = answer.json()
    assert (body["accepted"], body["agents_unknown"]) == (2, 1)
    assert [(r["index"], r["kind"]) for r in body["refused"]] == [(2, "unknown_agent")]
    assert "Zhang" not in answer.text
    with sqlite_store.unit() as uow:
        contact = uow.contacts.get(ContactRef("GD1"))
        events = uow.contacts.events({ContactRef("GD1")})[ContactRef("GD1")]
    assert contact is not None
    assert contact.responded_at is not None
    assert contact.agent is None
    assert {(e.agent, e.queue) for e in events} == {(None, "chat"), (None, None)}


def test_the_rule_stands_in_the_description_of_the_interface(make: Maker) -> None:
    schema = make().call("GET", "/openapi.json").json()
    content = schema["paths"]["/v1/contact-events"]["post"]["requestBody"]["content"]["application/json"]
    fields = content["schema"]["oneOf"][0]["properties"]
    assert "telephone" in fields["contact"]["description"]
    assert fields["contact"]["pattern"].startswith("^")
    assert "kept without the agent" in fields["agent"]["description"]


def test_words_of_other_systems_and_of_chinese_sources(make: Maker, sqlite_store: Store) -> None:
    body = {
        "case": "GD9",
        "event": "Created",
        "time": "2026-11-24T02:00:00Z",
        "source": "crm",
        "id": "1",
        "queue": "chat",
        "priority": "紧急",
        "type": "投诉",
    }
    assert make().send(body).json()["accepted"] == 1
    with sqlite_store.unit() as uow:
        contact = uow.contacts.get(ContactRef("GD9"))
    assert contact is not None
    assert contact.type is ContactType.COMPLAINT
    assert contact.priority is Priority.URGENT


@pytest.mark.parametrize(
    ("content", "status", "error"),
    [
        (b"", 400, "not_json"),
        (b"{", 400, "not_json"),
        (b"\xff\xfe", 400, "not_json"),
        (b"[" * 100_000, 400, "not_json"),
        (b" " * 5_000_001, 413, "too_large"),
        (b"[" + b"1," * 5000 + b"1]", 413, "too_many"),
    ],
    ids=["empty", "broken", "not utf-8", "deep", "large", "many"],
)
def test_bodies_that_cannot_be_read(make: Maker, content: bytes, status: int, error: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = make().call("POST", "/v1/contact-events", content=content, headers=headers)
    assert answer.status_code == status
    assert answer.json()["error"] == error
    assert "nothing was stored" in answer.json()["message"]


def test_an_empty_list_is_fine(make: Maker) -> None:
    assert make().send([]).json() == answered(0)


def test_openapi_names_the_endpoint_and_its_token(make: Maker) -> None:
    schema = make().call("GET", "/openapi.json").json()
    post = schema["paths"]["/v1/contact-events"]["post"]
    assert post["security"] == [{"intakeToken": []}]
    assert schema["components"]["securitySchemes"]["intakeToken"]["scheme"] == "bearer"
    assert "/slack/events" not in schema["paths"]


def test_health(make: Maker) -> None:
    http = make()
    assert http.call("GET", "/health").json()["data"] == {"newest_event_at": None, "age_seconds": None}
    http.send(opened())
    body = http.call("GET", "/health").json()
    assert body["status"] == "ok"
    assert body["data"]["age_seconds"] == 60
    assert body["outbox"] == {
        "waiting": 0,
        "failed": 0,
        "failed_lately": 0,
        "oldest_unsent_seconds": None,
        "held_back_by": None,
    }
    assert datetime.fromisoformat(body["now"]) == at(10, 1).astimezone(UTC)


def test_a_message_given_up_today_is_no_plain_ok(make: Maker, sqlite_store: Store) -> None:
    recipient = Recipient(kind=RecipientKind.CHANNEL, name="harbour-alerts", team=TEAM)
    notice = OperatorNotice(code="test", subject="x")
    with sqlite_store.unit() as uow:
        uow.outbox.put(
            Outgoing(
                recipient=recipient, message=notice, dedupe_key="x", urgency=Urgency.NOTICE, not_before=at(9)
            ),
            at(9),
        )
        message = uow.outbox.by_key("x")
        assert message is not None
        taken = uow.outbox.claim(message.id, worker="a", now=at(9), lease=timedelta(minutes=1))
        assert taken is not None
        assert uow.outbox.mark_failed(taken[0], worker="a", error="not_in_channel")
        uow.commit()
    body = make().call("GET", "/health").json()
    assert (body["status"], body["outbox"]["failed_lately"]) == ("degraded", 1)


def test_health_without_slack_or_database(make: Maker, sqlite_store: Store) -> None:
    assert make(slack="unreachable").call("GET", "/health").json()["status"] == "degraded"
    from bot.store.engine import make_engine

    broken = Store(make_engine("sqlite:////nonexistent/folder/muster.db"))
    answer = make(store=broken).call("GET", "/health")
    assert answer.status_code == 503
    assert answer.json()["status"] == "down"
    assert not answer.json()["database"]["reachable"]
    failed = make(store=broken).send(opened())
    assert failed.status_code == 503
    assert "nothing was changed" in failed.json()["message"]
