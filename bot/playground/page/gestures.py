"""What somebody does on the page, carried out as the gestures of a `Person`."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.playground.driver import StandInSlack
from bot.playground.errors import JSON
from bot.playground.model import Message, User, View
from bot.playground.outcome import Outcome
from bot.playground.page.sight import message_of, reader, view_of, visible
from bot.playground.person import Person
from bot.playground.values import NotPossible, empty_required, inputs, state_of

LONGEST_TEXT = 12_000
_HANDLE = re.compile(r"(?<![\w<|@#])([@#])([\w-]+(?:\.[\w-]+)*)")
_WHOLE_NUMBERS = {"datetimepicker"}


class Malformed(ValueError):  # noqa: N818 - as NotPossible: what is wrong is the request
    """A request the page itself would never send."""


def perform(slack: StandInSlack, asked: Mapping[str, Any]) -> JSON:
    """Do what was asked and say what came of it; blocks until the app has acknowledged, 3 s at most.

    `{}` when it went well; `{"problem": kind, ...}` as Slack shows it when the app did not answer;
    `{"missing": [block_id]}` for a form with empty fields. Raises NotPossible and Malformed.
    """
    with slack.workspace.lock:
        user = reader(slack.workspace, _word(asked, "as"))
    gesture = _GESTURES.get(_word(asked, "do"))
    if gesture is None:
        raise Malformed("no such gesture")
    return gesture(slack, slack.user(user.id), asked)


def _command(slack: StandInSlack, person: Person, asked: Mapping[str, Any]) -> JSON:
    name, _, rest = _word(asked, "text").strip().partition(" ")
    text = _with_mentions(slack, person.user, rest.strip())
    outcome = person.command(name, text, channel=_place(slack, person.user, asked))
    if outcome.ok:
        return {}
    return {"problem": "command", "command": name, "error": str(outcome.error)}


def _say(slack: StandInSlack, person: Person, asked: Mapping[str, Any]) -> JSON:
    text = _word(asked, "text").strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if not text:
        raise Malformed("nothing to say")
    place = _place(slack, person.user, asked)
    thread = None
    if asked.get("thread") is not None:
        with slack.workspace.lock:
            thread = message_of(slack.workspace, person.user, place, _word(asked, "thread"))
    person.say(place, _with_mentions(slack, person.user, text), thread=thread)
    return {}


def _press(slack: StandInSlack, person: Person, asked: Mapping[str, Any]) -> JSON:
    place, typed = _pressed_on(slack, person.user, asked)
    what, block = _word(asked, "action"), _word(asked, "block")
    return _answered(person.press(place, what, block_id=block, typed=typed))


def _choose(slack: StandInSlack, person: Person, asked: Mapping[str, Any]) -> JSON:
    place, typed = _pressed_on(slack, person.user, asked)
    what, block = _word(asked, "action"), _word(asked, "block")
    if "value" not in asked:
        raise Malformed("value is missing")
    chosen = _fitting(place, block, what, asked["value"])
    return _answered(person.choose(place, what, chosen, block_id=block, typed=typed))


def _options(slack: StandInSlack, person: Person, asked: Mapping[str, Any]) -> JSON:
    place, _ = _pressed_on(slack, person.user, asked)
    found = person.options(place, _word(asked, "action"), _word(asked, "text"))
    return {"options": [{"value": str(o["value"]), "label": str(o["text"]["text"])} for o in found]}


def _submit(slack: StandInSlack, person: Person, asked: Mapping[str, Any]) -> JSON:
    view = _view(slack, person.user, asked)
    typed = _typed(view, asked)
    missing = set(empty_required(view, state_of(slack.workspace, view, typed)))
    if missing:
        empty = [block["block_id"] for block, _ in inputs(view) if block["label"]["text"] in missing]
        return {"missing": empty}
    outcome = person.submit(view, typed)
    return {} if outcome.ok else {"problem": "form", "error": str(outcome.error)}


def _close(slack: StandInSlack, person: Person, asked: Mapping[str, Any]) -> JSON:
    person.close(_view(slack, person.user, asked), all_of_them=asked.get("all") is True)
    return {}


def _home(_slack: StandInSlack, person: Person, _asked: Mapping[str, Any]) -> JSON:
    person.open_home()
    return {}


def _upload(slack: StandInSlack, person: Person, asked: Mapping[str, Any]) -> JSON:
    try:
        content = base64.b64decode(_word(asked, "content", longest=12_000_000), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("content is not base64") from None
    name = _word(asked, "name", longest=200).replace("/", "_") or "file"
    person.upload(_place(slack, person.user, asked), name, content)
    return {}


def _locale(slack: StandInSlack, person: Person, asked: Mapping[str, Any]) -> JSON:
    """The language in somebody's preferences."""
    chosen = _word(asked, "locale", longest=12)
    if not re.fullmatch(r"[a-z]{2}-[A-Z]{2}", chosen):
        raise Malformed("no locale of Slack")
    with slack.workspace.changed:
        person.user.locale = chosen
        slack.workspace.changed.notify_all()
    return {}


Gesture = Callable[[StandInSlack, Person, Mapping[str, Any]], JSON]
_GESTURES: Mapping[str, Gesture] = {
    "command": _command,
    "say": _say,
    "press": _press,
    "choose": _choose,
    "options": _options,
    "submit": _submit,
    "close": _close,
    "home": _home,
    "upload": _upload,
    "locale": _locale,
}


def _answered(outcome: Outcome) -> JSON:
    return {} if outcome.ok else {"problem": "button", "error": str(outcome.error)}


def _word(asked: Mapping[str, Any], key: str, *, longest: int = LONGEST_TEXT) -> str:
    value = asked.get(key)
    if not isinstance(value, str) or len(value) > longest:
        raise Malformed(f"{key} must be a text of at most {longest} characters")
    return value


def _place(slack: StandInSlack, user: User, asked: Mapping[str, Any]) -> str:
    place = _word(asked, "place")
    with slack.workspace.lock:
        channel = slack.workspace.channels.get(place)
        if channel is None or not visible(user, channel):
            raise NotPossible(f"{user.name} does not see this conversation", "gone")
        if user.id not in channel.members:
            raise NotPossible(f"{user.name} is not in {channel.name}", "outside")
    return place


def _pressed_on(
    slack: StandInSlack, user: User, asked: Mapping[str, Any]
) -> tuple[Message | View, dict[str, Any] | None]:
    """The message or view something was pressed on, and what stands in its fields."""
    with slack.workspace.lock:
        if asked.get("view") is not None:
            view = view_of(slack.workspace, user, _word(asked, "view"))
            return view, _typed(view, asked)
        return message_of(slack.workspace, user, _word(asked, "place"), _word(asked, "ts")), None


def _view(slack: StandInSlack, user: User, asked: Mapping[str, Any]) -> View:
    with slack.workspace.lock:
        return view_of(slack.workspace, user, _word(asked, "view"))


def _typed(view: View, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The fields by block id; those the view does not show are left out, as they are on a screen."""
    given = asked.get("typed") or {}
    if not isinstance(given, Mapping):
        raise Malformed("typed must be an object")
    shown = {block_id: element for block_id, element in view.elements() if element["type"] != "button"}
    return {
        key: _fitting(view, key, shown[key]["action_id"], value)
        for key, value in given.items()
        if key in shown
    }


def _fitting(place: Message | View, block: str, action: str, value: Any) -> Any:
    """A value in the type Slack reports it in."""
    element = next((e for b, e in place.elements() if b == block and e["action_id"] == action), None)
    if element is None or value in (None, ""):
        return value
    if element["type"] in _WHOLE_NUMBERS:
        try:
            return int(value)
        except (TypeError, ValueError):
            raise Malformed("not an instant") from None
    if element["type"].startswith("multi_") or element["type"] == "checkboxes":
        return value if isinstance(value, list) else [value]
    if element["type"] == "external_select" and isinstance(value, Mapping):
        # The app made it up while the person typed, so the view does not list it.
        label = {"type": "plain_text", "text": _word(value, "label")}
        return {"text": label, "value": _word(value, "value")}
    if not isinstance(value, str):
        raise Malformed("a field takes a text")
    return value


def _with_mentions(slack: StandInSlack, user: User, text: str) -> str:
    """`@handle` and `#channel` as Slack sends them to an app, where there is such a person or place."""
    ws = slack.workspace

    def found(match: re.Match[str]) -> str:
        sign, name = match.groups()
        with ws.lock:
            if sign == "@":
                person = next((u for u in ws.users.values() if u.name == name), None)
                return f"<@{person.id}|{name}>" if person is not None else match.group()
            for channel in ws.channels.values():
                if channel.im_user is None and channel.name == name and visible(user, channel):
                    return f"<#{channel.id}|{name}>"
        return match.group()

    return _HANDLE.sub(found, text)
