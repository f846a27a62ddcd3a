"""RequirementInterval: how many people one queue needs in one interval, as the store keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.ids import QueueId


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementInterval:
    """``base_agents`` must be there; ``scheduled_agents`` stand on the roster, so that they are.

    ``forecast``: number of the forecast it was made from.
    """

    queue: QueueId
    start: datetime
    interval: timedelta
    base_agents: int
    scheduled_agents: int
    shrinkage: float = 0.0
    forecast: int | None = None

    @property
    def end(self) -> datetime:
        return self.start + self.interval
