"""`surveys` of app.yaml: whom the survey tool outside is told to ask."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bot.config.fields import Duration, PositiveDuration, Whole
from bot.core.ids import QueueId
from bot.core.survey_requests import SurveySettings

__all__ = ["SurveysPart", "build_surveys"]


class SurveysPart(BaseModel):
    """Being here switches it on, where the environment has the tool's address and secret."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: Duration = timedelta(hours=1)
    one_of: Annotated[Whole, Field(ge=1, le=1000)] = 1
    once_per: PositiveDuration = timedelta(days=30)
    queues: list[str] = []


def build_surveys(part: SurveysPart | None) -> SurveySettings | None:
    """The core object; None where nobody is asked."""
    if part is None:
        return None
    return SurveySettings(
        after=part.after,
        one_of=part.one_of,
        once_per=part.once_per,
        queues=frozenset(QueueId(name) for name in part.queues),
    )
