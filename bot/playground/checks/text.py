"""Text, option and confirmation objects."""

from __future__ import annotations

from typing import Any

from bot.playground import limits
from bot.playground.checks.problems import Problems

_TEXT_KEYS = {"plain_text": {"type", "text", "emoji"}, "mrkdwn": {"type", "text", "verbatim"}}


def check_text(p: Problems, value: Any, path: str, limit: int, *, plain: bool = False) -> None:
    """A text object of 1 to `limit` characters; `plain` where mrkdwn is not allowed."""
    if not isinstance(value, dict):
        p.add("must be an object", path)
        return
    kind = value.get("type")
    if kind not in _TEXT_KEYS or (plain and kind != "plain_text"):
        p.add("must be a valid enum value" if not plain else "must be plain_text", f"{path}/type")
        return
    p.keys(value, _TEXT_KEYS[kind], path)
    p.string(value, "text", limit, path, required=True)


def check_options(p: Problems, holder: dict[str, Any], path: str, limit: int, *, plain: bool = True) -> None:
    """The `options` of an element, and that what is chosen at first is one of them."""
    options = p.items(holder.get("options"), limit, f"{path}/options")
    for i, option in enumerate(options):
        _check_option(p, option, f"{path}/options/{i}", plain=plain)
    _check_initial(p, holder, options, path)


def check_option_groups(p: Problems, holder: dict[str, Any], path: str) -> None:
    groups = p.items(holder.get("option_groups"), limits.OPTION_GROUPS, f"{path}/option_groups")
    options: list[Any] = []
    for i, group in enumerate(groups):
        where = f"{path}/option_groups/{i}"
        if not isinstance(group, dict):
            p.add("must be an object", where)
            continue
        check_text(p, group.get("label"), f"{where}/label", limits.OPTION_GROUP_LABEL, plain=True)
        inside = p.items(group.get("options"), limits.SELECT_OPTIONS, f"{where}/options")
        options += inside
        for j, option in enumerate(inside):
            _check_option(p, option, f"{where}/options/{j}", plain=True)
    _check_initial(p, holder, options, path)


def check_confirm(p: Problems, value: Any, path: str) -> None:
    if not isinstance(value, dict):
        p.add("must be an object", path)
        return
    p.keys(value, {"title", "text", "confirm", "deny", "style"}, path)
    check_text(p, value.get("title"), f"{path}/title", limits.CONFIRM_TITLE, plain=True)
    check_text(p, value.get("text"), f"{path}/text", limits.CONFIRM_TEXT)
    for key in ("confirm", "deny"):
        if key in value:
            check_text(p, value[key], f"{path}/{key}", limits.CONFIRM_BUTTON, plain=True)


def _check_option(p: Problems, option: Any, path: str, *, plain: bool) -> None:
    if not isinstance(option, dict):
        p.add("must be an object", path)
        return
    p.keys(option, {"text", "value", "description", "url"}, path)
    check_text(p, option.get("text"), f"{path}/text", limits.OPTION_TEXT, plain=plain)
    p.string(option, "value", limits.OPTION_VALUE, path, required=True)
    if "description" in option:
        check_text(p, option["description"], f"{path}/description", limits.OPTION_DESCRIPTION, plain=plain)


def _check_initial(p: Problems, holder: dict[str, Any], options: list[Any], path: str) -> None:
    values = {option.get("value") for option in options if isinstance(option, dict)}
    chosen = list(holder.get("initial_options") or [])
    if "initial_option" in holder:
        chosen.append(holder["initial_option"])
    for option in chosen:
        if not isinstance(option, dict) or option.get("value") not in values:
            p.add("initial option must exactly match one of the provided options", path)
