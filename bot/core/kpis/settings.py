"""What app.yaml says about key figures and the packs that carry them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta

from bot.core.kpis.catalogue import Kpi
from bot.core.kpis.goals import Benchmark

__all__ = ["KpiSettings", "PackTimes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiSettings:
    """``repeat_within``: the N days of the repeat-contact rate and of FCR.

    ``individual``: whether anybody sees figures of one person, themselves and their lead included (PS11).
    """

    repeat_within: timedelta = timedelta(days=7)
    individual: bool = True
    benchmarks: Mapping[Kpi, Benchmark] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackTimes:
    """When a pack is posted, on the team's wall.

    ``weekday``: Monday 0; None for the first working day of the month.
    """

    at: time
    weekday: int | None
