"""SP4, SP5: a service level below its target is told once, with its cause, and told when over."""

from __future__ import annotations

import threading
from datetime import timedelta

from bot.core.contacts import EventKind
from bot.core.service_messages import ServiceBelow
from bot.usecases import count_contacts, watch_outlook
from tests.bot.usecases.harbour import ALERTS, Harbour
from tests.bot.usecases.test_watch_outlook import come, floor, look, publish, said
from tests.support.builders import EMAIL, at, event

__all__ = ["floor"]


def slow(harbour: Harbour) -> None:
    """20 chats between 10:00 and 10:30, each answered after a minute; the target is 80 % within 20 s."""
    harbour.clock.now = at(9)
    publish(harbour, ("lin", at(10, 15), at(12, 30), at(15)))
    come(harbour, at(10), at(10, 30), 20, kind=EventKind.RESPONDED)
    count_contacts.tick(harbour.store, harbour.settings, now=at(10, 30))


def test_it_is_told_once_with_figures_and_ends_in_place(floor: Harbour) -> None:
    slow(floor)
    look(floor, at(10, 30, 40))
    (below,) = said(floor, ALERTS, ServiceBelow)
    assert (below.queue, below.within, below.share, below.within_seconds) == ("chat", 0, 0.8, 20.0)
    assert below.judged >= 19
    assert below.ended_at is None
    assert below.cause is not None
    look(floor, at(10, 35, 40))
    assert len(said(floor, ALERTS, ServiceBelow)) == 1
    # Half an hour later nobody was kept waiting: over, in the same post.
    look(floor, at(11, 5, 40))
    (over,) = said(floor, ALERTS, ServiceBelow)
    assert over.ended_at == at(11, 5, 40)


def test_answers_in_time_say_nothing(floor: Harbour) -> None:
    floor.clock.now = at(10, 31)
    publish(floor, ("lin", at(10, 15), at(12, 30), at(15)))
    come(floor, at(10), at(10, 30), 20)
    spoken = [at(10) + i * timedelta(minutes=1.5) + timedelta(seconds=10) for i in range(20)]
    floor.tell(*(event(EventKind.RESPONDED, when, f"chat{at(10):%H%M}-{i}") for i, when in enumerate(spoken)))
    count_contacts.tick(floor.store, floor.settings, now=at(10, 30))
    look(floor, at(10, 30, 40))
    assert said(floor, ALERTS, ServiceBelow) == []


def test_email_is_judged_by_its_cases_and_not_by_a_service_level(floor: Harbour) -> None:
    floor.clock.now = at(9)
    come(floor, at(10), at(10, 30), 20, queue=EMAIL)
    count_contacts.tick(floor.store, floor.settings, now=at(10, 30))
    look(floor, at(10, 30, 40))
    assert said(floor, ALERTS, ServiceBelow) == []


def test_two_replicas_tell_it_once(floor: Harbour) -> None:
    slow(floor)
    now = at(10, 30, 40)
    floor.clock.now = now
    threads = [
        threading.Thread(target=watch_outlook.tick, args=(floor.store, floor.settings), kwargs={"now": now})
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    floor.drain(3)
    assert len(said(floor, ALERTS, ServiceBelow)) == 1
