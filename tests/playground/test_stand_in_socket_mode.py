"""A real bolt application in Socket Mode, used by people."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.playground import NotPossible, StandInSlack
from tests.playground.bolt_app import alert_blocks, socket_app
from tests.playground.conftest import client_of, make_workspace


@pytest.fixture(scope="module")
def served() -> Iterator[StandInSlack]:
    with StandInSlack(make_workspace(), event_retries=(0.1, 0.2)) as slack, socket_app(slack):
        yield slack


def test_a_command_is_acknowledged_and_answered_to_the_person_alone(served: StandInSlack) -> None:
    outcome = served.user("agent-a").command("/shift", "week", channel="harbour-alerts")
    assert outcome.ok
    assert outcome.latency is not None
    assert outcome.latency < 0.5
    assert outcome.reply().text == "Your shifts: week"
    assert outcome.reply().ephemeral_to == served.user("agent-a").user.id
    assert "Your shifts: week" not in [m.text for m in served.user("lead").sees("harbour-alerts")]


def test_text_in_the_acknowledgement_is_shown(served: StandInSlack) -> None:
    outcome = served.user("agent-a").command("/quick", channel="harbour-alerts")
    assert outcome.ack == {"text": "done at once"}
    assert outcome.reply().text == "done at once"


def test_the_second_who_presses_learns_who_was_first() -> None:
    with StandInSlack(make_workspace()) as slack, socket_app(slack):
        client_of(slack).chat_postMessage(channel="#harbour-alerts", text="overdue", blocks=alert_blocks())
        (alert,) = slack.channel("harbour-alerts").messages
        assert alert.buttons() == {"acknowledge": "Acknowledge"}
        slack.user("agent-a").press(alert, "Acknowledge").reply()
        assert slack.render(alert).splitlines() == ["Case 17 is overdue", "  taken by agent-a"]
        with pytest.raises(NotPossible, match="no 'acknowledge'"):
            slack.user("agent-b").press(alert, "acknowledge")
        late = slack.user("agent-b").press(alert, "acknowledge", seen=0)
        assert late.reply().text == "agent-a was first"
        assert slack.ephemerals("agent-b")[-1].text == "agent-a was first"
        assert slack.workspace.refusals == []
        assert slack.workspace.complaints == []


def test_a_modal_is_filled_in_corrected_and_sent(served: StandInSlack) -> None:
    agent = served.user("agent-a")
    view = agent.command("/leave").modal()
    assert view.title == "Ask for leave"
    with pytest.raises(NotPossible, match="required fields: Reason"):
        agent.submit(view)
    with pytest.raises(NotPossible, match="no such field: colour"):
        agent.submit(view, {"colour": "red"})
    with pytest.raises(NotPossible, match="offered: holiday, sick"):
        agent.submit(view, {"reason": "family", "kind": "Party"})
    refused = agent.submit(view, {"reason": "x"})
    assert refused.field_errors == {"reason_block": "say a little more"}
    assert "  ! say a little more" in served.render(view).splitlines()
    assert view.open
    sent = agent.submit(view, {"reason": "family", "kind": "Holiday"})
    assert sent.reply().text == "asked: family (holiday)"
    assert agent.modal is None


def test_the_app_hears_of_a_closed_modal_where_it_asked_to(served: StandInSlack) -> None:
    agent = served.user("agent-b")
    outcome = agent.close(agent.command("/leave").modal())
    assert outcome.reply().text == "nothing was asked"
    assert agent.modal is None


def test_the_home_tab_is_published_when_it_is_opened(served: StandInSlack) -> None:
    lead = served.user("lead")
    assert lead.home is None
    view = lead.open_home().home()
    assert served.render(view) == "Welcome"


def test_the_app_hears_what_is_said_to_it_and_where_it_is_a_member(served: StandInSlack) -> None:
    assert served.user("agent-a").say(None, "hello").reply().text == "heard: hello"
    unheard = served.user("agent-a").say("elsewhere", "hello?")
    assert unheard.error == "not_subscribed"
    assert unheard.messages() == []


def test_no_acknowledgement_within_three_seconds_is_a_failure(served: StandInSlack) -> None:
    outcome = served.user("agent-a").command("/slow")
    assert outcome.error == "operation_timeout"
    assert outcome.latency is None


def test_after_an_abrupt_cut_the_app_comes_back(served: StandInSlack) -> None:
    assert served.cut() == 1
    assert served.user("lead").command("/shift").error == "no_connection"
    started = time.monotonic()
    served.wait_until_connected()
    assert time.monotonic() - started < 5
    assert served.user("lead").command("/shift").reply().text == "Your shifts: today"


def test_a_silent_peer_is_noticed(served: StandInSlack) -> None:
    served.silence()
    served.wait_for(lambda: served.connections and served.user("lead").command("/shift").ok, 10)


def test_nothing_is_lost_while_slack_asks_for_a_refresh(served: StandInSlack) -> None:
    served.refresh()
    outcomes = [served.user("agent-a").command("/shift", str(i)) for i in range(5)]
    assert [o.error for o in outcomes] == [None] * 5
    assert sorted(o.reply().text for o in outcomes) == sorted(f"Your shifts: {i}" for i in range(5))


def test_envelopes_go_round_several_sockets_and_fifty_at_once_are_answered() -> None:
    with StandInSlack(make_workspace()) as slack, socket_app(slack, replicas=2):
        with ThreadPoolExecutor(50) as pool:
            outcomes = list(pool.map(lambda i: slack.user("lead").command("/shift", str(i)), range(50)))
        assert all(outcome.ok for outcome in outcomes)
        assert slack.connections == 2
        said = slack.wait_for(lambda: s if len(s := slack.ephemerals("lead")) == 50 else None)
        assert {m.text for m in said} == {f"Your shifts: {i}" for i in range(50)}


def test_without_the_app_a_command_fails_at_once_and_an_event_is_sent_again(slack: StandInSlack) -> None:
    assert slack.user("agent-a").command("/shift").error == "no_connection"
    # Tries go on until the application is there, however long this machine takes to start one.
    with StandInSlack(make_workspace(), event_retries=(0.05, *[0.5] * 50)) as late:
        said = late.user("agent-a").say(None, "anybody?")
        assert said.error == "no_connection"
        tries = late.workspace.deliveries
        late.wait_for(lambda: len(tries) == 2)
        with socket_app(late):
            assert said.reply().text == "heard: anybody?"
        assert [d.attempt for d in tries] == list(range(len(tries)))
        assert [d.ok for d in tries] == [False] * (len(tries) - 1) + [True]
        assert len({d.payload["event_id"] for d in tries}) == 1
        assert len(late.dm("agent-a").messages) == 2


def test_twenty_press_at_once_and_nineteen_learn_who_was_first() -> None:
    workspace = make_workspace()
    names = [f"p{i}" for i in range(20)]
    for name in names:
        workspace.add_user(name)
    with StandInSlack(workspace) as slack, socket_app(slack):
        client_of(slack).chat_postMessage(channel="#harbour-alerts", text="overdue", blocks=alert_blocks())
        (alert,) = slack.channel("harbour-alerts").messages
        presses = [slack.user(name) for name in names]
        with ThreadPoolExecutor(20) as pool:
            outcomes = list(pool.map(lambda person: person.press(alert, "acknowledge", seen=0), presses))
        assert all(outcome.ok for outcome in outcomes)
        slack.wait_for(lambda: sum(len(slack.ephemerals(name)) for name in names) == 19)
        told = [m.text for name in names for m in slack.ephemerals(name)]
        winner = alert.text.removeprefix("Case 17: taken by ")
        assert told == [f"{winner} was first"] * 19
        assert slack.ephemerals(winner) == []


def test_a_press_on_a_whisper_carries_no_message_only_its_place(slack: StandInSlack) -> None:
    """As with Slack itself: an app that reads `body["message"]` there fails."""
    alerts, lead = slack.channel("harbour-alerts"), slack.user("lead")
    client_of(slack).chat_postEphemeral(
        channel=alerts.id, user=lead.user.id, text="for you", blocks=alert_blocks()
    )
    (whisper,) = lead.ephemerals
    lead.press(whisper, "Acknowledge")
    payload = slack.workspace.deliveries[-1].payload
    assert "message" not in payload
    assert payload["container"]["message_ts"] == whisper.ts
    with pytest.raises(NotPossible, match="somebody else alone"):
        slack.user("agent-a").press(whisper, "Acknowledge")


def test_a_command_that_was_not_registered_or_granted_does_not_exist(slack: StandInSlack) -> None:
    slack.workspace.app.commands = {"/shift"}
    with pytest.raises(NotPossible, match="/roster is not a valid command"):
        slack.user("agent-a").command("/roster")
    slack.workspace.app.scopes.discard("commands")
    with pytest.raises(NotPossible, match="/shift is not a valid command"):
        slack.user("agent-a").command("/shift")


@pytest.mark.asyncio
async def test_the_driver_refuses_to_block_a_running_loop(slack: StandInSlack) -> None:
    with pytest.raises(RuntimeError, match="call the stand-in from a thread"):
        slack.user("agent-a").command("/shift")
