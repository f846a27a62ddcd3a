"""Promises in the store: what is due costs what is due, and two replicas share it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import text

from bot.core.ids import AgentId, ContactRef, PromiseId
from bot.core.promises import Promise, PromiseKind, PromiseState, ended, judge
from bot.store.unit_of_work import Store
from tests.support.builders import CHAT, PHONE, agent, at, contact

REF = ContactRef("GD20261124001")


def furnished(store: Store) -> None:
    with store.unit() as uow:
        uow.people.upsert(agent("bo"))
        uow.contacts.save([contact(), contact("GD2")])
        uow.commit()


def added(store: Store, minutes: int = 0, **fields: object) -> Promise | None:
    due_at = at(16) + timedelta(minutes=minutes)
    values: dict[str, object] = {
        "ref": REF,
        "kind": PromiseKind.FOLLOW_UP,
        "owner": AgentId("bo"),
        "due_at": due_at,
        "made_at": at(10),
        "made_by": "bo",
        "remind_at": None,
        "next_check_at": due_at,
    }
    with store.unit() as uow:
        made = uow.promises.add(**{**values, **fields})  # type: ignore[arg-type]
        uow.commit()
    return made


def test_a_promise_comes_back_as_it_was_kept(store: Store) -> None:
    furnished(store)
    made = added(store, note="物流核实", remind_at=at(15, 45), next_check_at=at(15, 45))
    assert made is not None
    with store.unit() as uow:
        assert uow.promises.get(made.promise) == made
        assert uow.promises.owed_by(AgentId("bo")) == [made]
        assert uow.promises.due(at(15, 44), 10) == []
        assert uow.promises.due(at(15, 45), 10) == [made]
        assert uow.promises.get(PromiseId(99)) is None


def test_one_origin_makes_one_promise(store: Store) -> None:
    furnished(store)
    first = added(store, origin="notice:1")
    assert added(store, origin="notice:1") is None
    assert added(store, origin=None) is not None
    assert added(store, origin=None) is not None
    with store.read() as uow:
        assert uow.promises.by_origin("notice:1") == first


def test_a_claim_is_won_once(store: Store) -> None:
    furnished(store)
    made = added(store)
    assert made is not None
    broken, _ = judge(made, at(16))
    with store.unit() as uow:
        assert uow.promises.claim(made, broken)
        assert not uow.promises.claim(made, broken)
        uow.commit()
    with store.read() as uow:
        found = uow.promises.get(made.promise)
    assert found is not None
    assert (found.state, found.next_check_at) == (PromiseState.BROKEN, None)


def test_an_owner_off_is_claimed_once(store: Store) -> None:
    furnished(store)
    made = added(store)
    assert made is not None
    with store.unit() as uow:
        assert uow.promises.claim_owner_off(made.promise, at(11))
        assert not uow.promises.claim_owner_off(made.promise, at(12))
        assert uow.promises.to_come((at(10), PromiseId(0)), at(23), 10) == []


def test_what_is_to_come_is_walked_through_in_pages(store: Store) -> None:
    furnished(store)
    made = [added(store, minutes=n // 2) for n in range(7)]
    seen: list[PromiseId] = []
    after = (at(10), PromiseId(0))
    while True:
        with store.read() as uow:
            page = uow.promises.to_come(after, at(23), 3)
        if not page:
            break
        seen += [p.promise for p in page]
        after = (page[-1].due_at, page[-1].promise)
    assert seen == [p.promise for p in made if p is not None]


def test_what_is_over_is_owed_no_more(store: Store) -> None:
    furnished(store)
    made = added(store)
    assert made is not None
    over = replace(made, state=PromiseState.KEPT, next_check_at=None, ended_at=at(15), ended_by="bo")
    with store.unit() as uow:
        assert uow.promises.claim(made, over)
        uow.commit()
    with store.unit() as uow:
        assert uow.promises.owed_by(AgentId("bo")) == uow.promises.of_contacts([REF]) == []
        assert uow.promises.owed_counts([AgentId("bo")]) == {}
        assert uow.promises.due(at(23), 10) == []


def test_promises_go_with_their_contact(store: Store) -> None:
    furnished(store)
    made = added(store)
    assert made is not None
    with store.engine.begin() as connection:
        connection.execute(text("DELETE FROM contacts"))
    with store.read() as uow:
        assert uow.promises.get(made.promise) is None


def test_what_is_due_is_found_by_its_index(store: Store) -> None:
    """The cost follows what is due: both databases answer from the partial index."""
    furnished(store)
    for n in range(60):
        added(store, minutes=n)
    if store.engine.dialect.name == "sqlite":
        asking = "EXPLAIN QUERY PLAN "
        settings: tuple[str, ...] = ()
    else:
        asking, settings = "EXPLAIN ", ("SET enable_seqscan = off", "ANALYZE promises")
    with store.engine.begin() as connection:
        for statement in settings:
            connection.execute(text(statement))
        query = f"{asking}SELECT id FROM promises WHERE next_check_at <= :now ORDER BY next_check_at"
        plan = " ".join(str(row) for row in connection.execute(text(query), {"now": "2026-11-24 09:00:00"}))
    assert "ix_promises_due" in plan


def test_what_is_due_in_a_week_is_found_by_queue_and_kind(store: Store) -> None:
    furnished(store)
    made = added(store, kind=PromiseKind.CALL_BACK)
    later = added(store, minutes=60)
    added(store, minutes=30, kind=PromiseKind.DELAY_NOTICE)
    added(store, minutes=40, state=PromiseState.BROKEN)
    gone = added(store, minutes=50)
    assert gone is not None
    with store.unit() as uow:
        uow.promises.claim(gone, ended(gone, PromiseState.WITHDRAWN, at=at(12), by="bo"))
        uow.commit()
    kinds = (PromiseKind.CALL_BACK, PromiseKind.FOLLOW_UP)
    with store.read() as uow:
        assert uow.promises.due_between(CHAT, at(12), at(20), kinds) == [made, later]
        assert uow.promises.due_between(CHAT, at(12), at(16), kinds) == [made]
        assert uow.promises.due_between(CHAT, at(16), at(20), kinds) == [later], (
            "due at the start is before it"
        )
        assert uow.promises.due_between(CHAT, at(12), at(20), (PromiseKind.FOLLOW_UP,)) == [later]
        assert uow.promises.due_between(PHONE, at(12), at(20), kinds) == []
