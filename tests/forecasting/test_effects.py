"""What dated events do: learned from one example, borrowed from fellows, or entered by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from forecasting.calendars import ForecastCalendar
from forecasting.cleaning import FindingKind
from forecasting.day_table import DayTable
from forecasting.effects import CURVES, entered_effect, event_columns, event_matrix
from forecasting.events import OPEN_END, DatedEvent, EventNature, Lift
from forecasting.grid import IntervalGrid
from forecasting.history import VolumeHistory
from forecasting.models.base import EffectKind, TrainingData, event_variance, predict_grid
from forecasting.models.registry import MODELS
from forecasting.models.regression import CalendarRegression
from forecasting.synthetic import SyntheticQueue
from tests.forecasting.conftest import FIRST, HALF_HOUR, MakeHistory

PAST = FIRST + timedelta(days=100)
NEXT = FIRST + timedelta(days=203)
DAYS = 200
DIES_AWAY = (2.0, 2.4, 2.2, 1.9, 1.7, 1.5, 1.35, 1.25, 1.15, 1.1)


def mailing(first: date = PAST, **more: object) -> DatedEvent:
    return DatedEvent(**{"kind": "mailing", "first_day": first, "last_day": first, **more})  # type: ignore[arg-type]


def with_factors(history: VolumeHistory, factors: dict[date, float]) -> VolumeHistory:
    by_day = np.array([factors.get(day, 1.0) for day in history.grid.local_dates()])
    return replace(history, offered=np.round(history.offered * by_day))


def dying_away(first: date, by: tuple[float, ...] = DIES_AWAY) -> dict[date, float]:
    return {first + timedelta(days=i): factor for i, factor in enumerate(by)}


def week_after(
    history: VolumeHistory, calendar: ForecastCalendar, model: str = "calendar_regression", days: int = 14
) -> np.ndarray:
    """Forecast by day of the ``days`` after the history."""
    training = TrainingData.prepare(history.queue, DayTable.from_history(history), calendar)
    fitted = MODELS[model]().fit(training)
    grid = IntervalGrid.for_days(
        first=FIRST + timedelta(days=DAYS), days=days, interval=HALF_HOUR, zone=history.grid.zone
    )
    mean = predict_grid(fitted, grid, training.calendar)
    return np.array([mean[part].sum() for part in grid.days().values()])


@pytest.fixture
def quiet(make_history: MakeHistory) -> VolumeHistory:
    return make_history(DAYS)


def test_a_campaign_seen_once_is_expected_to_do_the_same_again(
    quiet: VolumeHistory, hours: ForecastCalendar
) -> None:
    history = with_factors(quiet, dying_away(PAST))
    plain = week_after(quiet, hours)
    told = week_after(history, replace(hours, events=(mailing(), mailing(NEXT))))
    ratio = told / plain
    assert ratio[:3] == pytest.approx([1.0] * 3, abs=0.08)  # the days before it
    assert ratio[3:9] == pytest.approx(DIES_AWAY[:6], rel=0.2)
    # Nobody said that it comes again: then it does not.
    once = week_after(history, replace(hours, events=(mailing(),)))
    assert once / plain == pytest.approx(np.ones(14), abs=0.08)


def test_the_first_day_of_a_campaign_says_what_its_next_days_may_bring(
    make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    """Unknown before, it more than doubled the last two days: it is not expected to be over today."""
    began = FIRST + timedelta(days=DAYS - 2)
    quiet = make_history(DAYS)
    history = with_factors(quiet, {began: 2.1, began + timedelta(days=1): 2.1})
    told = week_after(history, replace(hours, events=(mailing(began),)))
    assert (told[:2] / week_after(quiet, hours)[:2] > 1.4).all()


def test_a_kind_never_seen_acts_a_little_like_its_fellows(
    quiet: VolumeHistory, hours: ForecastCalendar
) -> None:
    history = with_factors(quiet, dying_away(PAST))
    same = week_after(history, replace(hours, events=(mailing(), mailing(NEXT))))[4]
    fellow = week_after(history, replace(hours, events=(mailing(), mailing(NEXT, kind="sms"))))[4]
    none = week_after(history, replace(hours, events=(mailing(),)))[4]
    assert none * 1.02 < fellow < none + 0.5 * (same - none)


def test_half_a_mailing_does_less(quiet: VolumeHistory, hours: ForecastCalendar) -> None:
    history = with_factors(quiet, dying_away(PAST))
    whole = week_after(history, replace(hours, events=(mailing(), mailing(NEXT))))[4]
    half = week_after(history, replace(hours, events=(mailing(), mailing(NEXT, size=0.5))))[4]
    none = week_after(history, replace(hours, events=(mailing(),)))[4]
    assert none + 0.3 * (whole - none) < half < none + 0.7 * (whole - none)


def test_names_and_repetitions_of_events_change_nothing(
    quiet: VolumeHistory, hours: ForecastCalendar
) -> None:
    history = with_factors(quiet, dying_away(PAST))
    events = (mailing(), mailing(NEXT))
    first = week_after(history, replace(hours, events=events))
    renamed = tuple(replace(event, kind="brief", name="x") for event in events)
    assert np.array_equal(first, week_after(history, replace(hours, events=renamed)))
    assert np.array_equal(first, week_after(history, replace(hours, events=events[::-1] + events)))


def test_nobody_knows_of_an_outage_before_it_begins(quiet: VolumeHistory, hours: ForecastCalendar) -> None:
    def outage(day: date) -> DatedEvent:
        return mailing(day, kind="portal_down", nature=EventNature.OUTAGE)

    history = with_factors(quiet, {PAST: 3.0, PAST + timedelta(days=1): 1.5})
    past = replace(hours, events=(outage(PAST),))
    assert np.array_equal(
        week_after(history, replace(hours, events=(outage(PAST), outage(NEXT)))), week_after(history, past)
    )
    # One that began yesterday is known, and its next days are expected to be like that one's were.
    began = FIRST + timedelta(days=DAYS - 1)
    ongoing = with_factors(history, {began: 3.0})
    told = week_after(ongoing, replace(hours, events=(outage(PAST), outage(began))))
    assert told[0] > 1.15 * week_after(history, past)[0]


def test_a_single_day_that_an_event_explains_is_learned_and_not_left_out(
    quiet: VolumeHistory, hours: ForecastCalendar
) -> None:
    history = with_factors(quiet, {PAST: 3.0})
    table = DayTable.from_history(history)
    unexplained = TrainingData.prepare("phone", table, hours)
    explained = TrainingData.prepare("phone", table, replace(hours, events=(mailing(),)))
    at = (PAST - FIRST).days
    assert not unexplained.learn[at].any()
    assert explained.learn[at].any()
    for training in (unexplained, explained):  # shown in both
        assert FindingKind.SPIKE in {found.kind for found in training.cleaning.findings}


def test_what_was_learned_of_an_event_is_told_with_its_range(
    quiet: VolumeHistory, hours: ForecastCalendar
) -> None:
    history = with_factors(quiet, dying_away(PAST))
    training = TrainingData.prepare(
        "phone", DayTable.from_history(history), replace(hours, events=(mailing(), mailing(NEXT)))
    )
    fitted = CalendarRegression().fit(training)
    (told,) = [effect for effect in fitted.effects() if effect.kind is EffectKind.EVENT]
    assert (told.event, told.number) == ("mailing", 1)
    assert told.low < 2.4 < told.high
    assert told.low > 1.8
    assert told.days > 5
    # What is not known of it adds to the uncertainty of its days, and of no others.
    variance = event_variance(fitted, [NEXT - timedelta(days=1), NEXT, NEXT + timedelta(days=60)], hours)
    assert variance[0] == variance[2] == 0
    assert 0 < variance[1] < 0.1  # an 80 % range of less than a third either way


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_lift_entered_by_hand_holds_whatever_the_model(
    name: str, quiet: VolumeHistory, hours: ForecastCalendar
) -> None:
    sale = mailing(NEXT, kind="sale", lift=Lift(low=1.5, mid=2.0, high=2.6), tail_days=1)
    plain = week_after(quiet, hours, name)
    told = week_after(quiet, replace(hours, events=(sale,)), name)
    expected = np.ones(14)
    expected[3], expected[4] = 2.0, 2.0**0.5
    assert told / plain == pytest.approx(expected, rel=1e-9)


def test_the_range_of_a_lift_becomes_variance_of_its_days(hours: ForecastCalendar) -> None:
    sale = mailing(NEXT, lift=Lift(low=1.0, mid=1.5, high=2.0))
    mean, variance = entered_effect(replace(hours, events=(sale,)), [NEXT, NEXT + timedelta(days=1)])
    sd = float(np.sqrt(variance[0]))
    assert np.exp(mean[0]) == pytest.approx(1.5)
    assert np.exp(2 * 1.2815515655446004 * sd) == pytest.approx(2.0)  # high over low
    assert (mean[1], variance[1]) == (0, 0)


def test_a_past_lift_entered_by_hand_does_not_raise_the_level(
    make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    began = FIRST + timedelta(days=DAYS - 14)
    sale = mailing(began, last_day=began + timedelta(days=13), lift=Lift(low=1.8, mid=2.0, high=2.2))
    quiet = make_history(DAYS)
    history = with_factors(quiet, dict.fromkeys(dying_away(began, (2.0,) * 14), 2.0))
    told = week_after(history, replace(hours, events=(sale,)))
    assert told.sum() == pytest.approx(week_after(quiet, hours).sum(), rel=0.05)


@pytest.mark.parametrize("nature", [nature for nature in EventNature if not CURVES[nature].lasting])
def test_curves_end_where_they_say(nature: EventNature) -> None:
    curve = CURVES[nature]
    lags = np.arange(curve.begin - 3, curve.end + 4, dtype=np.float64)
    acts = (curve.values(lags) != 0).any(axis=1)
    assert acts[(lags > curve.begin) & (lags < curve.end)].all()
    assert not acts[(lags <= curve.begin) | (lags >= curve.end)].any()
    # A priori the size is one standard deviation at the event itself, less further off.
    at = np.array([float(curve.knots[0]), 0.0, float(curve.knots[-1])])
    size = np.sqrt((curve.values(at) ** 2).sum(axis=1))
    assert size[1] == pytest.approx(1.0, abs=1e-6)
    assert size[2] < size[1]


def test_open_days_are_counted_so_a_weekend_in_between_takes_nothing(
    one_week_office: Callable[[], ForecastCalendar],
) -> None:
    friday = date(2026, 3, 6)
    calendar = replace(one_week_office(), events=(mailing(friday),))
    columns = event_columns(calendar)
    days = [friday, friday + timedelta(days=3), friday + timedelta(days=4)]
    expected = CURVES[EventNature.CAMPAIGN].values(np.array([0.0, 1.0, 2.0]))
    assert event_matrix(calendar, days, columns)[:, :7] == pytest.approx(expected)


@pytest.fixture
def one_week_office(phone: SyntheticQueue) -> Callable[[], ForecastCalendar]:
    def make() -> ForecastCalendar:
        always = ForecastCalendar.always_open("Asia/Shanghai")
        return replace(always, weekly={day: always.weekly[day] for day in range(5)})

    return make


def test_what_self_service_takes_away_is_measured_and_stays_away(
    quiet: VolumeHistory, hours: ForecastCalendar
) -> None:
    """FP8: 20 % fewer contacts from one day on, told as a deflection: before against after, with a range."""
    began = FIRST + timedelta(days=DAYS - 50)
    history = with_factors(quiet, {began + timedelta(days=i): 0.8 for i in range(50)})
    told = DatedEvent(
        kind="bot_answers_bills", nature=EventNature.DEFLECTION, first_day=began, last_day=OPEN_END
    )
    calendar = replace(hours, events=(told,))
    training = TrainingData.prepare(history.queue, DayTable.from_history(history), calendar)
    (learned,) = (
        e for e in MODELS["calendar_regression"]().fit(training).effects() if e.kind is EffectKind.EVENT
    )
    assert learned.event == "bot_answers_bills"
    assert learned.low < 0.8 < learned.high
    assert learned.factor == pytest.approx(0.8, abs=0.06)
    assert week_after(history, calendar).sum() == pytest.approx(
        0.8 * week_after(quiet, hours).sum(), rel=0.05
    )
    # Switched off again on the day after the history: the contacts come back.
    ends = replace(told, last_day=FIRST + timedelta(days=DAYS - 1))
    back = week_after(history, replace(hours, events=(ends,)))
    assert back.sum() > 1.1 * week_after(history, calendar).sum()


def test_a_deflection_that_began_long_ago_changes_nothing(
    quiet: VolumeHistory, hours: ForecastCalendar
) -> None:
    long_ago = DatedEvent(
        kind="help_pages", nature=EventNature.DEFLECTION, first_day=date(2001, 1, 1), last_day=OPEN_END
    )
    told = week_after(quiet, replace(hours, events=(long_ago,)))
    assert told == pytest.approx(week_after(quiet, hours), rel=0.01)
