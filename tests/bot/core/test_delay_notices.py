"""CP1: when a case is predicted late, and which new time is told."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core.calendar import is_open
from bot.core.contacts import EventKind
from bot.core.delay_notices import LONGEST, SHORTEST, idle_since, new_time, predicted_wait
from tests.support.builders import HOURS, at, event


def test_nobody_has_worked_on_it_since_half_of_its_time() -> None:
    opened = event(EventKind.OPENED, at(10))
    between = {"started_at": at(10), "due_at": at(12)}
    assert idle_since([opened], **between) == at(10)
    assert idle_since([opened, event(EventKind.ASSIGNED, at(10, 30))], **between) == at(10, 30)
    assert idle_since([opened, event(EventKind.ASSIGNED, at(11))], **between) is None
    wrote_again = event(EventKind.CUSTOMER_REPLIED, at(11, 30))
    assert idle_since([opened, wrote_again], **between) == at(10)


def test_the_wait_is_shared_by_everybody_at_the_queue() -> None:
    assert predicted_wait(10, aht_seconds=600, people=5, concurrency=1) == timedelta(minutes=20)
    assert predicted_wait(10, aht_seconds=600, people=0, concurrency=1) is None


@given(st.integers(1, 60 * 24 * 3), st.integers(0, 60 * 24), st.integers(0, 60))
def test_the_new_time_is_later_on_a_half_hour_and_in_opening_hours(
    allowed: int, opened: int, late: int
) -> None:
    started = at(0) + timedelta(minutes=opened)
    due = started + timedelta(minutes=allowed)
    now = due + timedelta(minutes=late - 30)
    told = new_time(started_at=started, due_at=due, now=now, calendar=HOURS)
    assert told >= max(now, due) + SHORTEST
    assert told.minute % 30 == 0
    assert is_open(HOURS, told - timedelta(seconds=1))
    from_here = max(now, due)
    if is_open(HOURS, from_here) and is_open(HOURS, from_here + LONGEST + timedelta(minutes=30)):
        assert told <= max(now, due) + LONGEST + timedelta(minutes=30)
