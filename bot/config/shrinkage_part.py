"""`staffing.shrinkage` of app.yaml: one share, or causes with the days and hours in which they act."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from bot.config.fields import LocalWindow, Name, Number, WeekdaySet
from scheduler.errors import StaffingError
from scheduler.staffing.shrinkage import EVERY_DAY, ShrinkageCause, ShrinkagePlan

__all__ = ["Shrinkage", "ShrinkageCausePart", "build_shrinkage"]


class ShrinkageCausePart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    share: Annotated[Number, Field(ge=0, lt=1)]
    planned: bool = False
    days: WeekdaySet = EVERY_DAY
    hours: LocalWindow | None = None


def build_shrinkage(given: float | Sequence[ShrinkageCausePart]) -> ShrinkagePlan:
    """The core object; a bare share is one unplanned cause.  Raises StaffingError where nobody is left."""
    if isinstance(given, (int, float)):
        return ShrinkagePlan.flat(given) if given else ShrinkagePlan()
    return ShrinkagePlan(
        causes=tuple(
            ShrinkageCause(
                name=part.name,
                share=part.share,
                planned=part.planned,
                days=part.days,
                hours=None if part.hours is None else (part.hours.start, part.hours.end),
            )
            for part in given
        )
    )


def _together(parts: list[ShrinkageCausePart]) -> list[ShrinkageCausePart]:
    names = [part.name for part in parts]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise PydanticCustomError("shrinkage_twice", "twice", {"name": twice})
    try:
        build_shrinkage(parts)
    except StaffingError:
        raise PydanticCustomError("shrinkage_all", "nobody is left") from None
    return parts


def _form(value: Any) -> str:
    return "causes" if isinstance(value, list) else "share"


Shrinkage = Annotated[
    # The list comes first: it is where the keys of the reference are looked up.
    Annotated[list[ShrinkageCausePart], AfterValidator(_together), Tag("causes")]
    | Annotated[Number, Field(ge=0, lt=1), Tag("share")],
    Discriminator(_form),
]
