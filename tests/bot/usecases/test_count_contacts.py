"""Live contacts become history: every open interval once, late words included, imported counts first."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from bot.core.contacts import EventKind
from bot.store.volumes import VolumeCount, VolumeSource
from bot.usecases import count_contacts
from tests.bot.usecases.harbour import Harbour
from tests.support.builders import CHAT, SHANGHAI, at, contact, event

QUARTER = timedelta(minutes=15)


def count(harbour: Harbour, when: datetime) -> int:
    harbour.clock.now = when
    return count_contacts.tick(harbour.store, harbour.settings, now=when)


def arrive(harbour: Harbour, when: datetime, ref: str, seconds: float | None = None) -> None:
    harbour.clock.now = max(harbour.clock.now, when)
    harbour.open(when, ref)
    if seconds is not None:
        harbour.clock.forward(minutes=1)
        harbour.tell(event(EventKind.RESOLVED, when + timedelta(minutes=1), ref, handle_seconds=seconds))


def history(harbour: Harbour) -> dict[str, tuple[float, float | None]]:
    """Local start to contacts and handling time of what is observed."""
    with harbour.store.read() as uow:
        held = uow.volumes.history(CHAT, SHANGHAI, QUARTER)
    if held is None:
        return {}
    aht = [None if np.isnan(seconds) else float(seconds) for seconds in held.aht_seconds]
    return {
        f"{start:%H:%M}": (float(held.offered[i]), aht[i])
        for i, start in enumerate(held.grid.local_starts())
        if held.observed[i]
    }  # fmt: skip


def test_open_intervals_are_counted_with_zeros_and_closed_ones_are_not(harbour: Harbour) -> None:
    harbour.clock.now = at(21)
    arrive(harbour, at(21, 1), "A")
    for i, when in enumerate((at(21, 16), at(21, 20), at(21, 46), at(22, 5))):
        arrive(harbour, when, f"B{i}", 60.0 + 60 * i)
    assert count(harbour, at(23, 2)) > 0
    # The source's first quarter may be a part of one; 22:05 is outside the opening hours, but somebody came.
    assert history(harbour) == {
        "21:15": (2.0, 90.0), "21:30": (0.0, None), "21:45": (1.0, 180.0), "22:00": (1.0, 240.0)
    }  # fmt: skip


def test_counting_again_changes_nothing_and_one_replica_counts(harbour: Harbour) -> None:
    harbour.clock.now = at(10)
    arrive(harbour, at(10, 1), "A")
    arrive(harbour, at(10, 20), "B", 120.0)
    assert count(harbour, at(10, 45)) == 2
    assert count(harbour, at(10, 46)) == 0
    before = history(harbour)
    assert count(harbour, at(10, 50)) == 0
    assert history(harbour) == before


def test_the_running_interval_waits_until_it_is_over(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    harbour.clock.now = at(10)
    arrive(harbour, at(10, 1), "A")
    arrive(harbour, at(10, 31), "B")
    count(harbour, at(10, 40))
    assert history(harbour) == {"10:15": (0.0, None)}
    count(harbour, at(10, 45))
    assert history(harbour)["10:30"] == (1.0, None)


def test_late_events_correct_the_counts(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    harbour.clock.now = at(9)
    arrive(harbour, at(9, 1), "A")
    arrive(harbour, at(9, 20), "B")
    count(harbour, at(14))
    assert history(harbour)["09:15"] == (1.0, None)
    # Five hours later: another contact of that quarter, and how long the first one took.
    harbour.tell(event(EventKind.OPENED, at(9, 25), "LATE"))
    harbour.tell(event(EventKind.RESOLVED, at(9, 40), "B", handle_seconds=300.0))
    assert count(harbour, at(14, 5)) == 1
    assert history(harbour)["09:15"] == (2.0, 300.0)


def test_imported_volumes_win(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    with harbour.store.unit() as uow:
        imported = [VolumeCount(queue=CHAT, start=at(10, 15), interval=QUARTER, contacts=17.0)]
        uow.volumes.save(imported, source=VolumeSource.VOLUMES)
        uow.commit()
    harbour.clock.now = at(10)
    arrive(harbour, at(10, 1), "A")
    arrive(harbour, at(10, 20), "B")
    count(harbour, at(10, 45))
    assert history(harbour)["10:15"] == (17.0, None)
    assert history(harbour)["10:30"] == (0.0, None)


def test_a_silent_source_leaves_a_gap_and_not_zeros(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    harbour.clock.now = at(9)
    arrive(harbour, at(9, 1), "A")
    arrive(harbour, at(9, 20), "B")
    count(harbour, at(10))
    assert history(harbour)["09:45"] == (0.0, None)
    with harbour.store.unit() as uow:
        episode = uow.episodes.open("silence", CHAT, since=at(9, 20), now=at(10, 4), detail={})
        uow.commit()
    count(harbour, at(10, 15))
    # Nobody knows what came from 09:20 on, nor in all of the quarter in which it stopped.
    assert history(harbour) == {}
    with harbour.store.unit() as uow:
        assert episode is not None
        uow.episodes.end(episode, at(10, 31))
        uow.commit()
    # The source comes back and tells some of what it had kept: whether it is all nobody knows.
    harbour.clock.now = at(10, 50)
    harbour.tell(event(EventKind.OPENED, at(9, 50), "KEPT"), event(EventKind.OPENED, at(10, 48), "NEW"))
    count(harbour, at(11, 15))
    assert history(harbour) == {"10:45": (1.0, None), "11:00": (0.0, None)}


def test_a_queue_that_is_only_imported_gets_no_zeros(quick_harbour: Harbour) -> None:
    """A file's contact that a live event finishes does not make the queue one that is fed live."""
    harbour = quick_harbour
    with harbour.store.unit() as uow:
        uow.contacts.import_many([contact("F", opened_at=at(9), source="file")])
        uow.commit()
    harbour.tell(event(EventKind.RESOLVED, at(9, 30), "F", handle_seconds=60.0))
    count(harbour, at(12))
    assert history(harbour) == {}
    with harbour.store.read() as uow:
        assert uow.count_marks.get(count_contacts.mark_of(CHAT)) is None


def test_the_nightly_recount_mends_what_was_missed(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    harbour.clock.now = at(9)
    arrive(harbour, at(9, 1), "A")
    count(harbour, at(12))
    with harbour.store.unit() as uow:
        # As if a commit had come later than all the overlap.
        uow.contacts.save([contact("MISSED", opened_at=at(9, 20))])
        uow.commit()
    count(harbour, at(12, 5))
    assert history(harbour)["09:15"] == (0.0, None)
    changed = count_contacts.recount(harbour.store, harbour.settings, days=3, now=at(13))
    assert changed == 1 + 4
    assert history(harbour)["09:15"] == (1.0, None)


def test_many_events_are_read_in_several_transactions_of_one_tick(
    quick_harbour: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    harbour = quick_harbour
    monkeypatch.setattr(count_contacts, "EVENTS", 10)
    monkeypatch.setattr(count_contacts, "OVERLAP", 3)
    harbour.clock.now = at(9)
    for i in range(40):
        arrive(harbour, at(9) + timedelta(minutes=i), f"C{i}")
    count(harbour, at(10))
    assert sum(contacts for contacts, _ in history(harbour).values()) == 25  # from 09:15 on
    with harbour.store.read() as uow:
        mark = uow.count_marks.get(count_contacts.MARK)
    assert mark is not None
    assert mark.event == 40
