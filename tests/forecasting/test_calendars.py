from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from forecasting.calendars import ForecastCalendar, OpenPeriod, SpecialDay
from forecasting.errors import ForecastingError
from forecasting.grid import IntervalGrid
from forecasting.models.base import EffectKind
from forecasting.models.calendar_columns import day_columns, working_weekdays
from forecasting.synthetic import daily_hours

HALF_HOUR = timedelta(minutes=30)
OFFICE = (OpenPeriod(from_minute=540, to_minute=720), OpenPeriod(from_minute=780, to_minute=1080))


def open_count(calendar: ForecastCalendar, day: date) -> int:
    grid = IntervalGrid.for_days(first=day, days=1, interval=HALF_HOUR, zone=calendar.zone)
    return int(calendar.open_mask(grid).sum())


def marked(calendar: ForecastCalendar, day: date, kind: EffectKind) -> list[int]:
    held = day_columns(calendar, [day])
    return [
        c.number for c, value in zip(held.columns, held.matrix[0], strict=True) if c.kind is kind and value
    ]


def test_holidays_special_days_and_make_up_workdays() -> None:
    calendar = ForecastCalendar(
        zone="Asia/Shanghai",
        weekly=dict.fromkeys(range(5), OFFICE),
        holidays={date(2026, 10, 1): "National Day"},
        special_days={
            date(2026, 12, 24): SpecialDay(
                name="short", periods=(OpenPeriod(from_minute=540, to_minute=720),)
            ),
            date(2026, 12, 25): SpecialDay(name="closed"),
        },
        make_up_workdays={date(2026, 10, 10): 4},
    )
    assert open_count(calendar, date(2026, 9, 30)) == 16
    assert open_count(calendar, date(2026, 10, 1)) == 0
    assert open_count(calendar, date(2026, 10, 3)) == 0  # a Saturday
    assert open_count(calendar, date(2026, 10, 10)) == 16  # a Saturday worked like a Friday
    assert calendar.weekday_like(date(2026, 10, 10)) == 4
    assert open_count(calendar, date(2026, 12, 24)) == 6
    assert calendar.is_closure(date(2026, 12, 25))


def test_hours_hold_on_the_clock_when_the_clock_changes() -> None:
    calendar = daily_hours("America/New_York", 0, 4 * 60)
    assert open_count(calendar, date(2026, 3, 8)) == 6
    assert open_count(calendar, date(2026, 11, 1)) == 10


def test_an_interval_is_open_only_as_a_whole_and_touching_periods_are_one() -> None:
    calendar = ForecastCalendar(
        zone="UTC",
        weekly={
            0: (
                OpenPeriod(from_minute=540, to_minute=555),
                OpenPeriod(from_minute=555, to_minute=585),
            )
        },
    )
    assert open_count(calendar, date(2026, 3, 2)) == 1


def test_a_period_over_midnight_is_refused_with_what_to_do() -> None:
    with pytest.raises(ForecastingError, match="split a period over midnight"):
        OpenPeriod(from_minute=1320, to_minute=120)


def test_days_round_a_closure_and_round_the_month_are_marked() -> None:
    calendar = ForecastCalendar(
        zone="America/New_York", weekly=dict.fromkeys(range(5), OFFICE)
    ).with_closures([date(2003, 7, 4)])
    assert marked(calendar, date(2003, 7, 3), EffectKind.BEFORE_CLOSURE) == [1]
    assert marked(calendar, date(2003, 7, 7), EffectKind.AFTER_CLOSURE) == [1]  # over the weekend
    assert marked(calendar, date(2003, 7, 8), EffectKind.AFTER_CLOSURE) == [2]
    assert marked(calendar, date(2003, 7, 9), EffectKind.AFTER_CLOSURE) == []
    assert marked(calendar, date(2003, 7, 1), EffectKind.WORKING_DAY_OF_MONTH) == [1]
    assert marked(calendar, date(2003, 7, 31), EffectKind.WORKING_DAY_TO_MONTH_END) == [1]
    assert marked(calendar, date(2003, 6, 16), EffectKind.MID_MONTH) == [1]  # the 15th was a Sunday
    assert marked(calendar, date(2003, 6, 17), EffectKind.MID_MONTH) == []


def test_a_short_weekend_shift_is_no_working_day() -> None:
    weekly = dict.fromkeys(range(4), OFFICE) | {5: (OpenPeriod(from_minute=1200, to_minute=1320),)}
    assert working_weekdays(ForecastCalendar(zone="UTC", weekly=weekly)) == {0, 1, 2, 3}


def test_always_open_is_open_on_every_kind_of_day() -> None:
    calendar = ForecastCalendar.always_open("Europe/Lisbon")
    grid = IntervalGrid.for_days(
        first=date(2026, 10, 24), days=3, interval=timedelta(minutes=15), zone="Europe/Lisbon"
    )
    assert np.all(calendar.open_mask(grid))


def test_open_public_holidays_have_columns_of_their_own() -> None:
    calendar = ForecastCalendar(
        zone="Asia/Shanghai",
        weekly=dict.fromkeys(range(7), OFFICE),
        public_holidays={date(2026, 10, 1): "National Day", date(2026, 10, 2): "National Day"},
        make_up_workdays={date(2026, 10, 10): 4},
    )
    assert marked(calendar, date(2026, 9, 30), EffectKind.BEFORE_PUBLIC_HOLIDAY) == [1]
    assert marked(calendar, date(2026, 10, 1), EffectKind.PUBLIC_HOLIDAY) == [1]
    assert marked(calendar, date(2026, 10, 1), EffectKind.BEFORE_PUBLIC_HOLIDAY) == []
    assert marked(calendar, date(2026, 10, 3), EffectKind.AFTER_PUBLIC_HOLIDAY) == [1]
    assert marked(calendar, date(2026, 10, 10), EffectKind.MAKE_UP_WORKDAY) == [1]
    assert marked(calendar, date(2026, 10, 10), EffectKind.WEEKDAY) == [4]


def test_a_closed_public_holiday_is_a_closure_and_not_an_open_holiday() -> None:
    day = date(2026, 10, 1)
    calendar = ForecastCalendar(
        zone="Asia/Shanghai",
        weekly=dict.fromkeys(range(7), OFFICE),
        holidays={day: "National Day"},
        public_holidays={day: "National Day"},
    )
    assert marked(calendar, date(2026, 9, 30), EffectKind.BEFORE_PUBLIC_HOLIDAY) == []
    assert marked(calendar, date(2026, 9, 30), EffectKind.BEFORE_CLOSURE) == [1]


def test_a_model_keeps_the_columns_it_was_fitted_with() -> None:
    plain = ForecastCalendar(zone="Asia/Shanghai", weekly=dict.fromkeys(range(7), OFFICE))
    fitted = day_columns(plain, [date(2026, 9, 1)])
    later = ForecastCalendar(
        zone="Asia/Shanghai", weekly=plain.weekly, public_holidays={date(2026, 10, 1): "National Day"}
    )
    held = day_columns(later, [date(2026, 10, 1)], known=fitted.columns)
    assert held.columns == fitted.columns
    assert held.matrix.shape == (1, len(fitted.columns))
    assert len(day_columns(later, [date(2026, 10, 1)]).columns) > len(fitted.columns)
