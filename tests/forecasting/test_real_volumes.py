"""Real call-centre data: the product must beat the mean of six weeks, and its bands must hold."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from forecasting.cleaning import FindingKind, find_unusual
from forecasting.models.registry import MODELS
from tests.benchmarks.forecast import ResultRow, benchmark, calendar_for, main, read_events, read_volumes

pytestmark = pytest.mark.real_data


def measured(path: Path, *, zone: str, minutes: int, weeks: int) -> dict[tuple[str, int], ResultRow]:
    history = read_volumes(path, zone=zone, interval=timedelta(minutes=minutes))
    rows = benchmark(history, calendar_for(history), weeks=weeks, horizons=(1,))
    return {(row.model, row.horizon_weeks): row for row in rows}


def test_bank_the_last_ten_weeks(shared_data: Path) -> None:
    rows = measured(shared_data / "bank" / "calls_5min.csv", zone="America/New_York", minutes=30, weeks=10)
    product, mean = rows["muster", 1], rows["mean_of_weeks", 1]
    assert product.wape < 0.9 * mean.wape
    assert product.wape < 0.054
    assert 0.055 < mean.wape < 0.065  # the yardstick is the one others measured
    assert 0.72 <= product.cover80 <= 0.88


def test_bank_closures_are_found_and_nothing_else(shared_data: Path) -> None:
    history = read_volumes(
        shared_data / "bank" / "calls_5min.csv", zone="America/New_York", interval=timedelta(minutes=30)
    )
    found = find_unusual(history).findings
    assert {f.kind for f in found} == {FindingKind.CLOSURE}
    assert [f.local_start.date() for f in found] == [
        date(2003, 4, 4),
        date(2003, 4, 7),
        date(2003, 5, 26),
        date(2003, 7, 4),
    ]


def test_anonymous_bank_through_its_holidays(shared_data: Path) -> None:
    path = shared_data / "anonymous_bank" / "calls_6min_1999.csv"
    rows = measured(path, zone="Asia/Jerusalem", minutes=30, weeks=3)
    assert rows["muster", 1].wape < rows["mean_of_weeks", 1].wape < rows["seasonal_naive", 1].wape


def test_county_with_its_mailings(shared_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "result.csv"
    path = shared_data / "county" / "calls_hourly.csv"
    arguments = ["--volumes", str(path), "--interval", "60", "--zone", "America/Denver"]
    assert main([*arguments, "--weeks", "4", "--horizons", "1", "--csv", str(out)]) == 0
    with out.open(newline="") as file:
        rows = {row["model"]: row for row in csv.DictReader(file)}
    assert list(rows["muster"]) == ["model", "horizon_weeks", "wape", "cover80", "seconds"]
    assert float(rows["muster"]["wape"]) <= float(rows["mean_of_weeks"]["wape"])
    assert set(rows) == {"muster", *MODELS}


def test_county_knows_its_mailings(shared_data: Path) -> None:
    """The tax bills of 2024 are forecast by what those of 2023 did; the list repeats itself."""
    events = read_events(shared_data / "county" / "events.csv")
    assert len(events) == 12
    history = read_volumes(
        shared_data / "county" / "calls_hourly.csv", zone="America/Denver", interval=timedelta(minutes=60)
    )
    calendar = calendar_for(history)
    plain, told = (
        {row.model: row.wape for row in benchmark(history, known, weeks=5, horizons=(1,))}
        for known in (calendar, replace(calendar, events=events))
    )
    assert told["muster"] < 0.9 * plain["muster"]
    assert told["mean_of_weeks"] == plain["mean_of_weeks"]


def test_a_file_without_enough_days_is_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "short.csv"
    path.write_text("start,contacts\n2026-03-02T08:00,5\n2026-03-02T08:30,6\n")
    assert main(["--volumes", str(path), "--zone", "UTC", "--csv", str(tmp_path / "out.csv")]) == 2
    assert "fewer days" in capsys.readouterr().err
