"""Backtest of the last weeks of a volumes file, every model beside what the product would use.

    python -m tests.benchmarks.forecast --volumes FILE --interval 30 --zone ZONE --weeks N \
        --horizons 1,4 [--events FILE] [--peers] --csv OUT

WAPE = sum |actual - forecast| / sum actual, pooled over the tested weeks.  Horizon h uses only data before
week t - h + 1.  Days absent from the file are closures known in advance.  Not scored: intervals outside
opening hours (read off the file, or given for files with rows round the clock) and part intervals.
Events (``start_date,end_date,event,feature``) are known in advance, outages once they have begun.
``cover80`` is the share of actuals inside the 80 % band, whose width was learned before the tested week.
``seconds``: fit and prediction of all weeks ahead, over all origins; ``muster`` also backtests and chooses.
``--peers`` adds other libraries (`tests.benchmarks.peers`), fitted once per origin, and a last column,
``pinball``: the loss [contacts] of the quantiles 0.1, 0.5 and 0.9, their mean per interval.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from forecasting.aggregate import VolumeRow, aggregate_rows
from forecasting.backtest import weeks_to_test
from forecasting.calendars import ForecastCalendar, OpenPeriod
from forecasting.day_table import DayTable
from forecasting.errors import ForecastingError
from forecasting.events import DatedEvent, distinct_events, nature_of_kind
from forecasting.grid import IntervalGrid, local_midnight
from forecasting.history import VolumeHistory
from forecasting.metrics import coverage, pinball, wape
from forecasting.models.base import TrainingData, predict_grid
from forecasting.models.registry import MODELS
from forecasting.opening_hours import calendar_from_history
from forecasting.pipeline import make_forecast
from forecasting.uncertainty import (
    assumed_spread,
    count_quantiles,
    excess_on_grid,
    spread_from_backtest,
)
from tests.benchmarks.peers import ALL, LEVELS, Peer, fault_of

WEEK = timedelta(days=7)
COLUMNS = ("model", "horizon_weeks", "wape", "cover80", "seconds")


def _hours(opens: int, closes: int) -> tuple[OpenPeriod, ...]:
    return (OpenPeriod(from_minute=opens * 60, to_minute=closes * 60),)


# The data's README: open Sunday to Thursday 07-24, Friday 07-14, Saturday 20-24, rows round the clock.
HOURS_BY_ZONE = {
    "Asia/Jerusalem": {weekday: _hours(7, 24) for weekday in (6, 0, 1, 2, 3)}
    | {4: _hours(7, 14), 5: _hours(20, 24)}
}


@dataclass
class Tally:
    seconds: float = 0.0
    actual: list[np.ndarray] = field(default_factory=list)
    forecast: list[np.ndarray] = field(default_factory=list)
    quantiles: dict[float, list[np.ndarray]] = field(default_factory=lambda: {level: [] for level in LEVELS})


@dataclass(frozen=True)
class ResultRow:
    model: str
    horizon_weeks: int
    wape: float
    cover80: float
    seconds: float
    pinball: float


def read_volumes(path: Path, *, zone: str, interval: timedelta) -> VolumeHistory:
    """A volumes file (``start,contacts``; local starts, or with offsets) on the grid."""
    tz = ZoneInfo(zone)
    rows: list[VolumeRow] = []
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            start = datetime.fromisoformat(row["start"])
            aware = start if start.tzinfo else start.replace(tzinfo=tz)
            rows.append(VolumeRow(start=aware.astimezone(UTC), contacts=float(row["contacts"])))
    return aggregate_rows(rows, queue=path.stem, zone=zone, interval=interval).history


def calendar_for(history: VolumeHistory) -> ForecastCalendar:
    found = calendar_from_history(history)
    known = HOURS_BY_ZONE.get(history.grid.zone)
    return found if known is None else replace(found, weekly=known)


def read_events(path: Path) -> tuple[DatedEvent, ...]:
    """A list of dated events; an empty end is the start, and what stands twice counts once."""
    found: list[DatedEvent] = []
    with path.open(newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            first = date.fromisoformat(row["start_date"].strip())
            end = (row.get("end_date") or "").strip()
            kind = row["feature"].strip()
            found.append(
                DatedEvent(
                    kind=kind,
                    first_day=first,
                    last_day=date.fromisoformat(end) if end else first,
                    name=(row.get("event") or "").strip(),
                    nature=nature_of_kind(kind),
                )
            )
    return distinct_events(found)


def benchmark(
    history: VolumeHistory,
    calendar: ForecastCalendar,
    *,
    weeks: int,
    horizons: Sequence[int],
    peers: Sequence[Peer] = (),
) -> list[ResultRow]:
    table = DayTable.from_history(history)
    tested = weeks_to_test(table, weeks)
    scored = history.observed & calendar.open_mask(history.grid)
    tallies: dict[tuple[str, int], Tally] = {}
    wanted: dict[date, list[tuple[date, int]]] = {}
    for first in tested:
        for horizon in horizons:
            wanted.setdefault(first - WEEK * (horizon - 1), []).append((first, horizon))
    for origin, targets in sorted(wanted.items()):
        known = history.part(history.grid.slice_between(history.grid.start, _midnight(origin, history)))
        if not known.observed.any():
            continue
        furthest = max(horizon for _, horizon in targets)
        grid = IntervalGrid.for_days(
            first=origin, days=7 * furthest, interval=history.grid.interval, zone=history.grid.zone
        )
        begun = time.perf_counter()
        outcome = make_forecast(
            known, calendar, grid, made_at=_midnight(origin, history), seed=1, default_aht_seconds=180.0
        )
        spent = time.perf_counter() - begun
        per_model = {"muster": (outcome.forecast.mean, outcome.forecast.quantiles, spent)}
        training = TrainingData.prepare(known.queue, DayTable.from_history(known), calendar)
        for name, make in MODELS.items():
            begun = time.perf_counter()
            fitted = make().fit(training)
            mean = predict_grid(fitted, grid, training.calendar)
            spent = time.perf_counter() - begun
            held = outcome.backtest.of(name)
            spread = spread_from_backtest(held) if held else assumed_spread(training.table.day_count)
            excess = excess_on_grid(spread, fitted, grid, training.calendar, origin)
            per_model[name] = (mean, count_quantiles(mean, excess, LEVELS), spent)
        days = [origin + timedelta(days=i) for i in range(7 * furthest)]
        for peer in peers:
            begun = time.perf_counter()
            said = peer.forecast(training, days).on_grid(grid, training.calendar)
            per_model[peer.name] = (said.mean, said.quantiles, time.perf_counter() - begun)
        for first, horizon in targets:
            begin, end = _midnight(first, history), _midnight(first + WEEK, history)
            there, here = grid.slice_between(begin, end), history.grid.slice_between(begin, end)
            use = scored[here]
            for name, (mean, quantiles, spent) in per_model.items():
                tally = tallies.setdefault((name, horizon), Tally())
                length = use.size
                tally.seconds += spent
                tally.actual.append(history.offered[here][use])
                tally.forecast.append(mean[there][:length][use])
                for level in LEVELS:
                    tally.quantiles[level].append(quantiles[level][there][:length][use])
    return [_row(name, horizon, tally) for (name, horizon), tally in sorted(tallies.items())]


def _row(name: str, horizon: int, tally: Tally) -> ResultRow:
    actual = np.concatenate(tally.actual)
    quantiles = {level: np.concatenate(parts) for level, parts in tally.quantiles.items()}
    return ResultRow(
        model=name,
        horizon_weeks=horizon,
        wape=wape(actual, np.concatenate(tally.forecast)),
        cover80=coverage(actual, quantiles[LEVELS[0]], quantiles[LEVELS[-1]]),
        seconds=tally.seconds,
        pinball=float(np.mean([pinball(actual, quantiles[level], level) for level in LEVELS])),
    )


def usable_peers() -> list[Peer]:
    """The peers that can take part; stderr says of each other one why not."""
    usable: list[Peer] = []
    for peer in ALL:
        fault = fault_of(peer)
        if fault is None:
            usable.append(peer)
        else:
            print(f"{peer.name} is skipped: {fault}", file=sys.stderr)
    return usable


def _midnight(day: date, history: VolumeHistory) -> datetime:
    return local_midnight(day, history.grid.zone)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--volumes", type=Path, required=True)
    parser.add_argument("--interval", type=int, default=30, help="minutes")
    parser.add_argument("--zone", required=True)
    parser.add_argument("--weeks", type=int, default=10)
    parser.add_argument("--horizons", default="1,4", help="weeks ahead, comma separated")
    parser.add_argument("--events", type=Path, help="start_date,end_date,event,feature")
    parser.add_argument("--peers", action="store_true", help="other libraries too, and the pinball loss")
    parser.add_argument("--csv", type=Path, required=True)
    given = parser.parse_args(arguments)
    try:
        history = read_volumes(given.volumes, zone=given.zone, interval=timedelta(minutes=given.interval))
        horizons = [int(part) for part in given.horizons.split(",")]
        calendar = calendar_for(history)
        if given.events is not None:
            calendar = replace(calendar, events=read_events(given.events))
        peers = usable_peers() if given.peers else []
        rows = benchmark(history, calendar, weeks=given.weeks, horizons=horizons, peers=peers)
    except (ForecastingError, OSError, KeyError, ValueError) as error:
        print(f"nothing was measured: {error}", file=sys.stderr)
        return 2
    if not rows:
        print("nothing was measured: the file has fewer days than a test needs", file=sys.stderr)
        return 2
    with given.csv.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*COLUMNS, *(["pinball"] if given.peers else [])])
        for row in rows:
            figures = f"{row.wape:.4f}", f"{row.cover80:.4f}", f"{row.seconds:.3f}"
            loss = [f"{row.pinball:.3f}"] if given.peers else []
            writer.writerow([row.model, row.horizon_weeks, *figures, *loss])
            print(f"{row.model:20s} {row.horizon_weeks:2d} weeks  WAPE {figures[0]}  in band {figures[1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
