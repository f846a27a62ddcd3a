"""The library in a notebook: frames in, frames out."""

from __future__ import annotations

import sys
from datetime import date, timedelta

import numpy as np
import pytest

from forecasting.calendars import ForecastCalendar
from forecasting.errors import HistoryError, MissingExtraError
from forecasting.frames import forecast_frame, history_frame, history_from_frame, scores_frame
from forecasting.grid import IntervalGrid, local_midnight
from forecasting.pipeline import make_forecast, next_grid
from tests.forecasting.conftest import HALF_HOUR, MakeHistory

pd = pytest.importorskip("pandas")


def test_a_history_survives_the_way_into_a_frame_and_back(make_history: MakeHistory) -> None:
    history = make_history(20)
    frame = history_frame(history)
    back = history_from_frame(frame, queue="phone", zone=history.grid.zone)
    assert back.grid == history.grid
    assert np.array_equal(back.offered, history.offered)
    assert np.array_equal(back.observed, history.observed)
    assert np.allclose(back.aht_seconds, history.aht_seconds, equal_nan=True)


def test_local_times_and_other_names_are_read_and_aggregated() -> None:
    starts = pd.date_range("2026-03-02 09:00", periods=12, freq="5min")
    frame = pd.DataFrame({"from": starts, "calls": range(12)})
    history = history_from_frame(
        frame, queue="q", zone="Europe/Lisbon", interval=HALF_HOUR, start="from", contacts="calls"
    )
    assert history.offered[history.observed].tolist() == [15.0, 51.0]


def test_the_hour_that_comes_twice_is_two_hours_where_it_stands_twice() -> None:
    local = [f"2026-10-25 {h:02}:{m:02}" for h in (0, 1, 1, 2) for m in (0, 30)]
    frame = pd.DataFrame({"start": pd.to_datetime(local), "contacts": 1.0})
    history = history_from_frame(frame, queue="q", zone="Europe/Lisbon")
    assert history.observed.sum() == 8
    assert history.grid.count == 50


def test_a_forecast_and_its_scores_come_as_frames(make_history: MakeHistory, hours: ForecastCalendar) -> None:
    history = make_history(60)
    grid = next_grid(history, interval=HALF_HOUR, days=7)
    outcome = make_forecast(history, hours, grid, made_at=grid.start, seed=1, default_aht_seconds=200.0)
    frame = forecast_frame(outcome.forecast)
    assert list(frame.columns)[:4] == ["mean", "q05", "q10", "q25"]
    assert frame.index[0] == pd.Timestamp(grid.start)
    assert str(frame.index.tz) == grid.zone
    by_day = frame["mean"].groupby(frame.index.date).sum()
    assert by_day.sum() == pytest.approx(outcome.forecast.mean.sum())
    scores = scores_frame(outcome.backtest)
    assert {"model", "horizon_weeks", "wape", "bias"} <= set(scores.columns)
    assert set(scores["horizon_weeks"]) == {1}


def test_what_is_no_history_is_refused_in_words() -> None:
    with pytest.raises(HistoryError, match="no column 'contacts'; it has start, calls"):
        history_from_frame(pd.DataFrame({"start": [], "calls": []}), queue="q", zone="UTC")
    gap = pd.DataFrame({"start": [pd.NaT, pd.Timestamp("2026-03-02")], "contacts": [1.0, 2.0]})
    with pytest.raises(HistoryError, match="1 rows have no time"):
        history_from_frame(gap, queue="q", zone="UTC")
    skipped = pd.DataFrame({"start": pd.to_datetime(["2026-03-29 01:30"]), "contacts": [1.0]})
    with pytest.raises(HistoryError, match="Europe/Lisbon does not have"):
        history_from_frame(skipped, queue="q", zone="Europe/Lisbon")


def test_without_pandas_it_says_what_to_install(
    make_history: MakeHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'muster\[frames\]'"):
        history_frame(make_history(1))


def test_a_clock_change_day_has_its_hours_in_the_frame() -> None:
    grid = IntervalGrid.for_days(
        first=date(2026, 10, 25), days=1, interval=timedelta(hours=1), zone="Europe/Lisbon"
    )
    assert grid.start == local_midnight(date(2026, 10, 25), "Europe/Lisbon")
    starts = pd.DatetimeIndex(list(grid.starts()))
    frame = pd.DataFrame({"contacts": 1.0}, index=starts.rename("start"))
    assert history_from_frame(frame, queue="q", zone="Europe/Lisbon").grid.count == 25
