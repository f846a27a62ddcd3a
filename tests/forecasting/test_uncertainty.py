"""Bands that mean what they say, and paths that agree with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from forecasting.backtest import WeekResult
from forecasting.errors import ForecastingError
from forecasting.forecast import LEVELS, VolumeForecast
from forecasting.grid import IntervalGrid
from forecasting.uncertainty import (
    ErrorSpread,
    assumed_spread,
    count_quantiles,
    excess_by_day,
    excess_per_interval,
    lifted,
    sample_paths,
    spread_from_backtest,
    widened,
)


def forecast_with(mean: np.ndarray, excess: float, *, week: float = 0.3, day: float = 0.4) -> VolumeForecast:
    grid = IntervalGrid.for_days(
        first=date(2026, 3, 2), days=mean.size // 48, interval=timedelta(minutes=30), zone="Asia/Shanghai"
    )
    now = datetime(2026, 3, 1, tzinfo=UTC)
    return VolumeForecast(
        queue="phone",
        grid=grid,
        mean=mean,
        quantiles=count_quantiles(mean, np.full(mean.size, excess), LEVELS),
        aht_seconds=np.full(mean.size, 180.0),
        open=mean > 0,
        model="test",
        made_at=now,
        trained_until=now,
        shared_by_week=week,
        shared_by_day=day,
    )


@pytest.mark.parametrize("level", LEVELS)
def test_without_excess_the_quantiles_are_poisson(level: float) -> None:
    mean = np.array([0.2, 1.0, 7.5, 80.0, 1500.0])
    assert (
        count_quantiles(mean, np.zeros(5), [level])[level].tolist() == stats.poisson.ppf(level, mean).tolist()
    )


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("v", [0.003, 0.05, 0.6])
def test_with_excess_they_are_negative_binomial(level: float, v: float) -> None:
    mean = np.array([0.2, 1.0, 7.5, 80.0, 1500.0])
    expected = stats.nbinom.ppf(level, 1 / v, (1 / v) / (1 / v + mean))
    assert count_quantiles(mean, np.full(5, v), [level])[level].tolist() == expected.tolist()


@given(
    mean=st.lists(st.floats(0, 5000), min_size=1, max_size=8),
    v=st.floats(0, 3),
)
def test_quantiles_rise_with_the_level_and_zero_stays_zero(mean: list[float], v: float) -> None:
    held = np.array(mean)
    quantiles = count_quantiles(held, np.full(held.size, v), LEVELS)
    stacked = np.array([quantiles[level] for level in LEVELS])
    assert np.all(np.diff(stacked, axis=0) >= 0)
    assert np.all(stacked[:, held == 0] == 0)
    assert np.all(stacked >= 0)


def weeks_with(
    rng: np.random.Generator, *, count: int, week: float, day: float, own: float
) -> list[WeekResult]:
    """Weeks of a forecast of 40 per interval whose truth has known relative errors."""
    found = []
    for index in range(count):
        days = np.repeat(np.arange(7), 24)
        factor = 1 + rng.normal(0, week) + rng.normal(0, day, 7)[days] + rng.normal(0, own, days.size)
        mean = np.full(days.size, 40.0)
        found.append(
            WeekResult(
                model="m",
                horizon=1,
                first_day=date(2026, 1, 5) + timedelta(weeks=index),
                forecast=mean,
                actual=rng.poisson(mean * np.maximum(factor, 0)).astype(float),
                day=days,
            )
        )
    return found


def test_the_excess_and_its_parts_are_recovered_from_errors() -> None:
    spread = spread_from_backtest(
        weeks_with(np.random.default_rng(5), count=80, week=0.08, day=0.10, own=0.06)
    )
    whole = 0.08**2 + 0.10**2 + 0.06**2
    assert spread.excess[1] == pytest.approx(whole, rel=0.2)
    assert spread.week_share == pytest.approx(0.08**2 / whole, abs=0.12)
    assert spread.day_share == pytest.approx(0.10**2 / whole, abs=0.12)


def test_a_perfect_forecast_has_poisson_bands_and_never_narrower() -> None:
    spread = spread_from_backtest(weeks_with(np.random.default_rng(5), count=60, week=0, day=0, own=0))
    assert 0 <= spread.excess[1] < 0.004


@pytest.mark.parametrize("tested", [4, 8, 16])
def test_the_80_percent_band_covers_about_80_percent_of_weeks_not_seen(tested: int) -> None:
    rng = np.random.default_rng(11)
    inside = []
    for _ in range(15):
        spread = spread_from_backtest(weeks_with(rng, count=tested, week=0.06, day=0.08, own=0.03))
        (fresh,) = weeks_with(rng, count=1, week=0.06, day=0.08, own=0.03)
        band = count_quantiles(fresh.forecast, np.full(fresh.forecast.size, spread.at(1)), (0.1, 0.9))
        inside.append(np.mean((fresh.actual >= band[0.1]) & (fresh.actual <= band[0.9])))
    assert 0.76 <= np.mean(inside) <= 0.84


def test_bands_do_not_shrink_with_the_horizon() -> None:
    rng = np.random.default_rng(2)
    near = weeks_with(rng, count=8, week=0.1, day=0.1, own=0.0)
    far = [replace(week, horizon=3) for week in weeks_with(rng, count=8, week=0.0, day=0.02, own=0.0)]
    spread = spread_from_backtest([*near, *far])
    assert spread.at(1) <= spread.at(2) <= spread.at(3) <= spread.at(5)


def test_the_horizon_of_an_interval_is_its_week_after_the_data() -> None:
    spread = ErrorSpread(excess={1: 0.01, 2: 0.04}, week_share=0.3, day_share=0.3, weeks=5)
    first = date(2026, 3, 2)
    days = [first, first + timedelta(days=6), first + timedelta(days=7), first + timedelta(days=21)]
    assert excess_per_interval(spread, days, first).tolist() == [0.01, 0.01, 0.04, 0.08]


def test_less_history_is_assumed_to_know_less() -> None:
    assert assumed_spread(1).at(1) > assumed_spread(7).at(1) > assumed_spread(14).at(1) == 0.0625
    assert assumed_spread(100).weeks == 0


def test_paths_repeat_with_the_seed_and_stay_closed_where_closed() -> None:
    mean = np.tile(np.r_[np.zeros(16), np.full(32, 20.0)], 7)
    forecast = forecast_with(mean, 0.02)
    paths = sample_paths(forecast, 50, seed=9)
    assert paths.shape == (50, mean.size)
    assert np.array_equal(paths, sample_paths(forecast, 50, seed=9))
    assert not np.array_equal(paths, sample_paths(forecast, 50, seed=10))
    assert paths[:, mean == 0].sum() == 0


@pytest.mark.parametrize(("level", "excess"), [(3.0, 0.05), (40.0, 0.01), (400.0, 0.004)])
def test_paths_agree_with_the_bands(level: float, excess: float) -> None:
    forecast = forecast_with(np.full(28 * 48, level), excess)
    paths = sample_paths(forecast, 400, seed=1)
    assert paths.mean() == pytest.approx(level, rel=0.02)
    inside = (paths >= forecast.quantiles[0.10]) & (paths <= forecast.quantiles[0.90])
    poisson_slack = 0.11 if level < 10 else 0.025  # whole counts: a band of few counts covers more
    assert 0.80 - 0.025 <= inside.mean() <= 0.80 + poisson_slack


def test_the_shared_error_moves_whole_days_together() -> None:
    mean = np.full(7 * 48, 100.0)
    common = sample_paths(forecast_with(mean, 0.04, week=0.0, day=1.0), 300, seed=1).astype(float)
    alone = sample_paths(forecast_with(mean, 0.04, week=0.0, day=0.0), 300, seed=1).astype(float)
    assert np.corrcoef(common[:, 3], common[:, 40])[0, 1] > 0.65
    assert abs(np.corrcoef(common[:, 3], common[:, 60])[0, 1]) < 0.2
    assert abs(np.corrcoef(alone[:, 3], alone[:, 40])[0, 1]) < 0.2


def test_no_paths_and_no_backtest_are_refused() -> None:
    with pytest.raises(ForecastingError):
        sample_paths(forecast_with(np.full(48, 1.0), 0.0), 0, seed=1)
    with pytest.raises(ForecastingError):
        spread_from_backtest([])


@given(
    level=st.floats(20, 400),
    excess=st.floats(0.01, 0.5),
    factor=st.lists(st.floats(0.3, 3.0), min_size=7, max_size=7),
)
def test_a_lifted_forecast_is_as_relatively_unsure_as_before(
    level: float, excess: float, factor: list[float]
) -> None:
    forecast = forecast_with(np.full(7 * 48, level), excess)
    by = np.repeat(np.array(factor), 48)
    more = lifted(forecast, by)
    assert np.allclose(more.mean, forecast.mean * by)
    stacked = np.array([more.quantiles[q] for q in LEVELS])
    assert np.all(np.diff(stacked, axis=0) >= -1e-9)
    assert np.all(stacked >= 0)
    rows = np.repeat(np.arange(7), 48)
    # Where a low quantile reaches 0 the band cannot keep its width.
    whole = np.all(stacked > 0, axis=0).reshape(7, 48).all(axis=1)
    before, after = excess_by_day(forecast, rows, 7), excess_by_day(more, rows, 7)
    assert np.allclose(before[whole], after[whole], atol=1e-9)


def test_a_factor_of_one_changes_nothing_and_one_of_zero_is_refused() -> None:
    forecast = forecast_with(np.tile([0.0, 0.4, 7.0, 80.0], 12), 0.05)
    same = lifted(forecast, np.ones(48))
    assert np.array_equal(same.mean, forecast.mean)
    for level in LEVELS:
        assert np.allclose(same.quantiles[level], forecast.quantiles[level])
    for factor in (np.zeros(48), np.ones(3), np.full(48, np.inf)):
        with pytest.raises(ForecastingError):
            lifted(forecast, factor)


@given(st.floats(0.0, 0.5), st.floats(0.0, 0.2))
def test_a_widened_forecast_is_at_least_so_unsure_and_never_surer(least: float, excess: float) -> None:
    narrow = forecast_with(np.full(7 * 48, 200.0), excess)
    wide, rows = widened(narrow, least), np.repeat(np.arange(7), 48)
    before, after = excess_by_day(narrow, rows, 7), excess_by_day(wide, rows, 7)
    assert np.all(after >= before - 1e-9)
    if all(np.all(values > 0) for values in wide.quantiles.values()):
        assert np.allclose(after, np.maximum(before, least**2), atol=1e-9)
    assert np.array_equal(wide.mean, narrow.mean)
    assert np.all(np.diff(np.array([wide.quantiles[q] for q in LEVELS]), axis=0) >= -1e-9)
    with pytest.raises(ForecastingError):
        widened(narrow, -0.1)
