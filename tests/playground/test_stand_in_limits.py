"""Every limit: taken at the limit, refused one above it, over real HTTP with Slack's own client."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models import blocks as models
from slack_sdk.models.views import View

from bot.playground import StandInSlack

Block = dict[str, Any]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def section(n: int = 1, **more: Any) -> Block:
    return {"type": "section", "text": mrkdwn("x" * n), **more}


def button(label: str = "Go", **more: Any) -> Block:
    return {"type": "button", "text": plain(label), "action_id": "go", **more}


def actions(*elements: Block, **more: Any) -> Block:
    return {"type": "actions", "elements": list(elements), **more}


def option(text: str = "a", value: str = "a", **more: Any) -> Block:
    return {"text": plain(text), "value": value, **more}


def select(*options: Block, **more: Any) -> Block:
    return {"type": "static_select", "action_id": "s", "options": list(options), **more}


def of_type(kind: str, n: int) -> Block:
    return {"type": kind, "action_id": "s", "options": [option(str(i), str(i)) for i in range(n)]}


def image(url: int = 9, alt: int = 3) -> Block:
    return {"type": "image", "image_url": "u" * url, "alt_text": "a" * alt}


def field(element: Block, label: int = 1, **more: Any) -> Block:
    return {"type": "input", "label": plain("l" * label), "element": element, **more}


def written(**more: Any) -> Block:
    return {"type": "plain_text_input", "action_id": "t", **more}


def confirm(title: int = 1, text: int = 1, yes: int = 1) -> Block:
    return {"title": plain("t" * title), "text": plain("t" * text), "confirm": plain("y" * yes)}


MESSAGES: list[tuple[str, int, Callable[[int], list[Block]]]] = [
    ("blocks in a message", 50, lambda n: [section()] * n),
    ("section text", 3000, lambda n: [section(n)]),
    ("section fields", 10, lambda n: [{"type": "section", "fields": [mrkdwn("f")] * n}]),
    ("field text", 2000, lambda n: [{"type": "section", "fields": [mrkdwn("f" * n)]}]),
    ("header", 150, lambda n: [{"type": "header", "text": plain("h" * n)}]),
    ("context elements", 10, lambda n: [{"type": "context", "elements": [mrkdwn("c")] * n}]),
    ("actions", 25, lambda n: [actions(*(button(action_id=f"a{i}") for i in range(n)))]),
    ("button label", 75, lambda n: [actions(button("b" * n))]),
    ("button value", 2000, lambda n: [actions(button(value="v" * n))]),
    ("button url", 3000, lambda n: [actions(button(url="u" * n))]),
    ("accessibility label", 75, lambda n: [actions(button(accessibility_label="v" * n))]),
    ("action_id", 255, lambda n: [actions(button(action_id="a" * n))]),
    ("block_id", 255, lambda n: [section(block_id="b" * n)]),
    ("option text", 75, lambda n: [actions(select(option("o" * n)))]),
    ("option value", 150, lambda n: [actions(select(option(value="v" * n)))]),
    ("option description", 75, lambda n: [actions(select(option(description=plain("d" * n))))]),
    ("options of a select", 100, lambda n: [actions(of_type("static_select", n))]),
    ("options of an overflow", 5, lambda n: [actions(of_type("overflow", n))]),
    ("radio buttons", 10, lambda n: [actions(of_type("radio_buttons", n))]),
    ("checkboxes", 10, lambda n: [actions(of_type("checkboxes", n))]),
    ("placeholder", 150, lambda n: [actions(select(option(), placeholder=plain("p" * n)))]),
    ("confirm title", 100, lambda n: [actions(button(confirm=confirm(title=n)))]),
    ("confirm text", 300, lambda n: [actions(button(confirm=confirm(text=n)))]),
    ("confirm button", 30, lambda n: [actions(button(confirm=confirm(yes=n)))]),
    ("alt_text", 2000, lambda n: [image(alt=n)]),
    ("image url", 3000, lambda n: [image(url=n)]),
    ("image title", 2000, lambda n: [image() | {"title": plain("t" * n)}]),
    ("input label", 2000, lambda n: [field(written(), label=n)]),
    ("input hint", 2000, lambda n: [field(written(), hint=plain("h" * n))]),
    ("markdown", 12000, lambda n: [{"type": "markdown", "text": "m" * n}]),
]


@pytest.mark.parametrize(("what", "limit", "build"), MESSAGES, ids=[case[0] for case in MESSAGES])
def test_message_limits(
    slack: StandInSlack, client: WebClient, what: str, limit: int, build: Callable[[int], list[Block]]
) -> None:
    client.chat_postMessage(channel="#harbour-alerts", text="fallback", blocks=build(limit))
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel="#harbour-alerts", text="fallback", blocks=build(limit + 1))
    answer = refused.value.response
    assert answer["error"] == "invalid_blocks"
    assert all("[json-pointer:/blocks" in text for text in answer["response_metadata"]["messages"])
    assert len(slack.channel("harbour-alerts").messages) == 1
    assert [(r.method, r.error) for r in slack.workspace.refusals] == [("chat.postMessage", "invalid_blocks")]


def modal(**more: Any) -> Block:
    return {"type": "modal", "title": plain("Title"), "blocks": [section()], **more}


MODALS: list[tuple[str, int, Callable[[int], Block]]] = [
    ("blocks in a modal", 100, lambda n: modal(blocks=[section()] * n)),
    ("title", 24, lambda n: modal(title=plain("t" * n))),
    ("submit", 24, lambda n: modal(submit=plain("s" * n))),
    ("close", 24, lambda n: modal(close=plain("c" * n))),
    ("private_metadata", 3000, lambda n: modal(private_metadata="p" * n)),
    ("callback_id", 255, lambda n: modal(callback_id="c" * n)),
    ("external_id", 255, lambda n: modal(external_id="e" * n)),
    (
        "typed text",
        3000,
        lambda n: modal(submit=plain("Go"), blocks=[field(written(initial_value="x" * n))]),
    ),
]


@pytest.mark.parametrize(("what", "limit", "build"), MODALS, ids=[case[0] for case in MODALS])
def test_modal_limits(
    slack: StandInSlack, client: WebClient, what: str, limit: int, build: Callable[[int], Block]
) -> None:
    person = slack.user("lead").user.id
    with pytest.raises(SlackApiError) as refused:
        client.views_open(trigger_id=slack.workspace.new_trigger(person), view=build(limit + 1))
    assert refused.value.response["error"] == "invalid_arguments"
    assert "[json-pointer:/view" in refused.value.response["response_metadata"]["messages"][0]
    assert slack.user("lead").modal is None
    client.views_open(trigger_id=slack.workspace.new_trigger(person), view=build(limit))
    assert slack.user("lead").modal is not None


def test_a_home_takes_a_hundred_blocks(slack: StandInSlack, client: WebClient) -> None:
    person = slack.user("lead").user.id
    client.views_publish(user_id=person, view={"type": "home", "blocks": [section()] * 100})
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        client.views_publish(user_id=person, view={"type": "home", "blocks": [section()] * 101})
    assert slack.user("lead").home is not None
    assert len(slack.user("lead").home.blocks) == 100


def test_all_blocks_together_take_13200_characters(slack: StandInSlack, client: WebClient) -> None:
    blocks = [section(3000)] * 4
    client.chat_postMessage(channel="#harbour-alerts", text="f", blocks=[*blocks, section(1200)])
    with pytest.raises(SlackApiError, match="msg_blocks_too_long"):
        client.chat_postMessage(channel="#harbour-alerts", text="f", blocks=[*blocks, section(1201)])


def test_text_takes_40000_characters_and_we_say_so_above_4000(slack: StandInSlack, client: WebClient) -> None:
    client.chat_postMessage(channel="#harbour-alerts", text="x" * 4_000)
    assert slack.workspace.complaints == []
    client.chat_postMessage(channel="#harbour-alerts", text="x" * 40_000)
    assert [c.kind for c in slack.workspace.complaints] == ["text_over_recommended"]
    with pytest.raises(SlackApiError, match="msg_too_long"):
        client.chat_postMessage(channel="#harbour-alerts", text="x" * 40_001)


WRONG: list[tuple[str, list[Any], str]] = [
    ("repeated block_id", [section(block_id="b"), section(block_id="b")], '"b" already exists'),
    ("repeated action_id", [actions(button(), button())], '"go" already exists for another element'),
    ("unknown block", [{"type": "carousel"}], "unsupported type: carousel"),
    ("unknown property", [section(colour="red")], "invalid additional property: colour"),
    ("empty text", [section(0)], "must be more than 0 characters"),
    ("mrkdwn on a button", [actions({"type": "button", "text": mrkdwn("x")})], "must be plain_text"),
    ("emoji on mrkdwn", [{"type": "section", "text": mrkdwn("x") | {"emoji": True}}], "emoji"),
    ("no text", [{"type": "section"}], "missing required field: text"),
    ("no alt_text", [{"type": "image", "image_url": "u"}], "missing required field: alt_text"),
    ("unknown style", [actions(button(style="loud"))], "must be a valid enum value"),
    ("input in actions", [actions(written())], "unsupported type: plain_text_input"),
    ("button in input", [field(button())], "unsupported type: button"),
    ("nothing to choose", [actions(select())], "no fewer than 1 items allowed"),
    ("foreign initial option", [actions(select(option(), initial_option=option("b", "b")))], "match one of"),
    ("no actions", [actions()], "no fewer than 1 items allowed"),
    ("not an object", ["section"], "must be an object"),
]


@pytest.mark.parametrize(("what", "blocks", "words"), WRONG, ids=[case[0] for case in WRONG])
def test_malformed_blocks_are_refused_with_the_place(
    client: WebClient, what: str, blocks: list[Any], words: str
) -> None:
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel="#harbour-alerts", text="fallback", blocks=blocks)
    assert refused.value.response["error"] == "invalid_blocks"
    assert words in refused.value.response["response_metadata"]["messages"][0]


def test_the_same_action_id_in_two_blocks_is_fine(slack: StandInSlack, client: WebClient) -> None:
    client.chat_postMessage(
        channel="#harbour-alerts", text="f", blocks=[actions(button()), actions(button())]
    )
    assert slack.workspace.refusals == []


def test_a_modal_with_an_input_needs_a_submit_button(slack: StandInSlack, client: WebClient) -> None:
    trigger = slack.workspace.new_trigger(slack.user("lead").user.id)
    with pytest.raises(SlackApiError) as refused:
        client.views_open(trigger_id=trigger, view=modal(blocks=[field(written())]))
    assert "missing required field: submit" in refused.value.response["response_metadata"]["messages"][0]


def test_our_own_rules_are_complaints_not_refusals(slack: StandInSlack, client: WebClient) -> None:
    client.chat_postMessage(channel="#harbour-alerts", blocks=[section()])
    client.chat_postMessage(channel="#harbour-alerts", text="<!channel> look")
    client.chat_postMessage(channel="#harbour-alerts", text="&lt;!channel&gt; is only text")
    assert [c.kind for c in slack.workspace.complaints] == ["missing_fallback", "broadcast"]
    assert slack.workspace.refusals == []
    assert len(slack.channel("harbour-alerts").messages) == 3


def test_what_slacks_own_block_models_write_is_taken(slack: StandInSlack, client: WebClient) -> None:
    """Against false refusals: the official builders, with every option they offer a Muster message."""
    options = [
        models.Option(text="Five", value="5", description="minutes"),
        models.Option(label="Ten", value="10"),
    ]
    sure = models.ConfirmObject(title="Sure?", text="Really", confirm="Yes", deny="No")
    elements = [
        models.ButtonElement(text="Acknowledge", action_id="a", value="17", style="primary", confirm=sure),
        models.LinkButtonElement(text="Open", url="https://x.example"),
        models.StaticSelectElement(
            placeholder="Snooze", action_id="s", options=options, initial_option=options[0]
        ),
        models.OverflowMenuElement(action_id="o", options=options),
        models.DatePickerElement(action_id="d", initial_date="2026-11-22", placeholder="day"),
        models.UserSelectElement(action_id="u", placeholder="who"),
    ]
    checks = models.CheckboxesElement(action_id="c", options=options)
    blocks = [
        models.HeaderBlock(text="Overdue"),
        models.SectionBlock(text="*bold*", fields=["a", "b"], accessory=elements[0]),
        models.SectionBlock(text=models.PlainTextObject(text="plain", emoji=True), block_id="two"),
        models.ContextBlock(
            elements=[
                models.MarkdownTextObject(text="x", verbatim=True),
                models.ImageElement(image_url="https://x.example/a.png", alt_text="a clock"),
            ]
        ),
        models.DividerBlock(),
        models.ImageBlock(image_url="https://x.example/a.png", alt_text="cover", title="Cover"),
        models.ActionsBlock(elements=elements[:5]),
        models.InputBlock(label="Ticks", element=checks, hint="any", optional=True, dispatch_action=True),
        models.RichTextBlock(
            elements=[models.RichTextSectionElement(elements=[models.RichTextElementParts.Text(text="t")])]
        ),
    ]
    client.chat_postMessage(channel="#harbour-alerts", text="Overdue", blocks=blocks)
    view = View(
        type="modal",
        title="Leave",
        submit="Send",
        close="Cancel",
        callback_id="leave",
        private_metadata="{}",
        notify_on_close=True,
        blocks=[
            models.InputBlock(
                label="Reason",
                element=models.PlainTextInputElement(
                    action_id="r", multiline=True, max_length=200, placeholder="why"
                ),
            ),
            models.InputBlock(label="Day", element=elements[4]),
            models.InputBlock(label="Who", element=elements[5]),
            models.InputBlock(
                label="How many", element=models.NumberInputElement(action_id="n", is_decimal_allowed=False)
            ),
        ],
    )
    client.views_open(trigger_id=slack.workspace.new_trigger(slack.user("lead").user.id), view=view)
    home = View(type="home", blocks=[models.SectionBlock(text="hello")])
    client.views_publish(user_id=slack.user("lead").user.id, view=home)
    assert slack.workspace.refusals == []
    assert slack.workspace.complaints == []
