"""Cover and score of rosters small enough to count by hand."""

from scheduler.check.coverage import coverage, uncovered
from scheduler.check.score import score
from scheduler.roster.roster import Roster
from scheduler.roster.rules import CoverStep, ObjectiveWeights
from tests.scheduler.instances import by_hand, instance

ONE_DAY = {"days": 1, "queues": {"phone": {"skill": "talk", "need": {"9-21": 2}}}}


def test_cover_counts_work_and_not_lunch() -> None:
    problem = instance(**ONE_DAY)
    roster = by_hand(problem, {"agent": "ann", "day": 0, "start": "09:00", "lunch": "13:00"})
    (cover,) = coverage(problem, roster)
    assert cover.at_work[9:21].tolist() == [1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 0, 0]
    assert cover.under[9:21].tolist() == [1, 1, 1, 1, 2, 1, 1, 1, 1, 2, 2, 2]
    assert cover.over.sum() == 0


def test_neighbouring_gaps_are_one_span() -> None:
    problem = instance(**ONE_DAY)
    roster = by_hand(problem, {"agent": "ann", "day": 0, "start": "09:00", "lunch": "13:00"})
    spans = uncovered(problem, roster)
    local = [(s.start.hour + 8, (s.end.hour + 8), s.missing) for s in spans]
    assert local == [(9, 13, 1), (13, 14, 2), (14, 18, 1), (18, 21, 2)]


def test_score_term_by_term() -> None:
    weights = ObjectiveWeights(
        paid_minutes=1,
        under_cover=(CoverStep(up_to_share=0.5, weight=10), CoverStep(up_to_share=None, weight=30)),
        over_cover=(CoverStep(up_to_share=None, weight=2),),
        minimum_hours=5,
    )
    contract = {"full": {"min_hours": 70, "max_hours": 80, "max_days": 5, "templates": ["day"]}}
    problem = instance(**ONE_DAY, weights=weights, contracts=contract)
    roster = by_hand(problem, {"agent": "ann", "day": 0, "start": "09:00", "lunch": "13:00"})
    result = score(problem, roster)
    # 8 paid hours; 8 intervals one short at 10, 4 two short at 10 + 30; 10 h a day promised to each of three.
    assert result.terms == {
        "paid_minutes": 480,
        "under_cover": 60 * (8 * 10 + 4 * 40),
        "over_cover": 0,
        "minimum_hours": 5 * (120 + 600 + 600),
    }
    assert result.objective == sum(result.terms.values())
    assert result.under_minutes == 60 * 16
    assert result.required_minutes == 60 * 24


def test_people_nobody_needs_are_over_cover() -> None:
    problem = instance("nothing_to_do", days=1)
    roster = by_hand(problem, {"agent": "ann", "day": 0, "start": "09:00"})
    assert score(problem, roster).over_minutes == 480
    assert score(problem, Roster(period=problem.period, assignments=())).objective == 0
