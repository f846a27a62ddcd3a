"""Dated events as data: what is refused, what is known when, and the ramps of a lift entered by hand."""

from __future__ import annotations

from datetime import date

import pytest

from forecasting.errors import ForecastingError
from forecasting.events import DatedEvent, EventNature, Lift, distinct_events, known_events

DAY = date(2026, 11, 11)


def event(kind: str = "sale", first: date = DAY, last: date | None = None, **more: object) -> DatedEvent:
    return DatedEvent(kind=kind, first_day=first, last_day=last or first, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"kind": ""}, "needs a kind"),
        ({"last": date(2026, 11, 10)}, "ends 2026-11-10 before it begins"),
        ({"size": 0.0}, "above 0"),
        ({"lead_days": 61}, "0 to 60"),
    ],
)
def test_an_event_that_cannot_be_is_refused_with_the_reason(wrong: dict[str, object], says: str) -> None:
    with pytest.raises(ForecastingError, match=says):
        event(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(("low", "mid", "high"), [(0, 1, 2), (1.2, 1.1, 1.3), (1.0, 1.4, 1.3)])
def test_a_lift_needs_its_numbers_in_order(low: float, mid: float, high: float) -> None:
    with pytest.raises(ForecastingError, match="0 < low <= mid <= high"):
        Lift(low=low, mid=mid, high=high)


def test_an_outage_is_not_known_before_it_began() -> None:
    outage, mailing = event("portal", nature=EventNature.OUTAGE), event("mailing")
    assert known_events([outage, mailing], DAY) == (mailing,)
    assert known_events([outage, mailing], date(2026, 11, 12)) == (outage, mailing)


def test_the_same_event_twice_is_one() -> None:
    first, again, other = event(name="2026 bills"), event(name="2026 bills again"), event("mailing")
    assert distinct_events([first, again, other]) == (other, first)
