"""CP7: customers are asked after the solution by a signed word to the survey tool: whom, and once."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from bot.connectors.survey import SurveyWebhook
from bot.core.contacts import ContactType, EventKind, WaitingFor
from bot.core.ids import ContactRef
from bot.core.messages import OperatorNotice
from bot.core.records import ContactRecord
from bot.core.settings import Settings
from bot.core.survey_requests import LATEST, TRIES, AskState, LeftOut, SurveySettings
from bot.imports.surveys import read_surveys
from bot.store.unit_of_work import Store
from bot.usecases import ask_surveys, intake
from bot.usecases.import_surveys import import_surveys
from tests.support.builders import CHAT, EMAIL, at, contact, event, settings

HOUR = timedelta(hours=1)


def asking(**more: Any) -> Settings:
    return replace(settings(), surveys=SurveySettings(**more))


class Tool:
    """The survey tool; answers with ``status``."""

    def __init__(self) -> None:
        self.status = 200
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.heard]


@pytest.fixture
def tool() -> Iterator[Tool]:
    held = Tool()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            held.heard.append((dict(self.headers), body))
            self.send_response(held.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    held.url = f"http://127.0.0.1:{server.server_port}/ask"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield held
    server.shutdown()
    server.server_close()


def solved(
    store: Store, chosen: Settings, ref: str, when: datetime, *, customer: str | None = None, **more: Any
) -> None:
    opened = when - timedelta(minutes=20)
    events = (
        event(EventKind.OPENED, opened, ref, **more),
        event(EventKind.RESOLVED, when, ref),
    )
    result = intake.record(store, chosen, events, now=when)
    assert result.refused == ()
    if customer is not None:
        named(store, ref, customer, when)


def named(store: Store, ref: str, customer: str, when: datetime) -> None:
    with store.unit() as uow:
        uow.records.save(
            ContactRecord(
                ref=ContactRef(ref),
                recorded_by="bo",
                recorded_at=when,
                complete=True,
                type=ContactType.CONSULT,
                customer_no=customer,
            )
        )
        uow.commit()


def look(store: Store, chosen: Settings, tool: Tool, now: datetime) -> int:
    return ask_surveys.tick(store, chosen, SurveyWebhook(tool.url, "shared"), now=lambda: now)


def state(store: Store, ref: str) -> tuple[AskState, LeftOut | None] | None:
    with store.read() as uow:
        held = uow.survey_requests.get(ContactRef(ref))
        return None if held is None else (held.state, held.why)


def test_the_tool_is_told_once_signed_and_without_a_word_of_the_customer(store: Store, tool: Tool) -> None:
    chosen = asking()
    solved(store, chosen, "GD1", at(10), customer="C-77")
    look(store, chosen, tool, at(10, 59))
    assert tool.heard == []
    for _ in range(2):
        look(store, chosen, tool, at(11))
    ((headers, body),) = tool.heard
    told = json.loads(body)
    assert set(told) == {"token", "contact", "queue", "channel", "locale", "solved_at"}
    assert (told["contact"], told["queue"], told["channel"], told["locale"]) == (
        "GD1",
        "chat",
        "chat",
        "zh-Hans",
    )
    signed = headers["Muster-Timestamp"].encode() + b"." + body
    expected = hmac.new(b"shared", signed, hashlib.sha256).hexdigest()
    assert headers["Muster-Signature"] == f"sha256={expected}"
    assert b"C-77" not in body


def test_the_token_brings_the_answer_back_and_the_response_is_counted(store: Store, tool: Tool) -> None:
    chosen = asking(after=timedelta(0))
    for n in range(2):
        solved(store, chosen, f"GD{n}", at(10, n))
    look(store, chosen, tool, at(10, 5))
    token = tool.told[0]["token"]
    file = f"token,scale,value\n{token},1-5,4\n{'x' * 22},1-5,4\nno token,1-5,4\n"
    rows, report = read_surveys(file.encode(), source="s.csv", settings=chosen)
    done = import_surveys(store, rows, report)
    assert done.counts.new == 1
    assert [(r.line, r.reason) for r in done.refused] == [(3, "survey_token"), (4, "survey_token")]
    assert import_surveys(store, rows, report).counts.unchanged == 1
    with store.read() as uow:
        assert uow.survey_requests.response([CHAT], at(0), at(23)) == (2, 1)
        assert uow.survey_requests.response([EMAIL], at(0), at(23)) == (0, 0)
        (answer,) = uow.kpi_facts.answers([CHAT], at(0), at(23))
    assert answer.satisfaction.value == 4


def test_a_customer_is_asked_once_in_a_while_and_others_are(store: Store, tool: Tool) -> None:
    chosen = asking(after=HOUR, once_per=timedelta(days=7))
    solved(store, chosen, "GD1", at(10), customer="C-1")
    solved(store, chosen, "GD2", at(10, 30), customer="C-1")
    solved(store, chosen, "GD3", at(10, 40), customer="C-2")
    solved(store, chosen, "GD4", at(10, 50))
    look(store, chosen, tool, at(12))
    assert [t["contact"] for t in tool.told] == ["GD1", "GD3", "GD4"]
    assert state(store, "GD2") == (AskState.LEFT_OUT, LeftOut.ASKED_LATELY)
    later = at(10) + timedelta(days=8)
    solved(store, chosen, "GD5", later, customer="C-1")
    look(store, chosen, tool, later + HOUR)
    assert tool.told[-1]["contact"] == "GD5"


def test_a_customer_whose_question_is_under_way_gets_no_second(store: Store, tool: Tool) -> None:
    chosen = asking()
    solved(store, chosen, "GD1", at(10), customer="C-1")
    solved(store, chosen, "GD2", at(10, 1), customer="C-1")
    tool.status = 503
    look(store, chosen, tool, at(11, 1))
    assert [t["contact"] for t in tool.told] == ["GD1"]
    tool.status = 200
    look(store, chosen, tool, at(11, 3))
    assert [t["contact"] for t in tool.told] == ["GD1", "GD1"]
    assert len({t["token"] for t in tool.told}) == 1


def test_a_complaint_is_asked_about_when_its_result_was_told_and_not_while_another_is_open(
    store: Store, tool: Tool
) -> None:
    chosen = asking()
    solved(store, chosen, "GD1", at(10), type=ContactType.COMPLAINT)
    look(store, chosen, tool, at(11))
    assert tool.heard == []
    intake.record(store, chosen, [event(EventKind.INFORMED, at(11, 30), "GD1")], now=at(11, 30))
    look(store, chosen, tool, at(12))
    assert [t["contact"] for t in tool.told] == ["GD1"]
    # The same customer with a complaint that is open.
    opened = event(EventKind.OPENED, at(12), "GD2", type=ContactType.COMPLAINT)
    intake.record(store, chosen, [opened], now=at(12))
    named(store, "GD2", "C-9", at(12))
    solved(store, chosen, "GD3", at(12, 30), customer="C-9")
    look(store, chosen, tool, at(14))
    assert state(store, "GD3") == (AskState.LEFT_OUT, LeftOut.COMPLAINT_OPEN)
    # A result that is never told: given up after days.
    solved(store, chosen, "GD4", at(13), type=ContactType.COMPLAINT)
    for hours in range(1, 80):
        look(store, chosen, tool, at(13) + hours * HOUR)
    assert state(store, "GD4") == (AskState.LEFT_OUT, LeftOut.COMPLAINT_OPEN)
    assert len(tool.heard) == 1


def test_what_was_opened_again_is_asked_about_after_its_second_solution(store: Store, tool: Tool) -> None:
    chosen = asking()
    solved(store, chosen, "GD1", at(10))
    intake.record(store, chosen, [event(EventKind.REOPENED, at(10, 30), "GD1")], now=at(10, 30))
    look(store, chosen, tool, at(11))
    assert state(store, "GD1") == (AskState.LEFT_OUT, LeftOut.REOPENED)
    again = event(EventKind.RESOLVED, at(11, 30), "GD1", source_event_id="again")
    intake.record(store, chosen, [again], now=at(11, 30))
    look(store, chosen, tool, at(12))
    assert tool.heard == []
    look(store, chosen, tool, at(12, 30))
    assert [t["contact"] for t in tool.told] == ["GD1"]
    # Solved a third time, it is not asked about again.
    more = (
        event(EventKind.REOPENED, at(13), "GD1"),
        event(EventKind.RESOLVED, at(13, 30), "GD1", source_event_id="third"),
    )
    intake.record(store, chosen, more, now=at(13, 30))
    look(store, chosen, tool, at(20))
    assert len(tool.heard) == 1


def test_history_and_what_only_waits_are_not_asked_about(store: Store, tool: Tool) -> None:
    chosen = asking()
    with store.unit() as uow:
        uow.contacts.save([contact("OLD", opened_at=at(9), resolved_at=at(9, 30))])
        uow.commit()
    late = at(10) + LATEST + HOUR
    events = (event(EventKind.OPENED, at(9, 50), "GD1"), event(EventKind.RESOLVED, at(10), "GD1"))
    intake.record(store, chosen, events, now=late)
    waits = event(EventKind.PENDING, at(10), "GD2", waiting_for=WaitingFor.CUSTOMER)
    intake.record(store, chosen, [event(EventKind.OPENED, at(9), "GD2"), waits], now=at(10))
    # Muster stood still for days: nobody is asked about what is long over.
    solved(store, chosen, "GD3", at(10))
    look(store, chosen, tool, late)
    assert [state(store, ref) for ref in ("OLD", "GD1", "GD2")] == [None, None, None]
    assert state(store, "GD3") == (AskState.LEFT_OUT, LeftOut.TOO_LATE)
    assert tool.heard == []


def test_a_share_is_asked_always_the_same_and_only_of_chosen_queues(store: Store, tool: Tool) -> None:
    chosen = asking(one_of=4, queues=frozenset({CHAT}))
    for n in range(200):
        solved(store, chosen, f"GD{n}", at(10))
    solved(store, chosen, "M1", at(10), queue=EMAIL)
    look(store, chosen, tool, at(11))
    asked = {t["contact"] for t in tool.told}
    assert 30 <= len(asked) <= 70
    assert "M1" not in asked
    assert state(store, "M1") is None


def test_without_surveys_in_app_yaml_nothing_is_noted(store: Store, tool: Tool) -> None:
    solved(store, settings(), "GD1", at(10))
    assert look(store, settings(), tool, at(12)) == 0
    assert state(store, "GD1") is None


def test_what_fails_is_told_again_and_in_the_end_the_operators_know_once(store: Store, tool: Tool) -> None:
    chosen = asking()
    for n in range(2):
        solved(store, chosen, f"GD{n}", at(10))
    tool.status = 500
    written = sum(look(store, chosen, tool, at(11) + timedelta(minutes=n)) for n in range(0, 600, 1))
    assert len(tool.heard) == 2 * TRIES
    assert written == 2
    assert [state(store, f"GD{n}") for n in range(2)] == [(AskState.FAILED, None)] * 2
    with store.read() as uow:
        held = uow.outbox.by_key("notice:survey_failed:chat:2026-11-24:ada@harbour.example")
        assert [e.action for e in uow.audit.entries()].count("survey_not_asked") == 2
    assert held is not None
    notice = held.outgoing.message
    assert isinstance(notice, OperatorNotice)
    assert (notice.code, notice.subject, notice.detail) == ("survey_failed", "chat", "survey_unreachable")
