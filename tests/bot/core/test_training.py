"""Who was to be at a training, and when a record says more than the roster (TI1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot.core.errors import RefusedError
from bot.core.ids import AgentId, RosterId
from bot.core.people import Role, RoleList
from bot.core.planned_activities import ActivitySettings, Every
from bot.core.requests import Cause, MadeChange
from bot.core.training import Attendance, Planned, held, is_better, read_level, read_skill, read_topic
from scheduler.roster.shifts import Segment, SessionKind, Shift
from tests.support.builders import SHANGHAI, agent, at

HOUR = timedelta(hours=1)
PEOPLE = {AgentId(n): agent(n) for n in ("bo", "chen", "dai")} | {
    AgentId("lin"): agent("lin", role=Role.LEAD)
}
REFUNDS = ActivitySettings(
    name="refunds",
    kind=SessionKind.TRAINING,
    length=HOUR,
    every=Every.WEEK,
    weekdays=frozenset(range(5)),
    between=(time(9), time(12)),
    skill=None,
    group=None,
    leader=None,
    share=1.0,
    weight=20,
    teaches="refunds",
)
ROLES = RoleList()


def planned(*names: str, kind: str = "training", hour: int = 10) -> list[Planned]:
    return [Planned(agent=AgentId(n), kind=kind, start=at(hour), end=at(hour) + HOUR) for n in names]


def absence(name: str, *, cause: Cause = Cause.ABSENCE, kept: bool = False) -> MadeChange:
    segments = (
        Segment(activity="chat", start=at(8), end=at(10), paid=True),
        Segment(activity="training", start=at(10), end=at(11), paid=True),
        Segment(activity="chat", start=at(11), end=at(17), paid=True),
    )
    shift = Shift(date=at(10).date(), start=at(8), end=at(17), segments=segments)
    return MadeChange(
        roster=RosterId(1),
        agent=AgentId(name),
        day=shift.date,
        before=shift,
        after=shift if kept else None,
        cause=cause,
        by=name,
        at=at(7),
    )


def test_an_absence_counts_as_not_there_and_a_swap_as_not_invited() -> None:
    changes = [absence("chen"), absence("dai", cause=Cause.SWAP)]
    (found,) = held(planned("bo"), changes, PEOPLE, [REFUNDS], ROLES, SHANGHAI)
    assert found.people == (
        Attendance(agent=AgentId("bo"), attended=True),
        Attendance(agent=AgentId("chen"), attended=False, away=True),
    )
    assert (found.topic, found.skill) == ("refunds", "refunds")
    assert found.there == ("bo",)
    # Who was absent before and came after all has the session again.
    (back,) = held(planned("bo", "chen"), [absence("chen")], PEOPLE, [REFUNDS], ROLES, SHANGHAI)
    assert back.there == ("bo", "chen")
    (other,) = held(planned("bo"), [absence("chen", kept=True)], PEOPLE, [REFUNDS], ROLES, SHANGHAI)
    assert other.there == ("bo",)


def test_whoever_gives_a_talk_is_not_asked_about() -> None:
    (talk,) = held(planned("bo", "lin", kind="one_to_one"), [], PEOPLE, [], ROLES, SHANGHAI)
    assert talk.there == ("bo",)
    (led,) = held(planned("bo", "lin"), [], PEOPLE, [replace(REFUNDS, leader="lead")], ROLES, SHANGHAI)
    assert led.there == ("bo",)
    (alone,) = held(planned("lin", kind="one_to_one"), [], PEOPLE, [], ROLES, SHANGHAI)
    assert alone.there == ("lin",)


@pytest.mark.parametrize(
    "activities",
    [
        [],
        [REFUNDS, replace(REFUNDS, name="tone")],
        [replace(REFUNDS, length=2 * HOUR)],
        [replace(REFUNDS, weekdays=frozenset({5}))],
        [replace(REFUNDS, between=(time(13), time(18)))],
        [replace(REFUNDS, between=(time(8), time(10, 30)))],
        [replace(REFUNDS, kind=SessionKind.ONE_TO_ONE)],
    ],
)
def test_a_topic_is_only_known_where_one_activity_can_have_been_it(
    activities: list[ActivitySettings],
) -> None:
    (found,) = held(planned("bo"), [], PEOPLE, activities, ROLES, SHANGHAI)
    assert (found.topic, found.skill) == (None, None)


def test_until_midnight_is_all_day() -> None:
    always = replace(REFUNDS, between=(time(0), time(0)))
    (found,) = held(planned("bo", hour=22), [], PEOPLE, [always], ROLES, SHANGHAI)
    assert found.topic == "refunds"


def test_a_record_never_lowers_anybody() -> None:
    assert is_better({}, "refunds", None)
    assert not is_better({"refunds": 0.5}, "refunds", None)
    assert not is_better({"refunds": 0.5}, "refunds", 0.4)
    assert is_better({"refunds": 0.5}, "refunds", 0.6)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_level, "0"),
        (read_level, "2.1"),
        (read_level, "high"),
        (read_level, "nan"),
        (read_skill, "refunds;all"),
        (read_skill, "x" * 65),
        (read_topic, "x" * 81),
        (read_topic, "call 13812345678"),
    ],
)
def test_what_cannot_be_kept_is_refused(read: object, text: str) -> None:
    with pytest.raises(RefusedError):
        read(text)  # type: ignore[operator]


def test_nothing_typed_is_nothing() -> None:
    assert (read_level(" "), read_skill(" "), read_topic(" ")) == (None, None, None)
    assert (read_level("0,8"), read_skill(" complex  cases "), read_topic("tone")) == (
        0.8, "complex cases", "tone"
    )  # fmt: skip
