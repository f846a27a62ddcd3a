"""The building kit of modals: inputs named by their block id, and what was typed into them.

A field's block id and action id are the same word, so that an error can be put under it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    DatePickerElement,
    DateTimePickerElement,
    InputBlock,
    InputInteractiveElement,
    Option,
    OptionGroup,
    PlainTextInputElement,
    PlainTextObject,
    StaticMultiSelectElement,
    StaticSelectElement,
    TimePickerElement,
    UserSelectElement,
)

from bot.slack.blocks.kit import cut

__all__ = [
    "FieldValue",
    "Form",
    "Options",
    "as_moment",
    "as_text",
    "as_words",
    "choice",
    "clock_field",
    "day_field",
    "field_values",
    "moment_field",
    "person_field",
    "text_field",
    "ticks",
    "words_field",
]

TITLE_CHARACTERS = 24
LABEL_CHARACTERS = 150
HINT_CHARACTERS = 300
OPTION_CHARACTERS = 75
ERROR_CHARACTERS = 250

FieldValue = str | tuple[str, ...] | datetime | None
Options = Sequence[tuple[str, str]]
"""(value, label) each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A modal.  ``callback`` names what handles it; ``metadata`` comes back with it; without ``submit`` it
    only shows something."""

    callback: str
    title: str
    close: str
    blocks: Sequence[Block | Mapping[str, Any]]
    submit: str | None = None
    metadata: str = ""

    def view(self) -> dict[str, Any]:
        """As Slack takes it."""
        built: dict[str, Any] = {
            "type": "modal",
            "callback_id": self.callback,
            "title": _plain(self.title, TITLE_CHARACTERS).to_dict(),
            "close": _plain(self.close, TITLE_CHARACTERS).to_dict(),
            "blocks": [b.to_dict() if isinstance(b, Block) else dict(b) for b in self.blocks],
        }
        if self.submit is not None:
            built["submit"] = _plain(self.submit, TITLE_CHARACTERS).to_dict()
        if self.metadata:
            built["private_metadata"] = self.metadata
        return built


def text_field(
    name: str,
    label: str,
    *,
    value: str = "",
    hint: str | None = None,
    long: bool = False,
    optional: bool = True,
    longest: int = 3_000,
) -> InputBlock:
    """Text on one line, or on several."""
    element = PlainTextInputElement(
        action_id=name, multiline=long, initial_value=cut(value, longest) or None, max_length=longest
    )
    return _input(name, label, element, hint=hint, optional=optional)


def choice(
    name: str,
    label: str,
    options: Options | Sequence[tuple[str, Options]],
    *,
    value: str | None = None,
    hint: str | None = None,
    optional: bool = True,
) -> InputBlock:
    """One of several; ``options`` may be groups of them, each under its own label."""
    groups: list[OptionGroup] = []
    flat: list[Option] = []
    every: list[Option] = []
    for first, second in options:
        inside = [_option(first, second)] if isinstance(second, str) else [_option(v, w) for v, w in second]
        every += inside
        if isinstance(second, str):
            flat += inside
        else:
            groups.append(OptionGroup(label=_plain(first, OPTION_CHARACTERS), options=inside))
    chosen = next((o for o in every if o.value == value), None)
    element = StaticSelectElement(
        action_id=name,
        options=flat or None,
        option_groups=groups or None,
        initial_option=chosen,
    )
    return _input(name, label, element, hint=hint, optional=optional)


def words_field(
    name: str, label: str, options: Options, *, values: Sequence[str] = (), hint: str | None = None
) -> InputBlock:
    """Any number of several."""
    every = [_option(value, text) for value, text in options]
    chosen = [o for o in every if o.value in values]
    element = StaticMultiSelectElement(action_id=name, options=every, initial_options=chosen or None)
    return _input(name, label, element, hint=hint)


def ticks(
    name: str, label: str, options: Options, *, values: Sequence[str] = (), hint: str | None = None
) -> InputBlock:
    """Boxes to tick."""
    every = [_option(value, text) for value, text in options]
    chosen = [o for o in every if o.value in values]
    element = CheckboxesElement(action_id=name, options=every, initial_options=chosen or None)
    return _input(name, label, element, hint=hint)


def person_field(
    name: str, label: str, *, user: str | None = None, hint: str | None = None, optional: bool = True
) -> InputBlock:
    """One member of the workspace."""
    element = UserSelectElement(action_id=name, initial_user=user)
    return _input(name, label, element, hint=hint, optional=optional)


def moment_field(
    name: str, label: str, *, at: datetime | None = None, hint: str | None = None, optional: bool = True
) -> InputBlock:
    """Day and time, which Slack shows in the reader's own zone."""
    element = DateTimePickerElement(
        action_id=name, initial_date_time=None if at is None else int(at.timestamp())
    )
    return _input(name, label, element, hint=hint, optional=optional)


def day_field(
    name: str, label: str, *, day: date | None = None, hint: str | None = None, optional: bool = True
) -> InputBlock:
    """A day; read back as ``2026-11-24``."""
    element = DatePickerElement(action_id=name, initial_date=None if day is None else day.isoformat())
    return _input(name, label, element, hint=hint, optional=optional)


def clock_field(
    name: str, label: str, *, at: time | None = None, hint: str | None = None, optional: bool = True
) -> InputBlock:
    """A time of day; read back as ``19:00``."""
    element = TimePickerElement(action_id=name, initial_time=None if at is None else f"{at:%H:%M}")
    return _input(name, label, element, hint=hint, optional=optional)


def field_values(view: Mapping[str, Any]) -> dict[str, FieldValue]:
    """What stands in each field of a view that Slack sent, by block id."""
    found: dict[str, FieldValue] = {}
    values = (view.get("state") or {}).get("values") or {}
    for name, elements in values.items():
        for element in elements.values():
            found[str(name)] = _value(element)
    return found


def as_text(value: FieldValue) -> str:
    return value if isinstance(value, str) else ""


def as_words(value: FieldValue) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def as_moment(value: FieldValue) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _value(element: Mapping[str, Any]) -> FieldValue:
    if (moment := element.get("selected_date_time")) is not None:
        return datetime.fromtimestamp(int(moment), UTC)
    if (option := element.get("selected_option")) is not None:
        return str(option["value"])
    if "selected_options" in element:
        return tuple(str(option["value"]) for option in element["selected_options"] or ())
    for key in ("value", "selected_user", "selected_date", "selected_time"):
        if element.get(key) is not None:
            return str(element[key])
    return None


def _input(
    name: str,
    label: str,
    element: InputInteractiveElement,
    *,
    hint: str | None = None,
    optional: bool = True,
) -> InputBlock:
    return InputBlock(
        block_id=name,
        label=_plain(label, LABEL_CHARACTERS),
        element=element,
        hint=None if hint is None else _plain(hint, HINT_CHARACTERS),
        optional=optional,
    )


def _option(value: str, text: str) -> Option:
    return Option(value=value, text=_plain(text, OPTION_CHARACTERS))


def _plain(text: str, limit: int) -> PlainTextObject:
    return PlainTextObject(text=cut(text, limit), emoji=False)
