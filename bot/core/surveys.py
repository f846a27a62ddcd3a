"""Answers to a survey after the solution (CP7): numbers of one customer, with no word of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.ids import ContactRef, QueueId
from bot.core.satisfaction import RANGES, Satisfaction, Scale

__all__ = ["SurveyAnswer", "SurveyEntry", "aspect_share"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyAnswer:
    """``key`` is the same whenever this answer is imported.  ``ref``: its case, where the file says so.

    ``aspects``: on the same scale as the answer.
    """

    key: str
    queue: QueueId
    answered_at: datetime
    satisfaction: Satisfaction
    ref: ContactRef | None = None
    aspects: Mapping[str, float] = field(default_factory=dict)


def aspect_share(scale: Scale, value: float) -> float:
    """An aspect from 0 (worst) to 1 (best) of its scale.

    >>> aspect_share(Scale.FIVE, 4.0)
    0.75
    """
    least, most = RANGES[scale]
    return (value - least) / (most - least)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyEntry:
    """A row of a file: it names its case or the token it was asked with, or its queue and when it was
    answered."""

    satisfaction: Satisfaction
    ref: ContactRef | None = None
    token: str | None = None
    queue: QueueId | None = None
    answered_at: datetime | None = None
    aspects: Mapping[str, float] = field(default_factory=dict)
