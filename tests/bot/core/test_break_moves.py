"""Moves of breaks: only inside the contract's rules, only where somebody can be spared."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from bot.core.break_moves import BreakRules, cheapest, possible, spare_at
from scheduler.check.forms import break_faults
from scheduler.roster.roster import Assignment
from scheduler.roster.shifts import BREAK, LUNCH, BreakRule, Segment, Shift, ShiftTemplate
from tests.support.builders import CHAT, SHANGHAI, at

HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)
DAY = ShiftTemplate(
    name="day",
    earliest_start=time(8),
    latest_start=time(10),
    start_step=timedelta(minutes=30),
    lengths=(9 * HOUR,),
    breaks=BreakRule(
        lunch=HOUR,
        lunch_earliest=3 * HOUR,
        lunch_latest=5 * HOUR,
        break_length=QUARTER,
        break_count=2,
        min_spacing=HOUR,
    ),
)
RULES = {name: BreakRules(templates=(DAY,), zone=SHANGHAI) for name in ("bo", "chen")}


def assignment(agent: str, first: datetime, lunch: datetime, second: datetime) -> Assignment:
    """09:00 to 18:00 at the chat queue, with two short breaks and lunch."""
    edges = [(at(9), first, CHAT), (first, first + QUARTER, BREAK), (first + QUARTER, lunch, CHAT),
             (lunch, lunch + HOUR, LUNCH), (lunch + HOUR, second, CHAT), (second, second + QUARTER, BREAK),
             (second + QUARTER, at(18), CHAT)]  # fmt: skip
    segments = tuple(Segment(activity=a, start=s, end=e, paid=a != LUNCH) for s, e, a in edges)
    return Assignment(agent=agent, shift=Shift(date=at(9).date(), start=at(9), end=at(18), segments=segments))


BO = assignment("bo", at(10, 15), at(12, 30), at(15))


def moved(assignments: list[Assignment], now: datetime, start: datetime, end: datetime):
    return list(possible(assignments, RULES, CHAT, now=now, start=start, end=end, step=QUARTER))


def test_every_move_offered_is_inside_the_rules_and_out_of_the_window() -> None:
    found = moved([BO], at(10, 5), at(10, 15), at(10, 45))
    assert found
    for m in found:
        assert break_faults((DAY,), m.shift, SHANGHAI) == []
        assert m.move.to >= at(10, 45) or m.move.to + QUARTER <= at(10, 15)
        # Nothing else of the shift changed, and nobody works longer for it.
        assert (m.shift.start, m.shift.end, m.shift.paid_time) == (at(9), at(18), BO.shift.paid_time)
    # An hour to the lunch after it must stay free: 11:15 is the last quarter.
    assert {m.move.to for m in found} == {at(10, 45), at(11), at(11, 15)}


def test_a_lunch_stays_in_its_window() -> None:
    """Three to five hours after 09:00, and an hour from the breaks at both sides."""
    bo = assignment("bo", at(10, 15), at(12, 30), at(15, 45))
    assert {m.move.to for m in moved([bo], at(11, 40), at(12, 30), at(13, 30))} == {at(13, 30), at(13, 45)}
    late = assignment("bo", at(10, 15), at(12), at(16))
    assert max(m.move.to for m in moved([late], at(11, 30), at(12), at(12, 30))) == at(14)


def test_what_has_begun_or_is_about_to_is_left_alone() -> None:
    assert moved([BO], at(10, 11), at(10, 10), at(10, 40)) == []
    assert moved([BO], at(10, 20), at(10, 10), at(10, 40)) == []


def test_nobody_whose_contract_is_unknown_or_fits_no_template() -> None:
    stranger = assignment("dai", at(10, 15), at(12, 30), at(15))
    assert moved([stranger], at(10, 5), at(10, 15), at(10, 45)) == []
    short = Assignment(
        agent="bo",
        shift=Shift(date=at(9).date(), start=at(9, 10), end=at(18), segments=BO.shift.segments),
    )
    assert moved([short], at(10, 5), at(10, 15), at(10, 45)) == []


def test_only_to_where_somebody_can_be_spared_and_never_two_to_one_time() -> None:
    both = [BO, assignment("chen", at(10, 15), at(13, 30), at(16))]
    found = moved(both, at(10, 5), at(10, 15), at(10, 45))
    work = [(s.start, s.end) for a in both for s in a.shift.segments if s.activity == CHAT]
    needs_two = spare_at([(at(8), at(22), 2)], work)
    assert cheapest(found, needs_two, most=2) == ()
    needs_one = spare_at([(at(8), at(22), 1)], work)
    first, second = cheapest(found, needs_one, most=2)
    assert (first.agent, first.to) == ("bo", at(10, 45))
    assert second.agent == "chen"
    assert second.to >= first.to + QUARTER
    # Without a requirement nobody knows who can be spared.
    assert cheapest(found, spare_at([], work), most=2) == ()
