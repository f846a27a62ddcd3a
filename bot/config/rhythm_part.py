"""The people's side of a team's week in app.yaml: when its agents look back."""

from __future__ import annotations

from datetime import time

from pydantic import BaseModel, ConfigDict, Field

from bot.config.fields import LocalTime, Weekday
from bot.core.weekly_reviews import ReviewTimes

__all__ = ["RemotePart", "ReviewPart", "build_review"]


class ReviewPart(BaseModel):
    """``teams.NAME.review``: local times of each agent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    day: Weekday = Field(default="fri", validate_default=True)
    at: LocalTime = time(15)
    remind_day: Weekday = Field(default="mon", validate_default=True)
    remind_at: LocalTime = time(10)
    at_shift_end: bool = True


class RemotePart(BaseModel):
    """``teams.NAME.stand_up.remote``: local time of each agent who cannot be at the meeting."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: LocalTime = time(9, 30)


def build_review(part: ReviewPart | None) -> ReviewTimes | None:
    """The core object; None for a team without reviews."""
    if part is None:
        return None
    return ReviewTimes(
        weekday=part.day,
        at=part.at,
        remind_weekday=part.remind_day,
        remind_at=part.remind_at,
        at_shift_end=part.at_shift_end,
    )
