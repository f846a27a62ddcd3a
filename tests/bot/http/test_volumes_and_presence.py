"""POST /v1/volumes and /v1/presence: checked item by item, safe to repeat, in any order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.core.floor import AgentState
from bot.core.ids import AgentId, QueueId
from bot.store.unit_of_work import Store
from tests.bot.http.conftest import Http, Maker
from tests.support.builders import SHANGHAI, agent, at

QUARTER = timedelta(minutes=15)


@pytest.fixture
def http(make: Maker, sqlite_store: Store) -> Http:
    with sqlite_store.unit() as uow:
        uow.people.upsert(agent("bo"))
        uow.people.upsert(agent("lin"))
        uow.commit()
    return make()


def volumes(http: Http, *items: Any) -> Any:
    return http.send(list(items), path="/v1/volumes")


def presence(http: Http, *items: Any) -> Any:
    return http.send(list(items), path="/v1/presence")


def count(start: str = "09:15", **fields: Any) -> dict[str, Any]:
    return {"queue": "chat", "start": f"2026-11-24T{start}:00+08:00", "contacts": 7, **fields}


def state(name: str = "available", since: str = "09:00", **fields: Any) -> dict[str, Any]:
    return {
        "agent": "bo",
        "state": name,
        "since": f"2026-11-24T{since}:00+08:00",
        "source": "pbx",
        **fields,
    }


def test_counts_are_kept_and_the_same_again_changes_nothing(http: Http, sqlite_store: Store) -> None:
    answer = volumes(http, count(aht_seconds=240), count("09:30", contacts=9))
    assert answer.status_code == 202
    assert answer.json() == {"new": 2, "changed": 0, "unchanged": 0, "refused": []}
    assert volumes(http, count(aht_seconds=240)).json()["unchanged"] == 1
    # The interval was not over when it was first counted.
    assert volumes(http, count("09:30", contacts=11)).json()["changed"] == 1
    with sqlite_store.read() as uow:
        history = uow.volumes.history(QueueId("chat"), SHANGHAI, QUARTER)
    assert history is not None
    assert history.offered[history.observed].tolist() == [7, 11]
    assert http.send(count("09:45"), path="/v1/volumes").json()["new"] == 1


def test_counts_that_cannot_be_used_are_listed_and_the_rest_is_kept(http: Http) -> None:
    answer = volumes(
        http,
        count(),
        count(queue="chta"),
        count("09:20"),
        count("10:30"),
        count(contacts=8),
        count("09:00", interval=7),
        count("09:00", contacts=-1),
        count("09:00", customer="Wang"),
        count("09:00", interval=30),
    )
    assert answer.status_code == 202
    body = answer.json()
    assert body["new"] == 2
    assert [(r["index"], r["kind"]) for r in body["refused"]] == [
        (1, "unknown_queue"),
        (2, "off_grid"),
        (3, "count_in_future"),
        (4, "count_contradicts"),
        (5, "interval_unknown"),
        (6, "invalid"),
        (7, "invalid"),
    ]
    assert "Did you mean chat?" in body["refused"][0]["message"]
    for word in ("chta", "Wang", "customer"):
        assert word not in answer.text


def test_a_source_that_counts_is_heard(http: Http, sqlite_store: Store) -> None:
    volumes(http, count("09:15", source="pbx"), count("10:00", source="pbx"))
    with sqlite_store.read() as uow:
        [source] = uow.sources.all()
    # The interval that runs speaks of now, not of its end.
    assert (source.name, source.last_event_at, source.heard_at) == ("pbx", at(10, 1), at(10, 1))


def test_the_latest_state_is_in_force_whatever_arrived_last(http: Http, sqlite_store: Store) -> None:
    assert presence(http, state("busy", "09:40")).json()["new"] == 1
    # Two words that were late, one of another system.
    presence(http, state("available", "09:00"), state("lunch", "09:30", source="desk"))
    with sqlite_store.read() as uow:
        now = uow.presence.now(at(10))[AgentId("bo")]
        earlier = uow.presence.now(at(9, 35))[AgentId("bo")]
        history = uow.presence.history([AgentId("bo")], at(9, 10), at(10))[AgentId("bo")]
    assert (now.state, now.since, now.heard_at) == (AgentState.BUSY, at(9, 40), at(10, 1))
    assert earlier.state is AgentState.LUNCH
    assert [s.state for s in history] == [AgentState.AVAILABLE, AgentState.LUNCH, AgentState.BUSY]


def test_words_of_other_systems_and_agents_by_address(http: Http, sqlite_store: Store) -> None:
    answer = presence(
        http, state("Ready"), state("午休", "09:10", agent="Lin@harbour.example"), state("话后处理", "09:20")
    )
    assert answer.json()["new"] == 3
    with sqlite_store.read() as uow:
        now = uow.presence.now(at(10))
    assert {a: s.state for a, s in now.items()} == {"bo": AgentState.BUSY, "lin": AgentState.LUNCH}
    assert presence(http, state("Ready")).json() == {"new": 0, "changed": 0, "unchanged": 1, "refused": []}


def test_states_that_cannot_be_used_are_listed_and_nothing_of_them_is_said(http: Http) -> None:
    answer = presence(
        http,
        state(agent="Zhang Wei"),
        state(since="10:07"),
        state("dancing"),
        {**state(), "since": "2026-11-24T09:00:00"},
        state(note="angry"),
    )
    assert answer.status_code == 422
    kinds = [r["kind"] for r in answer.json()["refused"]]
    assert kinds == ["unknown_agent", "state_in_future", "invalid", "invalid", "invalid"]
    for word in ("Zhang", "dancing", "angry", "note"):
        assert word not in answer.text


@pytest.mark.parametrize("path", ["/v1/volumes", "/v1/presence"])
def test_without_the_token_nothing_is_read(make: Maker, path: str) -> None:
    assert make().send([], path=path, token="wrong").status_code == 401
    assert make().send([], path=path, token=None).status_code == 401
    assert make(token=None).send([], path=path).json()["error"] == "intake_off"
    assert make().send([1] * 5_001, path=path).json()["error"] == "too_many"
    assert make().send([], path=path).status_code == 202


@pytest.mark.parametrize("path", ["/v1/volumes", "/v1/presence"])
def test_the_description_of_the_interface_has_an_example_that_is_taken(http: Http, path: str) -> None:
    schema = http.call("GET", "/openapi.json").json()
    post = schema["paths"][path]["post"]
    assert post["security"] == [{"intakeToken": []}]
    example = post["requestBody"]["content"]["application/json"]["example"]
    kinds = {r["kind"] for r in http.send(example, path=path).json()["refused"]}
    # Understood; only our clock stands before the days it speaks of.
    assert kinds == {"count_in_future" if path == "/v1/volumes" else "state_in_future"}
