"""Random small instances: the checker finds nothing, and the score is the solver's objective."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.check.score import score
from scheduler.check.violations import check
from scheduler.roster.roster import RosterOutcome
from scheduler.solve import SolveParams, solve
from tests.scheduler.instances import instance

HOURS = st.sampled_from(["6-12", "9-21", "12-24", "8-18"])


@st.composite
def patches(draw: st.DrawFn) -> dict[str, Any]:
    days = draw(st.integers(2, 8))
    agents = {
        f"p{i}": {
            "skills": draw(st.lists(st.sampled_from(["talk", "write"]), min_size=1, unique=True)),
            "contract": draw(st.sampled_from(["full", "part"])),
            "leave": [[draw(st.integers(0, days - 1)), "00:00", draw(st.sampled_from([4, 24]))]]
            if draw(st.booleans())
            else [],
            **(
                {"available": [[d, "08:00", 12] for d in range(days) if d % 2]}
                if draw(st.integers(0, 4)) == 0
                else {}
            ),
        }
        for i in range(draw(st.integers(1, 5)))
    }
    return {
        "zone": draw(st.sampled_from(["Asia/Shanghai", "Europe/Lisbon", "America/New_York"])),
        # Weeks with and without a clock change, and periods that start in mid-week.
        "first": draw(st.dates(date(2026, 3, 5), date(2026, 4, 2))),
        "days": days,
        "templates": {
            "day": {
                "earliest": "06:00",
                "latest": "15:00",
                "step_minutes": draw(st.sampled_from([60, 180])),
                "paid_lunch": draw(st.booleans()),
            },
            "short": {"earliest": "08:00", "latest": "18:00", "step_minutes": 120, "lengths_minutes": [240]},
        },
        "contracts": {
            "full": {
                "min_hours": draw(st.sampled_from([0, 32, 40])),
                "max_hours": 40,
                "max_days": draw(st.sampled_from([5, 6])),
                "templates": ["day"],
            },
            "part": {"min_hours": 0, "max_hours": 30, "max_days": 6, "templates": ["day", "short"]},
        },
        "agents": agents,
        "queues": {
            "phone": {"skill": "talk", "need": {draw(HOURS): draw(st.integers(0, 3))}},
            "email": {"skill": "write", "need": {draw(HOURS): draw(st.integers(0, 2))}},
        },
        "open": {"phone": "6-24"} if draw(st.booleans()) else {},
        "previous": [
            {"agent": "p0", "day": -1, "start": "15:00", "hours": 9, "queue": "phone", "lunch": "18:00"}
        ]
        if draw(st.booleans())
        else [],
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(patch=patches())
def test_random_instances_never_break_the_checker(patch: dict[str, Any]) -> None:
    problem = instance(**{"agents": {}, **patch})
    result = solve(problem, SolveParams(seconds=0.8, workers=1))
    assert result.outcome in (RosterOutcome.OPTIMAL, RosterOutcome.FEASIBLE)
    assert result.roster is not None
    assert check(problem, result.roster) == ()
    assert result.objective == score(problem, result.roster).objective
    assert result.bound is not None
    assert result.bound <= result.objective
