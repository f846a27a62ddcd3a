"""Messages and views as plain text, as a person would read them aloud."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta

from bot.playground.errors import JSON
from bot.playground.model import Message, View
from bot.playground.workspace import Workspace

_TOKEN = re.compile(r"<([^<>\n]+)>")
_STYLE = re.compile(r"(?<![\w*_~`])(\*|_|~|`)(?=\S)([^\n]*?\S)\1(?![\w*_~`])")
_DATE_PART = re.compile(r"\{(\w+)\}")


def render_text(ws: Workspace, message: Message, *, locale: str = "en-US", tz: str = "UTC") -> str:
    """What the message shows: its blocks where it has any, else its text; then files and reactions."""
    read = Reader(ws, locale, tz)
    lines = read.blocks(message.blocks) if message.blocks else read.mrkdwn(message.text).splitlines()
    for key in message.files:
        file = ws.files[key]
        alt = f": {file.alt_text}" if file.alt_text else ""
        lines.append(f"(file {file.title or file.name}{alt})")
    if message.reactions:
        lines.append(" ".join(f":{name}: {len(users)}" for name, users in message.reactions.items()))
    return "\n".join(lines)


def render_view(ws: Workspace, view: View, *, locale: str = "en-US", tz: str = "UTC") -> str:
    """A modal with its title, fields, errors and buttons, or a home tab."""
    read = Reader(ws, locale, tz)
    lines = [f"=== {view.title} ==="] if view.title else []
    for block in view.blocks:
        lines += read.blocks([block])
        if block["block_id"] in view.errors:
            lines.append(f"  ! {view.errors[block['block_id']]}")
    buttons = [view.body[key]["text"] for key in ("close", "submit") if view.body.get(key)]
    if buttons:
        lines.append(" ".join(f"[{label}]" for label in buttons))
    return "\n".join(lines)


class Reader:
    """One reader's way to see: locale and zone."""

    def __init__(self, ws: Workspace, locale: str, tz: str) -> None:
        self._ws = ws
        self._locale = Locale.parse(locale.replace("_", "-"), sep="-")
        self._zone = ZoneInfo(tz)

    def blocks(self, blocks: list[JSON]) -> list[str]:
        lines: list[str] = []
        for block in blocks:
            lines += self._block(block)
        return lines

    def mrkdwn(self, text: str) -> str:
        """Links, mentions and dates resolved, emphasis and escapes taken off."""
        plain = _TOKEN.sub(lambda found: self.token(found.group(1)), text)
        before = ""
        while before != plain:
            before, plain = plain, _STYLE.sub(r"\2", plain)
        return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")

    def _block(self, block: JSON) -> list[str]:
        kind = block["type"]
        if kind == "header":
            return [f"# {self._text(block['text'])}"]
        if kind == "divider":
            return ["-" * 24]
        if kind == "section":
            return self._section(block)
        if kind == "context":
            items = [
                f"({item['alt_text']})" if item["type"] == "image" else self._text(item)
                for item in block["elements"]
            ]
            return [f"  {line}" for line in " · ".join(items).splitlines()]
        if kind == "actions":
            return [" ".join(self._element(element) for element in block["elements"])]
        if kind == "input":
            hint = f"  ({self._text(block['hint'])})" if "hint" in block else ""
            return [f"{self._text(block['label'])}: {self._element(block['element'])}{hint}"]
        if kind == "image":
            return [f"(picture: {block['alt_text']})"]
        if kind == "markdown":
            return str(block["text"]).splitlines()
        return [_rich(block)]

    def _section(self, block: JSON) -> list[str]:
        lines = self._text(block["text"]).splitlines() if "text" in block else []
        for field in block.get("fields") or []:
            lines.append("  " + self._text(field).replace("\n", ": ", 1).replace("\n", " "))
        if "accessory" in block:
            lines.append(self._element(block["accessory"]))
        return lines

    def _element(self, element: JSON) -> str:
        kind = element["type"]
        if kind == "button":
            return f"[{self._text(element['text'])}]"
        if kind == "image":
            return f"(picture: {element['alt_text']})"
        if kind in {"checkboxes", "radio_buttons"}:
            chosen = [o["value"] for o in element.get("initial_options") or []]
            chosen += [element["initial_option"]["value"]] if "initial_option" in element else []
            return " ".join(
                f"({'x' if o['value'] in chosen else ' '}) {self._text(o['text'])}"
                for o in element["options"]
            )
        if kind == "overflow":
            return f"[... {' | '.join(self._text(o['text']) for o in element['options'])}]"
        shown = element.get("initial_option") or {}
        label = self._text(shown["text"]) if shown else str(_initial(element))
        if not label and "placeholder" in element:
            label = self._text(element["placeholder"])
        return f"[{label} v]" if kind.endswith(("select", "picker")) else f"[{label or '____'}]"

    def _text(self, value: JSON) -> str:
        text = str(value["text"])
        return self.mrkdwn(text) if value["type"] == "mrkdwn" else text

    def token(self, inside: str) -> str:
        """What stands for `<inside>`: a name, a date, the words of a link."""
        target, _, label = inside.partition("|")
        if target.startswith("@"):
            user = self._ws.users.get(target[1:])
            return f"@{user.name if user else label or target[1:]}"
        if target.startswith("#"):
            channel = self._ws.channels.get(target[1:])
            return f"#{channel.name if channel else label or target[1:]}"
        if target.startswith("!date^"):
            return self._date(target, label)
        if target.startswith("!subteam^"):
            group = self._ws.usergroups.get(target.removeprefix("!subteam^"))
            return f"@{group.handle if group else label}"
        if target.startswith("!"):
            return f"@{target[1:]}"
        return label or target

    def _date(self, target: str, fallback: str) -> str:
        """`!date^1700000000^{date_short} {time}^https://link`, in the reader's zone and language."""
        try:
            _, seconds, form, *_ = target.split("^")
            when = datetime.fromtimestamp(int(seconds), self._zone)
        except ValueError:
            return fallback
        return _DATE_PART.sub(lambda found: self._date_part(found.group(1), when), form)

    def _date_part(self, name: str, when: datetime) -> str:
        if name == "date_num":
            return when.strftime("%Y-%m-%d")
        if name == "time":
            return format_time(when, "short", locale=self._locale).replace("\u202f", " ")
        if name == "time_secs":
            return format_time(when, "medium", locale=self._locale).replace("\u202f", " ")
        if name == "ago":
            distance = timedelta(seconds=when.timestamp() - self._ws.now())
            return str(format_timedelta(distance, add_direction=True, locale=self._locale))
        length = {"date_short": "medium", "date_short_pretty": "medium", "date_long": "full"}
        wanted: Any = "full" if name == "date_long_pretty" else length.get(name, "long")
        return format_date(when, wanted, locale=self._locale)


def _initial(element: JSON) -> Any:
    for key in ("initial_value", "initial_date", "initial_time", "initial_user", "initial_date_time"):
        if key in element:
            return element[key]
    return ""


def _rich(value: Any) -> str:
    if isinstance(value, list):
        return "".join(_rich(item) for item in value)
    if isinstance(value, dict):
        return (
            str(value["text"]) if isinstance(value.get("text"), str) else _rich(value.get("elements") or [])
        )
    return ""
