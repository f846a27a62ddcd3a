"""The rest of today: the laws it obeys, what goes wrong, and truth that is known because it was drawn."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.backtest import WeekResult
from forecasting.day_drift import DayDrift, assumed_drift, learn_drift
from forecasting.errors import ForecastingError
from forecasting.forecast import VolumeForecast
from forecasting.grid import IntervalGrid, local_midnight
from forecasting.rest_of_day import RestOfDay, update_day
from tests.support.builders import at
from tests.support.forecasts import forecast

DRIFT = DayDrift(variance=0.02, own_variance=0.002, memory_minutes=600.0, narrowing=1.0, days=50)
OPENS, CLOSES = 32, 88
"""Quarters of the day in which the test queue is open: 08:00 to 22:00."""


def day(mean: float = 20.0, **fields: object) -> VolumeForecast:
    return forecast(mean, first=at(8).date(), days=1, **fields)  # type: ignore[arg-type]


def updated(made: VolumeForecast, came: dict[int, float], until: int, drift: DayDrift = DRIFT) -> RestOfDay:
    """``came``: contacts by quarter; all quarters before ``until`` that are named were seen whole."""
    counts, seen = np.zeros(made.grid.count), np.zeros(made.grid.count)
    for i, contacts in came.items():
        counts[i], seen[i] = contacts, 1.0
    return update_day(made, drift, counts=counts, seen=seen, now=made.grid.start_of(until))


def steady(made: VolumeForecast, factor: float, until: int) -> dict[int, float]:
    """Every quarter so many times its forecast."""
    return {i: float(made.mean[i]) * factor for i in range(OPENS, until)}


# -- laws --------------------------------------------------------------------------------------------------


def test_without_a_morning_the_day_stays_as_it_was() -> None:
    made = day()
    rest = updated(made, {}, OPENS)
    assert rest.forecast is made
    assert (rest.factor, rest.contacts, rest.expected) == (1.0, 0.0, 0.0)
    assert rest.rest == pytest.approx(rest.rest_frozen) == pytest.approx(made.mean.sum())
    assert rest.factor_low < 1 < rest.factor_high
    # Half the day gone without a word: the rest is what it was, and the hours are named.
    silent = updated(made, {}, 48)
    assert silent.forecast is made
    assert silent.left_out_minutes == (48 - OPENS) * 15


def test_a_busy_morning_raises_the_rest_by_less_than_itself_and_fades_towards_the_evening() -> None:
    made = day(40.0)
    rest = updated(made, steady(made, 1.3, 48), 48)
    raised = rest.forecast.mean[48:CLOSES] / made.mean[48:CLOSES]
    assert 1.15 < raised[0] < 1.3
    assert np.all(np.diff(raised) < 0)
    assert raised[-1] > 1.02
    # What is over stays as it was forecast, and closed quarters stay closed.
    assert np.array_equal(rest.forecast.mean[:48], made.mean[:48])
    assert not rest.forecast.mean[CLOSES:].any()
    assert rest.contacts == pytest.approx(1.3 * rest.expected)
    assert rest.rest_low < rest.rest < rest.rest_high
    assert rest.rest > 1.1 * rest.rest_frozen


def test_the_latest_quarters_count_for_more_than_the_first_ones() -> None:
    made = day(40.0)
    early = updated(made, steady(made, 1.0, 48) | dict.fromkeys(range(OPENS, 40), 60.0), 48)
    late = updated(made, steady(made, 1.0, 48) | dict.fromkeys(range(40, 48), 60.0), 48)
    assert late.contacts == early.contacts
    assert late.factor > early.factor + 0.05
    assert early.factor < 1.1


@settings(deadline=None, max_examples=60)
@given(
    factors=st.lists(st.floats(0.0, 6.0), min_size=1, max_size=CLOSES - OPENS),
    mean=st.floats(0.2, 300.0),
    variance=st.floats(0.0005, 0.3),
    own=st.floats(0.0, 0.1),
    memory=st.floats(60.0, 3000.0),
)
def test_means_and_bands_are_finite_ordered_and_never_negative(
    factors: list[float], mean: float, variance: float, own: float, memory: float
) -> None:
    made = day(mean)
    drift = DayDrift(variance=variance, own_variance=own, memory_minutes=memory, narrowing=1.0, days=20)
    until = OPENS + len(factors)
    came = {OPENS + i: float(round(mean * f)) for i, f in enumerate(factors)}
    rest = updated(made, came, until, drift)
    assert np.all(np.isfinite(rest.forecast.mean))
    assert np.all(rest.forecast.mean >= 0)
    levels = sorted(rest.forecast.quantiles)
    for low, high in pairwise(levels):
        assert np.all(rest.forecast.quantiles[low] <= rest.forecast.quantiles[high])
    assert rest.factor_low <= rest.factor <= rest.factor_high
    assert 0 <= rest.rest_low <= rest.rest_high
    assert np.array_equal(rest.forecast.mean == 0, made.mean == 0)


@settings(deadline=None, max_examples=40)
@given(until=st.integers(OPENS + 1, CLOSES - 2), factor=st.floats(0.5, 2.0))
def test_more_seen_is_a_narrower_band(until: int, factor: float) -> None:
    made = day(50.0)
    came = dict.fromkeys(range(OPENS, until), 50.0 * factor)
    less, more = updated(made, came, until), updated(made, came | {until: 50.0 * factor}, until + 1)
    for rest in (less, more):
        assert rest.factor_high / rest.factor_low < np.exp(2 * 1.2816 * np.sqrt(DRIFT.variance)) * 1.001
    assert more.factor_high / more.factor_low <= less.factor_high / less.factor_low * 1.001
    width = [
        (r.forecast.quantiles[0.95][-9] - r.forecast.quantiles[0.05][-9]) / np.sqrt(r.forecast.mean[-9])
        for r in (less, more)
        if r.forecast.mean[-9] > 0
    ]
    assert len(width) in (0, 2)


@settings(deadline=None, max_examples=30)
@given(a=st.floats(0.3, 3.0), b=st.floats(0.3, 3.0))
def test_a_busier_morning_never_lowers_the_rest(a: float, b: float) -> None:
    made = day(50.0)
    low, high = sorted((a, b))
    less, more = (updated(made, steady(made, f, 45), 45) for f in (low, high))
    assert np.all(less.forecast.mean <= more.forecast.mean + 1e-9)


def test_a_queue_ten_times_the_size_learns_more_from_the_same_ratio() -> None:
    small, large = (updated(day(m), steady(day(m), 1.4, 40), 40) for m in (3.0, 300.0))
    assert 1.0 < small.factor < large.factor < 1.4


# -- what goes wrong ---------------------------------------------------------------------------------------


def test_a_few_minutes_say_little() -> None:
    """Five came in the first minute where half a one was expected."""
    made = day(7.5)
    counts, seen = np.zeros(made.grid.count), np.zeros(made.grid.count)
    counts[OPENS], seen[OPENS] = 5.0, 1 / 15
    rest = update_day(made, DRIFT, counts=counts, seen=seen, now=at(8, 1))
    assert 1.0 < rest.factor < 1.1
    # The rest is that of the quarter that has begun, and all that follow.
    assert rest.rest_frozen == pytest.approx(7.5 * (14 / 15 + 55))


def test_an_outage_of_the_source_teaches_nothing_but_what_was_seen_besides_does() -> None:
    made = day(20.0)
    whole = updated(made, steady(made, 1.2, 44), 44)
    lost = {i: 0.0 if 36 <= i < 40 else 24.0 for i in range(OPENS, 44)}
    rest = updated(made, lost, 44)
    assert rest.left_out_minutes == 60
    assert rest.factor == pytest.approx(whole.factor, rel=0.03)
    # The same when the source says itself that it saw nothing then.
    unseen = updated(made, {i: c for i, c in lost.items() if c}, 44)
    assert unseen.factor == pytest.approx(rest.factor)
    # Nothing at all all morning is a closure or a dead line: who knows which the afternoon brings?
    dead = updated(made, steady(made, 0.0, 44), 44)
    assert dead.forecast is made
    assert dead.left_out_minutes == (44 - OPENS) * 15


def test_zeros_between_a_few_contacts_are_what_a_nearly_closed_day_brings() -> None:
    made = day(20.0)
    came = {i: 1.0 if i % 4 == 0 else 0.0 for i in range(OPENS, 56)}
    rest = updated(made, came, 56)
    assert rest.left_out_minutes == 0
    assert rest.factor < 0.3


def test_lunch_closed_and_hours_split_keep_their_factor() -> None:
    """Closed 12 to 14; the afternoon is raised by a morning that ended two hours ago."""
    made = day()
    mean = made.mean.copy()
    mean[48:56] = 0.0
    split = forecast(lambda m: 0.0 if 720 <= m < 840 else 20.0, first=at(8).date(), days=1)
    assert np.array_equal(split.mean, mean)
    rest = updated(split, steady(split, 1.3, 48), 54)
    assert not rest.forecast.mean[48:56].any()
    assert 1.1 < rest.forecast.mean[56] / 20.0 < 1.3
    assert rest.left_out_minutes == 0


@pytest.mark.parametrize(("first", "count"), [(date(2026, 3, 29), 46), (date(2026, 10, 25), 50)])
def test_days_of_23_and_25_hours(first: date, count: int) -> None:
    grid = IntervalGrid.for_days(first=first, days=1, interval=timedelta(minutes=30), zone="Europe/Lisbon")
    assert grid.count == count
    made = VolumeForecast(
        queue="phone",
        grid=grid,
        mean=np.full(count, 20.0),
        quantiles={q: np.full(count, v) for q, v in ((0.05, 10.0), (0.5, 20.0), (0.95, 32.0))},
        aht_seconds=np.full(count, 180.0),
        open=np.ones(count, dtype=np.bool_),
        model="mean",
        made_at=local_midnight(first, "Europe/Lisbon"),
        trained_until=local_midnight(first, "Europe/Lisbon"),
    )
    seen = (np.arange(count) < 10).astype(float)
    rest = update_day(made, DRIFT, counts=seen * 26.0, seen=seen, now=grid.start_of(10))
    assert rest.forecast.mean.shape == (count,)
    assert 1.1 < rest.factor < 1.3


def test_what_makes_no_sense_is_refused() -> None:
    made = day()
    good = np.zeros(made.grid.count)
    for counts, seen in ((good[:-1], good), (good - 1, good), (good + np.nan, good), (good, good + 1.5)):
        with pytest.raises(ForecastingError):
            update_day(made, DRIFT, counts=counts, seen=seen, now=at(12))
    with pytest.raises(ForecastingError):
        DayDrift(variance=-1.0, own_variance=0.0, memory_minutes=60.0, narrowing=1.0, days=0)
    with pytest.raises(ForecastingError):
        DayDrift.from_numbers({"variance": 0.1})
    assert DayDrift.from_numbers(DRIFT.as_numbers()) == DRIFT


# -- drawn days, whose truth is known ----------------------------------------------------------------------


def drawn(
    days: int, *, mean: float, variance: float, memory: float, own: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """(factors, counts) of days of 28 half hours, drawn as the model says; shape (days, 28)."""
    rng = np.random.default_rng(seed)
    kept = np.exp(-30.0 / memory)
    level = np.sqrt(variance) * rng.standard_normal(days)
    factors = np.empty((days, 28))
    for i in range(28):
        factors[:, i] = np.exp(level)
        level = kept * level + np.sqrt(variance * (1 - kept**2)) * rng.standard_normal(days)
    noisy = factors * np.exp(np.sqrt(own) * rng.standard_normal((days, 28)))
    return factors, rng.poisson(mean * noisy).astype(np.float64)


def weeks_of(counts: np.ndarray, mean: float) -> list[WeekResult]:
    """Whole weeks of the backtest of a model that always says ``mean``."""
    weeks = counts.shape[0] // 7
    return [
        WeekResult(
            model="m",
            horizon=1,
            first_day=date(2026, 1, 5) + timedelta(weeks=w),
            forecast=np.full(7 * 28, mean),
            actual=counts[7 * w : 7 * w + 7].ravel(),
            day=np.repeat(np.arange(7), 28),
            minute=np.tile(8 * 60 + 30 * np.arange(28), 7),
        )
        for w in range(weeks)
    ]


@pytest.mark.parametrize(("variance", "memory"), [(0.01, 480.0), (0.04, 900.0), (0.09, 300.0)])
def test_the_drift_that_days_were_drawn_with_is_found(variance: float, memory: float) -> None:
    _, counts = drawn(70, mean=80.0, variance=variance, memory=memory, own=0.002, seed=3)
    found = learn_drift(weeks_of(counts, 80.0))
    assert found is not None
    assert found.days == 70
    assert variance / 2 < found.variance < variance * 2
    assert memory / 2 < found.memory_minutes < memory * 2
    assert found.own_variance < 0.01


def test_few_days_teach_nothing_and_are_assumed() -> None:
    _, counts = drawn(7, mean=80.0, variance=0.04, memory=600.0, own=0.0, seed=1)
    assert learn_drift(weeks_of(counts, 80.0)) is None
    assert learn_drift([]) is None
    held = assumed_drift(0.05, 0.7)
    assert (held.days, held.variance) == (0, pytest.approx(0.035))


def test_noon_on_drawn_days_is_nearer_the_truth_than_no_update_and_than_the_plain_ratio() -> None:
    """Days of which the factor is known; the band of their afternoons covers what it says."""
    variance, memory, own, mean = 0.03, 400.0, 0.004, 30.0
    _, past = drawn(70, mean=mean, variance=variance, memory=memory, own=own, seed=11)
    drift = learn_drift(weeks_of(past, mean))
    assert drift is not None
    made = forecast(mean, first=at(8).date(), days=1, interval=timedelta(minutes=30), excess=variance + own)
    factors, counts = drawn(400, mean=mean, variance=variance, memory=memory, own=own, seed=12)
    open_ = np.flatnonzero(made.open)
    noon = 8
    errors: dict[str, list[float]] = {"kept": [], "ratio": [], "muster": [], "told": []}
    told = DayDrift(variance=variance, own_variance=own, memory_minutes=memory, narrowing=1.0, days=70)
    inside = []
    for truth, came in zip(factors, counts, strict=True):
        grown, seen = np.zeros(made.grid.count), np.zeros(made.grid.count)
        grown[open_[:noon]], seen[open_[:noon]] = came[:noon], 1.0
        now = made.grid.start_of(int(open_[noon]))
        rest, best = (update_day(made, d, counts=grown, seen=seen, now=now) for d in (drift, told))
        later = open_[noon:]
        ratio = came[:noon].sum() / (mean * noon)
        for name, said in (
            ("kept", made.mean[later]),
            ("ratio", ratio * made.mean[later]),
            ("muster", rest.forecast.mean[later]),
            ("told", best.forecast.mean[later]),
        ):
            errors[name].append(float(np.abs(said - mean * truth[noon:]).sum()))
        low, high = rest.forecast.quantiles[0.1][later], rest.forecast.quantiles[0.9][later]
        inside.append(np.mean((came[noon:] >= low) & (came[noon:] <= high)))
    kept, ratio, muster = (float(np.mean(errors[name])) for name in ("kept", "ratio", "muster"))
    assert muster < 0.95 * min(kept, ratio)
    # Not learned but told how the days are drawn, it is hardly better.
    assert muster < 1.03 * float(np.mean(errors["told"]))
    # Whole counts inside an inclusive band: a little more than 80 %.
    assert 0.78 < np.mean(inside) < 0.88


def test_coarse_and_fine_intervals_tell_the_same_drift() -> None:
    """Quarters of five minutes are looked at by half hours."""
    rng = np.random.default_rng(5)
    _, counts = drawn(70, mean=90.0, variance=0.03, memory=600.0, own=0.0, seed=7)
    fine = []
    for week in weeks_of(counts, 90.0):
        parts = rng.multinomial(week.actual.astype(np.int64), np.full(6, 1 / 6)).astype(np.float64)
        minute = np.asarray(week.minute)
        fine.append(
            WeekResult(
                model="m",
                horizon=1,
                first_day=week.first_day,
                forecast=np.repeat(week.forecast / 6, 6),
                actual=parts.ravel(),
                day=np.repeat(week.day, 6),
                minute=(minute[:, None] + 5 * np.arange(6)).ravel(),
            )
        )
    coarse, found = learn_drift(weeks_of(counts, 90.0)), learn_drift(fine)
    assert coarse is not None
    assert found is not None
    assert found.variance == pytest.approx(coarse.variance, rel=0.1)
    assert found.memory_minutes == pytest.approx(coarse.memory_minutes, rel=0.1)
