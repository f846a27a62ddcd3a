"""What http.md and /docs tell a newcomer is what the service does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bot.core.contacts import EventKind
from bot.core.floor import AgentState
from bot.core.source_words import AGENT_STATES, EVENT_KINDS
from tests.bot.http.conftest import Maker

DOCUMENT = (Path(__file__).parents[3] / "bot/docs/http.md").read_text(encoding="utf-8")
SENT = [kind for kind in EventKind if kind is not EventKind.ABSORBED]


def part(title: str) -> str:
    return DOCUMENT.split(f"\n## {title}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("kind", SENT)
def test_every_kind_is_named_with_the_fields_it_needs(make: Maker, kind: EventKind) -> None:
    row = re.search(rf"^\| `{kind.value}` \|.*\|(.*)\|.*\|$", part("Contact events"), re.MULTILINE)
    assert row is not None
    event = {"contact": "A1", "kind": kind.value, "at": "2026-11-24T10:00:00+08:00", "source": "s"}
    refused = make().send({**event, "event_id": "1"}).json()["refused"]
    missing = {m[1] for item in refused if (m := re.search(r"needs '(\w+)'", item["message"]))}
    assert set(re.findall(r"`(\w+)`", row[1])) == missing


def test_every_other_word_for_a_kind_is_named() -> None:
    assert [word for word in EVENT_KINDS if f"`{word}`" not in part("Contact events")] == []


def test_the_examples_are_answered_as_the_document_says(make: Maker) -> None:
    http = make()
    found: list[Any] = [
        json.loads(text) for text in re.findall(r"```json\n(.*?)```", part("Contact events"), re.DOTALL)
    ]
    assert len(found) == 4
    for sent, answer in ((found[0], found[1]), (found[2], found[3])):
        assert http.send(sent).json() == answer


def test_the_page_names_every_endpoint_and_loads_nothing(make: Maker) -> None:
    http = make()
    page = http.call("GET", "/docs")
    assert page.headers["content-type"].startswith("text/html")
    for path in http.call("GET", "/openapi.json").json()["paths"]:
        assert path in page.text
    assert "customer_replied" in page.text
    assert "GD20261122001" in page.text
    assert "<script" not in page.text
    assert re.findall(r"(?:src|href)=\"(?!#|/openapi\.json)", page.text) == []
    assert "://" not in page.text


def test_an_unknown_word_is_answered_with_what_was_meant(make: Maker) -> None:
    event = {
        "contact": "A1",
        "kind": "open",
        "at": "2026-11-24T10:00:00+08:00",
        "source": "s",
        "event_id": "1",
    }
    said = make().send(event).json()["refused"][0]["message"]
    assert "did you mean opened?" in said
    assert all(kind.value in said for kind in SENT)
    assert "absorbed" not in said
    assert said.endswith("The event was not kept.")


def test_an_unknown_state_is_answered_with_every_word_for_one(make: Maker) -> None:
    state = {"agent": "bo", "state": "王小明 gone", "since": "2026-11-24T10:00:00+08:00", "source": "pbx"}
    answer = make().send(state, path="/v1/presence")
    said = answer.json()["refused"][0]["message"]
    assert all(word in said for word in (*AGENT_STATES, *(one.value for one in AgentState)))
    assert "王小明" not in answer.text
    assert said.endswith("was not kept.")
