"""Unusual things are found, named and measured; nothing ordinary is called unusual."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from forecasting.calendars import ForecastCalendar, OpenPeriod
from forecasting.cleaning import FindingKind, find_unusual
from forecasting.day_table import DayTable
from forecasting.history import VolumeHistory
from forecasting.opening_hours import calendar_from_history, opening_pattern
from forecasting.synthetic import SyntheticQueue
from tests.forecasting.conftest import FIRST, MakeHistory


def changed(
    history: VolumeHistory, day: int, days: int, *, times: float = 1.0, seen: bool = True
) -> VolumeHistory:
    """The history with some whole days multiplied, or without rows."""
    offered, observed = history.offered.copy(), history.observed.copy()
    for which in range(day, day + days):
        part = history.grid.days()[FIRST + timedelta(days=which)]
        offered[part] = np.floor(offered[part] * times) if seen else 0.0
        observed[part] &= seen
    return replace(history, offered=offered, observed=observed)


def kinds(history: VolumeHistory, calendar: ForecastCalendar) -> list[tuple[FindingKind, date, int]]:
    found = find_unusual(history, calendar).findings
    return [(f.kind, f.local_start.date(), f.days) for f in found]


@pytest.mark.parametrize("seed", range(6))
def test_an_ordinary_history_has_no_findings(
    make_history: MakeHistory, hours: ForecastCalendar, seed: int
) -> None:
    history = make_history(112, seed=seed)
    cleaning = find_unusual(history, hours)
    assert cleaning.findings == ()
    assert np.array_equal(cleaning.learn_intervals(history), history.observed)


def test_days_without_rows_are_closures_and_known_holidays_say_so(
    make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    history = changed(make_history(), 30, 2, seen=False)
    calendar = replace(hours, holidays={FIRST + timedelta(days=60): "holiday"})
    history = changed(history, 60, 1, seen=False)
    found = find_unusual(history, calendar).findings
    assert [(f.kind, f.days, f.declared) for f in found] == [
        (FindingKind.CLOSURE, 2, False),
        (FindingKind.CLOSURE, 1, True),
    ]
    assert found[0].expected == pytest.approx(1500 * (1.0 + 0.95), rel=0.15)


def test_a_day_of_zeros_is_a_closure_too(make_history: MakeHistory, hours: ForecastCalendar) -> None:
    history = changed(make_history(), 30, 1, times=0.0)
    assert kinds(history, hours) == [(FindingKind.CLOSURE, FIRST + timedelta(days=30), 1)]


def test_two_hours_of_zeros_at_noon_are_an_outage_with_the_contacts_that_were_lost(
    make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    history = make_history()
    day = history.grid.days()[FIRST + timedelta(days=45)]
    lost = slice(day.start + 24, day.start + 28)
    offered = history.offered.copy()
    truth = offered[lost].sum()
    offered[lost] = 0
    cleaning = find_unusual(replace(history, offered=offered), hours)
    (found,) = cleaning.findings
    assert found.kind is FindingKind.PARTIAL_OUTAGE
    assert (found.local_start.hour, found.local_end.hour) == (12, 14)
    assert found.expected == pytest.approx(truth, rel=0.2)
    learn = cleaning.learn_intervals(history)
    assert not learn[lost].any()
    assert learn[day].sum() == 20


def test_zeros_in_a_quiet_queue_are_no_outage(
    make_history: MakeHistory, hours: ForecastCalendar, phone: SyntheticQueue
) -> None:
    quiet = make_history(84, queue=replace(phone, contacts_per_day=12))
    assert not [k for k, _, _ in kinds(quiet, hours) if k is FindingKind.PARTIAL_OUTAGE]


@pytest.mark.parametrize("days", [1, 5, 28])
def test_a_doubled_import_is_found_whether_a_day_or_a_month(
    make_history: MakeHistory, hours: ForecastCalendar, days: int
) -> None:
    history = changed(make_history(112), 49, days, times=2)
    cleaning = find_unusual(history, hours)
    (found,) = [f for f in cleaning.findings if f.kind is FindingKind.DOUBLED_IMPORT]
    assert (found.local_start.date(), found.days) == (FIRST + timedelta(days=49), days)
    assert found.observed == 2 * found.expected
    assert cleaning.learn[49 : 49 + days].sum() == 0
    assert cleaning.learn[:49].any(axis=1).all()


def test_a_campaign_day_is_a_spike_and_three_weeks_of_campaign_are_a_surge(
    make_history: MakeHistory, hours: ForecastCalendar
) -> None:
    one = find_unusual(changed(make_history(112), 50, 1, times=3), hours)
    assert [f.kind for f in one.findings] == [FindingKind.SPIKE]
    assert not one.learn[50].any()
    long = find_unusual(changed(make_history(112), 49, 21, times=3), hours)
    assert {f.kind for f in long.findings} == {FindingKind.SURGE}
    assert long.learn[49:70].any(axis=1).all()


def test_a_low_day_is_shown_and_not_learned_from(make_history: MakeHistory, hours: ForecastCalendar) -> None:
    cleaning = find_unusual(changed(make_history(112), 50, 1, times=0.3), hours)
    (found,) = cleaning.findings
    assert found.kind is FindingKind.LOW_DAY
    assert found.observed == pytest.approx(0.3 * found.expected, rel=0.15)


def test_contacts_outside_hours_are_counted(make_history: MakeHistory, hours: ForecastCalendar) -> None:
    shorter = ForecastCalendar(
        zone=hours.zone, weekly=dict.fromkeys(range(7), (OpenPeriod(from_minute=540, to_minute=1200),))
    )
    history = make_history()
    (found,) = find_unusual(history, shorter).findings
    before_nine = history.grid.minutes_of_day() < 540
    assert found.kind is FindingKind.OUTSIDE_HOURS
    assert found.observed == history.offered[before_nine].sum()


def test_opening_hours_are_read_off_the_history(make_history: MakeHistory) -> None:
    weekly = dict.fromkeys(range(5), (OpenPeriod(from_minute=480, to_minute=1200),)) | {
        5: (OpenPeriod(from_minute=600, to_minute=840),)
    }
    calendar = ForecastCalendar(zone="America/New_York", weekly=weekly)
    history = changed(make_history(84, calendar=calendar), 8, 1, seen=False)
    found = calendar_from_history(history)
    assert found.weekly == weekly
    assert found.closures == {FIRST + timedelta(days=8)}


def test_rows_round_the_clock_with_empty_nights_still_show_the_hours(make_history: MakeHistory) -> None:
    history = make_history(56)
    everything = replace(history, observed=np.ones(history.grid.count, dtype=np.bool_))
    pattern = opening_pattern(DayTable.from_history(everything))
    assert pattern == dict.fromkeys(range(7), (OpenPeriod(from_minute=480, to_minute=1200),))


def test_a_true_night_service_stays_open(make_history: MakeHistory, phone: SyntheticQueue) -> None:
    flat = replace(phone, base_weight=0.5)
    calendar = ForecastCalendar.always_open("Asia/Shanghai")
    pattern = opening_pattern(DayTable.from_history(make_history(56, queue=flat, calendar=calendar)))
    assert pattern == calendar.weekly
