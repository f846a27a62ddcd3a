"""A talk in two shifts: where it fits, and that taking it out leaves what was there (TI7)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.coaching import common_starts, minutes_meant, with_talk, without_talk
from bot.core.errors import RefusedError
from tests.stories.service import shift
from tests.support.builders import at

STEP = timedelta(minutes=15)
HALF = timedelta(minutes=30)


def test_both_work_all_the_time_and_nobody_gives_up_a_pause() -> None:
    early, late = shift(at(8), at(17)), shift(at(13), at(22))  # lunch 12:30 and 17:30
    found = list(common_starts(early, late, HALF, STEP, after=at(9)))
    assert found[0] == at(13, 30)
    assert found[-1] == at(16, 30)
    assert list(common_starts(early, late, HALF, STEP, after=at(16, 31))) == []
    assert next(common_starts(early, late, HALF, STEP, after=at(14, 1))) == at(14, 15)


@given(quarter=st.integers(0, 35), minutes=st.sampled_from([10, 15, 30, 45]))
def test_a_talk_taken_out_leaves_the_shift_as_it_was(quarter: int, minutes: int) -> None:
    plain = shift(at(8), at(17))
    start = at(8) + quarter * STEP
    end = start + timedelta(minutes=minutes)
    booked = with_talk(plain, start, end)
    fits = any(s.is_work and s.start <= start and end <= s.end for s in plain.segments)
    assert (booked is not None) == fits
    if booked is not None:
        assert (booked.start, booked.end, booked.paid_time) == (plain.start, plain.end, plain.paid_time)
        assert without_talk(booked, start, end) == plain
        assert without_talk(booked, start, end + STEP) is None


@pytest.mark.parametrize("text", ["7", "12", "125", "0", "-30", "soon", "30 45", "\u00b2"])
def test_other_lengths_are_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        minutes_meant(text)


def test_lengths_are_read_in_both_languages() -> None:
    assert [minutes_meant(t) for t in ("", "30", "45 min", "20分钟")] == [
        HALF, HALF, timedelta(minutes=45), timedelta(minutes=20)
    ]  # fmt: skip
