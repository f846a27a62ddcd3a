"""What agents choose to get or to be part of (PS11): each kind has a default, and each person a say."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

__all__ = ["DEFAULTS", "Choice"]


class Choice(Enum):
    """The values stand in the table ``person_choices``; they never change."""

    WEEKLY_REVIEW = "weekly_review"
    SHIFT_REVIEW = "shift_review"
    REMOTE_STAND_UP = "remote_stand_up"
    KUDOS = "kudos"
    LOAD = "load"


DEFAULTS: Final[Mapping[Choice, bool]] = MappingProxyType(
    {
        Choice.WEEKLY_REVIEW: True,
        Choice.SHIFT_REVIEW: True,
        Choice.REMOTE_STAND_UP: True,
        Choice.KUDOS: False,
        Choice.LOAD: True,
    }
)
"""What holds for whoever chose nothing."""
