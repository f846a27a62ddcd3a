"""The page in headless Chromium: what is drawn is text, and forms of every kind can be filled in."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from bot.playground import StandInSlack
from bot.playground.page import Hint, Page, Player, Scene
from tests.playground.bolt_app import socket_app
from tests.playground.conftest import client_of, make_workspace
from tests.playground.test_stand_in_forms import FORM, Form, options, plain
from tests.support.browser import Tab, chromium

pytestmark = pytest.mark.chromium

HOSTILE = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>'
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A picture of one pixel."""
WORDS = {
    "this_language": "English",
    "role.lead": "Lead",
    "required": "Please complete this field.",
    "only_you": "Only visible to you",
    "refused.unknown_command": "{command} is not a valid command",
    "in_thread": "{command} is not supported in threads",
    "send": "Send",
    "tab.home": "Home",
    "close": "Close",
}


HINTS = [
    Hint(typed="/form", usage="", help="a form"),
    Hint(typed="/form again", usage="[DAY]", help="the form once more, with `@name`"),
    Hint(typed="/form never", usage="", help="no form"),
]


class Room:
    """The page of a lead, over an application with forms."""

    def __init__(self, slack: StandInSlack, form: Form, tab: Tab) -> None:
        self.slack = slack
        self.form = form
        self.tab = tab
        self.alerts = slack.channel("harbour-alerts").id

    def post(self, text: str, **more: Any) -> str:
        return str(client_of(self.slack).chat_postMessage(channel=self.alerts, text=text, **more)["ts"])

    def say(self, text: str) -> None:
        self.tab.type("#text", text)
        self.tab.click("#send")


@pytest.fixture
def room() -> Iterator[Room]:
    form = Form()
    with StandInSlack(make_workspace()) as slack, socket_app(slack, more=form.register):
        scene = Scene(
            players=[Player(user="lead", role="lead", first=True), Player(user="agent-a", role="lead")],
            words=lambda _: WORDS,
            hints=lambda _: HINTS,
            locales=("en-GB",),
            start_in="harbour-alerts",
        )
        with Page(slack, scene) as page, chromium() as tab:
            tab.open(page.url)
            tab.sees("harbour-alerts", "#title")
            yield Room(slack, form, tab)


def test_another_address_in_an_open_tab_is_another_person(room: Room) -> None:
    other = room.slack.user("agent-a").user
    room.tab.run(f"location.hash = 'as={other.id}'")
    room.tab.wait(f"S.screen?.me.id === {other.id!r}", "the screen of somebody else")
    room.tab.run("location.hash = 'as=nobody'")
    room.say("hello")
    [said] = room.slack.wait_for(lambda: room.slack.channel("harbour-alerts").messages, what="the word")
    assert said.user == other.id


def test_hostile_words_are_words_wherever_they_stand(room: Room) -> None:
    escaped = HOSTILE.replace("<", "&lt;").replace(">", "&gt;")
    room.slack.workspace.user("agent-b").real_name = HOSTILE
    room.slack.workspace.channel("harbour-standup").topic = HOSTILE
    button = {"type": "button", "action_id": "pick", "text": plain(HOSTILE), "value": HOSTILE}
    button["confirm"] = {
        key: plain(HOSTILE[:25] if key in ("confirm", "deny") else HOSTILE)
        for key in ("title", "text", "confirm", "deny")
    }
    select = {"type": "static_select", "action_id": "choice", "options": options(HOSTILE[:70])}
    room.post(
        escaped,
        blocks=[
            {"type": "header", "text": plain(HOSTILE)},
            {"type": "section", "text": {"type": "mrkdwn", "text": f"*{escaped}*"}, "accessory": button},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": f"`{escaped}`"}]},
            {"type": "image", "image_url": "https://x.example/a.png", "alt_text": HOSTILE},
            {"type": "actions", "elements": [select]},
        ],
    )
    room.slack.user("agent-b").say("harbour-alerts", escaped)
    room.tab.sees(HOSTILE, "#messages h3")
    room.tab.wait("document.querySelectorAll('#messages .message').length === 3", "what was said and heard")
    room.tab.sees(HOSTILE, "#messages .message:nth-last-child(2) .head")
    room.tab.click("#messages button.element")
    room.tab.sees(HOSTILE, "#asking h2")
    room.tab.click("#asking footer button")  # the last one: go on
    room.slack.wait_for(lambda: room.form.actions, what="the press")
    assert room.form.actions[0]["actions"][0]["value"] == HOSTILE
    assert room.tab.run("document.querySelectorAll('main img, main script, #asking script').length") == 0
    assert room.tab.run("window.hurt === undefined")


def test_a_question_before_a_press_can_be_answered_with_no(room: Room) -> None:
    button = {"type": "button", "action_id": "pick", "text": plain("Delete"), "style": "danger"}
    words = {
        "title": plain("Sure?"),
        "text": plain("All of it"),
        "confirm": plain("Yes"),
        "deny": plain("No"),
    }
    button["confirm"] = words
    room.post("x", blocks=[{"type": "actions", "elements": [button]}])
    room.tab.click("#messages button.danger", "Delete")
    room.tab.click("#asking button", "No")
    room.tab.wait("document.getElementById('asking').hidden")
    assert room.form.actions == []
    room.tab.click("#messages button.danger", "Delete")
    room.tab.click("#asking button", "Yes")
    room.slack.wait_for(lambda: room.form.actions, what="the press")


def test_every_kind_of_field_is_drawn_and_sent(room: Room) -> None:
    tab, ws = room.tab, room.slack.workspace
    room.say("/form")
    tab.sees("Form", "#veil h2")

    def choose(block: str, value: str) -> None:
        tab.wait(
            f"""(() => {{ const one = document.querySelector('[data-block="{block}"] select');
            if (!one) return false; one.value = {value!r};
            one.dispatchEvent(new Event('change', {{ bubbles: true }}));
            return one.value === {value!r}; }})()"""
        )

    def tick(block: str, value: str) -> None:
        tab.click(f'[data-block="{block}"] input[data-value="{value}"]')

    choose("kind", "leave")
    tick("days", "mon")
    tick("days", "wed")
    tick("ticks", "a")  # ticked at first
    tick("way", "up")
    tab.run("""(() => { const one = document.querySelector('[data-block="time"] input');
      one.value = '09:30'; one.dispatchEvent(new Event('change')); })()""")
    choose("with", ws.user("agent-a").id)
    tick("others", ws.user("agent-b").id)
    choose("where", room.alerts)
    tab.type('[data-block="count"] input', "3")
    tab.type('[data-block="note"] input', "short and cut")
    tab.type('[data-block="case"] input', "H")
    tab.wait("""document.querySelectorAll('[data-block="case"] option').length === 2""")
    choose("case", "h-18")

    # What the app finds wrong stands at its field, and what was typed stays.
    room.form.answer = {"response_action": "errors", "errors": {"note": "say less"}}
    tab.click("#veil button", "Go")
    tab.sees("say less", '[data-block="note"]')
    assert tab.run("""document.querySelector('[data-block="note"] input').value""") == "short"
    room.form.answer = {}
    tab.click("#veil button", "Go")
    tab.wait("document.getElementById('veil').hidden", "the closed form")

    sent = {name: value[name] for name, value in room.form.values.items()}
    assert sent["kind"]["selected_option"]["value"] == "leave"
    assert [o["value"] for o in sent["days"]["selected_options"]] == ["mon", "wed"]
    assert sent["ticks"]["selected_options"] == []
    assert sent["way"]["selected_option"]["value"] == "up"
    assert sent["date"]["selected_date"] == "2026-11-22"
    assert sent["time"]["selected_time"] == "09:30"
    assert sent["with"]["selected_user"] == ws.user("agent-a").id
    assert sent["others"]["selected_users"] == [ws.user("agent-b").id]
    assert sent["where"]["selected_conversation"] == room.alerts
    assert sent["count"]["value"] == "3"
    assert sent["note"]["value"] == "short"
    assert sent["case"]["selected_option"]["value"] == "h-18"


def test_a_modal_is_closed_with_the_keyboard_and_home_is_shown(room: Room) -> None:
    tab = room.tab
    room.say("/leave")
    tab.sees("Ask for leave", "#veil h2")
    tab.wait("document.activeElement.closest('#veil .input') !== null", "the cursor in the first field")
    tab.click("#veil button[type=submit]")
    tab.sees("Please complete this field.", "#veil .bad")
    tab.key("Escape")
    tab.wait("document.getElementById('veil').hidden")
    dm = room.slack.dm("lead").id
    tab.click(f'#side [data-place="{dm}"]')
    tab.sees("nothing was asked", "#messages")
    tab.click("[data-tab=home]")
    tab.sees("Welcome", "#home")
    # Whoever one is next looks at a home of their own, and the app hears of it.
    assert room.slack.user("agent-a").home is None
    tab.run(
        "(() => { const one = document.getElementById('other');"
        "one.value = [...one.options].find((o) => o.text === 'Ada Stone').value;"
        "one.dispatchEvent(new Event('change')); })()"
    )
    tab.wait("document.getElementById('other').selectedOptions[0].text === 'Ada Stone'")
    room.slack.wait_for(lambda: room.slack.user("agent-a").home, what="the home of the other")
    tab.sees("Welcome", "#home")


def test_pictures_are_shown_to_those_who_see_them_with_their_description(room: Room) -> None:
    client = client_of(room.slack)
    client.files_upload_v2(
        channel=room.alerts, filename="week.png", content=DOT, title="The week", alt_txt="cover of the week"
    )
    key = next(iter(room.slack.workspace.files))
    block = {"type": "image", "slack_file": {"id": key}, "alt_text": "the same as a block"}
    room.post(
        "x", blocks=[block, {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "far"}]
    )
    shown = "[...document.querySelectorAll('#messages img')].filter((one) => one.naturalWidth === 1)"
    room.tab.wait(f"{shown}.length === 2", "both pictures")
    assert room.tab.run(f"{shown}.map((one) => one.alt)") == ["cover of the week", "the same as a block"]
    # What another server holds is not fetched, and said in words.
    room.tab.sees("far", "#messages")


def test_a_button_of_a_home_and_one_of_a_form_reach_the_app_with_what_was_typed(room: Room) -> None:
    tab, client = room.tab, client_of(room.slack)
    lead = room.slack.workspace.user("lead").id
    button = {"type": "button", "action_id": "pick", "text": plain("Pick"), "value": "17"}
    home = {"type": "home", "blocks": [{"type": "actions", "elements": [button]}]}
    client.views_publish(user_id=lead, view=home)
    tab.click(f'#side [data-place="{room.slack.dm("lead").id}"]')
    tab.click("[data-tab=home]")
    tab.sees("Welcome", "#home")  # the app published another one when it was looked at
    client.views_publish(user_id=lead, view=home)
    tab.click("#home button", "Pick")
    room.slack.wait_for(lambda: room.form.actions, what="the press in the home tab")
    assert room.form.actions[0]["view"]["type"] == "home"

    tab.click(f'#side [data-place="{room.alerts}"]')
    room.say("/form")
    tab.sees("Form", "#veil h2")
    view = room.slack.user("lead").modal
    assert view is not None
    more = {
        **FORM,
        "blocks": [*FORM["blocks"], {"type": "actions", "block_id": "draft", "elements": [button]}],
    }
    client.views_update(view_id=view.id, view=more)
    tab.sees("Pick", "#veil .actions")
    tab.type('[data-block="note"] input', "halfway")
    tab.click("#veil .actions button", "Pick")
    room.slack.wait_for(lambda: len(room.form.actions) == 2, what="the press in the form")
    assert room.form.actions[1]["view"]["state"]["values"]["note"]["note"]["value"] == "halfw"


def test_a_command_nobody_knows_stays_in_the_box_and_is_explained(room: Room) -> None:
    room.slack.workspace.app.commands = {"/form"}
    room.say("/nonsense now")
    room.tab.sees("/nonsense is not a valid command", "#notice")
    assert room.tab.run("document.getElementById('text').value") == "/nonsense now"


def test_a_thread_opens_beside_takes_an_answer_and_no_command(room: Room) -> None:
    tab = room.tab
    room.post("the first")
    tab.sees("the first", "#messages")
    tab.click("#messages .reply")
    tab.sees("the first", "#thread")
    tab.type("#thread input", "/form")
    tab.key("Enter")
    tab.sees("/form is not supported in threads", "#thread")
    tab.run("document.querySelector('#thread input').value = ''")
    tab.type("#thread input", "an answer for @agent-a")
    tab.key("Enter")
    tab.sees("an answer for @agent-a", "#thread .message:last-child")
    tab.wait("document.querySelector('#thread input').value === ''", "the emptied box")
    reply = next(m for m in room.slack.channel("harbour-alerts").messages if m.is_reply)
    assert f"<@{room.slack.workspace.user('agent-a').id}|agent-a>" in reply.text


def test_completion_offers_what_fits_and_takes_a_choice(room: Room) -> None:
    tab = room.tab
    tab.type("#text", "/")
    tab.sees("/form", "#completion")
    assert tab.run("document.querySelectorAll('#completion .hint').length") == 3
    tab.type("#text", "form a")
    tab.sees("[DAY]", "#completion")
    assert tab.run("document.querySelectorAll('#completion .hint').length") == 1
    tab.key("Tab")
    tab.wait("document.getElementById('text').value === '/form again '", "the command taken")
    tab.type("#text", "@ada")
    tab.sees("Ada Stone", "#completion")
    tab.key("Tab")
    tab.wait("document.getElementById('text').value === '/form again @agent-a '", "the person taken")
    tab.key("Enter")
    tab.sees("Form", "#veil h2")
    ada = room.slack.workspace.user("agent-a").id
    payload = next(d.payload for d in room.slack.workspace.deliveries if d.kind == "slash_commands")
    assert payload["text"] == f"again <@{ada}|agent-a>"
