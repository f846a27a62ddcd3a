from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from forecasting.calendars import ForecastCalendar
from forecasting.errors import ForecastingError
from forecasting.grid import IntervalGrid
from forecasting.handling_time import fit_handling_time
from forecasting.history import VolumeHistory
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
    # The default is worth some twenty contacts, and older weeks weigh a little less.
    assert fitted.mean_seconds == pytest.approx(expected, rel=0.005)
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


def with_calls(
    grid: IntervalGrid, hours: ForecastCalendar, *, day_sd: float, calls: int = 12, seed: int = 5
) -> VolumeHistory:
    """Call by call: lognormal times of cv 1.1 around 200 s, 260 s from 18:00 on, days that differ."""
    chance = np.random.default_rng(seed)
    open_ = hours.open_mask(grid)
    counts = np.where(open_, chance.poisson(calls, grid.count), 0).astype(float)
    days = {day: float(np.exp(chance.normal(0, day_sd))) for day in dict.fromkeys(grid.local_dates())}
    level = np.array([days[day] for day in grid.local_dates()])
    truth = np.where(grid.minutes_of_day() >= 18 * 60, 260.0, 200.0) * level
    log_sd = float(np.sqrt(np.log1p(1.1**2)))
    times = np.array(
        [
            float(np.exp(chance.normal(-(log_sd**2) / 2, log_sd, int(n))).mean()) if n else np.nan
            for n in counts
        ]
    )
    return VolumeHistory(
        queue="q",
        grid=grid,
        offered=counts,
        observed=open_,
        aht_seconds=np.where(counts > 0, truth * times, np.nan),
    )


def test_it_is_known_how_sure_a_handling_time_is(hours: ForecastCalendar) -> None:
    """Eight weeks learned, eight more foretold: 80 % of what came lies in the band."""
    grid = IntervalGrid.for_days(first=FIRST, days=112, interval=HALF_HOUR, zone=hours.zone)
    history = with_calls(grid, hours, day_sd=0.1)
    past, future = slice(0, 56 * 48), slice(56 * 48, grid.count)
    fitted = fit_handling_time(history.part(past), hours, default_seconds=300)
    assert fitted.day_sd == pytest.approx(0.1, abs=0.03)
    assert fitted.cv == pytest.approx(1.1, abs=0.1)
    ahead = grid.sub(future)
    contacts, came = history.offered[future], history.aht_seconds[future]
    band = fitted.quantiles_on_grid(ahead, hours, contacts, (0.1, 0.9))
    seen = contacts > 0
    inside = (came >= band[0.1]) & (came <= band[0.9])
    assert 0.74 < inside[seen].mean() < 0.86
    low, high = fitted.day_range()
    assert low < fitted.mean_seconds < high
    assert (high - low) / fitted.mean_seconds == pytest.approx(2 * 1.2816 * 0.1, abs=0.08)


def test_intervals_of_the_day_are_believed_more_than_single_weekdays(hours: ForecastCalendar) -> None:
    """Evenings take longer on every day: a Tuesday evening learns it from all evenings."""
    grid = IntervalGrid.for_days(first=FIRST, days=112, interval=HALF_HOUR, zone=hours.zone)
    fitted = fit_handling_time(with_calls(grid, hours, day_sd=0.05), hours, default_seconds=300)
    evening, day = fitted.seconds[:, 36:40], fitted.seconds[:, 20:30]
    assert evening.mean() == pytest.approx(260, rel=0.06)
    assert day.mean() == pytest.approx(200, rel=0.06)
    # Nothing is true of single weekdays here: what they differ by is chance, and small.
    assert evening.std(axis=0).mean() < 0.05 * evening.mean()


def test_the_first_day_moves_the_default_by_what_it_is_worth(hours: ForecastCalendar) -> None:
    grid = IntervalGrid.for_days(first=FIRST, days=1, interval=HALF_HOUR, zone=hours.zone)
    few, many = (with_calls(grid, hours, day_sd=0.0, calls=calls) for calls in (1, 60))
    sure, unsure = ({"default_seconds": 400.0, "default_relative_sd": sd} for sd in (0.05, 0.5))
    means = [fit_handling_time(h, hours, **told).mean_seconds for h in (few, many) for told in (sure, unsure)]
    assert 400 > means[0] > means[1] > 200
    assert means[2] < means[0]
    assert means[3] == pytest.approx(212, rel=0.08)
    assert fit_handling_time(few, hours, **sure).unsure.max() < 0.3


def test_one_contact_or_none_a_day_breaks_nothing(hours: ForecastCalendar) -> None:
    grid = IntervalGrid.for_days(first=FIRST, days=10, interval=HALF_HOUR, zone=hours.zone)
    counts = np.zeros(grid.count)
    counts[24] = 1.0
    history = VolumeHistory(
        queue="q",
        grid=grid,
        offered=counts,
        observed=hours.open_mask(grid),
        aht_seconds=np.where(counts > 0, 500.0, np.nan),
    )
    fitted = fit_handling_time(history, hours, default_seconds=300)
    assert 300 < fitted.mean_seconds < 320
    for table in (fitted.seconds, fitted.unsure):
        assert np.isfinite(table).all()
        assert (table > 0).all()
    band = fitted.quantiles_on_grid(grid, hours, np.zeros(grid.count), (0.1, 0.5, 0.9))
    assert (band[0.1] < band[0.5]).all()
    assert (band[0.5] < band[0.9]).all()
