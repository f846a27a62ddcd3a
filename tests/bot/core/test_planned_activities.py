"""Occasions of activities: days, weeks and the roster, on local clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from bot.core.planned_activities import ActivitySettings, Every, activities_of
from scheduler.roster.people import Contract, RosterAgent
from scheduler.roster.roster import RosterPeriod

CONTRACT = Contract(
    name="c", min_hours_per_week=0, max_hours_per_week=40, max_days_per_week=5, templates=("day",)
)
PEOPLE = tuple(
    RosterAgent(agent=name, skills=dict.fromkeys(skills, 1.0), contract=CONTRACT, zone="Europe/Lisbon")
    for name, skills in (("ann", ["phone"]), ("bo", ["chat"]))
)


def asked(**changes: Any) -> ActivitySettings:
    given: dict[str, Any] = {
        "name": "stand-up",
        "kind": "stand_up",
        "length": timedelta(minutes=15),
        "every": Every.DAY,
        "weekdays": frozenset(range(7)),
        "between": (time(9), time(11)),
        "skill": None,
        "group": None,
        "leader": None,
        "share": 1.0,
        "weight": 20,
    }
    return ActivitySettings(**{**given, **changes})


def test_every_day_has_its_own_occasion_on_the_local_clock() -> None:
    """Clocks in Lisbon go forward on 29 March 2026."""
    period = RosterPeriod(first=date(2026, 3, 28), days=2, zone="Europe/Lisbon")
    (activity,) = activities_of((asked(),), period, PEOPLE)
    starts = [[s.start for s in occasion] for occasion in activity.occasions]
    assert starts == [[datetime(2026, 3, 28, 9, tzinfo=UTC)], [datetime(2026, 3, 29, 8, tzinfo=UTC)]]
    assert activity.on_shift
    assert activity.agents == {"ann", "bo"}


@pytest.mark.parametrize(("every", "sizes"), [(Every.WEEK, [2, 5, 3]), (Every.ROSTER, [10])])
def test_weeks_and_the_roster_gather_their_days(every: Every, sizes: list[int]) -> None:
    """Wednesday to the second Wednesday after, working days alone."""
    period = RosterPeriod(first=date(2026, 11, 26), days=14, zone="Asia/Shanghai")
    (activity,) = activities_of((asked(every=every, weekdays=frozenset(range(5))),), period, PEOPLE)
    assert [len(o) for o in activity.occasions] == sizes
    assert not activity.on_shift


def test_the_day_ends_at_midnight_or_with_the_period() -> None:
    period = RosterPeriod(first=date(2026, 11, 26), days=1, zone="UTC")
    (activity,) = activities_of((asked(between=(time(0), time(0))),), period, PEOPLE)
    ((span,),) = activity.occasions
    assert (span.start, span.end) == (period.start, period.end)
    (late,) = activities_of((asked(between=(time(22), time(2))),), period, PEOPLE)
    assert late.occasions[0][0].end == period.end


def test_what_asks_nobody_or_has_no_day_is_left_out() -> None:
    period = RosterPeriod(first=date(2026, 11, 26), days=1, zone="UTC")
    assert activities_of((asked(skill="french"),), period, PEOPLE) == ()
    assert activities_of((asked(weekdays=frozenset({6})),), period, PEOPLE) == ()
    (some,) = activities_of((asked(skill="chat"),), period, PEOPLE)
    assert some.agents == {"bo"}
