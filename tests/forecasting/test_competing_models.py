"""What each of the competing models promises beyond what all of them do (``test_models``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.backtest import run_backtest
from forecasting.calendars import ForecastCalendar
from forecasting.day_table import DayTable
from forecasting.errors import HistoryError
from forecasting.events import DatedEvent
from forecasting.grid import IntervalGrid
from forecasting.history import VolumeHistory
from forecasting.metrics import wape
from forecasting.models.base import EffectKind, FittedForecaster, TrainingData, fit_once, predict_grid
from forecasting.models.day_svd import DaySvd
from forecasting.models.ensemble import Ensemble
from forecasting.models.level_profile import LevelProfile
from forecasting.models.mean_of_weeks import MeanOfWeeks
from forecasting.models.median_of_weeks import MedianOfWeeks
from forecasting.models.poisson_regression import PoissonRegression
from forecasting.models.registry import MODELS, make_models
from forecasting.models.regression import CalendarRegression
from forecasting.synthetic import SyntheticQueue, expected_contacts
from tests.forecasting.conftest import FIRST, HALF_HOUR, ZONE, MakeHistory

NEW = ("median_of_weeks", "poisson_regression", "level_profile", "day_svd", "ensemble")
KNOW_EVENTS = NEW[1:]


def trained(history: VolumeHistory, calendar: ForecastCalendar) -> TrainingData:
    return TrainingData.prepare(history.queue, DayTable.from_history(history), calendar)


def days_after(history: VolumeHistory, count: int) -> list[date]:
    last = history.grid.local_dates()[-1]
    return [last + timedelta(days=1 + i) for i in range(count)]


def grid_after(history: VolumeHistory, count: int) -> IntervalGrid:
    return IntervalGrid.for_days(
        first=days_after(history, 1)[0], days=count, interval=HALF_HOUR, zone=history.grid.zone
    )


@pytest.mark.parametrize("name", NEW)
def test_nothing_ever_came_so_nothing_is_expected(
    name: str, make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    history = make_history(56)
    empty = trained(replace(history, offered=np.zeros_like(history.offered)), hours)
    try:
        fitted = MODELS[name]().fit(empty)
    except HistoryError:
        assert name in ("level_profile", "day_svd")  # no day has a level: as with the calendar regression
        return
    days = days_after(history, 28)
    assert not fitted.predict_days(days).any()
    assert not fitted.day_variance(days).any()
    assert fitted.effects() == ()


@pytest.mark.parametrize("name", KNOW_EVENTS)
def test_nothing_to_learn_from_is_refused(
    name: str, make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    training = trained(make_history(28), hours)
    nothing = replace(training, cleaning=replace(training.cleaning, learn=np.zeros_like(training.learn)))
    with pytest.raises(HistoryError):
        MODELS[name]().fit(nothing)


@pytest.mark.parametrize("name", NEW)
@pytest.mark.parametrize("days", [14, 21])
def test_two_weeks_are_enough(
    name: str, days: int, make_history: MakeHistory, hours: ForecastCalendar, phone: SyntheticQueue
) -> None:
    history = make_history(days)
    grid = grid_after(history, 7)
    truth = expected_contacts(
        phone, IntervalGrid.for_days(first=FIRST, days=days + 7, interval=HALF_HOUR, zone=ZONE), hours
    )[-grid.count :]
    assert wape(truth, predict_grid(MODELS[name]().fit(trained(history, hours)), grid, hours)) < 0.12


@pytest.mark.parametrize("name", NEW)
def test_a_day_seen_in_part_is_learned_in_part(
    name: str, make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    """Every afternoon of the last week is lost: the forecast is what it would have been."""
    history = make_history(84)
    observed, offered = history.observed.copy(), history.offered.copy()
    for day, part in history.grid.days().items():
        if (day - FIRST).days >= 77:
            lost = slice(part.start + 34, part.stop)
            observed[lost], offered[lost] = False, 0.0
    days = days_after(history, 7)
    part_seen = MODELS[name]().fit(trained(replace(history, observed=observed, offered=offered), hours))
    whole = MODELS[name]().fit(trained(history, hours))
    assert part_seen.predict_days(days).sum() == pytest.approx(whole.predict_days(days).sum(), rel=0.05)


@pytest.mark.parametrize("name", NEW)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_missing_the_forecast_is_finite_and_not_negative(
    name: str, make_history: MakeHistory, hours: ForecastCalendar, data: st.DataObject
) -> None:
    days = data.draw(st.integers(14, 40), "days")
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6), "seed"))
    history = make_history(days)
    size = data.draw(st.sampled_from([0.0, 0.002, 0.05, 1.0, 50.0]), "size")
    offered = rng.poisson(history.offered * size).astype(np.float64)
    observed = history.observed & (rng.random(offered.size) < data.draw(st.sampled_from([0.3, 0.9, 1.0])))
    if data.draw(st.booleans(), "a run without rows"):
        observed[: observed.size // 2] = False
    training = trained(replace(history, offered=np.where(observed, offered, 0.0), observed=observed), hours)
    try:
        fitted = MODELS[name]().fit(training)
    except HistoryError:
        return
    cells = fitted.predict_days(days_after(history, 35))
    assert cells.shape == (35, 48)
    assert np.isfinite(cells).all()
    assert (cells >= 0).all()
    assert cells.max() <= 20 * max(1.0, float(offered.max()))


@pytest.mark.parametrize("name", ["poisson_regression", "level_profile", "ensemble"])
def test_a_quiet_queue_is_forecast_without_a_loss(
    name: str, make_history: MakeHistory, hours: ForecastCalendar, phone: SyntheticQueue
) -> None:
    """Seven contacts a day: the logarithm of single counts, or their root, would lose many of them."""
    quiet = replace(phone, contacts_per_day=7)
    whole = IntervalGrid.for_days(first=FIRST, days=168, interval=HALF_HOUR, zone=ZONE)
    truth = expected_contacts(quiet, whole, hours)[-28 * 48 :].sum()
    sums = []
    for seed in range(6):
        history = make_history(140, queue=quiet, seed=seed)
        grid = grid_after(history, 28)
        sums.append(predict_grid(MODELS[name]().fit(trained(history, hours)), grid, hours).sum())
    assert np.mean(sums) == pytest.approx(truth, rel=0.06)


@pytest.mark.parametrize("name", KNOW_EVENTS)
def test_a_mailing_is_expected_to_act_again_and_its_uncertainty_is_told(
    name: str, make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    acted, comes = FIRST + timedelta(days=100), FIRST + timedelta(days=203)
    by_day = {acted + timedelta(days=i): f for i, f in enumerate((2.0, 2.4, 2.2, 1.9, 1.7, 1.5, 1.35, 1.25))}
    history = make_history(200)
    factors = np.array([by_day.get(day, 1.0) for day in history.grid.local_dates()])
    mailed = replace(history, offered=np.round(history.offered * factors))
    events = tuple(DatedEvent(kind="mailing", first_day=d, last_day=d) for d in (acted, comes))
    plain = MODELS[name]().fit(trained(history, hours))
    told = MODELS[name]().fit(trained(mailed, replace(hours, events=events)))
    days = days_after(history, 14)
    ratio = told.predict_days(days).sum(axis=1) / plain.predict_days(days).sum(axis=1)
    assert ratio[:3] == pytest.approx([1.0] * 3, abs=0.1)
    assert ratio[3:9] == pytest.approx([2.0, 2.4, 2.2, 1.9, 1.7, 1.5], rel=0.25)
    variance = told.day_variance(days)
    assert (variance[:3] == 0).all()
    assert ((variance[3:6] > 0) & (variance[3:6] < 0.15)).all()
    assert (plain.day_variance(days) == 0).all()
    (effect,) = [e for e in told.effects() if e.kind is EffectKind.EVENT]
    assert effect.event == "mailing"
    assert effect.low < 2.4 < effect.high * 1.1
    assert effect.factor == pytest.approx(2.4, rel=0.2)


@pytest.mark.parametrize("name", KNOW_EVENTS)
def test_weekday_effects_are_those_of_the_truth(
    name: str, make_history: MakeHistory, hours: ForecastCalendar, phone: SyntheticQueue
) -> None:
    fitted = MODELS[name]().fit(trained(make_history(168), hours))
    told = np.array([e.factor for e in fitted.effects() if e.kind is EffectKind.WEEKDAY])
    truth = np.array(phone.weekday_factors)
    assert told / np.exp(np.log(told).mean()) == pytest.approx(truth / np.exp(np.log(truth).mean()), rel=0.12)


class TestMedianOfWeeks:
    def test_an_odd_week_moves_it_little_and_nothing_beyond_the_others(
        self, make_history: MakeHistory, hours: ForecastCalendar
    ) -> None:
        history = make_history()
        offered = history.offered.copy()
        offered[-2 * 336 : -336] *= 1.5  # below what cleaning leaves out
        odd = trained(replace(history, offered=offered), hours)
        days = days_after(history, 7)
        median = MedianOfWeeks().fit(odd).predict_days(days)
        usual = MedianOfWeeks().fit(trained(history, hours)).predict_days(days)
        mean = MeanOfWeeks().fit(odd).predict_days(days)
        assert median.sum() < 1.04 * usual.sum()
        assert mean.sum() > 1.06 * usual.sum()
        weeks = history.offered.reshape(-1, 7, 48)[-6:]
        seen = hours.open_mask(history.grid)[:48]
        assert (median <= weeks.max(axis=0))[:, seen].all()

    def test_it_is_the_median_and_looks_further_back_past_closed_days(
        self, make_history: MakeHistory, hours: ForecastCalendar
    ) -> None:
        history = make_history()
        closed = replace(hours, holidays={FIRST + timedelta(days=77): "holiday"})
        fitted = MedianOfWeeks().fit(trained(history, closed))
        mondays = history.offered.reshape(-1, 7, 48)[:, 0]
        expected = np.median(mondays[[4, 5, 6, 7, 8, 9, 10]][-6:], axis=0)
        seen = hours.open_mask(history.grid)[:48]
        assert fitted.predict_days([FIRST + timedelta(days=84)])[0, seen] == pytest.approx(expected[seen])
        assert (fitted.effects(), fitted.day_variance(days_after(history, 2)).tolist()) == ((), [0, 0])


class TestPoissonRegression:
    def test_many_intervals_a_day_are_smoothed_and_few_are_not(
        self, make_history: MakeHistory, hours: ForecastCalendar, phone: SyntheticQueue
    ) -> None:
        fine = make_history(84, interval=timedelta(minutes=5))
        grid = IntervalGrid.for_days(first=FIRST, days=91, interval=timedelta(minutes=5), zone=ZONE)
        truth = expected_contacts(phone, grid, hours)[-7 * 288 :]
        target = IntervalGrid.for_days(
            first=FIRST + timedelta(days=84), days=7, interval=timedelta(minutes=5), zone=ZONE
        )
        training = trained(fine, hours)
        smooth = predict_grid(PoissonRegression().fit(training), target, hours)
        rough = predict_grid(MeanOfWeeks().fit(training), target, hours)
        assert wape(truth, smooth) < 0.05
        assert wape(truth, smooth) < 0.3 * wape(truth, rough)

    def test_hours_open_on_some_weekdays_only(
        self, make_history: MakeHistory, hours: ForecastCalendar, phone: SyntheticQueue
    ) -> None:
        (period,) = hours.weekly[0]
        short = replace(hours, weekly=dict(hours.weekly) | {4: (replace(period, to_minute=13 * 60),)})
        history = make_history(84, calendar=short)
        grid = grid_after(history, 7)
        whole = IntervalGrid.for_days(first=FIRST, days=91, interval=HALF_HOUR, zone=ZONE)
        truth = expected_contacts(phone, whole, short)[-336:]
        assert wape(truth, predict_grid(PoissonRegression().fit(trained(history, short)), grid, short)) < 0.05


class TestDaySvd:
    def test_a_shape_that_drifts_is_followed(
        self, make_history: MakeHistory, hours: ForecastCalendar
    ) -> None:
        """Contacts wander from the morning to the evening, week by week: the next week's are later still."""
        history = make_history(140)
        late = np.linspace(-1, 1, 24)
        offered = history.offered.reshape(-1, 48).copy()
        for row in range(offered.shape[0]):
            tilt = 1 + 0.4 * np.sin((row - 70) / 45) * late
            offered[row, 16:40] = np.round(offered[row, 16:40] * tilt)
        training = trained(replace(history, offered=offered.ravel()), hours)
        day = days_after(history, 1)
        tilt = 1 + 0.4 * np.sin((140 - 70) / 45) * late
        usual = CalendarRegression().fit(trained(history, hours)).predict_days(day)[0, 16:40] * tilt
        errors = [
            wape(usual / usual.sum(), cells / cells.sum())
            for model in (DaySvd(), CalendarRegression())
            for cells in [model.fit(training).predict_days(day)[0, 16:40]]
        ]
        assert errors[0] < 0.6 * errors[1]

    def test_its_days_have_the_level_of_the_calendar_regression(
        self, make_history: MakeHistory, hours: ForecastCalendar
    ) -> None:
        training = trained(make_history(), hours)
        days = [FIRST + timedelta(days=84 + i) for i in range(14)]
        totals = [fit_once(m, training).predict_days(days) for m in (DaySvd(), CalendarRegression())]
        seen = hours.open_mask(make_history(1).grid)
        assert totals[0][:, seen].sum(axis=1) == pytest.approx(totals[1][:, seen].sum(axis=1))

    def test_with_too_few_days_for_a_shape_it_is_the_calendar_regression(
        self, make_history: MakeHistory, hours: ForecastCalendar
    ) -> None:
        history = make_history(6)
        training, days = trained(history, hours), days_after(history, 7)
        assert DaySvd().fit(training).predict_days(days) == pytest.approx(
            CalendarRegression().fit(training).predict_days(days)
        )


@dataclass(frozen=True)
class Says:
    """A model that says one number everywhere, or cannot be fitted."""

    value: float

    @property
    def name(self) -> str:
        return f"says_{self.value}"

    def fit(self, training: TrainingData) -> FittedForecaster:
        if self.value < 0:
            raise HistoryError("cannot be fitted")
        fits.append(self.value)
        return Said(self.value)


fits: list[float] = []


@dataclass(frozen=True)
class Said:
    value: float

    def predict_days(self, days: Sequence[date]) -> np.ndarray:
        return np.full((len(days), 48), self.value)

    def effects(self) -> tuple[()]:
        return ()

    def day_variance(self, days: Sequence[date]) -> np.ndarray:
        return np.full(len(days), self.value / 100)


class TestEnsemble:
    def test_it_is_the_mean_of_the_members_that_can_be_fitted(
        self, make_history: MakeHistory, hours: ForecastCalendar
    ) -> None:
        training = trained(make_history(21), hours)
        fitted = Ensemble(members=(Says(2.0), Says(-1.0), Says(5.0))).fit(training)
        assert (fitted.predict_days([FIRST]) == 3.5).all()
        assert fitted.day_variance([FIRST]) == pytest.approx([0.035])
        with pytest.raises(HistoryError, match="cannot be fitted"):
            Ensemble(members=(Says(-1.0),)).fit(training)

    def test_members_that_compete_too_are_fitted_once(
        self, make_history: MakeHistory, hours: ForecastCalendar
    ) -> None:
        fits.clear()
        table = DayTable.from_history(make_history(35))
        models = (Says(2.0), Ensemble(members=(Says(2.0), Says(5.0))))
        week = FIRST + timedelta(days=28)
        result = run_backtest("phone", table, hours, models, weeks=[week], horizons=(1,))
        assert sorted(fits) == [2.0, 5.0]
        assert {w.model: float(w.forecast[0]) for w in result.weeks} == {"says_2.0": 2.0, "ensemble": 3.5}

    def test_what_it_tells_lies_between_what_its_members_tell(
        self, make_history: MakeHistory, hours: ForecastCalendar
    ) -> None:
        training = trained(make_history(), hours)
        told = {(e.kind, e.number): e for e in Ensemble().fit(training).effects()}
        members = [fit_once(m, training).effects() for m in Ensemble().members]
        assert told
        for key, effect in told.items():
            of_members = [e for m in members for e in m if (e.kind, e.number) == key]
            assert len(of_members) == 3
            for figure in ("factor", "low", "high", "days"):
                values = [getattr(e, figure) for e in of_members]
                assert min(values) * 0.999999 <= getattr(effect, figure) <= max(values) * 1.000001

    def test_one_training_keeps_its_fits_and_another_has_none(
        self, make_history: MakeHistory, hours: ForecastCalendar
    ) -> None:
        one, other = trained(make_history(21), hours), trained(make_history(21), hours)
        assert fit_once(MeanOfWeeks(), one) is fit_once(MeanOfWeeks(), one)
        assert fit_once(MeanOfWeeks(weeks=2), one) is not fit_once(MeanOfWeeks(), one)
        assert fit_once(MeanOfWeeks(), one) is not fit_once(MeanOfWeeks(), other)

    def test_it_competes_beside_its_members(self) -> None:
        made = make_models()
        assert [m.name for m in made] == list(MODELS)
        ensemble = next(m for m in made if isinstance(m, Ensemble))
        assert set(ensemble.members) <= set(made)
        assert {type(m) for m in ensemble.members} == {DaySvd, LevelProfile, PoissonRegression}
