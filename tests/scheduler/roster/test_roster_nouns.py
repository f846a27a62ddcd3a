"""The nouns refuse what cannot be meant, and keep what they were given."""

import pickle
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from scheduler.roster.diff import diff
from scheduler.roster.errors import ProblemError
from scheduler.roster.people import Contract, RosterAgent, TimeSpan
from scheduler.roster.roster import Roster, RosterPeriod
from scheduler.roster.rules import CoverStep, ObjectiveWeights
from scheduler.roster.shifts import BREAK, LUNCH, BreakRule, Segment, ShiftTemplate
from tests.scheduler.instances import HOUR, MINUTE, by_hand, instance, variations

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize("name", variations())
def test_every_variation_is_a_valid_problem(name: str) -> None:
    assert instance(name).required_staff_minutes() >= 0


def test_naive_times_are_refused() -> None:
    with pytest.raises(ProblemError, match="aware time in UTC"):
        TimeSpan(start=datetime(2026, 11, 30, 12), end=NOON)
    with pytest.raises(ProblemError, match="must end after it starts"):
        Segment(activity="phone", start=NOON, end=NOON, paid=True)


def test_contract_limits_are_checked() -> None:
    with pytest.raises(ProblemError, match="min hours <= max hours"):
        Contract(
            name="full",
            min_hours_per_week=41,
            max_hours_per_week=40,
            max_days_per_week=5,
            templates=("day",),
        )


def test_unknown_template_gets_a_suggestion() -> None:
    with pytest.raises(ProblemError, match="did you mean 'day'"):
        instance(contracts={"full": {"min_hours": 0, "max_hours": 40, "max_days": 5, "templates": ["days"]}})


def test_lengths_off_the_grid_are_refused() -> None:
    with pytest.raises(ProblemError, match="not a multiple of the roster's interval"):
        instance(templates={"day": {"step_minutes": 45}})


def test_a_zone_off_the_grid_is_refused() -> None:
    with pytest.raises(ProblemError, match="Asia/Kathmandu do not fall on the roster's intervals"):
        instance(agents={"ann": {"skills": ["talk"], "contract": "full", "zone": "Asia/Kathmandu"}})


def test_no_agents_and_doubled_agents_are_refused() -> None:
    problem = instance()
    with pytest.raises(ProblemError, match="no agents"):
        replace(problem, agents=())
    with pytest.raises(ProblemError, match="'ann' is given twice"):
        replace(problem, agents=(*problem.agents, problem.agents[0]))


def test_a_queue_cannot_be_called_lunch() -> None:
    with pytest.raises(ProblemError, match="name of a pause"):
        instance(queues={"lunch": {"skill": "talk", "need": {"9-10": 1}}})


def test_previous_shifts_inside_the_period_are_refused() -> None:
    problem = instance()
    roster = by_hand(problem, {"agent": "ann", "day": 0, "start": "09:00"})
    with pytest.raises(ProblemError, match="inside the period"):
        replace(problem, previous=roster.assignments)


def test_digest_follows_the_content() -> None:
    assert instance().digest() == instance().digest()
    digests = {instance(name).digest() for name in variations()} | {instance().digest()}
    assert len(digests) == len(variations()) + 1


def test_a_problem_survives_the_way_to_a_child_process() -> None:
    problem = instance("four_hour_gap_on_leave")
    assert pickle.loads(pickle.dumps(problem)).digest() == problem.digest()


def test_pauses_that_cannot_fit_are_refused() -> None:
    with pytest.raises(ProblemError, match="do not fit"):
        ShiftTemplate(
            name="short",
            earliest_start=time(9),
            latest_start=time(9),
            start_step=HOUR,
            lengths=(4 * HOUR,),
            breaks=BreakRule(lunch=HOUR, lunch_earliest=4 * HOUR, lunch_latest=5 * HOUR),
        )


def test_short_shifts_have_no_pauses() -> None:
    rule = BreakRule(
        lunch=HOUR,
        lunch_earliest=3 * HOUR,
        lunch_latest=5 * HOUR,
        break_length=15 * MINUTE,
        break_count=1,
        longer_than=6 * HOUR,
    )
    assert rule.pauses(6 * HOUR) == ()
    assert [p.activity for p in rule.pauses(8 * HOUR)] == [LUNCH, BREAK]


def test_availability_that_touches_is_joined() -> None:
    halves = (
        TimeSpan(start=NOON, end=NOON + 4 * HOUR),
        TimeSpan(start=NOON + 4 * HOUR, end=NOON + 8 * HOUR),
    )
    agent = RosterAgent(
        agent="ann",
        skills={"talk": 1.0},
        contract=instance().agents[0].contract,
        zone="UTC",
        available=halves,
    )
    assert agent.is_available(NOON, NOON + 8 * HOUR)
    assert not agent.is_available(NOON, NOON + 9 * HOUR)


def test_period_weeks_are_iso_weeks() -> None:
    period = RosterPeriod(first=date(2026, 12, 31), days=5, zone="Asia/Shanghai")
    assert {week: len(days) for week, days in period.weeks().items()} == {(2026, 53): 4, (2027, 1): 1}


def test_weights_must_be_convex() -> None:
    with pytest.raises(ProblemError, match="must not fall"):
        ObjectiveWeights(
            under_cover=(CoverStep(up_to_share=0.1, weight=9), CoverStep(up_to_share=None, weight=8))
        )


def test_diff_names_added_removed_and_changed_shifts() -> None:
    problem = instance()
    before = by_hand(
        problem,
        {"agent": "ann", "day": 0, "start": "09:00"},
        {"agent": "ann", "day": 1, "start": "09:00"},
        {"agent": "bob", "day": 1, "start": "10:00"},
    )
    after = by_hand(
        problem,
        {"agent": "ann", "day": 0, "start": "10:00"},
        {"agent": "ann", "day": 2, "start": "09:00"},
        {"agent": "bob", "day": 1, "start": "10:00"},
    )
    (changes,) = diff(before, after)
    assert changes.agent == "ann"
    assert [c.after.start - c.before.start for c in changes.changed] == [timedelta(hours=1)]
    assert [s.date.day for s in changes.removed] == [1]
    assert [s.date.day for s in changes.added] == [2]
    assert diff(after, after) == ()
    assert {c.agent for c in diff(None, after)} == {"ann", "bob"}
    assert diff(None, Roster(period=problem.period, assignments=())) == ()
