"""A roster played contact by contact does what people on a floor do."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.grid import IntervalGrid
from scheduler.errors import SimulationError
from scheduler.queueing import chat
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.roster.roster import Assignment, Roster, RosterPeriod
from scheduler.roster.shifts import Segment, Shift
from scheduler.simulation import HandlingShape, PathsHold, Simulation, StaffedTime, staffed_time
from scheduler.simulation import given as given_contacts
from tests.scheduler.simulation.stage import NINE, everybody, half_hours, minutes, queue


@pytest.mark.parametrize(
    ("agents", "contacts", "patience", "concurrency"),
    [(14, 100, None, 1), (12, 100, 180.0, 1), (9, 100, 60.0, 1), (5, 100, None, 3), (60, 560, 120.0, 1)],
)
def test_in_steady_state_the_simulation_agrees_with_the_formulas(
    agents: int, contacts: int, patience: float | None, concurrency: int
) -> None:
    grid = half_hours(48 * 14)
    kind = WorkKind.CONCURRENT if concurrency > 1 else WorkKind.LIVE
    played = queue(grid, kind=kind, contacts=contacts, patience=patience, concurrency=concurrency)
    report = Simulation([played], everybody(grid, agents)).run(
        {"phone": np.full((8, grid.count), float(contacts))}, seed=20261123, holds=PathsHold.RATES
    )
    found = report.queues["phone"]
    formula = chat.measures(
        agents,
        contacts / 10.0,
        concurrency=concurrency,
        aht_seconds=180.0,
        within_seconds=20.0,
        patience_seconds=patience,
    )
    # Waits of neighbouring contacts are alike, so the error is judged between the eight fortnights.
    levels = found.in_time.sum(axis=1) / found.offered.sum(axis=1)
    error = max(4 * levels.std(ddof=1) / np.sqrt(8), 1e-3)
    assert found.overall_service_level == pytest.approx(float(formula.service_level), abs=error)
    assert error < 0.012, "the check must be able to fail"
    assert found.overall_abandonment == pytest.approx(float(formula.abandonment), abs=3e-3)
    occupancy = found.busy_seconds.sum() / found.staffed_seconds.sum()
    assert occupancy == pytest.approx(float(formula.occupancy), abs=5e-3)
    asa = found.wait_seconds.sum() / found.answered.sum()
    assert asa == pytest.approx(float(formula.asa_seconds), rel=0.05)


@settings(max_examples=60, deadline=None)
@given(
    agents=st.integers(0, 4),
    counts=st.lists(st.integers(0, 30), min_size=4, max_size=4),
    patience=st.none() | st.floats(5.0, 600.0),
    kind=st.sampled_from(list(WorkKind)),
    closed=st.integers(0, 4),
    seed=st.integers(0, 2**31),
)
def test_every_contact_offered_is_answered_gone_or_waiting(
    agents: int, counts: list[int], patience: float | None, kind: WorkKind, closed: int, seed: int
) -> None:
    grid = half_hours(4)
    played = queue(
        grid,
        kind=kind,
        patience=patience,
        concurrency=2 if kind is WorkKind.CONCURRENT else 1,
        is_open=np.arange(4) != closed,
    )
    staff = [minutes(f"a{i}", 10.0 * i, 120.0 - 15.0 * i) for i in range(agents)]
    found = Simulation([played], staff).run({"phone": np.array(counts)}, seed=seed).queues["phone"]
    assert (found.offered + found.turned_away).sum() == sum(counts)
    assert np.all(found.answered + found.abandoned + found.waiting == found.offered)
    assert np.all(found.waiting >= found.undecided)
    assert np.all(found.in_time <= found.answered)
    assert np.all(found.busy_seconds <= found.staffed_seconds + 1e-6)
    if kind is WorkKind.DEFERRABLE:
        assert found.turned_away.sum() == 0
        assert found.abandoned.sum() == 0
    else:
        assert found.turned_away.sum() == (counts[closed] if closed < 4 else 0)


def test_an_agent_at_lunch_takes_nothing() -> None:
    grid = half_hours(6)
    played = queue(grid, aht=10.0, handling=HandlingShape.FIXED)
    staff = [minutes("a", 0, 60), minutes("a", 120, 180)]
    found = Simulation([played], staff).run({"phone": np.full(6, 12)}, seed=3).queues["phone"]
    assert found.answered.sum() == 72
    assert found.service_level[0, [0, 1, 5]].min() > 0.9
    assert found.in_time[0, 2] == 0, "calls at the start of lunch wait for its end"
    assert found.busy_seconds[0, 2:4].sum() <= 10.0, "at most the call in progress runs into lunch"


def test_the_last_contact_of_a_shift_is_finished() -> None:
    grid = half_hours(4)
    played = queue(grid, aht=3000.0, handling=HandlingShape.FIXED)
    found = Simulation([played], [minutes("a", 0, 30)]).run({"phone": np.array([2, 0, 0, 0])}, seed=1)
    report = found.queues["phone"]
    assert report.answered.sum() == 1, "the second call comes while the first is on, then the shift is over"
    assert report.busy_seconds.sum() == pytest.approx(3000.0)
    assert report.staffed_seconds[0, 0] == pytest.approx(1800.0)
    assert report.staffed_seconds.sum() == pytest.approx(1800.0 + report.busy_seconds[0, 1:].sum())
    assert np.nanmax(report.occupancy) <= 1.0


def test_a_contact_that_runs_over_delays_the_next_queue() -> None:
    grid = half_hours(4)
    calls = queue(grid, aht=2400.0, handling=HandlingShape.FIXED)
    mails = queue(grid, name="mail", kind=WorkKind.DEFERRABLE, aht=60.0, handling=HandlingShape.FIXED)
    staff = [minutes("a", 0, 30), minutes("a", 30, 120, "mail")]
    found = Simulation([calls, mails], staff).run(
        {"phone": np.array([1, 0, 0, 0]), "mail": np.array([1, 0, 0, 0])}, seed=5
    )
    call, mail = found.queues["phone"], found.queues["mail"]
    over = call.busy_seconds[0, 1:].sum()
    assert over > 0
    assert mail.staffed_seconds.sum() == pytest.approx(90 * 60 - over)
    assert mail.busy_seconds[0, :1].sum() == 0
    assert mail.answered.sum() == 1


def test_the_first_in_line_is_served_first_and_the_impatient_leave() -> None:
    grid = half_hours(2)
    played = queue(grid, aht=60.0, patience=30.0, handling=HandlingShape.FIXED)
    found = Simulation([played], [minutes("a", 30, 60)]).run({"phone": np.array([50, 0])}, seed=9)
    report = found.queues["phone"]
    assert report.abandoned[0, 0] >= 45, "nobody is there for half an hour"
    assert report.in_time[0, 0] <= 3
    assert report.overall_abandonment == pytest.approx(report.abandoned.sum() / 50)


def test_callers_at_closing_time_are_missed_and_do_not_spoil_the_morning() -> None:
    grid = half_hours(6)
    is_open = np.array([True, True, False, False, True, True])
    played = queue(grid, aht=60.0, is_open=is_open, handling=HandlingShape.FIXED)
    found = Simulation([played], [minutes("a", 120, 180)]).run(
        {"phone": np.array([5, 5, 3, 0, 1, 0])}, seed=2
    )
    report = found.queues["phone"]
    assert report.abandoned[0].tolist() == [5, 5, 0, 0, 0, 0]
    assert report.turned_away[0].tolist() == [0, 0, 3, 0, 0, 0]
    assert report.service_level[0, 4] == 1.0
    assert np.isnan(report.service_level[0, 2])


def test_mail_waits_over_the_night_and_its_clock_stands_still() -> None:
    grid = half_hours(8)
    is_open = np.array([True, True, False, False, False, False, True, True])
    target = ServiceTarget(within_seconds=3600.0)
    mails = {"mail": np.array([0, 2, 1, 0, 0, 0, 0, 0])}
    staff = [minutes("a", 180, 240, "mail")]

    def play(target: ServiceTarget) -> np.ndarray:
        played = queue(
            grid,
            name="mail",
            kind=WorkKind.DEFERRABLE,
            aht=60.0,
            is_open=is_open,
            target=target,
            handling=HandlingShape.FIXED,
        )
        found = Simulation([played], staff).run(mails, seed=4).queues["mail"]
        assert found.answered.sum() == 3
        return found.in_time[0]

    assert play(target).tolist() == [0, 2, 1, 0, 0, 0, 0, 0]
    strict = ServiceTarget(within_seconds=3600.0, count_closed_time=True)
    assert play(strict).sum() == 0


def test_mail_whose_time_is_not_up_at_the_end_is_not_judged() -> None:
    grid = half_hours(4)
    played = queue(grid, name="mail", kind=WorkKind.DEFERRABLE, target=ServiceTarget(within_seconds=3600.0))
    found = Simulation([played], []).run({"mail": np.array([3, 0, 0, 2])}, seed=1).queues["mail"]
    assert found.waiting[0].tolist() == [3, 0, 0, 2]
    assert found.undecided[0].tolist() == [0, 0, 0, 2]
    assert found.service_level[0, 0] == 0.0
    assert np.isnan(found.service_level[0, 3])


@pytest.mark.parametrize(("first", "count"), [(date(2026, 3, 29), 46), (date(2026, 10, 25), 50)])
def test_a_day_of_a_clock_change_is_played_by_the_clock_on_the_wall_of_utc(first: date, count: int) -> None:
    grid = IntervalGrid.for_days(first=first, days=1, interval=timedelta(minutes=30), zone="Europe/Lisbon")
    played = queue(grid, contacts=20.0, aht=60.0)
    found = Simulation([played], everybody(grid, 4)).run({"phone": np.full(grid.count, 20)}, seed=8)
    report = found.queues["phone"]
    assert report.offered.shape == (1, count)
    assert report.offered.sum() == 20 * count
    assert report.staffed_seconds.sum() >= 4 * count * 1800.0 - 1e-6
    assert report.staffed_seconds[0, :-1] == pytest.approx(4 * 1800.0)


def test_handling_times_keep_their_mean_whatever_their_shape() -> None:
    grid = half_hours(48)
    for shape in HandlingShape:
        sample = np.array([0.0, 20.0, 60.0, 400.0]) if shape is HandlingShape.EMPIRICAL else None
        played = queue(grid, aht=120.0, handling=shape, handling_cv=0.7, handling_sample=sample)
        found = Simulation([played], everybody(grid, 60)).run({"phone": np.full((4, 48), 300)}, seed=6)
        report = found.queues["phone"]
        mean = report.busy_seconds.sum() / report.answered.sum()
        assert mean == pytest.approx(120.0, rel=0.02)
    with pytest.raises(SimulationError, match="EMPIRICAL"):
        queue(grid, handling_sample=np.array([1.0]))
    with pytest.raises(SimulationError, match="some above 0"):
        queue(grid, handling=HandlingShape.EMPIRICAL, handling_sample=np.zeros(3))


def test_the_same_seed_plays_the_same_contacts_whatever_else_is_played() -> None:
    grid = half_hours(4)
    calls, mails = queue(grid), queue(grid, name="mail", kind=WorkKind.DEFERRABLE)
    volumes = {"phone": np.full((3, 4), 12.0), "mail": np.full((3, 4), 5.0)}

    def offered(queues: list, staff: list, seed: int = 1) -> tuple:
        found = Simulation(queues, staff).run(volumes, seed=seed, holds=PathsHold.RATES)
        report = found.queues["phone"]
        return report.offered.tolist(), report.wait_seconds.tolist()

    alone = offered([calls], everybody(grid, 2))
    assert alone == offered([calls, mails], everybody(grid, 2))
    assert alone[0] == offered([calls], everybody(grid, 1))[0]
    assert alone[1] != offered([calls], everybody(grid, 1))[1]
    assert alone != offered([calls], everybody(grid, 2), seed=2)


def test_absence_takes_whole_days_of_single_agents() -> None:
    grid = half_hours(96)
    staff = [
        minutes(f"a{i}", day * 1440 + start, day * 1440 + start + 120)
        for i in range(50)
        for day in (0, 1)
        for start in (0, 180)
    ]
    found = Simulation([queue(grid)], staff).run({"phone": np.zeros((40, 96))}, seed=3, absence=0.2)
    there = found.queues["phone"].staffed_seconds
    assert there.sum() / (40 * len(staff) * 7200) == pytest.approx(0.8, abs=0.02)
    assert there[:, 0] == pytest.approx(there[:, 6]), "who misses the morning misses the afternoon"
    assert np.any(there[:, 0] != there[:, 48])


def test_progress_is_told_and_a_stop_keeps_what_was_played() -> None:
    grid = half_hours(2)
    told: list[tuple[int, int]] = []
    report = Simulation([queue(grid)], everybody(grid, 2)).run(
        {"phone": np.full((10, 2), 5)},
        seed=1,
        on_progress=lambda done, total: told.append((done, total)),
        should_stop=lambda: len(told) == 4,
    )
    assert told == [(1, 10), (2, 10), (3, 10), (4, 10)]
    assert report.paths == 4
    assert report.contacts == 40
    assert report.queues["phone"].offered.shape == (4, 2)


def test_a_roster_becomes_staffed_time_without_its_breaks() -> None:
    def segment(activity: str, start: int, end: int) -> Segment:
        return Segment(
            activity=activity,
            start=NINE + timedelta(minutes=start),
            end=NINE + timedelta(minutes=end),
            paid=activity != "lunch",
        )

    shift = Shift(
        date=date(2026, 11, 23),
        start=NINE,
        end=NINE + timedelta(minutes=240),
        segments=(
            segment("prepare", 0, 5),
            segment("phone", 5, 90),
            segment("lunch", 90, 150),
            segment("mail", 150, 240),
        ),
    )
    roster = Roster(
        period=RosterPeriod(first=date(2026, 11, 23), days=1, zone="UTC"),
        assignments=(Assignment(agent="a", shift=shift),),
    )
    assert staffed_time(roster, ["phone", "mail"]) == (minutes("a", 5, 90), minutes("a", 150, 240, "mail"))
    assert staffed_time(roster, ["phone"]) == (minutes("a", 5, 90),)


def test_what_cannot_be_played_is_refused_in_words() -> None:
    grid = half_hours(2)
    phone = queue(grid)
    with pytest.raises(SimulationError, match="agent a is staffed twice at 2026-11-23T09:20"):
        Simulation([phone], [minutes("a", 0, 30), minutes("a", 20, 60)])
    with pytest.raises(SimulationError, match="queue 'fax', which is not among those played: phone"):
        Simulation([phone], [minutes("a", 0, 30, "fax")])
    with pytest.raises(SimulationError, match="must share one grid"):
        Simulation([phone, queue(half_hours(3), name="mail")], [])
    with pytest.raises(SimulationError, match="names must differ"):
        Simulation([phone, phone], [])
    with pytest.raises(SimulationError, match="before its start"):
        Simulation([phone], [minutes("a", 30, 0)])
    ready = Simulation([phone], [])
    with pytest.raises(SimulationError, match="no volumes for queue 'phone'"):
        ready.run({}, seed=1)
    with pytest.raises(SimulationError, match="shape"):
        ready.run({"phone": np.zeros(3)}, seed=1)
    with pytest.raises(SimulationError, match="not negative"):
        ready.run({"phone": np.array([-1.0, 0.0])}, seed=1)
    with pytest.raises(SimulationError, match="whole numbers"):
        ready.run({"phone": np.array([1.5, 0.0])}, seed=1)
    with pytest.raises(SimulationError, match="absence"):
        ready.run({"phone": np.zeros(2)}, seed=1, absence=1.0)


def test_touching_stretches_of_one_agent_are_one() -> None:
    grid = half_hours(2)
    whole = [StaffedTime(agent="a", queue="phone", start=NINE, end=NINE + timedelta(hours=1))]
    parts = [minutes("a", 30, 60), minutes("a", 0, 30)]
    volumes = {"phone": np.array([9, 9])}
    results = [
        Simulation([queue(grid)], staff).run(volumes, seed=1).queues["phone"] for staff in (whole, parts)
    ]
    assert results[0].wait_seconds.tolist() == results[1].wait_seconds.tolist()
    assert results[0].staffed_seconds.tolist() == results[1].staffed_seconds.tolist()


def test_contacts_that_are_known_one_by_one_are_played_as_they_were() -> None:
    grid = half_hours(4)
    is_open = np.array([False, True, True, True])
    played = queue(grid, is_open=is_open)
    # Minutes: the second waits 5 and is late, the third gives up after 2, the first came too early.
    arrival = np.array([35.0, 10.0, 30.0, 36.0, 50.0]) * 60.0
    service = np.array([10.0, 1.0, 10.0, 1.0, 1.0]) * 60.0
    patience = np.array([60.0, 60.0, 60.0, 2.0, 60.0]) * 60.0
    contacts = given_contacts(played, arrival, service, patience)
    assert contacts.arrival.tolist() == [1800.0, 2100.0, 2160.0, 3000.0]
    simulation = Simulation([played], [minutes("a", 0, 120)])
    report = simulation.run_given({"phone": contacts}, seed=1).queues["phone"]
    assert report.turned_away.tolist() == [[1, 0, 0, 0]]
    assert report.offered.tolist() == [[0, 4, 0, 0]]
    assert report.answered.sum() == 3
    assert report.abandoned.sum() == 1
    assert report.in_time.sum() == 2
    assert report.wait_seconds.sum() == 5 * 60.0
    for wrong in (np.array([-1.0]), np.array([4 * 1800.0]), np.array([np.nan])):
        with pytest.raises(SimulationError, match="inside the grid"):
            given_contacts(played, wrong, np.ones(1), np.ones(1))
    with pytest.raises(SimulationError, match="there are no contacts for queue 'phone'"):
        simulation.run_given({}, seed=1)


def test_a_late_start_delays_the_first_stretch_of_a_shift_only() -> None:
    grid = half_hours(48)
    played = queue(grid, contacts=1.0)
    # Two shifts with a pause of half an hour in each, ten hours apart.
    shifts = [
        minutes(f"a{i}", start, end)
        for i in range(200)
        for start, end in ((0, 120), (150, 300), (900, 1020), (1050, 1200))
    ]
    silent = {"phone": np.zeros(48, dtype=np.int64)}

    def there(late: float) -> np.ndarray:
        report = Simulation([played], shifts).run(silent, seed=4, late_start_seconds=late)
        return report.queues["phone"].staffed_seconds[0]

    lost = (there(0.0) - there(300.0)) / 200
    for first in (0, 30):
        # 300 s late on average; the share of an exponential time that lies beyond the hour is small.
        assert lost[first : first + 2].sum() == pytest.approx(300.0, rel=0.2)
    assert lost[5:10].sum() == lost[35:].sum() == 0.0, "nobody is late after a pause"
    with pytest.raises(SimulationError, match="late_start_seconds"):
        there(-1.0)
