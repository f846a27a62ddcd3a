"""Rate limits by the workspace's clock, and everything that can go wrong on the way."""

import time
from collections.abc import Callable, Iterator

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.playground import Fault, FaultKind, RateLimits, StandInSlack, Workspace
from bot.playground.payloads import slash_command
from tests.playground.conftest import client_of


class Clock:
    def __init__(self) -> None:
        self.at = 1_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limited(clock: Clock) -> Iterator[StandInSlack]:
    workspace = Workspace(now=clock, limits=RateLimits(channel_burst=1, workspace_per_minute=10))
    workspace.add_user("lead")
    for i in range(20):
        workspace.add_channel(f"c{i}", members=["lead"])
    with StandInSlack(workspace) as slack:
        yield slack


def retry_after(call: Callable[[], object]) -> int:
    with pytest.raises(SlackApiError) as refused:
        call()
    answer = refused.value.response
    assert answer.status_code == 429
    assert answer["error"] == "ratelimited"
    return int(answer.headers["Retry-After"])


def test_one_message_a_second_per_channel(limited: StandInSlack, clock: Clock) -> None:
    client = client_of(limited)
    client.chat_postMessage(channel="#c0", text="1")
    assert retry_after(lambda: client.chat_postMessage(channel="#c0", text="2")) == 1
    client.chat_postMessage(channel="#c1", text="elsewhere")
    assert limited.workspace.early_retries == []
    clock.at += 0.5
    assert retry_after(lambda: client.chat_postMessage(channel="#c0", text="2")) == 1
    (early,) = limited.workspace.early_retries
    assert early.not_before == clock.at + 0.5
    clock.at += 0.5
    client.chat_postMessage(channel="#c0", text="2")
    assert [m.text for m in limited.channel("c0").messages] == ["1", "2"]
    assert [r.retry_after for r in limited.workspace.refusals] == [1, 1]


def test_one_message_a_second_by_default() -> None:
    clock = Clock()
    workspace = Workspace(now=clock)
    assert [workspace.rates.admit("chat.postMessage", "C1") for _ in range(2)] == [None, 1]
    clock.at += 60
    assert [workspace.rates.admit("chat.postMessage", "C1") for _ in range(2)] == [None, 1]


def test_a_burst_may_be_allowed_and_refills_at_one_a_second() -> None:
    clock = Clock()
    workspace = Workspace(now=clock, limits=RateLimits(channel_burst=3))
    workspace.add_channel("c")
    admitted = [workspace.rates.admit("chat.postMessage", "C1") for _ in range(4)]
    assert admitted == [None, None, None, 1]
    clock.at += 1
    assert workspace.rates.admit("chat.postMessage", "C1") is None
    assert workspace.rates.admit("chat.postMessage", "C1") == 1
    clock.at += 60
    assert [workspace.rates.admit("chat.postMessage", "C1") for _ in range(4)] == [None, None, None, 1]


def test_the_workspace_takes_only_so_many_a_minute(limited: StandInSlack, clock: Clock) -> None:
    client = client_of(limited)
    for i in range(10):
        client.chat_postMessage(channel=f"#c{i}", text="x")
    clock.at += 20
    assert retry_after(lambda: client.chat_postMessage(channel="#c11", text="x")) == 40
    clock.at += 40
    client.chat_postMessage(channel="#c11", text="x")


def test_fifty_updates_a_minute(limited: StandInSlack, clock: Clock) -> None:
    client = client_of(limited)
    posted = client.chat_postMessage(channel="#c0", text="x")
    for i in range(50):
        client.chat_update(channel=posted["channel"], ts=posted["ts"], text=str(i))
    wait = retry_after(lambda: client.chat_update(channel=posted["channel"], ts=posted["ts"], text="50"))
    assert wait == 60
    clock.at += 60
    client.chat_update(channel=posted["channel"], ts=posted["ts"], text="51")
    assert limited.channel("c0").messages[0].text == "51"


FAULTS = [
    (FaultKind.SERVER_ERROR, False),
    (FaultKind.HTML, False),
    (FaultKind.SLACK_ERROR, False),
    (FaultKind.DROP_BEFORE, False),
    (FaultKind.DROP_AFTER, True),
    (FaultKind.ERROR_AFTER, True),
    (FaultKind.HANG_AFTER, True),
    (FaultKind.HANG_BEFORE, False),
]


@pytest.mark.parametrize(("kind", "accepted"), FAULTS)
def test_a_fault_fails_the_caller_whether_or_not_it_was_accepted(
    slack: StandInSlack, kind: FaultKind, accepted: bool
) -> None:
    impatient = WebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[], timeout=1)
    slack.faults.add("chat.postMessage", Fault(kind=kind, seconds=1.3))
    with pytest.raises(Exception, match=r".") as failed:
        impatient.chat_postMessage(channel="#harbour-alerts", text="x")
    assert failed.type.__module__.split(".")[0] in {"slack_sdk", "http", "urllib", "builtins", "json"}
    if kind is FaultKind.HANG_BEFORE:
        time.sleep(0.4)
    assert len(slack.channel("harbour-alerts").messages) == accepted
    (call,) = slack.workspace.calls
    assert (call.accepted, call.fault) == (accepted, kind)
    impatient.chat_postMessage(channel="#harbour-alerts", text="again")
    assert slack.channel("harbour-alerts").messages[-1].text == "again"
    assert slack.faults.waiting() == 0


def test_the_default_client_posts_twice_on_a_drop_and_the_stand_in_shows_it(slack: StandInSlack) -> None:
    """Why Muster's gateway has no retry handlers."""
    careless = WebClient(token=slack.bot_token, base_url=slack.api_url)
    slack.faults.add("chat.postMessage", Fault(kind=FaultKind.DROP_AFTER))
    careless.chat_postMessage(channel="#harbour-alerts", text="x")
    assert len(slack.channel("harbour-alerts").messages) == 2


def test_an_injected_429_holds_until_its_time_has_passed(limited: StandInSlack, clock: Clock) -> None:
    client = client_of(limited)
    limited.faults.add("chat.postMessage", Fault(kind=FaultKind.RATE_LIMITED, retry_after=30))
    assert retry_after(lambda: client.chat_postMessage(channel="#c0", text="x")) == 30
    clock.at += 10
    assert retry_after(lambda: client.chat_postMessage(channel="#c1", text="x")) == 20
    assert [e.channel for e in limited.workspace.early_retries] == [limited.channel("c1").id]
    clock.at += 20
    client.chat_postMessage(channel="#c1", text="x")


def test_answers_to_a_response_url_fail_too(slack: StandInSlack) -> None:
    ws = slack.workspace
    payload = slash_command(ws, ws.user("lead"), ws.channel("harbour-alerts"), "/shift", "")
    hook = WebhookClient(payload["response_url"], retry_handlers=[])
    slack.faults.add("response_url", Fault(kind=FaultKind.ERROR_AFTER), Fault(kind=FaultKind.SERVER_ERROR))
    assert [hook.send(text="a").status_code, hook.send(text="b").status_code] == [500, 500]
    assert [m.text for m in slack.ephemerals("lead")] == ["a"]


def test_faults_come_in_order_and_by_method(slack: StandInSlack) -> None:
    client = client_of(slack)
    slack.faults.add("chat.postMessage", Fault(kind=FaultKind.SLACK_ERROR, error="fatal_error"), times=2)
    slack.faults.add("*", Fault(kind=FaultKind.SLACK_ERROR, error="internal_error"))
    seen = []
    for _ in range(4):
        try:
            client.chat_postMessage(channel="#harbour-alerts", text="x")
            seen.append("ok")
        except SlackApiError as refused:
            seen.append(refused.response["error"])
    assert seen == ["fatal_error", "fatal_error", "internal_error", "ok"]
    slack.faults.add("*", Fault(kind=FaultKind.HTML))
    slack.faults.clear()
    client.auth_test()
