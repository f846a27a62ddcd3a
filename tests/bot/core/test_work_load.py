"""ST11, TI5: what a week carries, which patterns it shows, and ranges that name nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from bot.core.floor import AgentState, PresenceState
from bot.core.ids import AgentId
from bot.core.work_load import (
    MEASURES,
    CareSettings,
    Load,
    LostPauses,
    Pattern,
    load_of,
    lost_pauses,
    patterns,
    team_load,
)
from scheduler.roster.shifts import BREAK, LUNCH, Segment, Shift
from tests.stories.service import shift
from tests.support.builders import SHANGHAI, at

MONDAY = date(2026, 11, 16)
SPAN = (at(0, day=MONDAY), at(0, day=MONDAY + timedelta(days=7)))
CARE = CareSettings()


def day(n: int) -> date:
    return MONDAY + timedelta(days=n)


def nine_to_six(n: int) -> Shift:
    return shift(at(9, day=day(n)), at(18, day=day(n)))


def week(shifts: Sequence[Shift], states: Sequence[PresenceState] = (), **more: object) -> Load:
    values: dict[str, object] = {
        "span": SPAN,
        "zone": SHANGHAI,
        "contract": 40.0,
        "late": time(12),
        "care": CARE,
        **more,
    }
    return load_of(shifts, states, **values)  # type: ignore[arg-type]


def state(kind: AgentState, since: datetime) -> PresenceState:
    return PresenceState(state=kind, since=since, heard_at=since, source="acd")


def test_a_plain_week_shows_nothing() -> None:
    found = week([nine_to_six(n) for n in range(5)])
    assert (found.shifts, found.hours, found.overtime, found.run) == (5, 40.0, 0.0, 5)
    assert (found.nights, found.lates, found.short_rests, found.occupancy) == (0, 0, 0, None)
    assert patterns([found] * 3, CARE) == ()


def test_a_row_of_days_is_followed_back_before_the_week_and_ends_with_a_day_off() -> None:
    before = [nine_to_six(n) for n in range(-4, 0)]
    assert week([*before, *(nine_to_six(n) for n in range(3))]).run == 7
    assert week([*before[:3], *(nine_to_six(n) for n in range(3))]).run == 3
    # A row that ended before the week is not this week's.
    assert week([*before[:3], nine_to_six(3)]).run == 1


def test_short_rests_are_between_days_and_of_this_week() -> None:
    late = shift(at(14, day=day(0)), at(23, day=day(0)))
    early = shift(at(8, day=day(1)), at(17, day=day(1)))
    assert week([late, early]).short_rests == 1
    assert week([late, replace(early, start=at(10, day=day(1)))]).short_rests == 0
    halves = [shift(at(8, day=day(2)), at(12, day=day(2))), shift(at(14, day=day(2)), at(18, day=day(2)))]
    assert week(halves).short_rests == 0
    sunday = shift(at(14, day=day(-1)), at(23, day=day(-1)))
    monday = shift(at(8, day=day(0)), at(17, day=day(0)))
    assert week([sunday, monday]).short_rests == 1
    assert (
        week(
            [shift(at(14, day=day(6)), at(23, day=day(6))), shift(at(8, day=day(7)), at(17, day=day(7)))]
        ).short_rests
        == 0
    )


def test_nights_and_late_shifts_are_those_of_the_persons_clock() -> None:
    night = shift(at(22, day=day(0)), at(22, day=day(0)) + timedelta(hours=8))
    assert week([night]).nights == 1
    assert week([shift(at(17, day=day(0)), at(17, day=day(0)) + timedelta(hours=9))]).nights == 0
    # The same instants in Lisbon are an afternoon.
    assert week([night], zone="Europe/Lisbon").nights == 0
    assert (week([night]).lates, week([nine_to_six(0)]).lates) == (1, 0)


def test_occupancy_is_known_only_from_enough_states_and_of_shifts_alone() -> None:
    shifts = [nine_to_six(n) for n in range(3)]
    said = []
    for n in range(3):
        said += [
            state(AgentState.BUSY, at(8, day=day(n))),
            state(AgentState.AVAILABLE, at(17, day=day(n))),
            state(AgentState.OFFLINE, at(20, day=day(n))),
        ]
    found = week(shifts, said)
    # Eight of nine hours in each shift; what was said before and after it does not count.
    assert found.occupancy is not None
    assert round(found.occupancy, 3) == round(8 / 9, 3)
    assert (found.busy_days, found.known_days) == (3, 3)
    assert patterns([found], CARE) == (Pattern.OCCUPANCY,)
    assert patterns([found], replace(CARE, occupancy=0.9)) == (Pattern.OCCUPANCY,)  # judged when counted
    assert week(shifts, said, care=replace(CARE, occupancy=0.9)).busy_days == 0
    assert week(shifts[:1], [state(AgentState.BUSY, at(17, day=day(0)))]).occupancy is None
    # Two busy days say too little of a week.
    assert patterns([week(shifts[:2], said)], CARE) == ()


def test_breaks_are_lost_where_a_shift_of_the_same_length_has_fewer() -> None:
    whole = nine_to_six(0)
    pause = Segment(activity=BREAK, start=at(10, day=MONDAY), end=at(10, 15, day=MONDAY), paid=True)
    rich = replace(whole, segments=(pause, *(s for s in whole.segments if s.activity == LUNCH)))
    poor = replace(rich, segments=rich.segments[1:])
    assert lost_pauses(rich, poor, moved=False) == LostPauses(given_up=1)
    assert lost_pauses(poor, rich, moved=False) == LostPauses()
    assert lost_pauses(rich, rich, moved=True) == LostPauses(moved=1)
    assert lost_pauses(rich, replace(poor, end=at(13, day=MONDAY)), moved=False) == LostPauses()


def test_weeks_beyond_the_contract_count_only_in_a_row() -> None:
    calm = Load(shifts=5, hours=40, contract=40, nights=0, lates=0, run=5, short_rests=0)
    much = replace(calm, hours=43)
    assert patterns([much, much, much], CARE) == (Pattern.HOURS,)
    assert patterns([much, calm, much], CARE) == ()
    assert patterns([much, much], CARE) == ()
    assert patterns([replace(much, contract=None)] * 3, CARE) == ()
    tired = replace(calm, run=7, short_rests=2)
    assert patterns([tired], CARE) == (Pattern.RUN, Pattern.REST)
    # Who is away shows nothing, whatever came before.
    assert patterns([much, much, replace(much, shifts=0)], CARE) == ()


def test_a_team_is_ranges_and_counts_and_nothing_below_three() -> None:
    calm = Load(shifts=5, hours=40, contract=40, nights=0, lates=1, run=5, short_rests=0)
    tired = replace(calm, hours=46, run=8, short_rests=2, moved=1, given_up=1, complaints=4)
    away = replace(calm, shifts=0, hours=0.0, lates=0, run=0)
    mondays = [MONDAY - timedelta(days=7), MONDAY]
    found = team_load(
        "harbour",
        mondays,
        {
            AgentId("a"): [calm, calm],
            AgentId("b"): [calm, tired],
            AgentId("c"): [calm, calm],
            AgentId("d"): [calm, away],
        },
        CARE,
    )
    assert (found.people, found.concerned) == (3, 1)
    assert found.patterns == {Pattern.RUN: 1, Pattern.REST: 1}
    assert [line.measure for line in found.lines] == list(MEASURES)
    lines = {line.measure: line for line in found.lines}
    hours = lines["hours"].spread
    assert hours is not None
    assert (hours.least, hours.median, hours.most) == (40, 40, 46)
    assert (lines["overtime"].total, lines["overtime"].people) == (6.0, 1)
    assert (lines["breaks_lost"].total, lines["complaints"].trend) == (2.0, (0.0, 4.0))
    assert lines["run"].trend == (5.0, 8.0)
    assert (lines["occupancy"].spread, lines["occupancy"].trend) == (None, (None, None))
    few = team_load("harbour", mondays, {AgentId("a"): [calm, calm], AgentId("b"): [calm, tired]}, CARE)
    assert (few.too_few, few.lines) == (True, ())
