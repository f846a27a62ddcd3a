"""The `reviews` part of app.yaml: causes of broken promises, and how measures are judged."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from bot.config.fields import Name, PositiveDuration
from bot.core.review_settings import CAUSES, ReviewSettings

__all__ = ["ReviewsPart", "build_reviews"]

_MOST = 20
_WEEKS = timedelta(days=14)


def _once(causes: list[str]) -> list[str]:
    twice = next((cause for i, cause in enumerate(causes) if cause in causes[:i]), None)
    if twice is not None:
        raise PydanticCustomError("cause_twice", "named twice", {"cause": twice})
    return causes


def _two_weeks(window: timedelta) -> timedelta:
    if window < _WEEKS:
        raise PydanticCustomError("window_short", "less than 14 days")
    return window


class ReviewsPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    causes: Annotated[list[Name], Field(min_length=1, max_length=_MOST), AfterValidator(_once)] = Field(
        default=list(CAUSES), validate_default=True
    )
    measure_window: Annotated[PositiveDuration, AfterValidator(_two_weeks)] = Field(
        default="28d", validate_default=True
    )


def build_reviews(part: ReviewsPart) -> ReviewSettings:
    """The core object."""
    return ReviewSettings(causes=tuple(part.causes), measure_window=part.measure_window)
