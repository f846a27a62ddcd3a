"""The surge ladder: each lever alone, the most helpful first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.surge import (
    Lever,
    LeverEffect,
    SurgeInterval,
    diverted,
    ranked,
    served_in_time,
    with_people,
)
from tests.support.builders import at

STEP = timedelta(minutes=15)


def day(*people: int, contacts: float = 10.0) -> tuple[SurgeInterval, ...]:
    return tuple(
        SurgeInterval(start=at(9) + n * STEP, end=at(9) + (n + 1) * STEP, contacts=contacts, people=p)
        for n, p in enumerate(people)
    )


def in_time(people: int, contacts: float) -> float:
    return min(1.0, people * 2 / contacts)


def test_a_person_more_counts_where_they_are_and_is_missed_where_they_were() -> None:
    moved = with_people(day(2, 2, 0), [(at(9), at(9, 15), 1), (at(9, 30), at(9, 45), -1)])
    assert [i.people for i in moved] == [3, 2, 0]
    assert served_in_time(day(2, 2, 0), in_time) == pytest.approx(0.8 / 3)
    assert served_in_time(moved, in_time) == pytest.approx(1.0 / 3)
    assert served_in_time(day(0, contacts=0), in_time) == 1.0


@given(st.lists(st.integers(0, 6), min_size=1, max_size=8), st.floats(0, 0.9))
def test_fewer_contacts_are_never_served_worse(people: list[int], share: float) -> None:
    before = served_in_time(day(*people), in_time)
    assert served_in_time(diverted(day(*people), share), in_time) >= before - 1e-9


def test_the_most_helpful_stands_first_and_the_cheaper_among_equals() -> None:
    gains = {Lever.OVERTIME: 0.1, Lever.DIVERT: 0.02, Lever.TEMPORARY: 0.1}
    levers = [LeverEffect(lever=lever, share=0.5 + gain, gain=gain) for lever, gain in gains.items()]
    assert [e.lever for e in ranked(levers)] == [Lever.OVERTIME, Lever.TEMPORARY, Lever.DIVERT]
