"""The `incidents` part of app.yaml: where a team's runbooks are, and when they are drilled."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bot.config.fields import DayKey, LocalTime, Name, PositiveDuration
from bot.core.ids import TeamId
from bot.core.incident_settings import DrillPlan, IncidentSettings

__all__ = ["IncidentsPart", "build_incidents"]


class DrillPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    scenario: str = Field(min_length=1, max_length=80)
    team: Name
    on: Annotated[list[DayKey], Field(min_length=1)]
    at: LocalTime


class IncidentsPart(BaseModel):
    """Without ``folder`` the example pack is used."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: str | None = None
    stale_after: PositiveDuration = timedelta(days=180)
    review_within: PositiveDuration = timedelta(days=2)
    drills: list[DrillPart] = []


def build_incidents(part: IncidentsPart, beside: Path) -> IncidentSettings:
    """The core object; a relative folder is looked for ``beside`` app.yaml."""
    return IncidentSettings(
        folder=None if part.folder is None else str((beside / part.folder).resolve()),
        stale_after=part.stale_after,
        review_within=part.review_within,
        drills=tuple(
            DrillPlan(scenario=drill.scenario, team=TeamId(drill.team), days=tuple(drill.on), at=drill.at)
            for drill in part.drills
        ),
    )
