"""Forecast, requirement and roster as rows of the documented files; the same numbers as the screen."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from forecasting.forecast import LEVELS, VolumeForecast
from scheduler.roster.roster import Roster
from scheduler.staffing.requirement import Requirement

__all__ = [
    "FORECAST_COLUMNS",
    "REQUIREMENT_COLUMNS",
    "ROSTER_COLUMNS",
    "forecast_rows",
    "requirement_rows",
    "roster_rows",
    "write_csv",
]

QUANTILES: Mapping[float, str] = {level: f"q{round(level * 100):02d}" for level in LEVELS}
FORECAST_COLUMNS = ("queue", "start", "mean", *QUANTILES.values(), "aht_seconds")
REQUIREMENT_COLUMNS = ("queue", "start", "base_agents", "scheduled_agents")
ROSTER_COLUMNS = ("agent", "date", "activity", "start", "end")

Rows = list[dict[str, Any]]


def forecast_rows(forecasts: Iterable[VolumeForecast]) -> Rows:
    """One row per queue and interval, closed ones (mean 0) included; times in the queue's zone."""
    return [
        {
            "queue": forecast.queue,
            "start": start.isoformat(),
            "mean": round(float(forecast.mean[i]), 3),
            **{name: round(float(forecast.quantiles[level][i]), 3) for level, name in QUANTILES.items()},
            "aht_seconds": round(float(forecast.aht_seconds[i]), 1),
        }
        for forecast in forecasts
        for i, start in enumerate(forecast.grid.local_starts())
    ]


def requirement_rows(requirements: Iterable[Requirement]) -> Rows:
    """One row per queue and interval, those without a need included; times in the roster's zone."""
    return [
        {
            "queue": made.queue,
            "start": start.isoformat(),
            "base_agents": int(made.base_agents[i]),
            "scheduled_agents": int(made.scheduled_agents[i]),
        }
        for made in requirements
        for i, start in enumerate(made.grid.local_starts())
    ]


def roster_rows(roster: Roster) -> Rows:
    """One row per activity; times in the roster's zone with their offset."""
    zone = ZoneInfo(roster.period.zone)

    def local(instant: datetime) -> str:
        return instant.astimezone(zone).isoformat()

    return [
        {
            "agent": assignment.agent,
            "date": assignment.shift.date.isoformat(),
            "activity": segment.activity,
            "start": local(segment.start),
            "end": local(segment.end),
        }
        for assignment in roster.assignments
        for segment in assignment.shift.segments
    ]


def write_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """UTF-8 text with a header and one line per row."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
