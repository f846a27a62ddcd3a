"""`care` of app.yaml: from when on load is a pattern that is told."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bot.config.fields import LocalTime, Number, PositiveDuration, Weekday, Whole
from bot.core.work_load import CareSettings

__all__ = ["CarePart", "build_care"]


class CarePart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    weeks_over: Annotated[Whole, Field(ge=1, le=8)] = 3
    days_in_a_row: Annotated[Whole, Field(ge=2, le=28)] = 7
    rest: PositiveDuration = timedelta(hours=11)
    short_rests: Annotated[Whole, Field(ge=1, le=7)] = 2
    occupancy: Annotated[Number, Field(gt=0, le=1)] = 0.88
    day: Weekday = Field(default="mon", validate_default=True)
    at: LocalTime = time(10)


def build_care(part: CarePart | None) -> CareSettings | None:
    """The core object; None where no pattern is told."""
    if part is None:
        return None
    return CareSettings(
        weeks_over=part.weeks_over,
        days_in_a_row=part.days_in_a_row,
        rest=part.rest,
        short_rests=part.short_rests,
        occupancy=part.occupancy,
        weekday=part.day,
        at=part.at,
    )
