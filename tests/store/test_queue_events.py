"""Dated events in the store, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from bot.core.changes import Change
from bot.core.ids import EventId, QueueId
from bot.core.queue_events import QueueEvent, acting_on
from bot.store.unit_of_work import Store
from forecasting.events import OPEN_END, DatedEvent, EventNature, Lift

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
SALE = QueueEvent(
    queue=QueueId("phone"),
    event=DatedEvent(
        kind="sale",
        first_day=date(2026, 12, 11),
        last_day=date(2026, 12, 12),
        name="双十二",
        size=1.5,
        lift=Lift(low=1.1, mid=1.2, high=1.4),
        lead_days=2,
        tail_days=3,
    ),
    added_by="ada@harbour.example",
    added_at=NOW,
)
BOT = QueueEvent(
    queue=None,
    event=DatedEvent(
        kind="chatbot", nature=EventNature.DEFLECTION, first_day=date(2026, 12, 1), last_day=OPEN_END
    ),
    added_by="cli",
    added_at=NOW,
)


def save(store: Store, *events: QueueEvent) -> list[tuple[EventId, Change]]:
    with store.unit() as uow:
        saved = uow.queue_events.save(events)
        uow.commit()
    return saved


def test_events_come_back_as_they_were_in_order_of_time(store: Store) -> None:
    (sale, _), (bot, _) = save(store, SALE, BOT)
    with store.read() as uow:
        assert uow.queue_events.all() == [replace(BOT, number=bot), replace(SALE, number=sale)]


def test_the_same_event_twice_changes_nothing_and_a_new_figure_replaces_the_old(store: Store) -> None:
    ((number, change),) = save(store, SALE)
    assert change is Change.NEW
    assert save(store, replace(SALE, added_by="cli")) == [(number, Change.UNCHANGED)]
    more = replace(SALE, event=replace(SALE.event, lift=None), added_by="cli")
    assert save(store, more) == [(number, Change.CHANGED)]
    other_queue = replace(SALE, queue=None)
    assert save(store, other_queue)[0][1] is Change.NEW
    with store.read() as uow:
        held = uow.queue_events.all()
    assert [(e.queue, e.event.lift, e.added_by) for e in held] == [
        ("phone", None, "cli"),
        (None, SALE.event.lift, "ada@harbour.example"),
    ]


def test_what_is_said_for_a_queue_alone_wins_over_what_is_said_for_all(store: Store) -> None:
    for_all = replace(SALE, queue=None, event=replace(SALE.event, lift=Lift.between(2, 3)))
    save(store, for_all, SALE, BOT)
    with store.read() as uow:
        held = uow.queue_events.all()
    assert acting_on(held, QueueId("phone")) == (BOT.event, SALE.event)
    assert acting_on(held, QueueId("chat")) == (BOT.event, for_all.event)


def test_a_removed_event_is_gone_and_removed_once(store: Store) -> None:
    ((number, _),) = save(store, SALE)
    with store.unit() as uow:
        assert uow.queue_events.remove(number) == replace(SALE, number=number)
        assert uow.queue_events.remove(number) is None
        uow.commit()
    with store.read() as uow:
        assert uow.queue_events.all() == []
