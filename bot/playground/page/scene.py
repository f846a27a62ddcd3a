"""What the page is told by those who set it up: who may be played, the words, the commands, the levers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """Somebody one can be. `role` is a word of the page (`role.<role>`); `first`: beside the list."""

    user: str
    role: str
    first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """One line of the completion: what is typed, what may follow it, and what it does."""

    typed: str
    usage: str
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """Something that happens outside of Slack when pulled: a word of the page (`lever.<name>`)."""

    name: str
    pull: Callable[[], Happened]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What came of a lever: a word of the page (`happened.<name>`) and what fills it."""

    name: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """`words`: the page's own for a locale of Slack. `hints`: what this person may type, in their language.

    `changed` hears of a person whose language was changed on the page.
    `home`: the app has a home tab; `read_only`: nothing can be written to it, as its manifest may ask for.
    `start_in`: a channel's name.
    """

    players: Sequence[Player]
    words: Callable[[str], Mapping[str, str]]
    hints: Callable[[str], Sequence[Hint]]
    levers: Sequence[Lever] = ()
    changed: Callable[[str], None] | None = None
    locales: Sequence[str] = ("en-GB", "zh-CN")
    start_in: str = ""
    home: bool = True
    read_only: bool = False
