"""The staffing cause of an alert: whatever the numbers, its parts sum to the gap, and it never guesses."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.cause import (
    Here,
    Need,
    SeenVolume,
    StaffingCause,
    gap_parts,
    here_now,
    late_cost,
    need_parts,
    needed,
    volume_window,
)
from bot.core.data_age import DataAge
from bot.core.floor import AT_WORK, AgentState, PresenceState
from bot.core.ids import AgentId
from bot.core.on_duty import OnShift
from tests.support.builders import CHAT, at

AGE = DataAge(at=at(10, 11))


def on_shift(agent: str, activity: str) -> OnShift:
    return OnShift(agent=AgentId(agent), activity=activity, until=at(12), shift_end=at(18))


def said(states: dict[str, AgentState]) -> dict[AgentId, PresenceState]:
    return {
        AgentId(a): PresenceState(state=s, since=at(9), heard_at=at(9), source="acd")
        for a, s in states.items()
    }


def cause(**fields: object) -> StaffingCause:
    values: dict[str, object] = {
        "queue": "chat", "start": at(10), "end": at(10, 15), "at": at(10, 10), "age": AGE,
    }  # fmt: skip
    return StaffingCause(**{**values, **fields})  # type: ignore[arg-type]


people = st.dictionaries(
    st.sampled_from("abcdefghijklmno"), st.sampled_from(["chat", "phone", "break", "lunch"]), max_size=15
)
states = st.dictionaries(st.sampled_from("abcdefghijklmnop"), st.sampled_from(list(AgentState)))


@example(roster={}, reported={}, forecast=1.0, contacts=1, expected=5e-324, handling=[], per_person=1.0)
@given(
    roster=people,
    reported=states,
    forecast=st.floats(0, 200),
    contacts=st.integers(0, 400),
    expected=st.floats(0, 300),
    handling=st.lists(st.floats(1, 2000), max_size=30),
    per_person=st.floats(0.5, 40),
)
def test_the_parts_sum_exactly_to_the_gap(
    roster: dict[str, str],
    reported: dict[str, AgentState],
    forecast: float,
    contacts: int,
    expected: float,
    handling: list[float],
    per_person: float,
) -> None:
    def need_of(number: float, seconds: float) -> int:
        return int(number * seconds / (240 * per_person)) + 1

    need = needed(
        need_of,
        forecast_contacts=forecast,
        planned_aht_seconds=240.0,
        planned=None,
        seen=SeenVolume(start=at(10), end=at(10, 11), contacts=contacts, expected=expected),
        measured=handling,
    )
    rows = [on_shift(name, activity) for name, activity in roster.items()]
    here = here_now(rows, said(reported), CHAT, able={AgentId(a) for a in "abcdefghijklmnop"})
    found = cause(need=need, rostered=sum(a == "chat" for a in roster.values()), here=here)

    assert sum(p.people for p in need_parts(need)) == need.people
    assert found.short is not None
    assert sum(p.people for p in gap_parts(found)) == found.short
    if here is not None and found.rostered is not None:
        assert sum(p.people for p in here.away) == found.rostered - here.present
        at_work = {a for a, s in reported.items() if s in AT_WORK}
        rostered = {a for a, activity in roster.items() if activity == "chat"}
        assert here.present == len(rostered & at_work) + len(rostered - set(reported))
        assert here.unreported == len(rostered - set(reported))
        assert here.unplaced == len(at_work - {a for a, v in roster.items() if v in {"chat", "phone"}})
    # What was really measured decides, and only where there is enough of it.
    if len(handling) < 10:
        assert need.by_handling == 0
        assert need.aht_seconds is None


def test_the_example_of_the_scenario() -> None:
    """L6: needed 11, rostered 10, present 9."""
    need = Need(by_forecast=9, by_volume=2, forecast_contacts=44, planned_aht_seconds=240)
    rows = [on_shift(f"a{i}", "chat") for i in range(10)]
    reported = {f"a{i}": AgentState.BUSY for i in range(9)} | {"a9": AgentState.BREAK}
    found = cause(need=need, rostered=10, here=here_now(rows, said(reported), CHAT))
    assert (found.short, [(p.code, p.people) for p in gap_parts(found)]) == (
        2,
        [("not_rostered", 1), ("break", 1)],
    )


@given(
    forecast=st.floats(0.0, 200.0),
    planned=st.integers(0, 30),
    there=st.integers(0, 30),
    level=st.lists(st.floats(0.0, 1.0), min_size=31, max_size=31),
)
def test_a_gap_costs_nothing_where_nobody_is_missing_and_never_more_than_came(
    forecast: float, planned: int, there: int, level: list[float]
) -> None:
    levels = sorted(level)
    need = Need(by_forecast=planned, forecast_contacts=forecast, planned_aht_seconds=240.0)
    cost = late_cost(cause(need=need, rostered=there), lambda people: levels[people], within_seconds=30)
    if there >= planned or not forecast:
        assert cost is None
        return
    assert cost is not None
    assert 0.0 <= cost.late_anyway <= cost.late <= forecast
    assert cost.because == cost.late - cost.late_anyway
    assert cost.late == (1.0 - levels[there]) * forecast


def test_what_came_is_what_is_late() -> None:
    seen = SeenVolume(start=at(10), end=at(10, 10), contacts=52, expected=44.0)
    need = Need(
        by_forecast=9,
        by_volume=2,
        forecast_contacts=66.0,
        planned_aht_seconds=240.0,
        seen=seen,
        aht_seconds=251.0,
    )
    assert need.contacts == pytest.approx(66 * 52 / 44)
    assert need.handling_seconds == 251.0
    unforeseen = replace(need, seen=replace(seen, expected=0.0))
    assert unforeseen.contacts == 66.0
    nothing = Need(by_forecast=4)
    assert (nothing.contacts, nothing.handling_seconds) == (None, None)
    assert late_cost(cause(need=nothing, rostered=1), lambda _: 0.5, within_seconds=30) is None
    assert late_cost(cause(need=need), lambda _: 0.5, within_seconds=30) is None


def test_what_is_not_known_is_none_and_makes_no_part() -> None:
    assert cause(rostered=3).short is None
    assert cause(need=Need(by_forecast=4)).short is None
    assert gap_parts(cause(rostered=3)) == ()
    without_presence = cause(need=Need(by_forecast=4), rostered=3)
    assert (without_presence.here, without_presence.short) == (None, 1)
    assert here_now([on_shift("a", "chat")], {}, CHAT) is None
    # Somebody who reports nothing is not called absent.
    offline = said({"b": AgentState.OFFLINE})
    assert here_now([on_shift("a", "chat")], offline, CHAT) == Here(present=1, unreported=1)


def test_a_few_minutes_are_joined_to_the_interval_before() -> None:
    def window(minute: int, earliest: datetime | None = None) -> tuple[datetime, datetime] | None:
        return volume_window(at(10), at(10, 15), at(10, minute), earliest=earliest)

    assert window(11) == (at(10), at(10, 11))
    assert window(2) == (at(9, 45), at(10, 2))
    # Not beyond the opening: before it nobody could come.
    assert window(2, at(10)) == (at(10), at(10, 2))
    assert window(0, at(10)) is None
    assert volume_window(at(10), at(10, 15), at(12)) == (at(10), at(10, 15))
    assert timedelta(minutes=15) == at(10, 15) - at(10)
