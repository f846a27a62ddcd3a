"""Promised return calls are worked on before they are due, in the queue they belong to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.errors import StaffingError
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.staffing import PromisedWork, Workload, explain, price_list, requirement
from scheduler.staffing.pooling import pooled_load
from scheduler.staffing.promised import intervals_for
from tests.scheduler.staffing.test_requirement import DAY, NO_SHRINKAGE, workload

MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


def clock(hour: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hour)


def call(due: float, *, made: float = 0.0, seconds: float = 600.0) -> PromisedWork:
    return PromisedWork(kind="call_back", made_at=clock(made), due_at=clock(due), handling_seconds=seconds)


@pytest.mark.parametrize(
    ("due", "made", "first", "last"),
    [
        (11, 0, 9, 11),  # the two hours before
        (10, 0, 9, 10),  # not before the opening at 9
        (11, 10, 10, 11),  # not before it was promised
        (11, 10.2, 10.5, 11),  # nor in the half hour in which it was
        (11.25, 0, 9.5, 11),  # the interval it is due in has not ended by then
        (10.2, 10.1, 10, 10.5),  # "in ten minutes" is this half hour
        (20, 0, 17.5, 18),  # due after closing: in its last half hour
        (9, 0, 9, 9.5),  # due at the opening: at once
        (24, 20, 17.5, 18),  # due at the end of the day
    ],
)
def test_it_is_done_before_it_is_due(due: float, made: float, first: float, last: float) -> None:
    found = intervals_for(call(due, made=made), DAY, workload().open)
    assert found.tolist() == list(range(int(first * 2), int(last * 2)))


def test_what_is_due_on_other_days_is_no_work_of_these() -> None:
    for due in (0, -3, 24.5):
        assert not intervals_for(call(due), DAY, workload().open).size
    never = np.zeros(DAY.count, dtype=bool)
    assert intervals_for(call(11), DAY, never).tolist() == [22], "a promise is kept though nobody is open"
    with pytest.raises(StaffingError, match="take some time"):
        call(11, seconds=0.0)


def with_calls(load: Workload, *calls: PromisedWork) -> Workload:
    return replace(load, promised=calls)


def test_calls_add_people_only_where_their_load_does() -> None:
    base = workload(contacts=100.0)
    plain = requirement(base, ServiceTarget(), NO_SHRINKAGE).base_agents
    two = requirement(with_calls(base, call(11), call(11)), ServiceTarget(), NO_SHRINKAGE).base_agents
    # 1,200 s over two hours are a sixth of an erlang; 14 people can still do it.
    assert two.tolist() == plain.tolist()
    many = requirement(with_calls(base, *[call(11)] * 12), ServiceTarget(), NO_SHRINKAGE).base_agents
    # Two hours of work in two hours: one erlang more, so one person more.
    assert (many - plain).tolist() == [1 if 18 <= i < 22 else 0 for i in range(48)]


def test_mail_is_not_spread_past_the_time_a_customer_was_promised() -> None:
    mail = workload(WorkKind.DEFERRABLE, contacts=0.0)
    target = ServiceTarget(within_seconds=9 * 3600, max_occupancy=0.9)
    need = requirement(with_calls(mail, *[call(11)] * 10), target, NO_SHRINKAGE).base_agents
    assert np.flatnonzero(need).tolist() == [18, 19, 20, 21]
    # 6,000 s in four half hours: 1,500 s each, 1,620 s is the most one person does.
    assert set(need[18:22]) == {1}


@pytest.mark.parametrize("kind", list(WorkKind))
def test_the_explanation_shows_it_and_adds_up(kind: WorkKind) -> None:
    concurrency = 2 if kind is WorkKind.CONCURRENT else 1
    load = with_calls(
        workload(kind, contacts=20.0, concurrency=concurrency), *[call(11)] * 5, call(15, seconds=900.0)
    )
    target = ServiceTarget(within_seconds=3600 if kind is WorkKind.DEFERRABLE else 20)
    need = requirement(load, target, NO_SHRINKAGE)
    told = explain(load, target, NO_SHRINKAGE, 20)
    assert told.promised == load.promised[:5]
    assert told.promised_erlangs == pytest.approx(5 * 600 / 4 / 1800)
    assert told.planned_erlangs == pytest.approx(told.erlangs + told.promised_erlangs)
    assert told.base_agents == need.base_agents[20]
    assert told.enough.meets_target
    assert told.one_fewer is not None
    assert not told.one_fewer.meets_target
    assert explain(load, target, NO_SHRINKAGE, 24).promised == ()


@settings(max_examples=60, deadline=None)
@given(
    calls=st.lists(
        st.builds(
            call,
            due=st.floats(0.01, 24.0),
            made=st.floats(-48.0, 0.0),
            seconds=st.floats(30.0, 3600.0),
        ),
        max_size=8,
    ),
    kind=st.sampled_from(list(WorkKind)),
    contacts=st.floats(0.0, 60.0),
)
def test_no_promise_is_lost_and_none_makes_anybody_superfluous(
    calls: list[PromisedWork], kind: WorkKind, contacts: float
) -> None:
    load = workload(kind, contacts=contacts)
    more = with_calls(load, *calls)
    assert more.promised_erlangs.sum() * 1800 == pytest.approx(sum(c.handling_seconds for c in calls))
    assert not np.any(more.promised_erlangs[~load.open])
    target = ServiceTarget(within_seconds=3600 if kind is WorkKind.DEFERRABLE else 20)
    before = requirement(load, target, NO_SHRINKAGE).base_agents
    after = requirement(more, target, NO_SHRINKAGE).base_agents
    assert np.all(after >= before)
    if kind is WorkKind.LIVE:
        both = pooled_load([more, replace(load, queue="other")])
        assert both.promised_erlangs == pytest.approx(more.promised_erlangs)
        assert both.erlangs == pytest.approx(2 * load.erlangs)


def test_prices_include_what_is_promised() -> None:
    mail = with_calls(workload(WorkKind.DEFERRABLE, contacts=0.0), *[call(11)] * 10)
    present = price_list(mail, ServiceTarget(within_seconds=3600), NO_SHRINKAGE).present
    assert present.agent_hours == 2.0
    assert present.occupancy == pytest.approx(6000 / 7200)
    phone = price_list(
        with_calls(workload(contacts=0.0, patience=60.0), *[call(11)] * 10), ServiceTarget(), NO_SHRINKAGE
    )
    assert phone.present.abandonment == 0.0
    assert phone.present.agent_hours > 2.0
