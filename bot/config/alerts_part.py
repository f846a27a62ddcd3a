"""The `alerts` part of app.yaml: repeats, storms, the noise budget, quiet hours."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, model_validator

from bot.config.fields import DurationOrNone, PositiveDuration, Whole, Window, parse_local_window
from bot.core.alert_settings import AlertSettings, NoiseBudget, QuietHours, StormRule

__all__ = ["AlertsPart", "build_alerts"]


class StormPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    count: Annotated[Whole, Field(ge=2, le=1000)] = 5
    within: PositiveDuration = Field(default="5m", validate_default=True)


class BudgetPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    person: Annotated[Whole, Field(ge=1)] = 12
    channel: Annotated[Whole, Field(ge=1)] = 30
    per: PositiveDuration = Field(default="1h", validate_default=True)


def _window_or_none(value: object) -> Window | None:
    return None if value in (None, "none") else parse_local_window(value)


class AlertsPart(BaseModel):
    """Every part may be switched off with `none`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    repeat: DurationOrNone = Field(default="15m", validate_default=True)
    repeat_most: PositiveDuration = Field(default="4h", validate_default=True)
    ownerless_after: DurationOrNone = Field(default="5m", validate_default=True)
    storm: StormPart | None = StormPart()
    budget: BudgetPart | None = BudgetPart()
    quiet_hours: Annotated[Window | None, PlainValidator(_window_or_none)] = Field(
        default="22:00-07:00", validate_default=True
    )
    snooze: PositiveDuration = Field(default="15m", validate_default=True)
    undo: PositiveDuration = Field(default="10m", validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def _none(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {k: None if v == "none" and k in ("storm", "budget") else v for k, v in data.items()}
        return data


def build_alerts(part: AlertsPart) -> AlertSettings:
    """The core object."""
    storm, budget, quiet = part.storm, part.budget, part.quiet_hours
    return AlertSettings(
        repeat=part.repeat,
        repeat_most=part.repeat_most,
        ownerless_after=part.ownerless_after,
        storm=None if storm is None else StormRule(count=storm.count, within=storm.within),
        budget=None
        if budget is None
        else NoiseBudget(person=budget.person, channel=budget.channel, per=budget.per),
        quiet_hours=None if quiet is None else QuietHours(start=quiet.start, end=quiet.end),
        snooze=part.snooze,
        undo=part.undo,
    )
