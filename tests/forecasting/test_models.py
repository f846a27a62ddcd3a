"""Properties every model must have, and what each promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from forecasting.calendars import ForecastCalendar
from forecasting.day_table import DayTable
from forecasting.errors import ForecastingError
from forecasting.grid import IntervalGrid
from forecasting.history import VolumeHistory
from forecasting.models.base import EffectKind, TrainingData, predict_grid
from forecasting.models.registry import MODELS, make_models
from forecasting.synthetic import SyntheticQueue, expected_contacts, simulate_history
from tests.forecasting.conftest import FIRST, HALF_HOUR, MakeHistory

MODEL_NAMES = sorted(MODELS)
PROPORTIONAL = {"mean_of_weeks", "median_of_weeks", "seasonal_naive", "poisson_regression"}
REGRESSIONS = ("calendar_regression", "poisson_regression", "level_profile", "day_svd", "ensemble")


def fit_and_predict(
    name: str, history: VolumeHistory, calendar: ForecastCalendar, *, days: int = 7
) -> np.ndarray:
    training = TrainingData.prepare(history.queue, DayTable.from_history(history), calendar)
    first = history.grid.end.astimezone(ZoneInfo(history.grid.zone)).date()
    grid = IntervalGrid.for_days(first=first, days=days, interval=HALF_HOUR, zone=history.grid.zone)
    return predict_grid(MODELS[name]().fit(training), grid, training.calendar)


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_twice_the_volume_gives_twice_the_forecast(
    name: str, make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    history = make_history()
    # Odd factor: doubling would make every count even, which is what a doubled import looks like.
    tripled = fit_and_predict(name, replace(history, offered=history.offered * 3), hours)
    once = fit_and_predict(name, history, hours)
    # Whatever knows that small counts are noisier than large ones trusts the larger history a little more.
    tolerance = 1e-6 if name in PROPORTIONAL else 0.02
    assert tripled.sum() == pytest.approx(3 * once.sum(), rel=tolerance)
    assert np.abs(tripled - 3 * once).sum() <= tolerance * 3 * once.sum() + 1e-6


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_the_queue_has_no_influence_by_its_name(
    name: str, make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    history = make_history()
    renamed = replace(history, queue="another")
    assert np.array_equal(fit_and_predict(name, history, hours), fit_and_predict(name, renamed, hours))


@pytest.mark.parametrize("name", ["mean_of_weeks", "median_of_weeks", "seasonal_naive"])
def test_shifting_history_and_target_by_weeks_shifts_the_forecast(
    name: str, make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    history = make_history()
    later = replace(history, grid=replace(history.grid, start=history.grid.start + timedelta(weeks=5)))
    assert np.array_equal(fit_and_predict(name, history, hours), fit_and_predict(name, later, hours))


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_moving_the_clock_and_the_hours_together_changes_nothing(
    name: str, make_history: MakeHistory
) -> None:
    """The same instants seen in a zone one hour east, with hours one hour later there, are the same day."""
    west = ForecastCalendar.always_open("Etc/GMT")
    history = make_history(56, calendar=west)
    grid = IntervalGrid.for_days(first=FIRST, days=56, interval=HALF_HOUR, zone="Etc/GMT-1")
    moved = replace(history, grid=grid)
    east = ForecastCalendar.always_open("Etc/GMT-1")
    assert fit_and_predict(name, moved, east) == pytest.approx(fit_and_predict(name, history, west), rel=1e-9)


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_a_forgotten_day_of_rows_does_not_drag_the_forecast_down(
    name: str, make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    history = make_history()
    observed, offered = history.observed.copy(), history.offered.copy()
    lost = history.grid.days()[FIRST + timedelta(days=79)]
    observed[lost], offered[lost] = False, 0.0
    with_gap = fit_and_predict(name, replace(history, observed=observed, offered=offered), hours)
    assert with_gap.sum() == pytest.approx(fit_and_predict(name, history, hours).sum(), rel=0.05)


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_closed_days_and_nights_are_zero(
    name: str, make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    history = make_history()
    holiday = FIRST + timedelta(days=86)
    calendar = replace(hours, holidays={holiday: "holiday"})
    forecast = fit_and_predict(name, history, calendar)
    grid = IntervalGrid.for_days(
        first=FIRST + timedelta(days=84), days=7, interval=HALF_HOUR, zone=hours.zone
    )
    assert forecast[grid.days()[holiday]].sum() == 0
    assert np.array_equal(forecast > 0, calendar.open_mask(grid))


@pytest.mark.parametrize("name", MODEL_NAMES)
@pytest.mark.parametrize(("day", "hours_long"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25)])
def test_a_round_the_clock_queue_has_every_hour_of_a_clock_change_day(
    name: str, day: date, hours_long: int, make_history: MakeHistory, phone: SyntheticQueue
) -> None:
    calendar = ForecastCalendar.always_open("America/New_York")
    first = day - timedelta(days=28)
    history = make_history(28, calendar=calendar, first=first)
    forecast = fit_and_predict(name, history, calendar, days=1)
    assert forecast.shape == (2 * hours_long,)
    assert np.all(forecast > 0)


def test_the_mean_of_weeks_is_the_mean_of_the_last_six_ordinary_weeks(
    make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    history = make_history()
    forecast = fit_and_predict("mean_of_weeks", history, hours)
    week = int(timedelta(days=7) / HALF_HOUR)
    expected = np.mean([history.offered[-week * k :][:week] for k in range(1, 7)], axis=0)
    assert forecast == pytest.approx(expected)


def test_regressions_find_the_truth_better_than_the_mean(
    make_history: MakeHistory, hours: ForecastCalendar, phone: SyntheticQueue
) -> None:
    grid = IntervalGrid.for_days(first=FIRST, days=147, interval=HALF_HOUR, zone=hours.zone)
    truth = expected_contacts(phone, grid, hours)[-336:]
    errors: dict[str, list[float]] = {name: [] for name in MODEL_NAMES}
    for seed in range(5):
        history = make_history(140, seed=seed)
        for name in MODEL_NAMES:
            errors[name].append(np.abs(fit_and_predict(name, history, hours) - truth).sum() / truth.sum())
    mean = {name: np.mean(values) for name, values in errors.items()}
    assert mean["mean_of_weeks"] < mean["median_of_weeks"] < mean["seasonal_naive"]
    for name in REGRESSIONS:
        assert mean[name] < 0.75 * mean["mean_of_weeks"], name
        assert mean[name] < 0.03, name


@pytest.mark.parametrize("name", REGRESSIONS)
def test_the_rush_after_a_closure_is_learned_and_applied(
    name: str, hours: ForecastCalendar, phone: SyntheticQueue
) -> None:
    """Closures every few weeks, the next day 25 % up; the day after the next closure is forecast so."""
    workdays = replace(hours, weekly={day: hours.weekly[day] for day in range(5)})
    closed = [FIRST + timedelta(days=7 * week + 2) for week in (3, 7, 11, 15, 19, 23, 26)]
    calendar = workdays.with_closures(closed)
    queue = replace(phone, after_closure=1.25, day_sd=0.02)
    grid = IntervalGrid.for_days(first=FIRST, days=182, interval=HALF_HOUR, zone=hours.zone)
    history = simulate_history(queue, grid, calendar, seed=2)
    training = TrainingData.prepare("phone", DayTable.from_history(history), calendar)
    fitted = MODELS[name]().fit(training)
    (effect,) = [e for e in fitted.effects() if (e.kind, e.number) == (EffectKind.AFTER_CLOSURE, 1)]
    assert effect.factor == pytest.approx(1.25, abs=0.05)
    assert effect.low < 1.25 < effect.high * 1.03
    assert effect.days == 6
    week = [FIRST + timedelta(days=182 + i) for i in range(5)]
    levels = fitted.predict_days(week).sum(axis=1)
    usual = fitted.predict_days([day + timedelta(days=14) for day in week]).sum(axis=1)
    assert levels[3] / usual[3] == pytest.approx(1.25, abs=0.06)  # Thursday after the closed Wednesday


def test_hours_never_seen_take_the_nearest_known_interval(
    make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    longer = replace(
        hours, weekly={day: (replace(p[0], to_minute=21 * 60),) for day, p in hours.weekly.items()}
    )
    for name in MODEL_NAMES:
        forecast = fit_and_predict(name, make_history(), longer)
        assert forecast[40] == forecast[41] == forecast[39] > 0


def test_an_unknown_model_is_refused_with_the_list() -> None:
    with pytest.raises(ForecastingError, match="there are mean_of_weeks"):
        make_models(["prophet"])


def test_the_default_always_competes() -> None:
    assert [model.name for model in make_models(["calendar_regression"])] == [
        "mean_of_weeks",
        "calendar_regression",
    ]
