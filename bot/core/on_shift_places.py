"""Places in Slack that follow who is on shift: user groups, and the topics of channels (U13, A14)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

__all__ = ["GROUP_GIVES_ROLES", "TOPIC_FULL", "OnShiftGroup", "TopicLine", "is_group_id"]

GROUP_GIVES_ROLES: Final = "group_gives_roles"
"""Why a user group is left alone: app.yaml gives roles by it, and the roster would hand them out."""

TOPIC_FULL: Final = "topic_full"
"""Why a topic is left alone: what people wrote leaves no room, and theirs comes first."""

_GROUP_ID: Final = re.compile(r"S[A-Z0-9]{6,}")


def is_group_id(group: str) -> bool:
    """Whether a user group is named by Slack's id, not by its handle.

    >>> is_group_id("S0123ABCD"), is_group_id("harbour-now")
    (True, False)
    """
    return _GROUP_ID.fullmatch(group) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnShiftGroup:
    """A user group of a team, by its handle (without ``@``) or id; ``skill``: of whom, None for everybody."""

    group: str
    skill: str | None = None

    @property
    def shown(self) -> str:
        """As people say it: ``@harbour-now``, or the id."""
        return self.group if is_group_id(self.group) else f"@{self.group}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicLine:
    """What a channel's topic says of a team: how many are on shift, which leads, and who comes ``next_at``.

    ``next_at`` only where nobody is on: so the line changes with people and never with the clock.
    ``locale`` and ``zone`` are the channel's.
    """

    on_shift: int
    leads: tuple[str, ...]
    next_at: datetime | None
    locale: str
    zone: str

    def as_data(self) -> dict[str, Any]:
        """Plain data, the same for the same line."""
        return {
            "on_shift": self.on_shift,
            "leads": list(self.leads),
            "next_at": None if self.next_at is None else self.next_at.isoformat(),
            "locale": self.locale,
            "zone": self.zone,
        }

    def urgent_after(self, shown: Mapping[str, Any] | None) -> bool:
        """Whether more than the number changed since ``shown``: who leads, or whether anybody is there."""
        if shown is None:
            return True
        told = self.as_data()
        return bool(shown.get("on_shift")) != bool(self.on_shift) or any(
            told[key] != shown.get(key) for key in ("leads", "next_at", "locale", "zone")
        )
