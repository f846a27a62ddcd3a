"""Live states and sources, on both databases."""

from __future__ import annotations

import random
import threading
import time
from datetime import datetime, timedelta

from bot.core.floor import AgentState, PresenceEntry
from bot.core.ids import AgentId
from bot.store.unit_of_work import Store
from tests.support.builders import agent, at

BO, LIN = AgentId("bo"), AgentId("lin")
SECOND = timedelta(seconds=1)


def entry(state: AgentState, hour: int, minute: int = 0, source: str = "pbx") -> PresenceEntry:
    return PresenceEntry(agent=BO, state=state, since=at(hour, minute), source=source)


WORDS = [
    entry(AgentState.AVAILABLE, 9),
    entry(AgentState.BUSY, 9, 20),
    entry(AgentState.LUNCH, 12),
    entry(AgentState.AWAY, 12, source="desk"),
    entry(AgentState.AVAILABLE, 13),
]


def save(store: Store, words: list[PresenceEntry], hour: int = 14) -> None:
    with store.unit() as uow:
        uow.people.upsert(agent("bo"))
        for word in words:
            uow.presence.save([word], at(hour))
        uow.commit()


def test_any_order_ends_in_the_same_state(store: Store) -> None:
    words = WORDS * 2
    random.Random(7).shuffle(words)
    save(store, words)
    with store.read() as uow:
        in_force = {hour: uow.presence.now(at(hour, 30)).get(BO) for hour in (8, 9, 12, 13)}
        history = uow.presence.history([BO, LIN], at(9, 30), at(13))
    assert {hour: s and (s.state, s.source) for hour, s in in_force.items()} == {
        8: None,
        9: (AgentState.BUSY, "pbx"),
        12: (AgentState.LUNCH, "pbx"),
        13: (AgentState.AVAILABLE, "pbx"),
    }
    assert [s.state for s in history[BO]] == [AgentState.BUSY, AgentState.LUNCH]
    assert LIN not in history


def test_a_repetition_makes_a_state_fresh_and_a_later_word_corrects_it(store: Store) -> None:
    save(store, WORDS[:1], hour=10)
    save(store, WORDS[:1], hour=11)
    with store.unit() as uow:
        assert uow.presence.now(at(12))[BO].heard_at == at(11)
        assert uow.presence.heard_until("pbx") == at(11)
        assert uow.presence.heard_until("desk") is None
        changed = uow.presence.save([entry(AgentState.TRAINING, 9)], at(11, 5))
        uow.commit()
    assert (changed.new, changed.changed) == (0, 1)
    with store.read() as uow:
        assert uow.presence.now(at(12))[BO].state is AgentState.TRAINING


def test_a_source_keeps_the_latest_time_it_spoke_of(store: Store) -> None:
    with store.unit() as uow:
        uow.sources.heard("crm", at(9, 30), at(10))
        uow.sources.heard("crm", at(9), at(10, 5))  # late, and still alive
        uow.sources.heard_all({"pbx": None, "crm": None}, at(10, 6))
        uow.commit()
    with store.read() as uow:
        crm, pbx = uow.sources.all()
        assert uow.sources.get("nobody") is None
    assert (crm.name, crm.last_event_at, crm.heard_at) == ("crm", at(9, 30), at(10, 6))
    assert (pbx.name, pbx.last_event_at, pbx.heard_at) == ("pbx", None, at(10, 6))


def test_a_busy_source_writes_once_a_second(store: Store) -> None:
    with store.unit() as uow:
        uow.sources.heard("crm", at(9), at(10))
        uow.commit()
    with store.unit() as uow:
        uow.sources.heard("crm", at(9), at(10) + SECOND / 2)
        uow.commit()
    with store.unit() as uow:
        assert uow.sources.get("crm").heard_at == at(10)  # type: ignore[union-attr]
        uow.sources.heard("crm", at(9) + SECOND, at(10) + SECOND / 2)
        uow.commit()
    with store.read() as uow:
        source = uow.sources.get("crm")
    assert source is not None
    assert (source.last_event_at, source.heard_at) == (at(9) + SECOND, at(10) + SECOND / 2)


def test_of_two_writers_at_once_the_later_time_stays(store: Store) -> None:
    with store.unit() as uow:
        uow.sources.heard("crm", at(9), at(10))
        uow.commit()

    def tell(until: datetime, now: datetime) -> None:
        with store.unit() as uow:
            uow.sources.heard("crm", until, now)
            uow.commit()

    with store.unit() as first:
        first.sources.heard("crm", at(9, 50), at(10, 2))
        second = threading.Thread(target=tell, args=(at(9, 40), at(10, 1)))
        second.start()
        # Long enough to have read what stands there and to wait for the row.
        time.sleep(0.5)
        first.commit()
    second.join()
    with store.read() as uow:
        source = uow.sources.get("crm")
    assert source is not None
    assert (source.last_event_at, source.heard_at) == (at(9, 50), at(10, 2))
