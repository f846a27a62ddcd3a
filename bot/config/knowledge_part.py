"""The `knowledge` part of app.yaml: where a team's snippets are, and when they are old."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from bot.config.fields import Email, PositiveDuration
from bot.core.knowledge import STALE_AFTER
from bot.core.settings import KnowledgeSettings

__all__ = ["KnowledgePart", "build_knowledge"]


class KnowledgePart(BaseModel):
    """Without ``folder`` the example pack answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: str | None = None
    stale_after: PositiveDuration = STALE_AFTER
    keepers: list[Email] = []


def build_knowledge(part: KnowledgePart, beside: Path) -> KnowledgeSettings:
    """The core object; a relative folder is looked for ``beside`` app.yaml."""
    folder = None if part.folder is None else str((beside / part.folder).resolve())
    return KnowledgeSettings(folder=folder, stale_after=part.stale_after, keepers=tuple(part.keepers))
