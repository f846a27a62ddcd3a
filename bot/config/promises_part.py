"""The `promises` part of app.yaml: reminders, delay notices, words not to be promised with."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bot.config.fields import DurationOrNone, Number, PositiveDuration
from bot.core.contacts import ContactType
from bot.core.outgoing_text import ForbiddenPhrase
from bot.core.promise_settings import PromiseSettings

__all__ = ["PromisesPart", "build_promises"]


class ForbiddenPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    phrase: Annotated[str, Field(min_length=1)]
    better: str = ""


class PromisesPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    remind_before: PositiveDuration = Field(default="15m", validate_default=True)
    delay_notice_at: Annotated[Number, Field(gt=0, lt=1)] = 0.8
    stale_after: dict[ContactType, DurationOrNone] = Field(
        default={"complaint": "24h"}, validate_default=True
    )
    forbidden: list[ForbiddenPart] = []


def build_promises(part: PromisesPart) -> PromiseSettings:
    """The core object."""
    return PromiseSettings(
        remind_before=part.remind_before,
        delay_notice_at=part.delay_notice_at,
        stale_after={kind: after for kind, after in part.stale_after.items() if after},
        forbidden=tuple(ForbiddenPhrase(phrase=f.phrase.strip(), better=f.better) for f in part.forbidden),
    )
