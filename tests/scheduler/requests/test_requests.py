"""Swaps, gifts, chains, leave and offers: approved where rules and cover allow it, else with the reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scheduler.check.coverage import coverage
from scheduler.check.violations import check
from scheduler.repair.changes import ChangeKind, RepairTask
from scheduler.repair.live import Fit, LiveRoster, with_overtime
from scheduler.requests.leave import answer_leave
from scheduler.requests.offers import go_home_offers, overtime_offers
from scheduler.requests.partners import DealKind, against_cover, find_deals, refusals, swap_of
from scheduler.requests.verdicts import Trade, cut, joined, judge, taken_over
from scheduler.roster.people import TimeSpan
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Assignment, Roster
from scheduler.roster.rules import CoverStep, ObjectiveWeights, Presence
from scheduler.roster.shifts import Segment, SessionKind, Shift
from scheduler.solve import SolveParams, solve
from tests.scheduler.instances import by_hand, clock, instance
from tests.scheduler.solve.test_random_instances import patches

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

LATE_AND_EARLY: dict[str, Any] = {
    "templates": {"day": {"earliest": "07:00", "latest": "15:00", "step_minutes": 60}},
    "open": {"phone": "7-24"},
    "queues": {"phone": {"skill": "talk", "need": {"7-24": 0}}},
}


def live_of(problem: RosterProblem, roster: Roster, **left: timedelta) -> LiveRoster:
    return LiveRoster.of(problem, roster, with_overtime(problem, 2 * HOUR, left))


def shift_of(roster: Roster, agent: str, day: int) -> Shift:
    return next(
        a.shift
        for a in roster.assignments
        if a.agent == agent and a.shift.date == roster.period.first + day * DAY
    )


def at(problem: RosterProblem, day: int, text: str) -> Any:
    return clock(problem.period.first, problem.period.zone, day, text)


def after(roster: Roster, trades: tuple[Trade, ...]) -> Roster:
    """The roster after trades, made in a plain way."""
    gone = [(t.agent, s) for t in trades for s in t.gone]
    kept = [a for a in roster.assignments if (a.agent, a.shift) not in gone]
    come = [Assignment(agent=t.agent, shift=s) for t in trades for s in t.come]
    return Roster(period=roster.period, assignments=(*kept, *come))


def test_a_swap_that_leaves_too_little_rest_is_refused_with_the_hours() -> None:
    """Bob works until midnight on Tuesday; Ann's Wednesday at 07:00 would give him 7 hours."""
    problem = instance(**LATE_AND_EARLY)
    roster = by_hand(
        problem,
        {"agent": "ann", "day": 2, "start": "07:00"},
        {"agent": "bob", "day": 1, "start": "15:00"},
        {"agent": "bob", "day": 2, "start": "15:00"},
    )
    live = live_of(problem, roster)
    mine, theirs = shift_of(roster, "ann", 2), shift_of(roster, "bob", 2)
    verdict = judge(live, swap_of(live, "ann", mine, "bob", theirs))
    (broken,) = verdict.violations
    assert (broken.agent, broken.code) == ("bob", "minimum_rest.too_short")
    assert (broken.amount, broken.limit) == (7.0, 11.0)
    found = refusals(live, "ann", mine, "bob", now=at(problem, 0, "08:00"))
    assert {r.theirs.date.isoformat() if r.theirs else None for r in found} >= {"2026-12-02"}
    # Asked again the reasons are the same: nothing that is known was added to.
    assert refusals(live, "ann", mine, "bob", now=at(problem, 0, "08:00")) == found
    deals = find_deals(live, "ann", mine, now=at(problem, 0, "08:00"))
    assert [d.partners for d in deals if d.kind is DealKind.GIVE] == [("cem",)]
    assert all(d.verdict.is_approved for d in deals)


def with_session(shift: Shift, kind: SessionKind, start: Any) -> Shift:
    """The shift with half an hour of something else in it, in place of work."""
    own = Segment(activity=kind, start=start, end=start + HOUR / 2, paid=True)
    segments: list[Segment] = [own]
    for s in shift.segments:
        before, after = min(s.end, own.start), max(s.start, own.end)
        segments += [replace(s, end=before)] if s.start < before else []
        segments += [replace(s, start=after)] if after < s.end else []
    return replace(shift, segments=tuple(segments))


def test_who_takes_a_shift_over_goes_to_its_meeting_but_not_to_the_others_training() -> None:
    problem = instance(**LATE_AND_EARLY)
    roster = by_hand(problem, {"agent": "ann", "day": 2, "start": "07:00"})
    live, bare = live_of(problem, roster), shift_of(roster, "ann", 2)
    start = next(s for s in bare.segments if s.is_work).start + HOUR
    for kind in SessionKind:
        taken = taken_over(live, with_session(bare, kind, start), "bob")
        if kind in (SessionKind.TRAINING, SessionKind.ONE_TO_ONE):
            assert taken == bare
        else:
            assert kind in [s.activity for s in taken.segments]
    # First thing in the shift there is no work before it to go on with.
    early = with_session(bare, SessionKind.TRAINING, bare.start)
    assert taken_over(live, early, "bob") == bare


def test_what_only_cover_stands_against_is_found_apart_from_what_rules_forbid() -> None:
    """Ann speaks the language that is to be there on Wednesday; Bob and Cem do not, and Bob must rest."""
    problem = instance(**LATE_AND_EARLY)
    span = TimeSpan(start=at(problem, 2, "07:00"), end=at(problem, 2, "16:00"))
    rule = Presence(name="speakers", attribute="speaks", least=1, spans=(span,))
    problem = replace(
        problem,
        rules=replace(problem.rules, presence=(rule,)),
        agents=tuple(
            replace(a, attributes=frozenset({"speaks"})) if a.agent == "ann" else a for a in problem.agents
        ),
    )
    roster = by_hand(
        problem,
        {"agent": "ann", "day": 2, "start": "07:00"},
        {"agent": "ann", "day": 4, "start": "09:00"},
        {"agent": "bob", "day": 1, "start": "15:00"},
    )
    live = live_of(problem, roster)
    mine, now = shift_of(roster, "ann", 2), at(problem, 0, "06:00")
    assert find_deals(live, "ann", mine, now=now) == ()
    deal = against_cover(live, "ann", mine, "cem", now=now)
    assert deal is not None
    assert (deal.kind, deal.partners, deal.verdict.violations) == (DealKind.GIVE, ("cem",), ())
    assert {gap.queue for gap in deal.verdict.opened} == {"speakers"}
    found = against_cover(live, "ann", mine, "bob", now=now)
    # Rid of Tuesday evening he has rested; as well as it he has not.
    assert found is not None
    assert found.kind is DealKind.SWAP
    # What leaves nobody missing is no matter for a lead.
    assert against_cover(live, "ann", shift_of(roster, "ann", 4), "cem", now=now) is None


def test_a_chain_of_three_is_found_where_no_pair_can_swap() -> None:
    """Ann wants rid of Monday; only Bob can take Monday, Ann only Cem's day, Cem only Bob's."""
    problem = instance(
        **LATE_AND_EARLY,
        agents={
            "ann": {"available": [[0, "00:00", 24], [2, "00:00", 24]]},
            "bob": {"available": [[1, "00:00", 24], [0, "00:00", 24]]},
            "cem": {"available": [[2, "00:00", 24], [1, "00:00", 24]]},
        },
        contracts={"full": {"max_days": 1}},
    )
    roster = by_hand(
        problem,
        {"agent": "ann", "day": 0, "start": "09:00"},
        {"agent": "bob", "day": 1, "start": "10:00"},
        {"agent": "cem", "day": 2, "start": "11:00"},
    )
    live = live_of(problem, roster)
    deals = find_deals(live, "ann", shift_of(roster, "ann", 0), now=at(problem, 0, "06:00"))
    (deal,) = deals
    assert deal.kind is DealKind.CHAIN
    assert deal.partners == ("cem", "bob")
    made = after(roster, deal.trades)
    assert check(problem, made) == ()
    assert {(a.agent, a.shift.start) for a in made.assignments} == {
        ("ann", at(problem, 2, "11:00")),
        ("bob", at(problem, 0, "09:00")),
        ("cem", at(problem, 1, "10:00")),
    }


def test_a_swap_that_uncovers_a_queue_only_one_of_them_can_work_is_refused() -> None:
    problem = instance("two_queues")
    roster = by_hand(
        problem,
        {"agent": "cem", "day": 0, "start": "09:00", "queue": "email"},
        {"agent": "ann", "day": 1, "start": "09:00"},
    )
    live = live_of(problem, roster)
    trades = swap_of(live, "cem", shift_of(roster, "cem", 0), "ann", shift_of(roster, "ann", 1))
    verdict = judge(live, trades)
    assert [v.code for v in verdict.violations] == ["skill.missing"]
    assert not verdict.is_approved


def test_leave_in_a_peak_is_refused_with_two_ways_out() -> None:
    problem = instance(
        queues={"phone": {"skill": "talk", "need": {"9-21": 0, "10-12": 1}}},
        agents={"cem": {"skills": ["write"]}},
    )
    roster = by_hand(
        problem,
        {"agent": "ann", "day": 0, "start": "09:00"},
        {"agent": "ann", "day": 1, "start": "09:00"},
        {"agent": "bob", "day": 1, "start": "09:00"},
    )
    live = live_of(problem, roster)
    task = RepairTask(problem=problem, roster=roster, now=at(problem, 0, "01:00"))
    answer = answer_leave(live, task, "ann", [problem.period.first])
    assert not answer.is_approved
    assert [(u.start, u.end) for u in answer.verdict.opened] == [
        (at(problem, 0, "10:00"), at(problem, 0, "12:00"))
    ]
    # From noon on nobody is missed; on Tuesday both are there, so Bob could come on Monday instead.
    assert [(p.start, p.end) for p in answer.parts] == [
        (at(problem, 0, "12:00"), at(problem, 0, "18:00")),
        (at(problem, 0, "09:00"), at(problem, 0, "10:00")),
    ]
    assert answer.other_dates == (problem.period.first + DAY,)
    assert [(m.change.agent, m.change.kind) for m in answer.helpers] == [("bob", ChangeKind.MOVE)]
    assert answer.helpers[0].change.dropped == shift_of(roster, "bob", 1)
    assert answer_leave(live, task, "ann", [problem.period.first + DAY]).is_approved


def test_leave_on_a_day_off_is_simply_granted() -> None:
    problem = instance()
    roster = by_hand(problem, {"agent": "ann", "day": 0, "start": "09:00"})
    task = RepairTask(problem=problem, roster=roster, now=at(problem, 0, "01:00"))
    answer = answer_leave(live_of(problem, roster), task, "bob", [problem.period.first])
    assert answer.is_approved
    assert answer.trade.gone == ()


def test_overtime_is_offered_for_the_gap_and_only_to_those_who_may() -> None:
    problem = instance(queues={"phone": {"skill": "talk", "need": {"9-21": 0, "9-20": 1}}})
    roster = by_hand(
        problem,
        {"agent": "ann", "day": 0, "start": "09:00"},
        *({"agent": "bob", "day": d, "start": "09:00"} for d in range(5)),
    )
    task = RepairTask(
        problem=problem, roster=roster, now=at(problem, 0, "14:00"), overtime_left={"ann": 2 * HOUR}
    )
    live = live_of(problem, roster, ann=2 * HOUR)
    (offer,) = overtime_offers(live, task, problem.period.first)
    assert offer.change.agent == "ann"
    assert offer.change.after is not None
    assert offer.change.after.end == at(problem, 0, "20:00")
    assert offer.minutes == 120
    # Two hours missing at 10 paid minutes a minute, less two paid hours, half as much premium, the change
    # and its short notice.
    assert offer.better == 120 * 10
    assert offer.worth == 120 * 10 - 120 - 60 - 60 - 60
    assert live.new_violations("ann", (offer.change.before,), (offer.change.after,), Fit.LONGER) == []


def test_nobody_is_sent_home_who_is_then_missed() -> None:
    problem = instance(queues={"phone": {"skill": "talk", "need": {"9-21": 0, "9-15": 1}}})
    roster = by_hand(
        problem, {"agent": "ann", "day": 0, "start": "09:00"}, {"agent": "bob", "day": 0, "start": "12:00"}
    )
    task = RepairTask(problem=problem, roster=roster, now=at(problem, 0, "13:30"))
    live = live_of(problem, roster)
    offers = go_home_offers(live, task, problem.period.first)
    assert offers
    for offer in offers:
        held, kept = offer.change.before, offer.change.after
        assert held is not None
        assert kept is not None
        assert kept.end > task.now
        made = after(roster, (Trade(agent=offer.change.agent, gone=(held,), come=(kept,)),))
        assert coverage(problem, made)[0].under.sum() <= coverage(problem, roster)[0].under.sum()
        assert offer.minutes >= 30


def test_a_large_surplus_saved_does_not_make_up_for_an_hour_opened() -> None:
    """Bob is missed from 12:00 to 13:00 only, and one surplus hour costs more than that hour."""
    surplus = (CoverStep(up_to_share=None, weight=40),)
    problem = instance(
        queues={"phone": {"skill": "talk", "need": {"9-21": 0, "12-13": 1}}},
        weights=ObjectiveWeights(over_cover=surplus),
    )
    roster = by_hand(problem, {"agent": "bob", "day": 0, "start": "09:00"})
    task = RepairTask(problem=problem, roster=roster, now=at(problem, 0, "08:00"))
    (offer,) = go_home_offers(live_of(problem, roster), task, problem.period.first)
    assert offer.change.after is not None
    assert offer.change.after.end == at(problem, 0, "13:00")


def test_a_shift_is_cut_and_joined_again_without_loss() -> None:
    problem = instance()
    roster = by_hand(problem, {"agent": "ann", "day": 0, "start": "09:00", "lunch": "13:00"})
    shift = shift_of(roster, "ann", 0)
    early = cut(shift, shift.start, at(problem, 0, "12:00"))
    late = cut(shift, at(problem, 0, "12:00"), shift.end)
    assert early is not None
    assert late is not None
    assert joined(early, late) == shift
    # Nobody comes for a lunch break.
    from_lunch = cut(shift, at(problem, 0, "13:00"), shift.end)
    assert from_lunch is not None
    assert from_lunch.start == at(problem, 0, "14:00")
    assert cut(shift, at(problem, 0, "13:00"), at(problem, 0, "14:00")) is None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(data=st.data())
def test_deals_are_lawful_and_leave_nobody_missing(data: st.DataObject) -> None:
    problem = instance(**{"agents": {}, **data.draw(patches())})
    roster = solve(problem, SolveParams(seconds=0.4, workers=1)).roster
    assert roster is not None
    assume(bool(roster.assignments))
    held = data.draw(st.sampled_from(roster.assignments))
    live = live_of(problem, roster)
    under = [c.under for c in coverage(problem, roster)]
    for deal in find_deals(live, held.agent, held.shift, now=problem.period.start - HOUR):
        made = after(roster, deal.trades)
        assert check(problem, made) == ()
        assert all((c.under <= u).all() for c, u in zip(coverage(problem, made), under, strict=True))
        assert held.shift not in made.by_agent().get(held.agent, ())
        # Everybody's shift goes to somebody: none is lost and none is made.
        times = sorted((a.shift.start, a.shift.end) for a in roster.assignments)
        assert sorted((a.shift.start, a.shift.end) for a in made.assignments) == times
    # Trying left the roster as it was.
    assert live.roster() == roster
