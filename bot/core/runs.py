"""Run: one long computation with its progress; the stop request travels through its row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.core.ids import RunId


class RunState(Enum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"  # stopped on request before anything was found


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """``parameters`` are what was asked for, ``progress`` the latest figures, ``result`` what came of it.

    ``lease_until`` tells a run that works from one whose process died.
    """

    run: RunId
    kind: str
    state: RunState
    parameters: Mapping[str, object]
    requested_by: str
    requested_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    lease_until: datetime | None = None
    stop_requested: bool = False
    progress: Mapping[str, object]
    result: Mapping[str, object]
    digest: str | None = None
    seed: int | None = None
    error: str | None = None
