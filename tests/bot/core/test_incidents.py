"""ES8, ES11, CP9: owners in turns, words for customers, what an update says, how a drill went."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.ids import IncidentId
from bot.core.incidents import (
    DrillCase,
    Incident,
    IncidentStep,
    Update,
    Wording,
    drill_result,
    filled_notice,
    read_update,
    share_out,
    worded,
)
from tests.support.builders import TEAM, at

ROLES = st.sampled_from(["lead", "incident", "it", None])
PEOPLE = st.sampled_from(["bo", "chen", "lin", "ada"])


@given(
    st.lists(st.tuples(ROLES, st.none() | PEOPLE), max_size=12),
    st.dictionaries(st.sampled_from(["lead", "incident"]), st.lists(PEOPLE, unique=True), max_size=2),
)
def test_an_owner_has_the_role_on_duty_or_is_named_and_nobody_is_nobody(
    steps: list[tuple[str | None, str | None]], on_duty: dict[str, list[str]]
) -> None:
    owners = share_out(steps, on_duty)
    assert len(owners) == len(steps)
    for (role, named), owner in zip(steps, owners, strict=True):
        there = on_duty.get(role or "", [])
        assert owner in there if there else owner == named


@given(st.integers(1, 12), st.lists(PEOPLE, unique=True, min_size=1))
def test_those_on_duty_take_turns(steps: int, people: list[str]) -> None:
    counts = Counter(share_out([("incident", None)] * steps, {"incident": people}))
    assert max(counts.values()) - min(counts.get(p, 0) for p in people) <= 1


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_a_notice_never_shows_a_place_that_is_not_filled(cause: str, until: str, gift: str) -> None:
    template = "Down.\nCause: {cause}.\nBack by {until}.\n{compensation}\nSorry."
    filled = filled_notice(template, cause=cause, until=until, compensation=gift)
    assert filled.startswith("Down.")
    assert filled.endswith("Sorry.")
    assert (f"Back by {until}." in filled) == bool(until)
    for place in ("{until}", "{compensation}"):
        assert place not in filled or place in cause + until + gift


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", Update()),
        ("cut by a digger", Update(cause="cut by a digger")),
        ("cut by a digger by 15:00", Update(cause="cut by a digger", until="15:00")),
        ("by tomorrow 9:00", Update(until="tomorrow 9:00")),
        ("until noon", Update(until="noon")),
        (
            "机房断电，预计今天15点；补偿：优惠券",
            Update(cause="机房断电", until="今天15点", compensation="优惠券"),
        ),
        ("compensation: a voucher", Update(compensation="a voucher")),
    ],
)
def test_an_update_is_read_in_both_languages(text: str, said: Update) -> None:
    assert read_update(text) == said


def test_a_drill_is_measured_by_steps_cases_and_the_first_hand() -> None:
    texts = (Wording(locale="en", text="Look"),)
    drill = Incident(
        incident=IncidentId(1),
        team=TEAM,
        scenario="outage",
        titles=texts,
        what="",
        drill=True,
        started_at=at(10),
        started_by="lin",
        steps=(
            IncidentStep(number=1, texts=texts, due_at=at(10, 10), done_at=at(10, 10)),
            IncidentStep(number=2, texts=texts, due_at=at(10, 10), done_at=at(10, 11)),
            IncidentStep(number=3, texts=texts, due_at=at(10, 10)),
        ),
        cases=(
            DrillCase(number=1, arrived_at=at(10), due_at=at(10, 10), handled_at=at(10, 4)),
            DrillCase(number=2, arrived_at=at(10), due_at=at(10, 10)),
        ),
    )
    result = drill_result(drill)
    assert (result.steps, result.done, result.in_time) == (3, 2, 1)
    assert (result.cases, result.handled_in_time) == (2, 1)
    assert result.first_action == timedelta(minutes=4)
    assert drill_result(replace(drill, steps=(), cases=())).first_action is None
    assert worded((), "en") == ""
