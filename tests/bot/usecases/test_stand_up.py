"""The stand-up digest: once per team and local date, late where it is late, with the right figures."""

from __future__ import annotations

import threading
from datetime import date

from bot.core.contacts import ContactStatus, EventKind, Priority
from bot.core.ids import AgentId
from bot.core.messages import StandUpDigest
from bot.usecases import stand_up
from tests.bot.usecases.harbour import Harbour
from tests.support.builders import at, contact, event, settings

PLACE = "#harbour-standup"
MONDAY = date(2026, 11, 23)
TUESDAY = date(2026, 11, 24)


def digest(harbour: Harbour) -> StandUpDigest:
    harbour.drain(2)
    (found,) = harbour.slack.in_place(PLACE)
    assert isinstance(found, StandUpDigest)
    return found


def test_it_is_written_once_before_the_meeting(harbour: Harbour) -> None:
    harbour.clock.now = at(9, 19, 59)
    assert harbour.stand_up() == 0
    harbour.clock.now = at(9, 20)
    assert [harbour.stand_up() for _ in range(3)] == [1, 0, 0]
    said = digest(harbour)
    assert (said.day, said.meeting_at, said.late) == (TUESDAY, at(9, 30), False)
    assert not said.roster_known


def test_three_replicas_write_one(harbour: Harbour) -> None:
    harbour.clock.now = at(9, 20)
    written: list[int] = []
    barrier = threading.Barrier(3)

    def work() -> None:
        barrier.wait(10)
        written.append(harbour.stand_up())

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(written) == [0, 0, 1]


def test_after_an_outage_it_says_that_it_is_late_and_after_hours_it_is_left_out(
    quick_harbour: Harbour,
) -> None:
    harbour = quick_harbour
    harbour.clock.now = at(10, 40)
    assert harbour.stand_up() == 1
    assert digest(harbour).late
    harbour.clock.now = at(15, day=date(2026, 11, 25))
    assert harbour.stand_up() == 0


def test_no_meeting_no_digest(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    harbour.clock.now = at(9, 25, day=date(2026, 11, 28))  # a Saturday
    assert harbour.stand_up() == 0
    assert stand_up.next_due(harbour.settings, now=harbour.clock()) == at(9, 20, day=date(2026, 11, 30))


def test_the_night_the_clocks_change_there_is_one_digest_at_its_local_time(
    quick_harbour: Harbour,
) -> None:
    """25 October 2026 in Lisbon: 09:20 is 08:20 UTC the Friday before and 09:20 UTC the Monday after."""
    from datetime import UTC, datetime, timedelta

    harbour = quick_harbour
    harbour.settings = settings(zone="Europe/Lisbon")
    written = []
    now = datetime(2026, 10, 23, tzinfo=UTC)
    while now < datetime(2026, 10, 27, tzinfo=UTC):
        harbour.clock.now = now
        if harbour.stand_up():
            written.append(now)
        now += timedelta(minutes=10)
    assert written == [
        datetime(2026, 10, 23, 8, 20, tzinfo=UTC),
        datetime(2026, 10, 26, 9, 20, tzinfo=UTC),
    ]


def test_figures_of_yesterday_overdue_cases_and_the_cover_of_today(harbour: Harbour) -> None:
    yesterday = [
        contact("in-time", opened_at=at(11, day=MONDAY), responded_at=at(11, 5, day=MONDAY)),
        contact("late", opened_at=at(12, day=MONDAY), responded_at=at(12, 30, day=MONDAY)),
        contact("two-days-ago", opened_at=at(12, day=date(2026, 11, 22))),
    ]
    with harbour.store.unit() as uow:
        uow.contacts.import_many(yesterday)
        uow.commit()
    harbour.clock.now = at(13, day=MONDAY)
    harbour.open(at(13, day=MONDAY), "open-since-yesterday", priority=Priority.HIGH)
    harbour.open(at(13, day=MONDAY), "answered", priority=Priority.HIGH)
    harbour.tell(
        event(EventKind.RESPONDED, at(13, day=MONDAY), "answered", agent=AgentId("bo")),
        event(EventKind.RESOLVED, at(13, day=MONDAY), "answered", agent=AgentId("bo")),
    )
    harbour.publish({"lin": (at(9), at(11)), "bo": (at(9, 30), at(11))})
    harbour.require([2, 2, 3], at(9, 15))
    harbour.clock.now = at(9, 20)
    assert harbour.stand_up() == 1
    said = digest(harbour)
    chat = next(day for day in said.yesterday if day.queue == "chat")
    assert (chat.contacts, chat.judged, chat.within) == (4, 4, 2)
    assert chat.median_response_seconds == 300
    assert [(c.ref, c.due_at) for c in said.overdue] == [("open-since-yesterday", at(13, 10, day=MONDAY))]
    assert said.overdue_total == 1
    assert said.roster_known
    (cover,) = said.cover
    assert (cover.queue, cover.required_agents_peak) == ("chat", 3)
    assert cover.missing_agent_minutes == 15 + 0 + 15
    assert (cover.worst_at, cover.worst_missing) == (at(9, 15), 1)
    assert said.data_until == at(13, day=MONDAY)


def test_solved_cases_are_not_overdue(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    with harbour.store.unit() as uow:
        uow.contacts.import_many([contact(status=ContactStatus.SOLVED, resolved_at=at(10))])
        uow.commit()
    harbour.clock.now = at(9, 20)
    harbour.stand_up()
    assert digest(harbour).overdue_total == 0
