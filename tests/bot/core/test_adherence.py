"""Adherence by hand: each kind of scheduled time against what was told."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core.adherence import adherence
from bot.core.floor import AgentState, PresenceState
from scheduler.roster.shifts import BREAK, LUNCH, Segment, SessionKind, Shift
from tests.support.builders import at

PARTS = (
    ("phone", at(9), at(10)),
    (SessionKind.TRAINING.value, at(10), at(11)),
    (LUNCH, at(11), at(12)),
    ("phone", at(12), at(13)),
    (BREAK, at(13), at(13, 15)),
    ("phone", at(13, 15), at(17)),
)
SHIFT = Shift(
    date=at(9).date(),
    start=at(9),
    end=at(17),
    segments=tuple(Segment(activity=a, start=s, end=e, paid=a != LUNCH) for a, s, e in PARTS),
)
EVER = {"since": at(0), "until": at(23)}


def told(*words: tuple[AgentState, datetime]) -> list[PresenceState]:
    return [PresenceState(state=s, since=t, heard_at=t, source="slack") for s, t in words]


def test_as_planned_is_all_of_it_and_training_is_left_out() -> None:
    states = told(
        (AgentState.AVAILABLE, at(8, 55)),
        (AgentState.BREAK, at(11)),
        (AgentState.BUSY, at(12)),
        (AgentState.LUNCH, at(13)),
        (AgentState.AVAILABLE, at(13, 15)),
    )
    found = adherence([SHIFT], states, **EVER)
    assert found.share == 1.0
    assert found.days[0].counted == timedelta(hours=7)


def test_a_pause_while_work_is_planned_and_work_while_a_pause_is_are_not_kept() -> None:
    states = told((AgentState.AVAILABLE, at(9)), (AgentState.LUNCH, at(12)), (AgentState.AVAILABLE, at(13)))
    # Lunch was worked through, an hour of work was lunch, and the short break was not taken.
    assert adherence([SHIFT], states, **EVER).days[0].kept == timedelta(hours=7 - 2.25)


def test_only_what_is_over_and_was_chosen_before_counts() -> None:
    states = told((AgentState.AVAILABLE, at(9)))
    assert adherence([SHIFT], states, since=at(0), until=at(9, 30)).days[0].counted == timedelta(minutes=30)
    assert adherence([SHIFT], states, since=at(9, 1), until=at(23)).days == ()


def test_a_shift_without_a_word_is_silent_and_yesterdays_word_is_none() -> None:
    yesterday = told((AgentState.OFFLINE, at(9) - timedelta(hours=15)))
    found = adherence([SHIFT], yesterday, **EVER)
    assert (found.days, found.silent, found.share) == ((), 1, None)


@given(st.lists(st.tuples(st.sampled_from(AgentState), st.integers(0, 1439)), min_size=1, max_size=12))
def test_it_is_a_share_whatever_is_told(words: list[tuple[AgentState, int]]) -> None:
    times = sorted({minute: state for state, minute in words}.items())
    states = told(*((state, at(0) + timedelta(minutes=minute)) for minute, state in times))
    found = adherence([SHIFT], states, **EVER)
    assert found.share is None or 0.0 <= found.share <= 1.0
    assert all(timedelta(0) <= d.kept <= d.counted for d in found.days)
