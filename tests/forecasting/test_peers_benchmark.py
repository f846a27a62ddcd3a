"""Other libraries beside the models: what the benchmark makes of what they say, without any of them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from forecasting.calendars import ForecastCalendar
from forecasting.day_table import DayTable
from forecasting.events import DatedEvent, EventNature
from forecasting.grid import IntervalGrid, local_midnight
from forecasting.history import VolumeHistory
from forecasting.models.base import TrainingData
from forecasting.models.registry import MODELS
from forecasting.synthetic import daily_hours
from tests.benchmarks import forecast, peers
from tests.benchmarks.forecast import benchmark, main, usable_peers
from tests.benchmarks.peers import LEVELS, PeerForecast, event_days

from .conftest import FIRST, ZONE

HOUR = timedelta(hours=1)
HOURS = daily_hours(ZONE, 9 * 60, 12 * 60)


def ten_an_hour(days: int) -> VolumeHistory:
    """Three open hours a day with ten contacts each, in the last week twenty."""
    grid = IntervalGrid.for_days(first=FIRST, days=days, interval=HOUR, zone=ZONE)
    is_open = HOURS.open_mask(grid)
    late = np.arange(grid.count) >= (days - 7) * 24
    return VolumeHistory(
        queue="phone", grid=grid, offered=np.where(is_open, np.where(late, 20.0, 10.0), 0.0), observed=is_open
    )


@dataclass
class TheMeanSoFar:
    """Says the history's mean, half of it and the double, in closed hours as well."""

    name: str = "fake"
    package: str = "numpy"
    asked: list[tuple[int, date, int]] = field(default_factory=list)

    def forecast(self, training: TrainingData, days: Sequence[date]) -> PeerForecast:
        self.asked.append((training.table.day_count, days[0], len(days)))
        mean = np.full((len(days), 24), training.table.counts[training.learn].mean())
        return PeerForecast(mean=mean, quantiles={0.1: mean / 2, 0.5: mean, 0.9: mean * 2})


def test_a_peer_is_fitted_once_per_origin_and_scored_like_the_models() -> None:
    fake = TheMeanSoFar()
    rows = benchmark(ten_an_hour(42), HOURS, weeks=2, horizons=(1, 2), peers=[fake])
    # Weeks 5 and 6 are tested; from the end of week 4 both are asked for, from that of week 3 only the fifth.
    assert fake.asked == [
        (21, FIRST + timedelta(days=21), 14),
        (28, FIRST + timedelta(days=28), 14),
        (35, FIRST + timedelta(days=35), 7),
    ]
    assert {row.model for row in rows} == {"muster", "fake", *MODELS}
    for horizon in (1, 2):
        (row,) = (row for row in rows if (row.model, row.horizon_weeks) == ("fake", horizon))
        # 21 hours of 10 foretold exactly, 21 of 20 foretold as 10: 210 of 630.
        assert row.wape == pytest.approx(1 / 3)
        assert row.cover80 == 1.0  # 5 to 20 holds both
        # Of 10: 0.1 x 5, 0, 0.1 x 10.  Of 20: 0.1 x 15, 0.5 x 10, 0.
        assert row.pinball == pytest.approx((np.mean([0.5, 1.5]) + np.mean([0, 5]) + np.mean([1, 0])) / 3)
        assert row.seconds > 0


def test_closed_hours_and_negative_or_crossing_quantiles_are_put_right() -> None:
    grid = IntervalGrid.for_days(first=FIRST, days=1, interval=HOUR, zone=ZONE)
    cells = np.ones((1, 24))
    said = PeerForecast(mean=-cells, quantiles={0.1: 3 * cells, 0.5: cells, 0.9: -cells})
    put = said.on_grid(grid, HOURS)
    is_open = HOURS.open_mask(grid)
    assert put.mean.tolist() == [0.0] * 24
    assert [put.quantiles[level][is_open].tolist() for level in LEVELS] == [[0] * 3, [1] * 3, [3] * 3]
    assert not put.quantiles[0.9][~is_open].any()


def test_the_column_pinball_comes_last_and_only_with_peers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    volumes, out = tmp_path / "phone.csv", tmp_path / "out.csv"
    starts = [local_midnight(FIRST + timedelta(days=d), ZONE) + HOUR * h for d in range(35) for h in (9, 10)]
    volumes.write_text("start,contacts\n" + "".join(f"{start.isoformat()},7\n" for start in starts))
    monkeypatch.setattr(forecast, "ALL", (TheMeanSoFar(),))
    arguments = ["--volumes", str(volumes), "--interval", "60", "--zone", ZONE, "--weeks", "1"]
    told = {}
    for more in ([], ["--peers"]):
        assert main([*arguments, "--horizons", "1", *more, "--csv", str(out)]) == 0
        with out.open(newline="") as file:
            told[bool(more)] = list(csv.DictReader(file))
    columns = ["model", "horizon_weeks", "wape", "cover80", "seconds"]
    assert list(told[False][0]) == columns
    assert list(told[True][0]) == [*columns, "pinball"]
    assert {row["model"] for row in told[True]} - {row["model"] for row in told[False]} == {"fake"}


def test_an_absent_library_is_skipped_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(peers, "find_spec", lambda package: None)
    assert usable_peers() == []
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(" is skipped: ")[0] for line in lines] == ["mstl", "prophet", "lightgbm"]
    assert all("is not installed (pip install -e '.[peers]'" in line for line in lines)


def test_days_around_an_event_carry_its_kind_and_the_distance() -> None:
    first, last = date(2026, 3, 2), date(2026, 3, 20)
    bills, due = (
        DatedEvent(kind=kind, first_day=first, last_day=last, nature=nature)
        for kind, nature in (("bills", EventNature.CAMPAIGN), ("due", EventNature.DEADLINE))
    )
    found = event_days(replace(HOURS, events=(bills, due)))
    assert (first, "bills+0") in found
    assert (date(2026, 3, 22), "bills+20") in found
    assert (date(2026, 3, 13), "due-7") in found
    assert (date(2026, 3, 23), "due+3") in found
    assert len(found) == 21 + 11
    assert event_days(ForecastCalendar.always_open(ZONE)) == set()


def test_the_installed_ones_say_whole_days() -> None:
    training = TrainingData.prepare("phone", DayTable.from_history(ten_an_hour(42)), HOURS)
    days = [FIRST + timedelta(days=42 + i) for i in range(7)]
    for peer in usable_peers():
        said = peer.forecast(training, days)
        assert said.mean.shape == (7, 24)
        assert tuple(sorted(said.quantiles)) == LEVELS
        assert np.isfinite([said.mean, *said.quantiles.values()]).all()
