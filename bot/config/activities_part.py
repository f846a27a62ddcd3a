"""`roster.activities` of app.yaml: stand-ups, training and talks that a roster leaves room for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from bot.config.document import Document
from bot.config.fields import Name, Number, OpeningWindow, PositiveDuration, WeekdaySet, Whole, parse_duration
from bot.config.problems import Problem
from bot.core.planned_activities import ActivitySettings, Every
from bot.core.training import HIGHEST_LEVEL
from scheduler.roster.people import skill_attribute
from scheduler.roster.shifts import SessionKind

__all__ = ["ActivityPart", "activity_problems", "build_activities"]

_LEAD = "lead"


class ActivityPart(BaseModel):
    """``group`` left out: all who are asked come to one session.  ``led_by``: `lead`, or a skill."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: SessionKind
    length: PositiveDuration
    every: Every = Every.DAY
    days: WeekdaySet = frozenset(range(7))
    between: OpeningWindow = Field(default="00:00-24:00", validate_default=True)
    skill: Name | None = None
    group: Annotated[Whole, Field(ge=1)] | None = None
    led_by: Name | None = None
    share: Annotated[Number, Field(gt=0, le=1)] = 1.0
    price: Annotated[Whole, Field(ge=0)] = 20
    teaches: Name | None = None
    level: Annotated[Number, Field(gt=0, le=HIGHEST_LEVEL)] | None = None


def build_activities(parts: Mapping[str, ActivityPart]) -> tuple[ActivitySettings, ...]:
    """The core objects, in the file's order."""
    return tuple(
        ActivitySettings(
            name=name,
            kind=part.kind,
            length=part.length,
            every=part.every,
            weekdays=part.days,
            between=(part.between.start, part.between.end),
            skill=part.skill,
            group=part.group,
            leader=part.led_by if part.led_by in (None, _LEAD) else skill_attribute(part.led_by),
            share=part.share,
            weight=part.price,
            teaches=part.teaches,
            level=part.level,
        )
        for name, part in parts.items()
    )


def activity_problems(document: Document) -> Iterator[Problem]:
    """Lengths that the planning interval does not divide, and skills nobody would be asked about."""
    staffing, roster = document.data.get("staffing"), document.data.get("roster")
    activities = roster.get("activities") if isinstance(roster, Mapping) else None
    if not isinstance(activities, Mapping) or not isinstance(staffing, Mapping):
        return
    try:
        interval = parse_duration(staffing.get("interval"))
    except PydanticCustomError:
        return
    for name, part in activities.items():
        yield from _teaching(document, str(name), part)
        try:
            length = parse_duration(part.get("length")) if isinstance(part, Mapping) else interval
        except PydanticCustomError:
            continue
        if length % interval:
            yield document.problem(
                "activity_length",
                ("roster", "activities", str(name), "length"),
                value=part["length"],
                interval=staffing["interval"],
            )


def _teaching(document: Document, name: str, part: object) -> Iterator[Problem]:
    """A level without a skill, and a skill of what is for whoever is at work then."""
    if not isinstance(part, Mapping):
        return
    path = ("roster", "activities", name)
    if part.get("level") is not None and part.get("teaches") is None:
        yield document.problem("activity_level", (*path, "level"), name=name)
    kind = part.get("kind")
    if part.get("teaches") is not None and kind in set(SessionKind) and not SessionKind(kind).is_personal:
        yield document.problem("activity_teaches", (*path, "teaches"), kind=kind)
