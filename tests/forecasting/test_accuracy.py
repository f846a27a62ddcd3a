"""Frozen forecasts against what came: figures computed by hand; a signal quiet until it matters."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from forecasting.accuracy import (
    FEWEST_DAYS,
    Actuals,
    DayError,
    FrozenForecast,
    Omission,
    day_errors,
    is_calm,
    is_drifting,
    known_actuals,
    score_frozen,
    track,
)
from forecasting.calendars import ForecastCalendar
from forecasting.grid import IntervalGrid, local_midnight
from forecasting.history import VolumeHistory
from tests.forecasting.conftest import ZONE, MakeHistory

HOUR = timedelta(hours=1)
MONDAY = date(2026, 11, 2)


def grid(first: date = MONDAY, days: int = 14) -> IntervalGrid:
    return IntervalGrid.for_days(first=first, days=days, interval=HOUR, zone=ZONE)


def frozen(
    mean: float,
    *,
    first: date = MONDAY,
    days: int = 14,
    number: int = 1,
    width: float = 2.0,
    made_at: datetime | None = None,
) -> FrozenForecast:
    """Open in the first two hours of each day, ``mean`` contacts each, band ``width`` to both sides."""
    own = grid(first, days)
    is_open = own.minutes_of_day() < 120
    means = np.where(is_open, mean, 0.0)
    return FrozenForecast(
        number=number,
        made_at=made_at or own.start,
        begins=own.start,
        grid=own,
        mean=means,
        low=means - width,
        high=means + width,
        open=is_open,
    )


def came(contacts: float, *, first: date = MONDAY, days: int = 14) -> Actuals:
    own = grid(first, days)
    nothing = np.zeros(own.count, dtype=np.bool_)
    values = np.where(own.minutes_of_day() < 120, contacts, 0.0)
    return Actuals(grid=own, contacts=values, omitted={reason: nothing.copy() for reason in Omission})


def errors(pairs: list[tuple[float, float]]) -> list[DayError]:
    """(forecast, actual) of days in a row."""
    return [
        DayError(
            day=MONDAY + timedelta(days=i),
            forecast=f,
            actual=a,
            number=1,
            made_at=local_midnight(MONDAY, ZONE),
        )
        for i, (f, a) in enumerate(pairs)
    ]


class TestByWeeksAhead:
    def test_the_figures_are_those_computed_by_hand(self) -> None:
        """12 an hour forecast, 10 came: 14 days of two hours; the band of 2 just reaches."""
        one, two = score_frozen([frozen(12.0)], came(10.0)).scores
        for score in (one, two):
            assert (score.wape, score.bias, score.cover80) == (pytest.approx(0.2), pytest.approx(0.2), 1.0)
            assert (score.forecasts, score.weeks, score.intervals, score.contacts) == (1, 1, 14, 140.0)
        assert (one.horizon, two.horizon) == (1, 2)
        (narrow, _) = score_frozen([frozen(12.0, width=1.9)], came(10.0)).scores
        assert narrow.cover80 == 0.0

    def test_a_replaced_forecast_still_counts_at_its_own_horizon(self) -> None:
        """The second week was first called 15, then 11; 10 came.  At two weeks 50 %, at one week 10 %."""
        first = frozen(15.0, number=1)
        second = frozen(11.0, first=MONDAY + timedelta(days=7), days=7, number=2)
        one, two = score_frozen([first, second], came(10.0)).scores
        # Horizon 1 pools week one of the first (50 %) and the second (10 %).
        assert one.wape == pytest.approx((14 * 5 + 14 * 1) / (28 * 10))
        assert (one.forecasts, one.weeks, one.contacts) == (2, 2, 280.0)
        assert two.wape == pytest.approx(0.5)
        assert (two.forecasts, two.weeks, two.contacts) == (1, 1, 140.0)

    def test_contacts_count_once_however_many_forecasts_spoke_of_them(self) -> None:
        nightly = [
            frozen(10.0, first=MONDAY + timedelta(days=i), days=14 - i, number=i + 1) for i in range(7)
        ]
        one, two = score_frozen(nightly, came(10.0)).scores
        assert (one.forecasts, one.contacts, two.contacts) == (7, 13 * 20.0, 7 * 20.0)

    def test_a_forecast_from_the_middle_of_the_day_counts_from_that_day(self) -> None:
        late = frozen(10.0, days=8)
        part = slice(1, late.grid.count)
        late = FrozenForecast(
            number=1,
            made_at=late.made_at,
            begins=late.grid.start_of(1),
            grid=late.grid.sub(part),
            mean=late.mean[part],
            low=late.low[part],
            high=late.high[part],
            open=late.open[part],
        )
        one, two = score_frozen([late], came(10.0)).scores
        assert (one.intervals, two.intervals) == (13, 2)

    def test_what_is_left_out_is_counted_by_its_reason(self) -> None:
        actuals = came(10.0)
        midnight = grid().start
        actuals = actuals.with_outages([(midnight + timedelta(minutes=30), midnight + timedelta(minutes=90))])
        actuals.omitted[Omission.NO_DATA][24] = True  # the first hour of Tuesday
        actuals.omitted[Omission.NO_DATA][30] = True  # closed by the forecast: no loss
        found = score_frozen([frozen(12.0)], actuals)
        assert found.omitted == {
            Omission.DOUBLED: 0,
            Omission.OUTAGE: 2,
            Omission.CLOSED: 0,
            Omission.NO_DATA: 1,
        }
        assert found.scores[0].intervals == 11

    def test_outside_of_the_grid_or_on_other_intervals_nothing_is_judged(self) -> None:
        assert score_frozen([frozen(10.0, first=MONDAY + timedelta(days=14))], came(10.0)).scores == ()
        half = IntervalGrid.for_days(first=MONDAY, days=7, interval=HOUR / 2, zone=ZONE)
        values = np.ones(half.count)
        other = FrozenForecast(
            number=1, made_at=half.start, begins=half.start, grid=half, mean=values, low=values, high=values,
            open=values > 0,
        )  # fmt: skip
        assert score_frozen([other], came(10.0)).scores == ()


def test_outages_and_closures_of_a_history_are_left_out(
    make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    history = make_history(84)
    days = list(history.grid.days().values())
    offered, observed = history.offered.copy(), history.observed.copy()
    offered[days[70]] = 0.0  # a day without contacts
    noon = slice(days[72].start + 22, days[72].start + 28)
    offered[noon] = 0.0  # nothing recorded from 11:00 to 14:00
    observed[days[75]] = False
    actuals = known_actuals(
        VolumeHistory(queue="phone", grid=history.grid, offered=offered, observed=observed), hours
    )
    assert actuals.omitted[Omission.CLOSED][days[70]].all()
    assert np.flatnonzero(actuals.omitted[Omission.OUTAGE]).tolist() == list(range(noon.start, noon.stop))
    assert actuals.omitted[Omission.NO_DATA][days[75]].all()
    assert not actuals.counted[days[75]].any()
    assert np.flatnonzero(actuals.counted[days[74]]).tolist() == list(range(16, 40))


def test_a_forecast_made_long_after_it_begins_is_backdated() -> None:
    begins = grid().start
    assert not frozen(10.0, made_at=begins + timedelta(hours=9)).backdated
    assert frozen(10.0, made_at=begins + timedelta(hours=25)).backdated


class TestDays:
    def test_the_forecast_in_force_when_the_day_began_is_judged(self) -> None:
        first = frozen(15.0, number=1)
        second = frozen(11.0, first=MONDAY + timedelta(days=3), days=7, number=2)
        found = day_errors([second, first], came(10.0))
        assert [e.number for e in found] == [1] * 3 + [2] * 7 + [1] * 4
        assert {(e.forecast, e.actual) for e in found if e.number == 2} == {(22.0, 20.0)}

    def test_a_day_of_which_less_than_half_counts_is_left_out(self) -> None:
        actuals = came(10.0)
        actuals.omitted[Omission.OUTAGE][:2] = True
        actuals.omitted[Omission.OUTAGE][24] = True
        found = day_errors([frozen(12.0)], actuals)
        assert found[0].day == MONDAY + timedelta(days=1)
        assert (found[0].forecast, found[0].actual) == (12.0, 10.0)

    def test_a_day_is_judged_once_its_opening_hours_are_over(self) -> None:
        whole = came(10.0)
        assert len(day_errors([frozen(12.0)], whole.part(slice(0, 13 * 24 + 1)))) == 13
        assert len(day_errors([frozen(12.0)], whole.part(slice(0, 13 * 24 + 2)))) == 14


class TestSignal:
    def test_by_hand(self) -> None:
        """14 days, alternately 10 too much and 10 too little, the newest too much; weights 0.9^k.

        Signal = (1 - 0.9 + 0.9^2 - ...) / (1 + 0.9 + ...) = (1 - 0.9^14) / 1.9 / ((1 - 0.9^14) / 0.1) = 1/19.
        """
        found = track(errors([(90.0 if i % 2 == 0 else 110.0, 100.0) for i in range(14)]))
        assert found is not None
        assert found.signal == pytest.approx(1 / 19)
        assert found.bias == pytest.approx(1 / 190)
        assert (found.days, found.first, found.last) == (14, MONDAY, MONDAY + timedelta(days=13))
        assert not is_drifting(found)

    def test_always_too_little_is_minus_one(self) -> None:
        found = track(errors([(80.0, 100.0)] * 20))
        assert found is not None
        assert (found.signal, found.bias) == (-1.0, pytest.approx(-0.2))
        assert is_drifting(found)
        assert not is_calm(found, too_much=False)
        assert is_calm(found, too_much=True)

    def test_one_sided_but_small_changes_no_roster(self) -> None:
        found = track(errors([(104.0, 100.0)] * 20))
        assert found is not None
        assert found.signal == 1.0
        assert not is_drifting(found)
        assert is_calm(found, too_much=True)

    def test_one_odd_day_is_no_drift(self) -> None:
        """After 27 ordinary days one with ten times the contacts; cut to four usual errors."""
        days = [(100.0 + (5 if i % 2 else -5), 100.0) for i in range(27)] + [(100.0, 1000.0)]
        found = track(errors(days))
        assert found is not None
        assert not is_drifting(found)
        assert abs(found.bias) < 0.05

    def test_one_odd_day_among_perfect_ones_is_no_drift_either(self) -> None:
        """The median error is 0 then; what counts in Poisson's place is 4 x 0.6745 x 10 = 27 contacts."""
        found = track(errors([(100.0, 100.0)] * 19 + [(100.0, 900.0)]))
        assert found is not None
        came = sum(0.9**k * 100.0 for k in range(1, 20)) + 900.0
        assert found.bias == pytest.approx(-4 * 0.6745 * 10 / came)
        assert not is_drifting(found)

    def test_too_few_days_and_days_without_any_contact_say_nothing(self) -> None:
        assert track(errors([(80.0, 100.0)] * (FEWEST_DAYS - 1))) is None
        assert track(errors([(80.0, 0.0)] * 20)) is None

    def test_it_is_over_once_the_forecast_has_followed(self) -> None:
        days = [(100.0, 130.0)] * 20
        while True:
            days.append((130.0 + (6 if len(days) % 2 else -6), 130.0))
            found = track(errors(days))
            assert found is not None
            if is_calm(found, too_much=False):
                break
        assert 5 <= len(days) - 20 <= 25

    def test_right_forecasts_raise_hardly_any_alarm_and_a_lasting_third_does_soon(self) -> None:
        """Days with 8 % of their own and 4 % of the week's: four years, mean of six weeks as the forecast."""
        rng = np.random.default_rng(3)

        def contacts(days: int) -> np.ndarray:
            week = np.repeat(rng.normal(0, 0.04, days // 7 + 1), 7)[:days]
            return rng.poisson(300 * np.exp(rng.normal(0, 0.08, days) + week)).astype(float)

        def pairs(actual: np.ndarray) -> list[tuple[float, float]]:
            return [
                (float(np.mean(actual[day - 42 : day : 7])), float(actual[day]))
                for day in range(42, actual.size)
            ]

        quiet, alarms, going_on = errors(pairs(contacts(42 + 4 * 365))), 0, False
        for day in range(FEWEST_DAYS, len(quiet)):
            found = track(quiet[max(0, day - 42) : day])
            assert found is not None
            if is_drifting(found) and not going_on:
                alarms, going_on = alarms + 1, True
            elif going_on and is_calm(found, too_much=found.signal > 0):
                going_on = False
        assert alarms <= 2
        delays = []
        for _ in range(20):
            actual = contacts(150)
            actual[100:] *= 1.33
            after = errors(pairs(actual))
            delays.append(
                next(d for d in range(1, 50) if (t := track(after[: 58 + d])) is not None and is_drifting(t))
            )
        assert 3 <= float(np.median(delays)) <= 12
