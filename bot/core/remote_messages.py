"""What is said about stand-ups of those who cannot be there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

__all__ = ["KINDS", "RemoteAnswered", "RemoteAsked", "RemoteMessage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteAsked:
    """To one agent, at their own time: what is done, what comes next, what is in the way."""

    team: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteAnswered:
    """To the thread of the day's digest, under the name of whoever said it."""

    answer: int
    by: str
    done: str = ""
    next: str = ""
    blocked: str = ""


RemoteMessage = RemoteAsked | RemoteAnswered

KINDS: Final[Mapping[str, type[Any]]] = {
    "remote_asked": RemoteAsked,
    "remote_answered": RemoteAnswered,
}
