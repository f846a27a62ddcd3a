"""The table of models: what it says is what the weeks say, whatever happened on the way."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest

from forecasting.backtest import BacktestResult, WeekResult
from forecasting.calendars import ForecastCalendar
from forecasting.errors import HistoryError
from forecasting.grid import IntervalGrid
from forecasting.history import VolumeHistory
from forecasting.model_comparison import compare_models, model_scores
from forecasting.models.registry import MODELS
from forecasting.synthetic import SyntheticQueue, simulate_history
from tests.forecasting.conftest import FIRST, HALF_HOUR, ZONE

WEEKS = 12


@pytest.fixture
def history(phone: SyntheticQueue, hours: ForecastCalendar) -> VolumeHistory:
    grid = IntervalGrid.for_days(first=FIRST, days=7 * WEEKS, interval=HALF_HOUR, zone=ZONE)
    return simulate_history(phone, grid, hours, seed=7)


def after(history: VolumeHistory) -> IntervalGrid:
    last = history.grid.local_dates()[-1]
    return IntervalGrid.for_days(first=last + timedelta(days=1), days=7, interval=HALF_HOUR, zone=ZONE)


def test_every_model_stands_at_every_horizon_nearest_first(
    history: VolumeHistory, hours: ForecastCalendar
) -> None:
    made = compare_models(history, hours, after(history), weeks=3, horizons=(1, 2))
    assert not made.stopped
    assert (made.origins, made.origins_tested) == (4, 4)
    assert {(s.model, s.horizon) for s in made.scores} == {(m, h) for m in MODELS for h in (1, 2)}
    for horizon in (1, 2):
        errors = [s.wape for s in made.scores if s.horizon == horizon]
        assert errors == sorted(errors)
        assert sum(s.best_weeks for s in made.scores if s.horizon == horizon) == 3
    assert made.weeks == tuple(FIRST + timedelta(weeks=w) for w in (9, 10, 11))


def test_the_figures_are_those_of_a_hand_count(history: VolumeHistory, hours: ForecastCalendar) -> None:
    """Seasonal naive is last week again: its errors can be counted from the history alone."""
    made = compare_models(history, hours, after(history), weeks=3, horizons=(1,), models=["seasonal_naive"])
    offered = history.offered.reshape(WEEKS, -1)
    off = over = total = 0.0
    for week in (9, 10, 11):
        for was, came in zip(offered[week - 1], offered[week], strict=True):
            off += abs(was - came)
            over += was - came
            total += came
    score = next(s for s in made.scores if s.model == "seasonal_naive")
    assert score.wape == pytest.approx(off / total)
    assert score.bias == pytest.approx(over / total)
    assert 0.6 < score.cover80 < 0.95


def test_a_stop_keeps_the_origins_tested_so_far(history: VolumeHistory, hours: ForecastCalendar) -> None:
    seen: list[tuple[int, int]] = []
    made = compare_models(
        history,
        hours,
        after(history),
        weeks=6,
        horizons=(1,),
        on_progress=lambda done, of: seen.append((done, of)),
        should_stop=lambda: len(seen) == 4,
    )
    whole = compare_models(history, hours, after(history), weeks=6, horizons=(1,))
    assert made.stopped
    assert seen[-1] == (4, 6)
    assert made.weeks == whole.weeks[:4]
    assert {s.weeks for s in made.scores} == {4}


def test_a_stop_before_anything_gives_no_figures(history: VolumeHistory, hours: ForecastCalendar) -> None:
    made = compare_models(history, hours, after(history), weeks=6, horizons=(1,), should_stop=lambda: True)
    assert (made.stopped, made.scores, made.weeks) == (True, (), ())


def test_without_anything_observed_it_is_refused(history: VolumeHistory, hours: ForecastCalendar) -> None:
    before = IntervalGrid.for_days(first=date(2025, 12, 1), days=7, interval=HALF_HOUR, zone=ZONE)
    with pytest.raises(HistoryError, match="nothing observed before"):
        compare_models(history, hours, before, weeks=3, horizons=(1,))


def test_two_weeks_teach_no_band() -> None:
    weeks = tuple(
        WeekResult(
            model="m",
            horizon=1,
            first_day=FIRST + timedelta(weeks=w),
            forecast=np.full(4, 10.0),
            actual=np.array([9.0, 10.0, 11.0, 12.0]),
            day=np.zeros(4, dtype=np.int64),
        )
        for w in range(2)
    )
    (score,) = model_scores(BacktestResult(weeks=weeks))
    assert math.isnan(score.cover80)
    assert score.wape == pytest.approx(8 / 84)


def test_a_week_without_contacts_counts_for_nobody() -> None:
    quiet = WeekResult(
        model="m",
        horizon=1,
        first_day=FIRST,
        forecast=np.full(4, 1.0),
        actual=np.zeros(4),
        day=np.zeros(4, dtype=np.int64),
    )
    assert model_scores(BacktestResult(weeks=(quiet,))) == ()
