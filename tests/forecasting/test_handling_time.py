from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from forecasting.calendars import ForecastCalendar
from forecasting.errors import ForecastingError
from forecasting.grid import IntervalGrid
from forecasting.handling_time import fit_handling_time
from forecasting.synthetic import (
    Peak,
    SyntheticQueue,
    arrival_times,
    expected_contacts,
    handling_times,
    simulate_history,
)
from tests.forecasting.conftest import FIRST, HALF_HOUR, MakeHistory


def test_the_queues_mean_is_weighted_by_contacts(make_history: MakeHistory, hours: ForecastCalendar) -> None:
    history = make_history(28)
    aht = np.where(history.offered > 30, 300.0, 100.0)
    fitted = fit_handling_time(replace(history, aht_seconds=aht), hours, default_seconds=60)
    expected = (aht * history.offered).sum() / history.offered.sum()
    assert fitted.mean_seconds == pytest.approx(expected)
    assert not fitted.assumed


def test_evenings_that_take_longer_are_learned_and_thin_intervals_are_shrunk(
    make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    history = make_history(84)
    evening = history.grid.minutes_of_day() >= 18 * 60
    aht = np.where(evening, 360.0, 240.0)
    fitted = fit_handling_time(replace(history, aht_seconds=aht), hours, default_seconds=60)
    mean = fitted.mean_seconds
    on_grid = fitted.on_grid(history.grid, hours)
    assert mean < on_grid[evening & history.observed].min() < 360
    assert 240 < on_grid[~evening & history.observed].max() < mean
    quiet = make_history(3)
    few = replace(
        quiet, offered=np.where(quiet.observed, 1.0, 0.0), aht_seconds=np.full(quiet.grid.count, 100.0)
    )
    few.aht_seconds[20] = 3000.0
    shrunk = fit_handling_time(few, hours, default_seconds=60)
    assert shrunk.on_grid(few.grid, hours).max() < 1.25 * shrunk.mean_seconds


def test_without_any_handling_time_the_default_is_taken_and_marked(
    make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    history = make_history(14)
    blank = replace(history, aht_seconds=np.full(history.grid.count, np.nan))
    fitted = fit_handling_time(blank, hours, default_seconds=360)
    assert fitted.assumed
    assert set(fitted.on_grid(history.grid, hours)) == {360.0}
    with pytest.raises(ForecastingError):
        fit_handling_time(blank, hours, default_seconds=0)


def test_synthetic_contacts_have_the_truth_they_promise(hours: ForecastCalendar) -> None:
    for queue in (
        SyntheticQueue(
            name="phone",
            contacts_per_day=360,
            aht_seconds=280,
            peaks=(Peak(minute=630, width_minutes=75, weight=1.0),),
            trend_per_week=0.004,
            aht_cv=1.1,
        ),
        SyntheticQueue(
            name="email",
            contacts_per_day=100,
            aht_seconds=360,
            peaks=(Peak(minute=540, width_minutes=60, weight=1.2),),
            weekday_factors=(1.35, 1.1, 1.0, 1.0, 0.95, 0.6, 0.55),
            day_sd=0.08,
        ),
    ):
        grid = IntervalGrid.for_days(first=FIRST, days=56, interval=HALF_HOUR, zone=hours.zone)
        history = simulate_history(queue, grid, hours, seed=4)
        truth = expected_contacts(queue, grid, hours)
        assert history.offered.sum() == pytest.approx(truth.sum(), rel=0.04)
        assert np.array_equal(history.observed, hours.open_mask(grid))
        assert np.array_equal(history.offered, simulate_history(queue, grid, hours, seed=4).offered)
        fitted = fit_handling_time(history, hours, default_seconds=1)
        assert fitted.mean_seconds == pytest.approx(queue.aht_seconds, rel=0.03)
        assert handling_times(queue, 20000, seed=1).mean() == pytest.approx(queue.aht_seconds, rel=0.03)


def test_arrivals_lie_in_their_intervals_in_order(make_history: MakeHistory) -> None:
    history = make_history(2)
    times = arrival_times(history.offered, history.grid, seed=3)
    assert len(times) == history.offered.sum()
    assert times == sorted(times)
    counted = np.bincount([history.grid.index_of(t) for t in times], minlength=history.grid.count)
    assert np.array_equal(counted, history.offered)
    assert all(t.utcoffset() == timedelta(0) for t in times)
