"""Answers to a response_url: five times within thirty minutes, to the person or in place of the message."""

from slack_sdk.webhook import WebhookClient

from bot.playground import StandInSlack
from bot.playground.payloads import message_action, slash_command
from tests.playground.bolt_app import alert_blocks
from tests.playground.conftest import client_of, make_workspace


def command_url(slack: StandInSlack, name: str = "lead") -> WebhookClient:
    ws = slack.workspace
    payload = slash_command(ws, ws.user(name), ws.channel("harbour-alerts"), "/shift", "")
    return WebhookClient(payload["response_url"], retry_handlers=[])


def test_five_answers_and_no_sixth(slack: StandInSlack) -> None:
    hook = command_url(slack)
    assert [hook.send(text=str(i)).status_code for i in range(6)] == [200] * 5 + [404]
    assert [m.text for m in slack.ephemerals("lead")] == ["0", "1", "2", "3", "4"]
    assert [r.error for r in slack.workspace.refusals] == ["used_url"]


def test_it_expires_after_thirty_minutes() -> None:
    at = [1_000_000.0]
    with StandInSlack(make_workspace(now=lambda: at[0])) as slack:
        hook = command_url(slack)
        at[0] += 1800
        assert hook.send(text="just in time").status_code == 200
        at[0] += 0.1
        assert hook.send(text="late").status_code == 404


def test_in_channel_is_for_everybody(slack: StandInSlack) -> None:
    command_url(slack).send(text="look", response_type="in_channel")
    assert [m.text for m in slack.user("agent-a").sees("harbour-alerts")] == ["look"]


def test_blocks_are_checked_here_too(slack: StandInSlack) -> None:
    answer = command_url(slack).send(text="x", blocks=[{"type": "header"}])
    assert answer.status_code == 400
    assert "invalid_blocks" in answer.body
    assert command_url(slack).send(text="").status_code == 400


def test_the_original_is_replaced_or_deleted(slack: StandInSlack) -> None:
    client_of(slack).chat_postMessage(channel="#harbour-alerts", text="alert", blocks=alert_blocks())
    (alert,) = slack.channel("harbour-alerts").messages
    ws = slack.workspace
    action = {"action_id": "acknowledge", "block_id": "b", "type": "button"}
    hook = WebhookClient(message_action(ws, ws.user("lead"), alert, action, {})["response_url"])
    hook.send(text="taken", replace_original=True)
    assert (alert.text, alert.blocks) == ("taken", [])
    hook.send(delete_original=True)
    assert slack.channel("harbour-alerts").messages == []
