"""Interactive elements and images: which keys each has, and its limits."""

from __future__ import annotations

from typing import Any

from bot.playground import limits
from bot.playground.checks.problems import Problems
from bot.playground.checks.text import check_confirm, check_option_groups, check_options, check_text

_SELECT = frozenset({"placeholder", "confirm", "focus_on_load"})
_MULTI = _SELECT | {"max_selected_items"}
_FIELD = frozenset({"placeholder", "focus_on_load", "dispatch_action_config", "initial_value"})

#: element type -> keys beside `type` and `action_id`
KEYS: dict[str, frozenset[str]] = {
    "button": frozenset({"text", "url", "value", "style", "confirm", "accessibility_label"}),
    "static_select": _SELECT | {"options", "option_groups", "initial_option"},
    "multi_static_select": _MULTI | {"options", "option_groups", "initial_options"},
    "external_select": _SELECT | {"initial_option", "min_query_length"},
    "multi_external_select": _MULTI | {"initial_options", "min_query_length"},
    "users_select": _SELECT | {"initial_user"},
    "multi_users_select": _MULTI | {"initial_users"},
    "channels_select": _SELECT | {"initial_channel", "response_url_enabled"},
    "multi_channels_select": _MULTI | {"initial_channels"},
    "conversations_select": _SELECT
    | {"initial_conversation", "default_to_current_conversation", "response_url_enabled", "filter"},
    "multi_conversations_select": _MULTI
    | {"initial_conversations", "default_to_current_conversation", "filter"},
    "overflow": frozenset({"options", "confirm"}),
    "radio_buttons": frozenset({"options", "initial_option", "confirm", "focus_on_load"}),
    "checkboxes": frozenset({"options", "initial_options", "confirm", "focus_on_load"}),
    "datepicker": _SELECT | {"initial_date"},
    "timepicker": _SELECT | {"initial_time", "timezone"},
    "datetimepicker": frozenset({"initial_date_time", "confirm", "focus_on_load"}),
    "plain_text_input": _FIELD | {"multiline", "min_length", "max_length"},
    "number_input": _FIELD | {"is_decimal_allowed", "min_value", "max_value"},
    "email_text_input": _FIELD,
    "url_text_input": _FIELD,
    "file_input": frozenset({"filetypes", "max_files"}),
}
_TYPED = frozenset({"plain_text_input", "number_input", "email_text_input", "url_text_input", "file_input"})
IN_ACTIONS = frozenset(KEYS) - _TYPED
IN_SECTION = IN_ACTIONS | {"image"}
IN_INPUT = frozenset(KEYS) - {"button", "overflow"}


def check_element(p: Problems, element: Any, path: str, allowed: frozenset[str]) -> None:
    """One element inside a block that takes the types `allowed`."""
    if not isinstance(element, dict):
        p.add("must be an object", path)
        return
    kind = element.get("type")
    if kind not in allowed:
        p.add(f"unsupported type: {kind}", f"{path}/type")
        return
    if kind == "image":
        check_image(p, element, path, {"type", "image_url", "slack_file", "alt_text"})
        return
    p.keys(element, KEYS[kind] | {"type", "action_id"}, path)
    p.string(element, "action_id", limits.ACTION_ID, path)
    if "confirm" in element:
        check_confirm(p, element["confirm"], f"{path}/confirm")
    if "placeholder" in element:
        check_text(p, element["placeholder"], f"{path}/placeholder", limits.PLACEHOLDER, plain=True)
    if kind == "button":
        _check_button(p, element, path)
    elif kind == "overflow":
        check_options(p, element, path, limits.OVERFLOW_OPTIONS)
    elif kind in {"radio_buttons", "checkboxes"}:
        check_options(p, element, path, limits.CHOICE_OPTIONS, plain=False)
    elif kind in {"static_select", "multi_static_select"}:
        if "option_groups" in element:
            check_option_groups(p, element, path)
        else:
            check_options(p, element, path, limits.SELECT_OPTIONS)
    elif kind == "plain_text_input":
        _check_text_input(p, element, path)
    elif kind == "number_input" and "is_decimal_allowed" not in element:
        p.add("missing required field: is_decimal_allowed", path)


def check_image(p: Problems, image: dict[str, Any], path: str, keys: set[str]) -> None:
    p.keys(image, keys, path)
    p.string(image, "alt_text", limits.ALT_TEXT, path, required=True)
    if "slack_file" not in image:
        p.string(image, "image_url", limits.IMAGE_URL, path, required=True)


def _check_button(p: Problems, button: dict[str, Any], path: str) -> None:
    check_text(p, button.get("text"), f"{path}/text", limits.BUTTON_LABEL, plain=True)
    p.string(button, "url", limits.BUTTON_URL, path)
    p.string(button, "accessibility_label", limits.ACCESSIBILITY_LABEL, path)
    value = button.get("value")
    if value is not None and (not isinstance(value, str) or len(value) > limits.BUTTON_VALUE):
        p.add(f"must be less than {limits.BUTTON_VALUE + 1} characters", f"{path}/value")
    if button.get("style", "primary") not in {"primary", "danger"}:
        p.add("must be a valid enum value", f"{path}/style")


def _check_text_input(p: Problems, element: dict[str, Any], path: str) -> None:
    longest = element.get("max_length", limits.PLAIN_TEXT_INPUT)
    if not isinstance(longest, int) or not 1 <= longest <= limits.PLAIN_TEXT_INPUT:
        p.add(f"must be between 1 and {limits.PLAIN_TEXT_INPUT}", f"{path}/max_length")
        longest = limits.PLAIN_TEXT_INPUT
    if len(str(element.get("initial_value", ""))) > longest:
        p.add(f"must be less than {longest + 1} characters", f"{path}/initial_value")
