"""The numbers of the stand-up digest."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from bot.core.digests import cover_today, meeting_at, queue_day
from bot.core.ids import ContactRef
from bot.core.people import StandUp
from bot.core.requirements import RequirementInterval
from tests.support.builders import CHAT, at, contact

QUARTER = timedelta(minutes=15)


def test_first_responses_of_yesterday() -> None:
    cases = [
        contact("in-time", responded_at=at(10, 4)),
        contact("late", responded_at=at(10, 20)),
        contact("never"),
        contact("still-has-time"),
        contact("no-promise", responded_at=at(10, 6)),
    ]
    due = {ContactRef(r): at(10, 10) for r in ("in-time", "late", "never")}
    due[ContactRef("still-has-time")] = at(18)
    day = queue_day("chat", cases, due, at(12))
    assert (day.contacts, day.judged, day.within) == (5, 3, 1)
    assert day.median_response_seconds == 360.0


def test_a_day_without_contacts_has_no_median() -> None:
    assert queue_day("chat", [], {}, at(12)).median_response_seconds is None


def requirement(*agents: int) -> list[RequirementInterval]:
    return [
        RequirementInterval(
            queue=CHAT, start=at(10) + i * QUARTER, interval=QUARTER, base_agents=n, scheduled_agents=n
        )
        for i, n in enumerate(agents)
    ]


def test_cover_counts_what_is_missing_and_where_it_is_worst() -> None:
    # Two people all along, one of them five minutes away in the second quarter.
    work = [(at(9), at(12)), (at(9), at(10, 15)), (at(10, 20), at(12))]
    cover = cover_today("chat", requirement(2, 3, 3), work)
    assert cover.required_agents_peak == 3
    assert round(cover.missing_agent_minutes, 6) == 20 + 15
    assert (cover.worst_at, cover.worst_missing) == (at(10, 15), 2)


def test_more_people_in_one_interval_do_not_make_up_for_another() -> None:
    work = [(at(10), at(10, 15))] * 5
    assert cover_today("chat", requirement(1, 1), work).missing_agent_minutes == 15


def test_without_a_roster_nothing_is_said_to_be_missing() -> None:
    assert cover_today("chat", requirement(4), None).missing_agent_minutes == 0.0


def test_the_meeting_stands_at_its_local_time_on_both_sides_of_a_clock_change() -> None:
    rule = StandUp(
        at=time(9, 30),
        digest_before=timedelta(minutes=10),
        length=timedelta(minutes=15),
        weekdays=frozenset({4, 0}),
    )
    friday, monday, sunday = date(2026, 3, 27), date(2026, 3, 30), date(2026, 3, 29)
    assert meeting_at(rule, friday, "Europe/Lisbon") == datetime(2026, 3, 27, 9, 30, tzinfo=UTC)
    assert meeting_at(rule, monday, "Europe/Lisbon") == datetime(2026, 3, 30, 8, 30, tzinfo=UTC)
    assert meeting_at(rule, sunday, "Europe/Lisbon") is None
