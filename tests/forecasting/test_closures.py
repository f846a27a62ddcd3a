"""Where a closed day's contacts go."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from forecasting.calendars import ForecastCalendar
from forecasting.closures import returned_after_closures
from forecasting.day_table import DayTable
from forecasting.models.base import TrainingData
from forecasting.models.registry import MODELS
from tests.forecasting.conftest import FIRST, MakeHistory

DAYS = 200
# Wednesdays, three weeks apart.
CLOSED = [
    day
    for day in (FIRST + timedelta(days=i) for i in range(20, DAYS - 20))
    if day.weekday() == 2 and (day - FIRST).days % 21 < 7
]


@pytest.mark.parametrize("back", [0.0, 0.3])
def test_the_share_that_comes_back_is_found(
    make_history: MakeHistory, hours: ForecastCalendar, back: float
) -> None:
    history = make_history(DAYS)
    following = {day + timedelta(days=1) for day in CLOSED}
    days = history.grid.local_dates()
    factor = np.array([1 + back if day in following else 1.0 for day in days])
    seen = np.array([day not in CLOSED for day in days])
    history = replace(
        history,
        offered=np.where(seen, np.round(history.offered * factor), 0.0),
        observed=history.observed & seen,
    )
    calendar = replace(hours, holidays=dict.fromkeys(CLOSED, "closed"))
    training = TrainingData.prepare(history.queue, DayTable.from_history(history), calendar)
    found = returned_after_closures(MODELS["calendar_regression"]().fit(training).effects())
    assert found is not None
    # The prior of a closure's effect draws a large one a little towards none.
    assert found.share == pytest.approx(back, abs=0.08)
    assert dict(found.by_day)[1] == pytest.approx(back, abs=0.08)
    assert (found.low > 0.1) is (back > 0)


def test_without_closures_nothing_is_said(make_history: MakeHistory, hours: ForecastCalendar) -> None:
    training = TrainingData.prepare("q", DayTable.from_history(make_history(60)), hours)
    assert returned_after_closures(MODELS["mean_of_weeks"]().fit(training).effects()) is None
    assert date(2026, 1, 1) not in training.calendar.holidays
