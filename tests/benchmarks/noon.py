"""The rest of the day, updated at noon: the last weeks of a volumes file, day by day.

    python -m tests.benchmarks.noon --volumes FILE --interval 30 --zone ZONE --weeks N \
        [--weekdays 6,0,1,2,3] [--at 12:00] --csv OUT

Of every day the intervals from noon on are forecast three ways: ``not_updated`` (the forecast as it was),
``ratio`` (times what came before noon over what was forecast for it) and ``muster``.  The forecast is the
product's, made with all data up to the last midnight (``last_night``: the best that is known at noon) or up
to the start of the tested week (``week_start``).  WAPE = sum |actual - forecast| / sum actual after noon,
pooled over the days; ``cover80`` is the share of those intervals inside the 80 % band.  ``alarms`` are those
the product would have raised about the volume per 100 days.  Weekdays: Monday is 0.  Not scored, and
closures: as in `tests.benchmarks.forecast`.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from forecasting.backtest import weeks_to_test
from forecasting.calendars import ForecastCalendar
from forecasting.day_table import DayTable
from forecasting.errors import ForecastingError
from forecasting.forecast import VolumeForecast
from forecasting.grid import IntervalGrid, local_midnight
from forecasting.history import VolumeHistory
from forecasting.metrics import coverage, wape
from forecasting.pipeline import ForecastOutcome, make_forecast
from forecasting.rest_of_day import update_day
from tests.benchmarks.forecast import calendar_for, read_volumes
from tests.support.unusual import alarms_of

DAY = timedelta(days=1)
BAND = (0.10, 0.90)


@dataclass
class Tally:
    seconds: float = 0.0
    actual: list[np.ndarray] = field(default_factory=list)
    forecast: list[np.ndarray] = field(default_factory=list)
    low: list[np.ndarray] = field(default_factory=list)
    high: list[np.ndarray] = field(default_factory=list)

    def add(self, actual: np.ndarray, forecast: VolumeForecast, use: np.ndarray, factor: float = 1.0) -> None:
        self.actual.append(actual[use])
        self.forecast.append(factor * forecast.mean[use])
        self.low.append(factor * forecast.quantiles[BAND[0]][use])
        self.high.append(factor * forecast.quantiles[BAND[1]][use])


@dataclass(frozen=True)
class ResultRow:
    origin: str
    model: str
    wape: float
    cover80: float
    days: int
    alarms: float | None
    seconds: float


def benchmark(
    history: VolumeHistory,
    calendar: ForecastCalendar,
    *,
    weeks: int,
    weekdays: Collection[int],
    at: timedelta,
    models: Sequence[str] | None = None,
) -> list[ResultRow]:
    """``models``: those that compete, all of the product's where None."""
    tested = weeks_to_test(DayTable.from_history(history), weeks)
    scored = history.observed & calendar.open_mask(history.grid)
    tallies: dict[tuple[str, str], Tally] = {}
    alarms = dict.fromkeys(("last_night", "week_start"), 0)
    days = 0
    for first in tested:
        whole_week = _outcome(history, calendar, first, days=7, models=models)
        for day in (first + i * DAY for i in range(7)):
            begin, end = (local_midnight(d, history.grid.zone) for d in (day, day + DAY))
            here = history.grid.slice_between(begin, end)
            noon = local_midnight(day, history.grid.zone) + at
            grid = history.grid.sub(here)
            later = np.array([start >= noon for start in grid.starts()])
            use = scored[here] & later
            if day.weekday() not in weekdays or not use.any() or not (scored[here] & ~later).any():
                continue
            days += 1
            actual = history.offered[here]
            seen = (scored[here] & ~later).astype(np.float64)
            for origin in alarms:
                outcome = whole_week
                if origin == "last_night":
                    outcome = _outcome(history, calendar, day, days=1, models=models)
                made = _of_day(outcome.forecast, begin, end)
                begun = time.perf_counter()
                rest = update_day(
                    made, outcome.drift, counts=np.where(seen > 0, actual, 0.0), seen=seen, now=noon
                )
                spent = time.perf_counter() - begun
                expected = float((made.mean * seen).sum())
                ratio = float((actual * seen).sum()) / expected if expected > 0 else 1.0
                tallies.setdefault((origin, "not_updated"), Tally()).add(actual, made, use)
                tallies.setdefault((origin, "ratio"), Tally()).add(actual, made, use, ratio)
                muster = tallies.setdefault((origin, "muster"), Tally())
                muster.add(actual, rest.forecast, use)
                muster.seconds += spent
                alarms[origin] += alarms_of(made, outcome.drift, np.where(scored[here], actual, np.nan))
    return [
        _row(origin, model, tally, days, 100 * alarms[origin] / max(days, 1))
        for (origin, model), tally in sorted(tallies.items())
    ]


def _outcome(
    history: VolumeHistory,
    calendar: ForecastCalendar,
    first: date,
    *,
    days: int,
    models: Sequence[str] | None,
) -> ForecastOutcome:
    origin = local_midnight(first, history.grid.zone)
    known = history.part(history.grid.slice_between(history.grid.start, origin))
    grid = IntervalGrid.for_days(
        first=first, days=days, interval=history.grid.interval, zone=history.grid.zone
    )
    return make_forecast(
        known, calendar, grid, made_at=origin, seed=1, default_aht_seconds=180.0, models=models
    )


def _of_day(forecast: VolumeForecast, begin: datetime, end: datetime) -> VolumeForecast:
    return forecast.part(forecast.grid.slice_between(begin, end))


def _row(origin: str, model: str, tally: Tally, days: int, alarms: float) -> ResultRow:
    actual, low, high = (np.concatenate(part) for part in (tally.actual, tally.low, tally.high))
    return ResultRow(
        origin=origin,
        model=model,
        wape=wape(actual, np.concatenate(tally.forecast)),
        cover80=coverage(actual, low, high),
        days=days,
        alarms=alarms if model == "not_updated" else None,
        seconds=tally.seconds / max(days, 1),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--volumes", type=Path, required=True)
    parser.add_argument("--interval", type=int, default=30, help="minutes")
    parser.add_argument("--zone", required=True)
    parser.add_argument("--weeks", type=int, default=10)
    parser.add_argument("--weekdays", default="0,1,2,3,4,5,6", help="days that count, Monday is 0")
    parser.add_argument("--at", default="12:00", help="local time of the update")
    parser.add_argument("--csv", type=Path, required=True)
    given = parser.parse_args(arguments)
    try:
        history = read_volumes(given.volumes, zone=given.zone, interval=timedelta(minutes=given.interval))
        hour, minute = (int(part) for part in given.at.split(":"))
        rows = benchmark(
            history,
            calendar_for(history),
            weeks=given.weeks,
            weekdays={int(part) for part in given.weekdays.split(",")},
            at=timedelta(hours=hour, minutes=minute),
        )
    except (ForecastingError, OSError, KeyError, ValueError) as error:
        print(f"nothing was measured: {error}", file=sys.stderr)
        return 2
    if not rows:
        print("nothing was measured: the file has fewer days than a test needs", file=sys.stderr)
        return 2
    with given.csv.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["origin", "model", "wape", "cover80", "days", "alarms_per_100_days", "seconds_per_update"]
        )
        for row in rows:
            figures = f"{row.wape:.4f}", f"{row.cover80:.4f}"
            rate = "" if row.alarms is None else f"{row.alarms:.0f}"
            writer.writerow([row.origin, row.model, *figures, row.days, rate, f"{row.seconds:.5f}"])
            print(f"{row.origin:12s} {row.model:12s} WAPE {figures[0]}  in band {figures[1]}  alarms {rate}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
