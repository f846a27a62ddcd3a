"""The building kit of messages: Slack's limits, escaping and cutting in one place.

Every text that did not come from our catalogues goes through `escape` or `code`.  The first block of a
message reads as its notification: `message` makes the fallback text from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    MarkdownTextObject,
    Option,
    PlainTextObject,
    SectionBlock,
    StaticSelectElement,
)

__all__ = [
    "Content",
    "actions",
    "as_written",
    "button",
    "code",
    "context",
    "cut",
    "divider",
    "escape",
    "lines",
    "message",
    "plain",
    "section",
    "select",
]

MESSAGE_BLOCKS = 50
MESSAGE_CHARACTERS = 12_000
"""Over all blocks.  Slack refuses more than about 13,200 without documenting it."""
SECTION_CHARACTERS = 3_000
CONTEXT_CHARACTERS = 2_000
FALLBACK_CHARACTERS = 3_000
NAME_CHARACTERS = 60
BUTTON_CHARACTERS = 75
BUTTON_VALUE_CHARACTERS = 2_000

# Control characters, and marks that turn the direction of the text after them.
_INVISIBLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]+"
)
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# These look alike and mean nothing to Slack.  Underscores only mark between spaces; they stay, ids have them.
_MARKUP = str.maketrans({"*": "\u2217", "~": "\u223c", "`": "\u02bc"})
_BOLD = re.compile(r"(?<![\w*`])\*(?!\s)([^*\n]+)(?<!\s)\*(?![\w*`])")
"""Bold as Slack reads it: a pair of signs that touches no word, in any script, and no code, outside of it."""
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What Slack is handed: blocks, and the text for notifications and screen readers."""

    text: str
    blocks: Sequence[dict[str, Any]]


def plain(text: object, limit: int = NAME_CHARACTERS) -> str:
    """One line of foreign text without control and direction marks, cut to ``limit`` characters."""
    return cut(_INVISIBLE.sub(" ", str(text)).strip(), limit)


def escape(text: object, limit: int = NAME_CHARACTERS) -> str:
    """Foreign text for a mrkdwn text: neither mention, nor link, nor markup, on one line.

    >>> escape("<!channel> & *Co*")
    '&lt;!channel&gt; &amp; ∗Co∗'
    """
    return plain(text, limit).translate(_MARKUP).translate(_ENTITIES)


def as_written(text: str) -> str:
    """Foreign text of several lines to copy: neither mention nor link, without control and direction marks.

    >>> as_written("Sorry, <@U1>.\\nOne moment.")
    'Sorry, &lt;@U1&gt;.\\nOne moment.'
    """
    return "\n".join(_INVISIBLE.sub("", line).rstrip() for line in text.splitlines()).translate(_ENTITIES)


def code(text: object, limit: int = NAME_CHARACTERS) -> str:
    """Foreign text as code: references, commands.

    >>> code("GD`1")
    '`GDʼ1`'
    """
    inside = plain(text, limit).replace("`", "\u02bc").translate(_ENTITIES)
    return f"`{inside or '?'}`"


def cut(text: str, limit: int) -> str:
    """At most ``limit`` characters; what was cut shows as an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def lines(items: Sequence[str], *, limit: int = SECTION_CHARACTERS, more: str = "…") -> str:
    """Whole lines, as many as fit; ``more`` is the last line where some do not."""
    kept: list[str] = []
    room = limit
    for index, item in enumerate(items):
        last = index == len(items) - 1
        if len(item) + (0 if last else len(more) + 1) > room:
            kept.append(more)
            break
        kept.append(item)
        room -= len(item) + 1
    return "\n".join(kept)


def section(text: str, *, button: ButtonElement | StaticSelectElement | None = None) -> SectionBlock:
    """A paragraph of mrkdwn, at most 3,000 characters."""
    return SectionBlock(text=MarkdownTextObject(text=_fit(text, SECTION_CHARACTERS)), accessory=button)


def context(*texts: str) -> ContextBlock:
    """Small print: one element per text, at most ten."""
    return ContextBlock(
        elements=[MarkdownTextObject(text=_fit(text, CONTEXT_CHARACTERS)) for text in texts[:10]]
    )


def divider() -> DividerBlock:
    return DividerBlock()


def button(label: str, *, action: str, value: str, style: str | None = None) -> ButtonElement:
    """A button.  ``value`` comes back when it is pressed and must fit whole."""
    if len(value) > BUTTON_VALUE_CHARACTERS:
        raise ValueError(
            f"a button's value has {len(value)} characters; Slack takes {BUTTON_VALUE_CHARACTERS}"
        )
    text = PlainTextObject(text=cut(label, BUTTON_CHARACTERS), emoji=False)
    return ButtonElement(text=text, action_id=action, value=value, style=style)


def select(label: str, options: Sequence[tuple[str, str]], *, action: str, value: str) -> StaticSelectElement:
    """One of several (value, label); ``value`` is chosen already, ``label`` says what it is about."""
    every = [
        Option(value=name, text=PlainTextObject(text=cut(shown, BUTTON_CHARACTERS), emoji=False))
        for name, shown in options
    ]
    return StaticSelectElement(
        action_id=action,
        placeholder=PlainTextObject(text=cut(label, BUTTON_CHARACTERS), emoji=False),
        options=every,
        initial_option=next((o for o in every if o.value == value), None),
    )


def actions(block_id: str, *elements: ButtonElement | StaticSelectElement) -> ActionsBlock:
    return ActionsBlock(block_id=block_id, elements=list(elements))


def message(blocks: Iterable[Block], *, shortened: str = "…") -> Content:
    """A message of these blocks, the first being a section that says it all.

    Past Slack's limits blocks before the last actions are left out from the end and ``shortened`` says so.
    """
    built = [block.to_dict() for block in blocks]
    while len(built) > MESSAGE_BLOCKS or _characters(built) > MESSAGE_CHARACTERS:
        index = _dispensable(built)
        if index is None:
            break
        built[index : index + 1] = []
        if not any(block.get("block_id") == "shortened" for block in built):
            note = context(shortened).to_dict() | {"block_id": "shortened"}
            built.insert(index, note)
    first = built[0]["text"]["text"]
    return Content(text=_unmarked(first), blocks=tuple(built))


def _dispensable(built: Sequence[dict[str, Any]]) -> int | None:
    for index in range(len(built) - 1, 0, -1):
        if built[index]["type"] != "actions" and built[index].get("block_id") != "shortened":
            return index
    return None


def _characters(value: Any) -> int:
    if isinstance(value, list | tuple):
        return sum(_characters(item) for item in value)
    if isinstance(value, dict):
        own = len(value["text"]) if isinstance(value.get("text"), str) else 0
        return own + sum(_characters(item) for item in value.values() if not isinstance(item, str))
    return 0


def _fit(text: str, limit: int) -> str:
    """Whole lines that fit; a single longer line is cut before an entity or mention it would break."""
    fitted = lines(text.split("\n"), limit=limit)
    if len(fitted) > 1 or len(text) <= limit:
        return fitted
    cutted = text[: limit - 1]
    for opening, closing in (("&", ";"), ("<", ">")):
        start = cutted.rfind(opening)
        if start > limit - 40 and closing not in cutted[start:]:
            cutted = cutted[:start]
    return cutted + "…"


def _unmarked(text: str) -> str:
    """The text as a notification shows it: without the signs of bold and code."""
    return cut(_CODE.sub(r"\1", _BOLD.sub(r"\1", text)), FALLBACK_CHARACTERS)
