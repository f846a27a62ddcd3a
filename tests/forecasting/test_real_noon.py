"""Real days updated at noon: nearer than the plain ratio and than no update, and the band holds."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.benchmarks.forecast import calendar_for, read_volumes
from tests.benchmarks.noon import ResultRow, benchmark

pytestmark = pytest.mark.real_data


def measured(path: Path, *, zone: str, weeks: int, weekdays: set[int]) -> dict[tuple[str, str], ResultRow]:
    history = read_volumes(path, zone=zone, interval=timedelta(minutes=30))
    # One of the competing models: all of them, for every day, are a benchmark's work.
    rows = benchmark(
        history,
        calendar_for(history),
        weeks=weeks,
        weekdays=weekdays,
        at=timedelta(hours=12),
        models=["calendar_regression"],
    )
    return {(row.origin, row.model): row for row in rows}


def test_bank_at_noon(shared_data: Path) -> None:
    rows = measured(
        shared_data / "bank" / "calls_5min.csv", zone="America/New_York", weeks=6, weekdays=set(range(7))
    )
    for origin in ("last_night", "week_start"):
        updated, kept, ratio = (rows[origin, m] for m in ("muster", "not_updated", "ratio"))
        assert updated.wape < min(kept.wape, ratio.wape)
        assert updated.wape < 0.044
        assert 0.72 <= updated.cover80 <= 0.90
        assert updated.seconds < 0.02
        # A normal day alarms about the volume one time in three at most.
        assert kept.alarms is not None
        assert kept.alarms <= 40


def test_anonymous_bank_at_noon_sunday_to_thursday(shared_data: Path) -> None:
    path = shared_data / "anonymous_bank" / "calls_6min_1999.csv"
    rows = measured(path, zone="Asia/Jerusalem", weeks=12, weekdays={6, 0, 1, 2, 3})
    updated, kept, ratio = (rows["last_night", m] for m in ("muster", "not_updated", "ratio"))
    assert updated.wape < min(kept.wape, ratio.wape)
    assert updated.wape < 0.235  # with the holidays of September, which no calendar names here
    assert 0.72 <= updated.cover80 <= 0.88
