"""What another target would cost, as a planner reads it off before promising it."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.queueing import erlang_a
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.staffing import ShrinkagePlan, price_list, requirement
from tests.scheduler.staffing.test_requirement import NO_SHRINKAGE, workload


def test_each_row_is_the_requirement_of_its_target() -> None:
    load, plan = workload(contacts=100.0), ShrinkagePlan.flat(0.1)
    present = ServiceTarget(share=0.82, within_seconds=25.0, max_occupancy=0.9)
    found = price_list(load, present, plan, minimum_agents=2)
    assert [p.target.share for p in found.by_share] == [0.70, 0.75, 0.80, 0.82, 0.85, 0.90, 0.95]
    assert [p.target.within_seconds for p in found.by_time] == [10, 20, 25, 30, 60, 120]
    for price in (*found.by_share, *found.by_time):
        assert price.target.max_occupancy == 0.9
        need = requirement(load, price.target, plan, minimum_agents=2)
        assert price.agent_hours == need.agent_hours
        assert price.peak_agents == need.scheduled_agents.max()
        assert price.difference_hours == price.agent_hours - found.present.agent_hours
        assert price.present == (price.target == present)
    ninety_five = found.by_share[-1]
    # 100 calls of three minutes in half an hour: 95 % within 25 s takes 16 people, 82 % takes 14.
    assert (found.present.peak_agents, ninety_five.peak_agents) == (16, 18)
    assert ninety_five.difference_hours == 2 * 9
    assert ninety_five.difference_share == pytest.approx(2 * 9 / found.present.agent_hours)


def test_what_customers_and_agents_would_feel() -> None:
    load = workload(contacts=100.0, patience=120.0)
    present = ServiceTarget()
    found = price_list(load, present, NO_SHRINKAGE)
    agents = requirement(load, present, NO_SHRINKAGE).base_agents
    agents = agents[agents > 0]
    formula = erlang_a.measures(agents, 10.0, aht_seconds=180.0, patience_seconds=120.0, within_seconds=20.0)
    assert found.present.abandonment == pytest.approx(float(formula.abandonment.mean()))
    assert found.present.occupancy == pytest.approx(float((formula.occupancy * agents).sum() / agents.sum()))
    patient = price_list(workload(contacts=100.0), present, NO_SHRINKAGE).present
    assert patient.abandonment is None
    # Fourteen for ten erlangs, thirteen in the half-hour after the opening.
    assert patient.occupancy == pytest.approx(18 * 10 / (17 * 14 + 13))


def test_busy_and_quiet_hours_weigh_by_contacts_and_by_agents() -> None:
    load = workload(contacts=100.0, patience=120.0)
    uneven = replace(load, contacts=load.contacts * np.where(load.grid.minutes_of_day() < 12 * 60, 1.0, 0.1))
    found = price_list(uneven, ServiceTarget(), NO_SHRINKAGE).present
    need = requirement(uneven, ServiceTarget(), NO_SHRINKAGE).base_agents
    gone = busy = 0.0
    for n, a in zip(need, uneven.erlangs, strict=True):
        if a > 0:
            held = erlang_a.measures(
                int(n), a, aht_seconds=180.0, patience_seconds=120.0, within_seconds=20.0
            )
            gone += float(held.abandonment) * a * 10
            busy += a * (1 - float(held.abandonment))
    assert found.abandonment == pytest.approx(gone / uneven.contacts.sum())
    assert found.occupancy == pytest.approx(busy / need.sum())


def test_a_limit_that_decides_makes_loosening_free() -> None:
    load = workload(contacts=1000.0)
    found = price_list(load, ServiceTarget(max_occupancy=0.85), NO_SHRINKAGE)
    assert [p.difference_hours for p in found.by_share[:3]] == [0.0, 0.0, 0.0]
    assert all(p.occupancy <= 0.85 for p in found.by_share)


def test_mail_is_priced_by_hours_and_working_days_not_by_share() -> None:
    mail = workload(WorkKind.DEFERRABLE, contacts=30.0, aht=600.0)
    opens = mail.grid.minutes_of_day()
    # All of it comes in the first hour, so the time promised is what flattens the need.
    mail = replace(mail, contacts=np.where((opens >= 540) & (opens < 600), 45.0, 0.0))
    found = price_list(mail, ServiceTarget(share=0.9, within_seconds=3 * 3600), NO_SHRINKAGE)
    assert found.by_share == ()
    assert [(p.target.within_seconds / 3600, p.working_days) for p in found.by_time] == [
        (1, None),
        (2, None),
        (3, None),
        (4, None),
        (9, 1),
        (18, 2),
        (27, 3),
    ]
    peaks = [p.peak_agents for p in found.by_time]
    assert peaks == sorted(peaks, reverse=True)
    assert peaks[0] > 3 * peaks[-1]
    assert {p.abandonment for p in found.by_time} == {None}
    # 90 mails of ten minutes are 15 hours of work.
    assert found.by_time[-1].occupancy * found.by_time[-1].agent_hours == pytest.approx(15.0)


def test_nothing_to_do_costs_nothing_and_divides_by_nothing() -> None:
    found = price_list(workload(contacts=0.0), ServiceTarget(), NO_SHRINKAGE)
    assert {(p.agent_hours, p.difference_share, p.occupancy) for p in found.by_share} == {(0.0, None, 0.0)}


@settings(max_examples=40, deadline=None)
@given(
    contacts=st.floats(0.0, 400.0),
    patience=st.none() | st.floats(20.0, 600.0),
    share=st.floats(0.5, 0.98),
    seconds=st.floats(0.0, 300.0),
    kind=st.sampled_from([WorkKind.LIVE, WorkKind.CONCURRENT]),
)
def test_a_tighter_target_is_never_cheaper(
    contacts: float, patience: float | None, share: float, seconds: float, kind: WorkKind
) -> None:
    load = workload(
        kind, contacts=contacts, patience=patience, concurrency=2 if kind is WorkKind.CONCURRENT else 1
    )
    found = price_list(load, ServiceTarget(share=share, within_seconds=seconds), NO_SHRINKAGE)
    by_share = [p.agent_hours for p in found.by_share]
    by_time = [p.agent_hours for p in found.by_time]
    assert by_share == sorted(by_share)
    assert by_time == sorted(by_time, reverse=True)
    assert sum(p.present for p in found.by_share) == sum(p.present for p in found.by_time) == 1
    if patience is not None:
        gone = [p.abandonment or 0.0 for p in found.by_share]
        assert all(a >= b - 1e-12 for a, b in pairwise(gone))
