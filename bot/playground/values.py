"""What a person typed or chose, as Slack reports it: the state of a view, the action of a press."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.playground.errors import JSON
from bot.playground.model import View
from bot.playground.workspace import Workspace

_WRITTEN = {"plain_text_input", "number_input", "email_text_input", "url_text_input"}
_PICKED = {
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
}
_MANY = {"checkboxes", "multi_static_select", "multi_external_select"}


class NotPossible(ValueError):  # noqa: N818 - it says what a person cannot do, not that something broke
    """A person could not do this in Slack: no such field, no such option, nothing there to press.

    `kind` is for those who show it in words of their own: `unknown_command`, `gone`, or `other`.
    """

    def __init__(self, text: str, kind: str = "other") -> None:
        super().__init__(text)
        self.kind = kind


def options(element: JSON) -> list[JSON]:
    """Every option an element offers, in order."""
    found = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        found += group["options"]
    return found


def answer(ws: Workspace, element: JSON, given: Any) -> JSON:
    """One element's part of the state after the person gave `given` (None: as it was shown, "": emptied).

    Options are named by value or by label, people and channels by name, several as a list.
    """
    kind = element["type"]
    if kind in _WRITTEN:
        written = element.get("initial_value") if given is None else str(given)
        longest = element.get("max_length", 3000)
        if written is not None and len(written) > longest:
            raise NotPossible(f"{element['action_id']}: takes at most {longest} characters")
        return {"type": kind, "value": written or None}
    if kind in _PICKED:
        key, initial = _PICKED[kind]
        picked = element.get(initial) if given is None else None if given == "" else _id(ws, kind, given)
        return {"type": kind, key: picked}
    if kind in _MANY:
        if given is None:
            return {"type": kind, "selected_options": element.get("initial_options") or []}
        return {"type": kind, "selected_options": [_option(element, one) for one in given]}
    if kind == "file_input":
        return {"type": kind, "files": list(given or [])}
    if given is None:
        return {"type": kind, "selected_option": element.get("initial_option")}
    if given == "":
        return {"type": kind, "selected_option": None}
    return {"type": kind, "selected_option": _option(element, given)}


def inputs(view: View) -> Iterator[tuple[JSON, JSON]]:
    """Every (input block, element) of a view."""
    for block in view.blocks:
        if block["type"] == "input":
            yield block, block["element"]


def state_of(ws: Workspace, view: View, given: Mapping[str, Any]) -> JSON:
    """`state.values` of a view; `given` by action_id or block_id. NotPossible for a field not shown."""
    left = dict(given)
    state: JSON = {}
    for block_id, element in view.elements():
        if element["type"] == "button":
            continue
        action_id = element["action_id"]
        value = left.pop(action_id, None) if action_id in left else left.pop(block_id, None)
        state.setdefault(block_id, {})[action_id] = answer(ws, element, value)
    if left:
        shown = sorted(element["action_id"] for _, element in view.elements())
        raise NotPossible(f"no such field: {', '.join(left)}; the view shows {', '.join(shown) or 'none'}")
    return state


def empty_required(view: View, state: JSON) -> list[str]:
    """Labels of the required inputs left empty: Slack's client does not send such a form."""
    missing: list[str] = []
    for block, element in inputs(view):
        given = state[block["block_id"]][element["action_id"]]
        filled = any(value not in (None, [], "") for key, value in given.items() if key != "type")
        if not filled and not block.get("optional", False):
            missing.append(block["label"]["text"])
    return missing


def action_of(ws: Workspace, block_id: str, element: JSON, given: Any) -> JSON:
    """The entry in `actions` for a press or a choice."""
    base: JSON = {"action_id": element["action_id"], "block_id": block_id, "type": element["type"]}
    if element["type"] == "button":
        base["text"] = element["text"]
        for key in ("value", "style", "url"):
            if key in element:
                base[key] = element[key]
        return base
    return base | answer(ws, element, given)


def _option(element: JSON, given: Any) -> JSON:
    if element["type"] in {"external_select", "multi_external_select"} and isinstance(given, dict):
        return given
    for option in options(element):
        if given in (option["value"], option["text"]["text"]):
            return option
    offered = ", ".join(option["value"] for option in options(element))
    raise NotPossible(f"{element['action_id']}: no option {given!r}; offered: {offered}")


def _id(ws: Workspace, kind: str, given: Any) -> Any:
    if isinstance(given, list | tuple):
        return [_id(ws, kind.removeprefix("multi_"), one) for one in given]
    if kind.endswith("users_select"):
        return ws.user(given).id
    if kind.endswith(("channels_select", "conversations_select")):
        return ws.channel(given).id
    return given
