"""The part `privacy` of app.yaml, and the core object it makes."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from bot.config.fields import SlackChannel
from bot.core.privacy.audience import AudienceRules

__all__ = ["PrivacyPart", "build_privacy"]


class PrivacyPart(BaseModel):
    """Where cases may be posted besides private channels; never where outsiders read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    public_channels: list[SlackChannel] = []
    strict: bool = False


def build_privacy(part: PrivacyPart) -> AudienceRules:
    """The part as the core reads it."""
    return AudienceRules(
        public_channels=frozenset(name.removeprefix("#") for name in part.public_channels), strict=part.strict
    )
