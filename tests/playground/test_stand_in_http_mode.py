"""A real bolt application behind uvicorn, with true and forged signatures."""

from collections.abc import Iterator

import pytest
from starlette.requests import Request

from bot.playground import Forgery, StandInSlack
from bot.playground.http_mode import sign
from tests.playground.bolt_app import alert_blocks, http_app
from tests.playground.conftest import client_of, make_workspace


@pytest.fixture(scope="module")
def served() -> Iterator[StandInSlack]:
    with StandInSlack(make_workspace(), event_retries=(0.1,)) as slack, http_app(slack):
        yield slack


def test_the_signature_is_the_one_slack_documents() -> None:
    """The worked example of docs.slack.dev, "Verifying requests from Slack"."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
        b"%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    signature = sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body)
    assert signature == "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


def test_the_url_is_verified(served: StandInSlack) -> None:
    assert served.verify_url()


def test_command_button_modal_home_and_message(served: StandInSlack) -> None:
    agent = served.user("agent-a")
    shift = agent.command("/shift", "week", channel="harbour-alerts")
    assert shift.status == 200
    assert shift.reply().text == "Your shifts: week"
    assert agent.command("/quick").reply().text == "done at once"

    client_of(served).chat_postMessage(channel="#harbour-alerts", text="overdue", blocks=alert_blocks())
    alert = served.channel("harbour-alerts").messages[-1]
    agent.press(alert, "acknowledge").reply()
    assert alert.text == "Case 17: taken by agent-a"

    view = agent.command("/leave").modal()
    assert agent.submit(view, {"reason": "x"}).field_errors == {"reason_block": "say a little more"}
    assert agent.submit(view, {"reason": "family"}).reply().text == "asked: family (any)"
    assert agent.open_home().home().blocks[0]["text"]["text"] == "Welcome"
    assert agent.say(None, "hello").reply().text == "heard: hello"
    assert served.workspace.refusals == []
    assert served.workspace.complaints == []


@pytest.mark.parametrize(
    "forgery", [Forgery.MISSING, Forgery.WRONG_SECRET, Forgery.TAMPERED, Forgery.STALE, Forgery.FUTURE]
)
def test_a_forged_request_is_refused_and_has_no_effect(served: StandInSlack, forgery: Forgery) -> None:
    before = len(served.ephemerals("lead"))
    assert served.forge(forgery, "lead", "/quick").status == 401
    assert len(served.ephemerals("lead")) == before


def test_a_replay_is_the_same_request_byte_for_byte() -> None:
    """bolt alone takes a replay within five minutes; only an app that remembers signatures refuses it."""
    seen: list[str] = []

    def seen_before(request: Request) -> bool:
        seen.append(request.headers["X-Slack-Signature"])
        return seen.count(seen[-1]) > 1

    with StandInSlack(make_workspace()) as slack, http_app(slack, seen_before):
        assert slack.forge(Forgery.REPLAYED, "lead", "/shift").status == 401
        assert len(seen) == 2
        assert seen[0] == seen[1]
        assert slack.user("lead").command("/shift").status == 200


def test_an_event_that_fails_is_sent_again_with_slacks_retry_headers() -> None:
    retries: list[str | None] = []

    def broken(request: Request) -> bool:
        retries.append(request.headers.get("X-Slack-Retry-Num"))
        return True

    with StandInSlack(make_workspace(), event_retries=(0.05,)) as slack, http_app(slack, broken):
        assert slack.user("lead").say(None, "hello").error == "http_status_401"
        slack.wait_for(lambda: len(retries) == 2)
        assert retries == [None, "1"]


def test_an_app_that_is_not_there_is_an_error_not_an_exception(slack: StandInSlack) -> None:
    slack.request_url = "http://127.0.0.1:9/slack/events"
    assert slack.user("lead").command("/shift").error == "connection_failed"
