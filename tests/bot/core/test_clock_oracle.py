"""Every clock agrees with an oracle that walks minutes; `make bench` tries 100,000 cases, this a sample."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.calendar import BusinessCalendar
from bot.core.contacts import EventKind
from bot.core.courses import Measure
from bot.core.sla import ClockState, Counted, SlaPolicy, SlaTarget, SlaTerms
from tests.benchmarks.clocks import case_of, differences
from tests.support.builders import CHAT, event
from tests.support.clock_cases import make_case
from tests.support.clock_oracle import Reading, Wall, read_clocks

SEED = 20261126
SAMPLE = 300


@pytest.mark.parametrize("first", range(0, SAMPLE, 50))
def test_a_sample_of_cases(first: int) -> None:
    """One that differs again: python -m tests.benchmarks.clocks --seed 20261126 --cases 1 --first N --show"""
    found = {number: differences(case_of(SEED, number)) for number in range(first, first + 50)}
    assert {number: lines for number, lines in found.items() if lines} == {}


@given(st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_cases_that_were_searched_for(draw: Random) -> None:
    assert differences(make_case(draw)) == []


def test_the_sample_holds_what_is_hard() -> None:
    """Cases that reach no pause, no reopening and no breach would prove nothing."""
    states: Counter[ClockState] = Counter()
    measures: Counter[Measure] = Counter()
    for number in range(60):
        case = case_of(SEED, number)
        walls = {name: Wall(calendar) for name, calendar in case.terms.calendars.items()}
        read = read_clocks(case.events, case.terms, walls, case.queues, case.looks[-1])
        states.update(reading.state for reading in read.values())
        measures.update(measure for measure, _ in read)
    assert set(states) == set(ClockState)
    assert set(measures) == set(Measure)


def read_by_hand(
    target: SlaTarget, zone: str, opened: datetime, *told: tuple[EventKind, datetime]
) -> Reading:
    """What the oracle says of one promise, on a calendar open from nine to six on weekdays."""
    office = BusinessCalendar(name="office", zone=zone, weekly={d: ((time(9), time(18)),) for d in range(5)})
    terms = SlaTerms(policies=(SlaPolicy(name="all", targets=(target,)),), warn_at=(0.5,), calendars={})
    events = [event(EventKind.OPENED, opened), *(event(kind, at) for kind, at in told)]
    case = case_of(SEED, 0)
    channel, _ = case.queues[CHAT]
    (reading,) = read_clocks(
        events, terms, {"office": Wall(office)}, {CHAT: (channel, "office")}, opened + timedelta(days=30)
    ).values()
    return reading


def test_the_oracle_against_a_calendar_on_the_wall() -> None:
    """Worked out by hand, so that two who are wrong alike are found out."""
    friday = datetime(
        2026, 10, 23, 16, 30, tzinfo=UTC
    )  # 17:30 in Lisbon, two days before the clock goes back
    business = SlaTarget(
        measure=Measure.RESOLUTION, counted=Counted.BUSINESS, within=timedelta(hours=2, minutes=30)
    )
    reading = read_by_hand(business, "Europe/Lisbon", friday)
    # Half an hour on Friday, two hours on Monday from nine in winter time.
    assert reading.due_at == datetime(2026, 10, 26, 11, tzinfo=UTC)
    assert reading.warnings == ((0.5, datetime(2026, 10, 26, 9, 45, tzinfo=UTC)),)
    waits, resumed = datetime(2026, 10, 26, 10, tzinfo=UTC), datetime(2026, 10, 27, 10, 15, tzinfo=UTC)
    reading = read_by_hand(
        business, "Europe/Lisbon", friday, (EventKind.PENDING, waits), (EventKind.RESUMED, resumed)
    )
    assert reading.due_at == datetime(2026, 10, 27, 11, 15, tzinfo=UTC)
    days = SlaTarget(measure=Measure.RESOLUTION, counted=Counted.WORKING_DAYS, working_days=3)
    # F6: Friday 15 March 2024, 14:30 in Shanghai.
    submitted = datetime(2024, 3, 15, 6, 30, tzinfo=UTC)
    assert read_by_hand(days, "Asia/Shanghai", submitted).due_at == datetime(2024, 3, 20, 10, tzinfo=UTC)


def test_the_oracle_reads_the_wall_through_a_change_of_the_clock() -> None:
    island = BusinessCalendar(
        name="island",
        zone="Australia/Lord_Howe",
        weekly={6: ((time(1), time(3)),)},
        working_weekdays=frozenset(),
    )
    for changes, minutes in ((date(2026, 4, 5), 150), (date(2026, 10, 4), 90)):
        # 02:00 goes back to 01:30, and later on to 02:30.
        noon = (
            datetime(changes.year, changes.month, changes.day, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        ).days
        wall = Wall(island)
        assert sum(wall.open_minutes(noon - 1)) + sum(wall.open_minutes(noon)) == minutes
