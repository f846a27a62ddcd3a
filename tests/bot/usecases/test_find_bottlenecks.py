"""Where in the week first responses come late, and who was there (FP10)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from bot.core.bottlenecks import Slot, worst_first
from bot.core.contacts import EventKind
from bot.core.errors import RefusedError
from bot.core.ids import QueueId
from bot.core.requirements import RequirementInterval
from bot.store.unit_of_work import Store
from bot.usecases.find_bottlenecks import bottlenecks
from scheduler.roster.roster import Assignment, Roster, RosterPeriod
from scheduler.roster.shifts import Segment, Shift
from tests.bot.usecases.harbour import Harbour
from tests.support.builders import CHAT, SHANGHAI, agent, at, event

MINUTE = timedelta(minutes=1)
NOW = at(20)  # Tuesday 24 November 2026


@pytest.fixture
def harbour(store: Store) -> Harbour:
    """Four Tuesdays: of twelve chats from ten o'clock half are answered late, from two o'clock none."""
    team = Harbour(store)
    team.people(agent("lin"), agent("bo"))
    for back in range(4):
        for hour, late in ((10, 6), (14, 0)):
            for i in range(12):
                opened = at(hour) - timedelta(weeks=back) + i * 4 * MINUTE
                ref = f"C{back}-{hour}-{i}"
                # Harbour answers a chat of normal priority within thirty minutes.
                answered = opened + (50 if i < late else 5) * MINUTE
                team.clock.now = answered
                told = team.tell(
                    event(EventKind.OPENED, opened, ref, queue="chat"),
                    event(EventKind.RESPONDED, answered, ref),
                )
                assert told.refused == ()
    team.clock.now = NOW
    return team


def needed_and_rostered(store: Store, first: datetime, people: int) -> None:
    """Three are needed at the chat all day, ``people`` are rostered, on one Tuesday."""
    shift = Shift(
        date=first.date(),
        start=first,
        end=first + timedelta(hours=8),
        segments=(Segment(activity=CHAT, start=first, end=first + timedelta(hours=8), paid=True),),
    )
    roster = Roster(
        period=RosterPeriod(first=date(2026, 11, 24), days=1, zone=SHANGHAI),
        assignments=tuple(Assignment(agent=name, shift=shift) for name in ("lin", "bo")[:people]),
    )
    rows = [
        RequirementInterval(
            queue=CHAT,
            start=first + i * 15 * MINUTE,
            interval=15 * MINUTE,
            base_agents=3,
            scheduled_agents=3,
        )
        for i in range(32)
    ]
    with store.unit() as uow:
        made = uow.rosters.save_draft(roster, made_at=first)
        uow.rosters.publish(made, by="pei", at=first, accepted_because=None)
        uow.requirements.replace(CHAT, first, first + timedelta(hours=8), rows, made_at=first, forecast=None)
        uow.commit()


def test_the_hour_in_which_contacts_wait_is_found_with_its_people(harbour: Harbour, store: Store) -> None:
    needed_and_rostered(store, at(9), 2)
    found = bottlenecks(store, harbour.settings, weeks=5, now=NOW)
    by_slot = {one.slot: one for one in found}
    assert set(by_slot) == {Slot(CHAT, 1, 10), Slot(CHAT, 1, 14)}
    ten, two = by_slot[Slot(CHAT, 1, 10)], by_slot[Slot(CHAT, 1, 14)]
    assert (ten.judged, ten.broken, two.judged, two.broken) == (48, 24, 48, 0)
    assert ten.excess == pytest.approx(12)
    assert (ten.needed, ten.rostered, ten.short) == (3, 2, 1)
    assert [one.slot.hour for one in worst_first(found)] == [10]


def test_without_a_roster_nothing_is_said_of_people(harbour: Harbour, store: Store) -> None:
    (worst,) = worst_first(bottlenecks(store, harbour.settings, weeks=5, now=NOW))
    assert (worst.needed, worst.rostered, worst.short) == (None, None, None)


def test_only_the_weeks_asked_for_count(harbour: Harbour, store: Store) -> None:
    found = bottlenecks(store, harbour.settings, weeks=1, now=NOW)
    assert sum(one.judged for one in found) == 24


def test_an_unknown_queue_is_refused(harbour: Harbour, store: Store) -> None:
    with pytest.raises(RefusedError):
        bottlenecks(store, harbour.settings, queues=[QueueId("fax")], weeks=1, now=NOW)
