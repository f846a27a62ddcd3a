"""The example of the package: how a story or the demo uses the stand-in."""

from bot.playground import Fault, FaultKind, RateLimits, StandInSlack, Workspace
from tests.playground.bolt_app import alert_blocks, socket_app
from tests.playground.conftest import client_of


def test_a_story_from_alert_to_acknowledgement() -> None:
    workspace = Workspace(name="Harbour", limits=RateLimits(channel_burst=1))
    workspace.add_user("ada", email="ada@harbour.example", locale="en-US", tz="Europe/Berlin")
    workspace.add_user("lin", email="lin@harbour.example", locale="zh-CN", tz="Asia/Shanghai")
    workspace.add_channel("harbour-alerts", members=["ada", "lin"])
    with StandInSlack(workspace) as slack, socket_app(slack):
        ada, lin = slack.user("ada"), slack.user("lin")
        answer = ada.command("/shift", "week", channel="harbour-alerts")
        assert answer.ok
        assert slack.render(answer.reply(), "ada") == "Your shifts: week"

        client_of(slack).chat_postMessage(channel="#harbour-alerts", text="Case 17", blocks=alert_blocks())
        (alert,) = slack.channel("harbour-alerts").messages
        ada.press(alert, "Acknowledge")
        slack.wait_for(lambda: "taken by ada" in slack.render(alert, "ada"), what="the edited alert")
        assert lin.press(alert, "Acknowledge", seen=0).reply().text == "ada was first"

        view = lin.command("/leave").modal()
        assert lin.submit(view, {"reason": "x"}).field_errors == {"reason_block": "say a little more"}
        assert lin.submit(view, {"reason": "family"}).reply() in slack.dm("lin").messages

        slack.faults.add("chat.postMessage", Fault(kind=FaultKind.DROP_AFTER))
        slack.cut()
        slack.wait_until_connected()
        assert slack.workspace.refusals == []
        assert slack.workspace.complaints == []
        assert slack.workspace.early_retries == []
