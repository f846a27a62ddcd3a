"""Reminders in the store, and that two replicas at once write one."""

from __future__ import annotations

from datetime import time, timedelta
from threading import Barrier, Thread

from bot.core.ids import AgentId
from bot.core.messages import ShiftReminder
from bot.store.unit_of_work import Store
from bot.usecases import remind_shifts
from tests.stories.service import DAY, publish
from tests.support.builders import agent, at

BO, CHEN = AgentId("bo"), AgentId("chen")


def test_a_time_is_replaced_and_ended(store: Store) -> None:
    with store.unit() as uow:
        assert uow.shift_reminders.of(BO) is None
        uow.shift_reminders.keep(BO, time(19), now=at(9))
        uow.shift_reminders.keep(CHEN, time(7, 30), now=at(9))
        uow.shift_reminders.keep(BO, time(20, 15), now=at(10))
        uow.commit()
    with store.unit() as uow:
        assert uow.shift_reminders.all() == {BO: time(20, 15), CHEN: time(7, 30)}
        assert uow.shift_reminders.end(BO)
        assert not uow.shift_reminders.end(BO)
        assert uow.shift_reminders.of(BO) is None
        uow.commit()


def test_of_two_replicas_at_once_one_reminds(store: Store) -> None:
    day = DAY + timedelta(days=1)
    with store.unit() as uow:
        uow.people.upsert(agent("bo", slack_user="UBO"))
        uow.shift_reminders.keep(BO, time(19), now=at(9))
        uow.commit()
    publish(store, [("bo", at(9, day=day), at(18, day=day))])
    start, written = Barrier(2), []

    def look() -> None:
        start.wait()
        written.append(remind_shifts.tick(store, now=at(19, 1)))

    threads = [Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(written) == [0, 1]
    with store.read() as uow:
        post = uow.outbox.by_key(f"shift-reminder-bo-{DAY.isoformat()}")
    assert post is not None
    assert isinstance(post.outgoing.message, ShiftReminder)
