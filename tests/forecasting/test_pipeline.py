"""make_forecast: bad history gives a forecast with a warning or a clear refusal, never a silent wrong one."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.calendars import ForecastCalendar
from forecasting.caveats import WarningCode
from forecasting.cleaning import FindingKind
from forecasting.errors import HistoryError
from forecasting.forecast import LEVELS
from forecasting.grid import IntervalGrid
from forecasting.history import VolumeHistory
from forecasting.pipeline import ForecastOutcome, make_forecast, next_grid
from forecasting.selection import SelectionReason
from forecasting.synthetic import SyntheticQueue, expected_contacts
from tests.forecasting.conftest import FIRST, HALF_HOUR, MakeHistory

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def forecast_of(
    history: VolumeHistory, calendar: ForecastCalendar | None, *, days: int = 7, **given: Any
) -> ForecastOutcome:
    grid = next_grid(history, interval=HALF_HOUR, days=days)
    return make_forecast(history, calendar, grid, made_at=NOW, seed=1, default_aht_seconds=300, **given)


def codes(outcome: ForecastOutcome) -> dict[WarningCode, dict[str, float]]:
    return {warning.code: dict(warning.numbers) for warning in outcome.warnings}


def test_a_good_history_gives_a_good_forecast_without_warnings(
    make_history: MakeHistory, hours: ForecastCalendar, phone: SyntheticQueue
) -> None:
    history = make_history(140)
    outcome = forecast_of(history, hours, days=28)
    assert outcome.warnings == ()
    assert outcome.selection.reason is SelectionReason.PREFERRED_BEAT_DEFAULT
    assert {score.horizon for score in outcome.selection.scores} == {1, 2, 3, 4}
    forecast = outcome.forecast
    grid = IntervalGrid.for_days(first=FIRST, days=168, interval=HALF_HOUR, zone=hours.zone)
    truth = expected_contacts(phone, grid, hours)[-forecast.grid.count :]
    assert np.abs(forecast.mean - truth).sum() / truth.sum() < 0.05
    assert set(forecast.quantiles) == set(LEVELS)
    assert forecast.trained_until == history.grid.start_of(int(np.flatnonzero(history.observed)[-1]) + 1)
    assert np.all(forecast.aht_seconds == pytest.approx(240, rel=0.1))
    assert outcome.effects


def test_the_same_history_gives_the_same_forecast(make_history: MakeHistory, hours: ForecastCalendar) -> None:
    first, second = (forecast_of(make_history(), hours).forecast for _ in range(2))
    assert np.array_equal(first.mean, second.mean)
    assert all(np.array_equal(first.quantiles[level], second.quantiles[level]) for level in LEVELS)


def test_what_comes_after_the_target_begins_is_not_used(
    make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    history = make_history(84)
    grid = next_grid(history.part(slice(0, 70 * 48)), interval=HALF_HOUR, days=7)
    spoiled = history.offered.copy()
    spoiled[70 * 48 :] = 999
    made = [
        make_forecast(held, hours, grid, made_at=NOW, seed=1, default_aht_seconds=300)
        for held in (history, replace(history, offered=spoiled))
    ]
    assert np.array_equal(made[0].forecast.mean, made[1].forecast.mean)
    assert made[0].forecast.trained_until <= grid.start


def test_the_rest_of_a_day_and_nothing_at_all_can_be_asked_for(
    make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    history = make_history(72)
    noon = 69 * 48 + 24
    for count in (24 + 48, 0):
        grid = IntervalGrid(
            start=history.grid.start_of(noon), interval=HALF_HOUR, count=count, zone=hours.zone
        )
        forecast = make_forecast(history, hours, grid, made_at=NOW, seed=1, default_aht_seconds=300).forecast
        assert forecast.mean.shape == (count,)
        assert forecast.trained_until <= grid.start
        assert forecast.mean.sum() == pytest.approx(history.offered[noon : noon + count].sum(), rel=0.1)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.integers(1, 60),
    level=st.sampled_from([0.0, 0.05, 1.0, 40.0]),
    lost=st.floats(0, 1),
    seed=st.integers(0, 1000),
    own_hours=st.booleans(),
)
def test_any_history_gives_a_forecast_or_a_refusal(
    hours: ForecastCalendar, days: int, level: float, lost: float, seed: int, own_hours: bool
) -> None:
    rng = np.random.default_rng(seed)
    grid = IntervalGrid.for_days(first=FIRST, days=days, interval=HALF_HOUR, zone=hours.zone)
    observed = np.repeat(rng.random(days) >= lost, 48) & (rng.random(grid.count) >= lost / 4)
    offered = np.where(observed, rng.poisson(level * rng.lognormal(0, 1, grid.count)), 0).astype(float)
    history = VolumeHistory(queue="any", grid=grid, offered=offered, observed=observed)
    target = IntervalGrid.for_days(
        first=FIRST + timedelta(days=days), days=10, interval=HALF_HOUR, zone=hours.zone
    )
    calendar = None if own_hours else hours

    def made() -> ForecastOutcome:
        return make_forecast(history, calendar, target, made_at=NOW, seed=1, default_aht_seconds=300)

    if not observed.any() or (calendar and not (observed & calendar.open_mask(grid)).any()):
        with pytest.raises(HistoryError):
            made()
        return
    outcome = made()
    forecast = outcome.forecast
    assert np.all(forecast.mean[~forecast.open] == 0)
    assert forecast.mean.max() <= 40 * max(offered.max(), 1)
    assert np.all(forecast.quantiles[0.05] <= forecast.quantiles[0.95])
    if days < 14:
        assert WarningCode.HISTORY_TOO_SHORT in codes(outcome)


def test_a_calendar_of_another_zone_is_refused(make_history: MakeHistory) -> None:
    with pytest.raises(HistoryError, match="hours would shift"):
        forecast_of(make_history(), ForecastCalendar.always_open("Europe/Lisbon"))


@pytest.mark.parametrize("days", [1, 3, 11])
def test_short_history_is_forecast_with_the_days_and_a_wide_band(
    make_history: MakeHistory, hours: ForecastCalendar, days: int
) -> None:
    outcome = forecast_of(make_history(days), hours)
    found = codes(outcome)
    assert found[WarningCode.HISTORY_TOO_SHORT]["days"] == days
    assert found[WarningCode.HISTORY_TOO_SHORT]["most_samples"] == -(-days // 7)
    assert found[WarningCode.BAND_ASSUMED]["half_width"] >= 0.32
    assert outcome.selection.reason is SelectionReason.TOO_SHORT_TO_TEST
    assert (WarningCode.UNSEEN_HOURS in found) == (days < 7)
    assert np.array_equal(outcome.forecast.mean > 0, outcome.forecast.open)


def test_short_history_without_a_calendar_does_not_close_the_days_it_never_saw(
    make_history: MakeHistory,
) -> None:
    outcome = forecast_of(make_history(1), None)
    assert outcome.forecast.open.sum() == 7 * 24
    assert WarningCode.HOURS_INFERRED in codes(outcome)


def test_all_zero_history_is_said_to_be_so(make_history: MakeHistory, hours: ForecastCalendar) -> None:
    history = make_history(56)
    outcome = forecast_of(replace(history, offered=np.zeros(history.grid.count)), hours)
    assert WarningCode.ALL_ZERO in codes(outcome)
    assert outcome.forecast.mean.sum() == 0


def test_nothing_observed_is_refused(make_history: MakeHistory, hours: ForecastCalendar) -> None:
    history = make_history(14)
    empty = replace(
        history, observed=np.zeros(history.grid.count, dtype=np.bool_), offered=np.zeros(history.grid.count)
    )
    grid = next_grid(history, interval=HALF_HOUR, days=7)
    with pytest.raises(HistoryError, match="nothing observed before"):
        make_forecast(empty, hours, grid, made_at=NOW, seed=1, default_aht_seconds=300)


def test_a_calendar_that_is_closed_whenever_contacts_came_is_refused(make_history: MakeHistory) -> None:
    history = make_history(14)
    closed = ForecastCalendar(zone=history.grid.zone, weekly={})
    with pytest.raises(HistoryError, match="opening hours and the zone"):
        forecast_of(history, closed)


def test_another_zone_is_refused(make_history: MakeHistory, hours: ForecastCalendar) -> None:
    grid = IntervalGrid.for_days(
        first=FIRST + timedelta(days=84), days=7, interval=HALF_HOUR, zone="Europe/Lisbon"
    )
    with pytest.raises(HistoryError, match="one zone"):
        make_forecast(make_history(), hours, grid, made_at=NOW, seed=1, default_aht_seconds=300)


def test_a_gap_of_weeks_and_stale_data_are_named(make_history: MakeHistory, hours: ForecastCalendar) -> None:
    history = make_history(112)
    observed, offered = history.observed.copy(), history.offered.copy()
    lost = slice(40 * 48, 68 * 48)
    observed[lost], offered[lost] = False, 0.0
    gap = replace(history, observed=observed, offered=offered)
    grid = IntervalGrid.for_days(
        first=FIRST + timedelta(days=140), days=7, interval=HALF_HOUR, zone=hours.zone
    )
    outcome = make_forecast(gap, hours, grid, made_at=NOW, seed=1, default_aht_seconds=300)
    found = {warning.code: warning for warning in outcome.warnings}
    assert found[WarningCode.HISTORY_GAP].numbers["days"] == 28
    assert found[WarningCode.HISTORY_GAP].first_day == FIRST + timedelta(days=40)
    assert found[WarningCode.HISTORY_STALE].numbers["days"] == 28
    usual = forecast_of(history, hours).forecast.mean.sum()
    assert outcome.forecast.mean.sum() == pytest.approx(usual, rel=0.12)


def test_a_doubled_month_does_not_double_the_forecast(
    make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    history = make_history(112)
    offered = history.offered.copy()
    offered[-28 * 48 :] *= 2
    outcome = forecast_of(replace(history, offered=offered), hours)
    assert codes(outcome)[WarningCode.DOUBLED_IMPORT]["days"] == 28
    assert outcome.forecast.mean.sum() == pytest.approx(
        forecast_of(history, hours).forecast.mean.sum(), rel=0.1
    )
    assert [f.kind for f in outcome.findings] == [FindingKind.DOUBLED_IMPORT]


def test_a_closed_target_is_zero_and_said_to_be_closed(
    make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    days = {FIRST + timedelta(days=84 + i): "holiday" for i in range(7)}
    outcome = forecast_of(make_history(), replace(hours, holidays=days))
    assert WarningCode.NO_OPEN_INTERVALS in codes(outcome)
    assert outcome.forecast.mean.sum() == 0


def test_a_finer_history_is_aggregated_and_a_coarser_one_refused(
    make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    fine = make_history(56, interval=timedelta(minutes=5))
    outcome = forecast_of(fine, hours)
    assert outcome.forecast.grid.interval == HALF_HOUR
    assert outcome.forecast.mean.sum() == pytest.approx(fine.offered.sum() / 8, rel=0.1)
    coarse = make_history(56, interval=timedelta(minutes=60))
    with pytest.raises(HistoryError, match="multiple of the source"):
        forecast_of(coarse, hours)


def test_progress_ends_at_its_total(make_history: MakeHistory, hours: ForecastCalendar) -> None:
    heard: list[tuple[int, int]] = []
    forecast_of(make_history(), hours, on_progress=lambda done, of: heard.append((done, of)))
    assert heard[-1][0] == heard[-1][1]
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)


def test_a_year_of_half_hours_takes_seconds(make_history: MakeHistory) -> None:
    history = make_history(365, calendar=ForecastCalendar.always_open("Asia/Shanghai"))
    begun = time.perf_counter()
    forecast_of(history, ForecastCalendar.always_open("Asia/Shanghai"), days=28)
    assert time.perf_counter() - begun < 15


def test_bands_hold_what_they_promise_over_many_pasts(
    make_history: MakeHistory, hours: ForecastCalendar, phone: SyntheticQueue
) -> None:
    inside, below = [], []
    queue = replace(phone, day_sd=0.08)
    for seed in range(6):
        whole = make_history(91, seed=seed, queue=queue)
        forecast = forecast_of(whole.part(slice(0, 84 * 48)), hours, models=["calendar_regression"]).forecast
        actual = whole.offered[84 * 48 :][forecast.open]
        low, high = (forecast.quantiles[level][forecast.open] for level in (0.1, 0.9))
        inside.append(np.mean((actual >= low) & (actual <= high)))
        below.append(np.mean(actual < low))
    assert 0.72 <= np.mean(inside) <= 0.90
    assert 0.03 <= np.mean(below) <= 0.2
