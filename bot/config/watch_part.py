"""The `watch` part of app.yaml: what is looked out for besides each case's own promise."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.config.fields import DurationOrNone, Name, Number, PositiveDuration, Whole
from bot.core.settings import Watch

__all__ = ["WatchPart", "build_watch"]


class RiskPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    chance: Annotated[Number, Field(gt=0, lt=1)] = 0.3
    breaches: Annotated[Whole, Field(ge=1, le=1000)] = 3
    within: dict[Name, PositiveDuration] = {}


class WatchPart(BaseModel):
    """``risk: none`` and ``silence: none`` switch them off, ``anomaly: false`` and
    ``drift: false`` the others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    risk: RiskPart | None = RiskPart()
    silence: DurationOrNone = Field(default="15m", validate_default=True)
    anomaly: bool = True
    drift: bool = True

    @model_validator(mode="before")
    @classmethod
    def _none(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("risk") == "none":
            return {**data, "risk": None}
        return data


def build_watch(part: WatchPart) -> Watch:
    """The core object."""
    risk = part.risk
    return Watch(
        risk_chance=None if risk is None else risk.chance,
        risk_breaches=3 if risk is None else risk.breaches,
        risk_within={} if risk is None else dict(risk.within),
        silence=part.silence,
        anomaly=part.anomaly,
        drift=part.drift,
    )
