"""Deferrable work is spread, never lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.errors import QueueingError
from scheduler.queueing import backlog

HALF_HOUR = 1800.0

days = st.lists(
    st.tuples(st.just(0.0) | st.floats(1.0, 20000.0), st.booleans()), min_size=1, max_size=60
).filter(lambda rows: any(is_open for _, is_open in rows))


@settings(max_examples=200, deadline=None)
@given(rows=days, hours=st.floats(0.1, 60.0), closed_counts=st.booleans())
def test_spreading_keeps_the_sum_and_the_closed_hours_empty(
    rows: list[tuple[float, bool]], hours: float, closed_counts: bool
) -> None:
    work = np.array([w for w, _ in rows])
    open_ = np.array([o for _, o in rows])
    planned = backlog.spread(
        work, open_, interval_seconds=HALF_HOUR, within_seconds=hours * 3600, count_closed_time=closed_counts
    )
    assert planned.sum() == pytest.approx(work.sum(), rel=1e-9, abs=1e-6)
    assert np.all(planned >= 0)
    assert not np.any(planned[~open_])


@settings(max_examples=100, deadline=None)
@given(rows=days, hours=st.floats(0.5, 60.0))
def test_agents_for_the_spread_work_finish_all_of_it_in_time(
    rows: list[tuple[float, bool]], hours: float
) -> None:
    work = np.array([w for w, _ in rows])
    open_ = np.array([o for _, o in rows])
    planned = backlog.spread(work, open_, interval_seconds=HALF_HOUR, within_seconds=hours * 3600)
    agents = backlog.least_agents(planned, interval_seconds=HALF_HOUR)
    share = backlog.share_in_time(
        work, agents, open_, interval_seconds=HALF_HOUR, within_seconds=hours * 3600
    )
    assert np.all(np.isnan(share) == (work == 0))
    assert np.all(share[work > 0] >= 1 - 1e-6)


def test_a_morning_flood_is_worked_off_over_the_day() -> None:
    work = np.zeros(48)
    work[18] = 16 * 1800.0 * 0.9
    open_ = np.zeros(48, dtype=bool)
    open_[18:34] = True
    planned = backlog.spread(work, open_, interval_seconds=HALF_HOUR, within_seconds=8 * 3600)
    agents = backlog.least_agents(planned, interval_seconds=HALF_HOUR)
    assert agents[18:34].tolist() == [1] * 16
    assert agents.sum() == 16


def test_night_mail_waits_for_the_opening() -> None:
    work = np.zeros(48)
    work[2] = 3600.0
    open_ = np.zeros(48, dtype=bool)
    open_[18:34] = True
    planned = backlog.spread(work, open_, interval_seconds=HALF_HOUR, within_seconds=3600)
    assert planned[18:20].tolist() == [1800.0, 1800.0]
    # Counting the night, it is late before anybody comes: it goes first, all of it.
    late = backlog.spread(
        work, open_, interval_seconds=HALF_HOUR, within_seconds=3600, count_closed_time=True
    )
    assert late[18] == 3600.0


def test_too_few_agents_show_as_late_work() -> None:
    work = np.full(16, 3600.0)
    open_ = np.ones(16, dtype=bool)
    share = backlog.share_in_time(
        work, np.full(16, 1), open_, interval_seconds=HALF_HOUR, within_seconds=3600
    )
    assert np.nanmax(share) == 0.0


def test_work_that_no_opening_hour_can_take_is_refused() -> None:
    with pytest.raises(QueueingError, match="never open"):
        backlog.spread(np.ones(4), np.zeros(4, dtype=bool), interval_seconds=HALF_HOUR, within_seconds=3600)
