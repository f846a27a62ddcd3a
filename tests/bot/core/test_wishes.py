"""Wishes and fairness: words in two languages, clashes, dates, and how often they were kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import RefusedError
from bot.core.fairness import Counts, FairnessSettings, counts_of, shares, team_ranges
from bot.core.ids import AgentId
from bot.core.wishes import (
    Standing,
    StandingWish,
    WishKind,
    WishSettings,
    clash,
    dated,
    kept,
    pairings,
    read_wish,
)
from scheduler.roster.shifts import Segment, Shift

TODAY = date(2026, 11, 27)
DEE = AgentId("dee")
SETTINGS = WishSettings()


def shift(day: date, start: int, hours: int = 8) -> Shift:
    begin = datetime(day.year, day.month, day.day, start, tzinfo=UTC)
    end = begin + timedelta(hours=hours)
    return Shift(
        date=day,
        start=begin,
        end=end,
        segments=(Segment(activity="chat", start=begin, end=end, paid=True),),
    )


def standing(wish: StandingWish, number: int = 1, agent: str = "bo") -> Standing:
    return Standing(number=number, agent=AgentId(agent), wish=wish, made_at=datetime(2026, 11, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "colleague", "wish"),
    [
        ("early", None, StandingWish(kind=WishKind.EARLY)),
        ("晚班", None, StandingWish(kind=WishKind.LATE)),
        ("no sunday", None, StandingWish(kind=WishKind.OFF, weekdays=frozenset({6}))),
        ("No Sundays", None, StandingWish(kind=WishKind.OFF, weekdays=frozenset({6}))),
        ("周日不上班", None, StandingWish(kind=WishKind.OFF, weekdays=frozenset({6}))),
        ("no weekends", None, StandingWish(kind=WishKind.OFF, weekdays=frozenset({5, 6}))),
        ("周末休息", None, StandingWish(kind=WishKind.OFF, weekdays=frozenset({5, 6}))),
        ("off monday and friday", None, StandingWish(kind=WishKind.OFF, weekdays=frozenset({0, 4}))),
        ("not 2026-12-24", None, StandingWish(kind=WishKind.OFF, day=date(2026, 12, 24))),
        ("12月24日休息", None, StandingWish(kind=WishKind.OFF, day=date(2026, 12, 24))),
        ("work saturday", None, StandingWish(kind=WishKind.WORK, weekdays=frozenset({5}))),
        ("with", DEE, StandingWish(kind=WishKind.WITH, colleague=DEE)),
        ("和 一起", DEE, StandingWish(kind=WishKind.WITH, colleague=DEE)),
        ("sunday with", DEE, StandingWish(kind=WishKind.WITH, weekdays=frozenset({6}), colleague=DEE)),
        ("周日 和  一起", DEE, StandingWish(kind=WishKind.WITH, weekdays=frozenset({6}), colleague=DEE)),
        ("with sunday", DEE, StandingWish(kind=WishKind.WITH, weekdays=frozenset({6}), colleague=DEE)),
    ],
)
def test_words_are_wishes(text: str, colleague: AgentId | None, wish: StandingWish) -> None:
    assert read_wish(text, colleague=colleague, today=TODAY) == wish


@pytest.mark.parametrize("text", ["", "no", "better pay", "no someday", "work", "early late"])
def test_what_is_no_wish_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_wish(text, colleague=None, today=TODAY)
    assert refused.value.kind == "wish_not_understood"


def test_a_contradiction_names_the_older_wish() -> None:
    """A15: ‘no weekends’ and ‘Sunday with dee’ cannot both be."""
    no_weekends = standing(StandingWish(kind=WishKind.OFF, weekdays=frozenset({5, 6})), number=7)
    sunday = StandingWish(kind=WishKind.WITH, weekdays=frozenset({6}), colleague=DEE)
    assert clash(sunday, [no_weekends]) == no_weekends
    assert clash(replace(sunday, weekdays=frozenset({2})), [no_weekends]) is None
    assert clash(replace(sunday, weekdays=frozenset()), [no_weekends]) is None
    early = standing(StandingWish(kind=WishKind.EARLY))
    assert clash(StandingWish(kind=WishKind.LATE), [early]) == early
    assert clash(StandingWish(kind=WishKind.WORK, day=date(2026, 11, 28)), [no_weekends]) == no_weekends


def test_wishes_are_dated_for_the_days_they_are_about() -> None:
    week = [date(2026, 11, 30) + timedelta(days=n) for n in range(7)]
    held = [
        standing(StandingWish(kind=WishKind.OFF, weekdays=frozenset({6}))),
        standing(StandingWish(kind=WishKind.EARLY), agent="chen"),
        standing(StandingWish(kind=WishKind.WITH, colleague=DEE)),
    ]
    found = dated(held, week, SETTINGS)
    assert [(w.agent, w.date, w.works) for w in found if w.agent == "bo"] == [("bo", week[6], False)]
    early = [w for w in found if w.agent == "chen"]
    assert len(early) == 7
    # An early shift is what the wish is not about; a late one is.
    assert not early[0].means("day", time(9, 45))
    assert early[0].means("day", time(10))
    assert [(p.agent, p.mentor) for p in pairings(held, ["bo", "dee"], SETTINGS)] == [("bo", "dee")]
    assert pairings(held, ["bo"], SETTINGS) == ()


def test_how_often_a_wish_was_kept() -> None:
    days = [TODAY - timedelta(days=n) for n in range(1, 8)]
    own = {days[0]: shift(days[0], 9), days[1]: shift(days[1], 13), days[2]: shift(days[2], 8)}
    assert kept(StandingWish(kind=WishKind.EARLY), days, own, {}, "UTC", SETTINGS) == (2, 3)
    assert kept(StandingWish(kind=WishKind.LATE), days, own, {}, "UTC", SETTINGS) == (1, 3)
    off = StandingWish(kind=WishKind.OFF, day=days[1])
    assert kept(off, days, own, {}, "UTC", SETTINGS) == (0, 1)
    beside = StandingWish(kind=WishKind.WITH, colleague=DEE)
    theirs = {days[0]: shift(days[0], 12), days[1]: shift(days[1], 8)}
    assert kept(beside, days, own, theirs, "UTC", SETTINGS) == (1, 3)


@given(
    weekends=st.lists(st.integers(0, 8), min_size=2, max_size=12),
    weeks=st.integers(1, 4),
)
def test_who_had_more_weekends_is_due_no_more_than_who_had_fewer(weekends: list[int], weeks: int) -> None:
    counts = {
        f"a{n}": Counts(shifts=20, weekends=had, lates=0, hours=160.0) for n, had in enumerate(weekends)
    }
    due = shares(counts, FairnessSettings(weeks=8, weight=60), weeks)
    most = {a: due[a][0].most if a in due else weeks for a in counts}
    for one, had in counts.items():
        for other, more in counts.items():
            if had.weekends <= more.weekends:
                assert most[one] >= most[other]
    assert all(0 <= m <= weeks for m in most.values())
    assert shares(counts, FairnessSettings(weight=0), weeks) == {}


def test_counts_are_counts() -> None:
    saturday = date(2026, 11, 21)
    held = [
        shift(saturday, 9),
        shift(saturday + timedelta(days=1), 13),
        shift(saturday + timedelta(days=3), 12),
    ]
    found = counts_of(held, "UTC", time(12))
    assert found == Counts(shifts=3, weekends=1, lates=2, hours=24.0)
    ranges = team_ranges([found, replace(found, weekends=3), replace(found, weekends=2)])
    assert (ranges["weekends"].least, ranges["weekends"].median, ranges["weekends"].most) == (1, 2, 3)
    assert team_ranges([]) == {}
