"""Forms of every kind, filled in by a person and read by a real bolt application."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp

from bot.playground import NotPossible, StandInSlack
from tests.playground.bolt_app import socket_app
from tests.playground.conftest import client_of, make_workspace


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def options(*labels: str) -> list[dict[str, Any]]:
    return [{"text": plain(label), "value": label.lower()} for label in labels]


def field(name: str, kind: str, **more: Any) -> dict[str, Any]:
    element = {"type": kind, "action_id": name, **more}
    return {"type": "input", "block_id": name, "label": plain(name), "optional": True, "element": element}


def modal(*blocks: dict[str, Any], callback_id: str = "form", **more: Any) -> dict[str, Any]:
    shown = {"type": "modal", "callback_id": callback_id, "title": plain("Form"), "submit": plain("Go")}
    return shown | {"blocks": list(blocks)} | more


FORM = modal(
    field(
        "kind", "static_select", option_groups=[{"label": plain("All"), "options": options("Swap", "Leave")}]
    ),
    field("days", "multi_static_select", options=options("Mon", "Tue", "Wed")),
    field("ticks", "checkboxes", options=options("A", "B"), initial_options=options("A")),
    field("way", "radio_buttons", options=options("Up", "Down")),
    field("date", "datepicker", initial_date="2026-11-22"),
    field("time", "timepicker"),
    field("with", "users_select"),
    field("others", "multi_users_select"),
    field("where", "conversations_select"),
    field("count", "number_input", is_decimal_allowed=False),
    field("note", "plain_text_input", max_length=5),
    field("case", "external_select", min_query_length=1),
)


class Form:
    """The application's half: keeps what it was sent and answers as `answer` says."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.actions: list[dict[str, Any]] = []
        self.answer: dict[str, Any] = {}

    def register(self, app: AsyncApp) -> None:
        @app.command("/form")
        async def form(ack, client, body):
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=FORM)

        @app.view("form")
        async def sent(ack, view):
            self.values = view["state"]["values"]
            await ack(**self.answer)

        @app.options("case")
        async def cases(ack, payload):
            await ack(options=options(f"{payload['value']}-17", f"{payload['value']}-18"))

        @app.action("pick")
        async def pick(ack, body):
            self.actions.append(body)
            await ack()

        @app.event("member_joined_channel")
        async def joined(event, client):
            await asyncio.sleep(0)
            await client.chat_postMessage(channel=event["channel"], text=f"welcome <@{event['user']}>")

        @app.event("app_mention")
        async def mentioned(event, client):
            await client.reactions_add(channel=event["channel"], timestamp=event["ts"], name="eyes")


@pytest.fixture(scope="module")
def form() -> Form:
    return Form()


@pytest.fixture(scope="module")
def served(form: Form) -> Iterator[StandInSlack]:
    with StandInSlack(make_workspace()) as slack, socket_app(slack, more=form.register):
        yield slack


def test_every_kind_of_field_arrives_as_slack_sends_it(served: StandInSlack, form: Form) -> None:
    form.answer = {}
    lead, ws = served.user("lead"), served.workspace
    view = lead.command("/form").modal()
    (case,) = [o for o in lead.options(view, "case", "H") if o["value"] == "h-18"]
    given = {
        "kind": "Leave",
        "days": ["Mon", "wed"],
        "way": "up",
        "time": "09:30",
        "with": "agent-a",
        "others": ["agent-a", "agent-b"],
        "where": "harbour-alerts",
        "count": 3,
        "note": "short",
        "case": case,
    }
    assert lead.submit(view, given).ok
    seen = {name: value[name] for name, value in form.values.items()}
    assert seen["kind"]["selected_option"]["value"] == "leave"
    assert [o["value"] for o in seen["days"]["selected_options"]] == ["mon", "wed"]
    assert [o["value"] for o in seen["ticks"]["selected_options"]] == ["a"]
    assert seen["way"]["selected_option"]["value"] == "up"
    assert seen["date"]["selected_date"] == "2026-11-22"
    assert seen["time"]["selected_time"] == "09:30"
    assert seen["with"]["selected_user"] == ws.user("agent-a").id
    assert seen["others"]["selected_users"] == [ws.user("agent-a").id, ws.user("agent-b").id]
    assert seen["where"]["selected_conversation"] == ws.channel("harbour-alerts").id
    assert seen["count"]["value"] == "3"
    assert seen["note"]["value"] == "short"
    assert seen["case"]["selected_option"]["value"] == "h-18"
    assert lead.modal is None
    with pytest.raises(NotPossible, match="not open any more"):
        lead.submit(view)


def test_what_slacks_client_would_not_send(served: StandInSlack) -> None:
    view = served.user("lead").command("/form").modal()
    with pytest.raises(NotPossible, match="at most 5 characters"):
        served.user("lead").submit(view, {"note": "longer"})
    with pytest.raises(NotPossible, match="not open any more"):
        served.user("agent-a").submit(view)
    assert "(x) A ( ) B" in served.render(view)
    assert "date: [2026-11-22 v]" in served.render(view)


def test_an_acknowledgement_may_update_push_or_clear(served: StandInSlack, form: Form) -> None:
    lead = served.user("agent-a")
    first = lead.command("/form").modal()
    text = {"type": "section", "text": plain("working")}
    form.answer = {"response_action": "update", "view": modal(text, title=plain("Step 2"))}
    assert lead.submit(first).modal() is first
    assert first.title == "Step 2"
    form.answer = {"response_action": "push", "view": modal(text, title=plain("Step 3"))}
    second = lead.submit(first).modal()
    assert (second.title, second.previous) == ("Step 3", first.id)
    lead.close(second)
    assert lead.modal is first
    form.answer = {"response_action": "clear"}
    lead.submit(first)
    assert lead.modal is None


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"no_such_block": "?"}},
        {"response_action": "update", "view": modal(title=plain("t" * 25))},
    ],
    ids=["error at no field", "view refused"],
)
def test_an_acknowledgement_slack_cannot_use_counts_as_none(
    served: StandInSlack, form: Form, answer: dict[str, Any]
) -> None:
    lead = served.user("agent-b")
    view = lead.command("/form").modal()
    form.answer = answer
    before = len(served.workspace.refusals)
    outcome = lead.submit(view)
    assert outcome.error == "invalid_acknowledgement: invalid_arguments"
    assert view.open
    assert [r.method for r in served.workspace.refusals[before:]] == ["ack"]
    lead.close(view)


def test_choosing_on_a_message_and_on_the_home_tab(served: StandInSlack, form: Form) -> None:
    select = {"type": "static_select", "action_id": "pick", "options": options("5 min", "1 h")}
    blocks = [{"type": "actions", "block_id": "snooze", "elements": [select]}]
    client_of(served).chat_postMessage(channel="#harbour-alerts", text="alert", blocks=blocks)
    lead = served.user("lead")
    lead.choose(served.channel("harbour-alerts").messages[-1], "pick", "1 h")
    assert form.actions[-1]["actions"][0]["selected_option"]["value"] == "1 h"
    assert form.actions[-1]["state"]["values"]["snooze"]["pick"]["selected_option"]["value"] == "1 h"
    client_of(served).views_publish(user_id=lead.user.id, view={"type": "home", "blocks": blocks})
    assert lead.home is not None
    lead.choose(lead.home, "pick", "5 min")
    assert form.actions[-1]["container"] == {"type": "view", "view_id": lead.home.id}
    with pytest.raises(NotPossible, match="not in front of this person"):
        served.user("agent-a").choose(lead.home, "pick", "5 min")


def test_of_two_equal_buttons_one_must_be_named(served: StandInSlack, form: Form) -> None:
    button = {"type": "button", "action_id": "pick", "text": plain("Take")}
    blocks = [{"type": "actions", "elements": [button | {"value": str(i)}]} for i in (1, 2)]
    client_of(served).chat_postMessage(channel="#harbour-alerts", text="two", blocks=blocks)
    message = served.channel("harbour-alerts").messages[-1]
    with pytest.raises(NotPossible, match="2 times 'Take'"):
        served.user("lead").press(message, "Take")
    served.user("lead").press(message, "Take", value="2")
    assert form.actions[-1]["actions"][0]["value"] == "2"


def test_joining_and_mentioning_reach_the_app(served: StandInSlack) -> None:
    assert served.render(served.user("agent-a").join("harbour-standup").reply()) == "welcome @agent-a"
    bot = served.workspace.bot.id
    said = served.user("lead").say("harbour-standup", f"<@{bot}> who is on?")
    message = served.workspace.find_message(served.channel("harbour-standup").id, said.started)
    assert message is not None
    served.wait_for(lambda: message.reactions)
    assert served.render(message).splitlines() == ["@muster who is on?", ":eyes: 1"]
    with pytest.raises(NotPossible, match="cannot join"):
        served.user("agent-a").join("secret")


def test_closed_doors(served: StandInSlack) -> None:
    with pytest.raises(NotPossible, match="cannot write in old"):
        served.user("lead").say("old", "anybody?")
    with pytest.raises(NotPossible, match="does not see secret"):
        served.user("lead").sees("secret")
    served.workspace.add_user("gone")
    served.workspace.deactivate("gone")
    with pytest.raises(NotPossible, match="deactivated"):
        served.user("gone").command("/form")
    with pytest.raises(KeyError, match="no user 'nobody'"):
        served.user("nobody")
    with pytest.raises(TimeoutError, match=r"waited 0.1 s in vain for a sign"):
        served.wait_for(lambda: False, 0.1, "a sign")


def test_a_button_in_a_form_tells_what_stands_in_its_fields(served: StandInSlack, form: Form) -> None:
    lead = served.user("lead")
    view = lead.command("/form").modal()
    button = {"type": "button", "action_id": "pick", "text": plain("Keep"), "value": "draft"}
    blocks = [*FORM["blocks"], {"type": "actions", "elements": [button]}]
    client_of(served).views_update(view_id=view.id, view={**FORM, "blocks": blocks})
    form.actions.clear()
    assert lead.press(view, "pick", typed={"note": "half", "date": "", "kind": "Swap"}).ok
    (body,) = served.wait_for(lambda: form.actions)
    kept = {name: value[name] for name, value in body["view"]["state"]["values"].items()}
    assert kept["note"]["value"] == "half"
    assert kept["date"]["selected_date"] is None
    assert kept["kind"]["selected_option"]["value"] == "swap"
    lead.close(view)
