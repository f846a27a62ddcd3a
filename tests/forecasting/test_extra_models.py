"""Models that need an optional package: they compete when named, and say what is missing when absent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from forecasting.calendars import ForecastCalendar
from forecasting.day_table import DayTable
from forecasting.errors import HistoryError, MissingExtraError
from forecasting.grid import IntervalGrid
from forecasting.history import VolumeHistory
from forecasting.metrics import wape
from forecasting.models import registry
from forecasting.models.base import TrainingData, predict_grid
from forecasting.models.lightgbm_model import LightGbm
from forecasting.models.registry import EXTRA_MODELS, MODELS, make_models
from forecasting.models.regular_series import RegularSeries
from forecasting.models.statsforecast_model import Mstl
from forecasting.pipeline import make_forecast
from forecasting.synthetic import SyntheticQueue, daily_hours, expected_contacts

from .conftest import FIRST, HALF_HOUR, ZONE, MakeHistory

EXTRAS = pytest.mark.parametrize("model", [LightGbm(), Mstl()], ids=["lightgbm", "mstl"])


def training(history: VolumeHistory, calendar: ForecastCalendar) -> TrainingData:
    return TrainingData.prepare("phone", DayTable.from_history(history), calendar)


def weeks_after(history: VolumeHistory, weeks: int) -> IntervalGrid:
    first = FIRST + timedelta(days=len(history.grid.days()))
    return IntervalGrid.for_days(first=first, days=7 * weeks, interval=HALF_HOUR, zone=ZONE)


@EXTRAS
def test_the_truth_of_four_weeks_is_recovered(
    model: LightGbm | Mstl, make_history: MakeHistory, phone: SyntheticQueue, hours: ForecastCalendar
) -> None:
    history = make_history(112)
    grid = weeks_after(history, 4)
    mean = predict_grid(model.fit(training(history, hours)), grid, hours)
    assert wape(expected_contacts(phone, grid, hours), mean) < 0.06
    assert not mean[~hours.open_mask(grid)].any()


@EXTRAS
def test_weekdays_closed_all_day_and_holidays_do_not_shift_the_week(
    model: LightGbm | Mstl, make_history: MakeHistory, phone: SyntheticQueue
) -> None:
    weekdays = daily_hours(ZONE, 9 * 60, 17 * 60, range(5))
    office = replace(weekdays, holidays={FIRST + timedelta(days=d): "holiday" for d in (23, 64, 101)})
    quiet = replace(phone, after_closure=1.0, weekday_factors=(1.6, 1.2, 1.0, 0.8, 0.6, 1.0, 1.0))
    history = make_history(105, calendar=office, queue=quiet)
    grid = weeks_after(history, 1)
    mean = predict_grid(model.fit(training(history, office)), grid, office)
    truth = expected_contacts(quiet, grid, office)
    assert wape(truth, mean) < 0.08
    by_day = [float(mean[part].sum()) for part in grid.days().values()]
    assert by_day[0] > by_day[1] > by_day[2] > by_day[3] > by_day[4] > by_day[5] == by_day[6] == 0


@EXTRAS
def test_a_make_up_workday_takes_the_weekday_it_is_worked_like(
    model: LightGbm | Mstl, make_history: MakeHistory, phone: SyntheticQueue
) -> None:
    office = daily_hours(ZONE, 9 * 60, 17 * 60, range(5))
    history = make_history(84, calendar=office)
    saturday = FIRST + timedelta(days=89)
    worked = replace(office, make_up_workdays={saturday: 2})
    fitted = model.fit(training(history, worked))
    monday, wednesday = saturday - timedelta(days=5), saturday - timedelta(days=3)
    day = fitted.predict_days([saturday])[0].sum()
    assert day == pytest.approx(fitted.predict_days([wednesday])[0].sum(), rel=0.08)
    assert day < 0.93 * fitted.predict_days([monday])[0].sum()


@EXTRAS
def test_the_same_history_gives_the_same_forecast(
    model: LightGbm | Mstl, make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    held = training(make_history(56), hours)
    days = [FIRST + timedelta(days=56 + i) for i in range(14)]
    one, other = model.fit(held).predict_days(days), model.fit(held).predict_days(days)
    assert np.array_equal(one, other)
    assert one.shape == (14, 48)
    assert np.all(np.isfinite(one))
    assert np.all(one >= 0)


@EXTRAS
def test_days_do_not_depend_on_what_else_is_asked(
    model: LightGbm | Mstl, make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    fitted = model.fit(training(make_history(70), hours))
    days = [FIRST + timedelta(days=70 + i) for i in range(21)]
    together = fitted.predict_days(days)
    alone = np.vstack([fitted.predict_days([day]) for day in reversed(days)])[::-1]
    assert np.allclose(together[:7], alone[:7], rtol=0.02)
    assert np.allclose(together, alone, rtol=0.05, atol=1.0)


@EXTRAS
def test_ten_days_are_too_few(
    model: LightGbm | Mstl, make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    with pytest.raises(HistoryError, match="days"):
        model.fit(training(make_history(10), hours))


def test_they_compete_only_where_they_are_named(make_history: MakeHistory, hours: ForecastCalendar) -> None:
    assert [m.name for m in make_models()] == list(MODELS)
    history = make_history(63)
    outcome = make_forecast(
        history,
        hours,
        weeks_after(history, 1),
        made_at=history.grid.end,
        seed=1,
        default_aht_seconds=180,
        models=[*MODELS, *EXTRA_MODELS],
    )
    assert {score.model for score in outcome.selection.scores} >= {"lightgbm", "mstl", "mean_of_weeks"}


@pytest.mark.parametrize("name", list(EXTRA_MODELS))
def test_an_absent_package_is_refused_with_the_command_that_installs_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "find_spec", lambda package: None)
    with pytest.raises(MissingExtraError, match="not installed: pip install 'muster") as caught:
        make_models([name])
    assert caught.value.model == name
    assert caught.value.command == f"pip install 'muster[{EXTRA_MODELS[name].extra}]'"


class TestRegularSeries:
    def test_closed_nights_and_weekends_are_cut_and_holidays_bridged(
        self, make_history: MakeHistory, phone: SyntheticQueue
    ) -> None:
        open_weekdays = daily_hours(ZONE, 9 * 60, 17 * 60, range(5))
        holiday = FIRST + timedelta(days=9)
        history = make_history(28, calendar=replace(open_weekdays, holidays={holiday: "holiday"}))
        table = DayTable.from_history(history)
        series = RegularSeries.from_table(table, table.observed, open_weekdays)
        assert series.season_lengths == [16, 80]
        assert series.values.size == 4 * 80
        week_before, on_holiday = series.values[2 * 16 : 3 * 16], series.values[7 * 16 : 8 * 16]
        assert np.array_equal(on_holiday, week_before)

    def test_a_forecast_lands_on_its_days(self, make_history: MakeHistory) -> None:
        office = daily_hours(ZONE, 9 * 60, 17 * 60, range(5))
        table = DayTable.from_history(make_history(28, calendar=office))
        series = RegularSeries.from_table(table, table.observed, office)
        numbered = np.repeat(np.arange(10.0), 16)  # day by day: 0, 1, 2 ...
        days = [series.next_day + timedelta(days=i) for i in range(14)]
        cells = series.on_days(numbered, days)
        assert cells[:, 20].tolist() == pytest.approx([0, 1, 2, 3, 4, 4.5, 4.5, 5, 6, 7, 8, 9, 4.5, 4.5])

    @pytest.mark.parametrize("days", [1, 9])
    def test_less_than_two_weeks_is_refused(self, days: int, make_history: MakeHistory) -> None:
        history = make_history(days)
        table = DayTable.from_history(history)
        with pytest.raises(HistoryError, match="2 weeks"):
            RegularSeries.from_table(table, table.observed, daily_hours(ZONE, 480, 1200))
