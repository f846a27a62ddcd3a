"""Slack's mrkdwn as a tree of nodes, which the page draws without ever making HTML of a text.

A node is a string or one of ``{"t": "b" | "i" | "s" | "quote" | "a" | "at", "c": [nodes]}`` and
``{"t": "code" | "pre", "x": string}``; a link has its ``href``, ``me`` marks a mention of the reader.
"""

from __future__ import annotations

import re
from typing import Any

from bot.playground.errors import JSON
from bot.playground.model import User
from bot.playground.render import Reader
from bot.playground.workspace import Workspace

Node = str | JSON

_FENCE = re.compile(r"```(.*?)```", re.DOTALL)
_QUOTED = re.compile(r"^(?:&gt;|>) ?")
# A held piece is its number between two private characters; a text that brings such ones loses them.
_OPEN, _CLOSE = "\ue000", "\ue001"
_ATOM = re.compile(r"`([^`\n]+)`|<([^<>\n]+)>|:([a-z0-9_+-]{2,40}):")
_STYLE = re.compile(rf"(?<![\w*_~{_CLOSE}])([*_~])(?=\S)([^\n]*?\S)\1(?![\w*_~{_OPEN}])")
_HELD = re.compile(rf"{_OPEN}(\d+){_CLOSE}")
_STYLES = {"*": "b", "_": "i", "~": "s"}
_SAFE = ("http://", "https://", "mailto:")
EMOJI = {
    "warning": "⚠️",
    "rotating_light": "🚨",
    "white_check_mark": "✅",
    "x": "❌",
    "eyes": "👀",
    "bell": "🔔",
    "calendar": "📅",
    "clock3": "🕒",
    "tada": "🎉",
    "+1": "👍",
    "thumbsup": "👍",
    "wave": "👋",
    "hourglass_flowing_sand": "⏳",
    "large_green_circle": "🟢",
    "large_yellow_circle": "🟡",
    "red_circle": "🔴",
}
"""Those an app is likely to use; others stay as they are written."""


def spans(ws: Workspace, reader: User, text: str) -> list[Node]:
    """A mrkdwn text as this reader sees it: mentions and dates resolved, escapes taken off."""
    read = _Spans(ws, reader)
    found: list[Node] = []
    # Odd pieces are what stood between fences.
    for i, piece in enumerate(_FENCE.split(_clean(text))):
        if i % 2:
            found.append({"t": "pre", "x": _unescaped(read.plainly(piece)).strip("\n")})
        elif piece:
            found += read.lines(piece)
    return found


def plain(text: str) -> list[Node]:
    """A plain_text object: what is written, with its emoji."""
    return [_emoji(_clean(text))]


class _Spans:
    def __init__(self, ws: Workspace, reader: User) -> None:
        self._me = reader.id
        self._read = Reader(ws, reader.locale, reader.tz)
        self._held: list[Node] = []

    def lines(self, text: str) -> list[Node]:
        """Lines that begin with > are one quotation as long as they follow each other."""
        found: list[Node] = []
        quoted: list[str] = []
        usual: list[str] = []

        def flush() -> None:
            if quoted:
                found.append({"t": "quote", "c": self._inline("\n".join(quoted))})
            if usual:
                found.extend(self._inline("\n".join(usual)))
            quoted.clear()
            usual.clear()

        for line in text.split("\n"):
            mark = _QUOTED.match(line)
            if (mark is None and quoted) or (mark is not None and usual):
                flush()
            (usual if mark is None else quoted).append(line if mark is None else line[mark.end() :])
        flush()
        return found

    def plainly(self, text: str) -> str:
        """Inside a fence only what stands in angle brackets is resolved."""
        return re.sub(r"<([^<>\n]+)>", lambda found: self._read.token(found.group(1)), text)

    def _inline(self, text: str) -> list[Node]:
        return self._styled(_ATOM.sub(self._hold, text))

    def _hold(self, found: re.Match[str]) -> str:
        code, token, emoji = found.groups()
        if emoji is not None:
            return EMOJI.get(emoji, found.group())
        if code is not None:
            self._held.append({"t": "code", "x": _unescaped(self.plainly(code))})
        else:
            self._held.append(self._token(token))
        return f"{_OPEN}{len(self._held) - 1}{_CLOSE}"

    def _token(self, inside: str) -> Node:
        target, _, label = inside.partition("|")
        shown = _unescaped(self._read.token(inside))
        if target.startswith(("@", "!subteam^")) or target in {"!channel", "!here", "!everyone"}:
            return {"t": "at", "c": [shown], "me": target == f"@{self._me}"}
        if target.startswith("#"):
            return {"t": "at", "c": [shown], "me": False}
        if target.startswith("!"):
            return shown
        if target.lower().startswith(_SAFE):
            return {"t": "a", "href": _unescaped(target), "c": [_unescaped(label or target)]}
        return shown

    def _styled(self, text: str) -> list[Node]:
        found: list[Node] = []
        at = 0
        for style in _STYLE.finditer(text):
            found += self._leaves(text[at : style.start()])
            found.append({"t": _STYLES[style.group(1)], "c": self._styled(style.group(2))})
            at = style.end()
        return found + self._leaves(text[at:])

    def _leaves(self, text: str) -> list[Node]:
        found: list[Node] = []
        for i, piece in enumerate(_HELD.split(text)):
            if i % 2:
                found.append(self._held[int(piece)])
            elif piece:
                found.append(_unescaped(piece))
        return found


def words(nodes: Any) -> str:
    """What the nodes say, without their styles."""
    if isinstance(nodes, str):
        return nodes
    if isinstance(nodes, dict):
        return str(nodes["x"]) if "x" in nodes else words(nodes["c"])
    return "".join(words(node) for node in nodes)


def _clean(text: str) -> str:
    return text.replace(_OPEN, "").replace(_CLOSE, "")


def _emoji(text: str) -> str:
    return re.sub(r":([a-z0-9_+-]{2,40}):", lambda found: EMOJI.get(found.group(1), found.group()), text)


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
