"""What records have of customers, and when it was confirmed, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.contacts import ContactStatus, ContactType
from bot.core.ids import ContactRef
from bot.core.records import ContactRecord
from bot.core.retention import Area
from bot.store.unit_of_work import Store
from bot.usecases import customer_data
from tests.support.builders import at, contact, settings

OLD = at(10) - timedelta(days=200)


def keep(store: Store, ref: str, when: datetime, **fields: object) -> None:
    with store.unit() as uow:
        uow.contacts.save([contact(ref, opened_at=when, status=ContactStatus.SOLVED, resolved_at=when)])
        values: dict[str, object] = {
            "ref": ContactRef(ref),
            "recorded_by": "bo",
            "recorded_at": when,
            "complete": True,
            "type": ContactType.CONSULT,
            **fields,
        }
        uow.records.save(ContactRecord(**values))  # type: ignore[arg-type]
        uow.commit()


def test_a_confirmation_counts_for_all_cases_of_the_customer_and_goes_with_its_case(store: Store) -> None:
    keep(store, "A1", OLD, customer_no="C-1")
    keep(store, "A2", at(9), customer_no="C-1")
    keep(store, "B1", OLD, customer_label="王*", contact_digits="5678", confirmed=True)
    keep(store, "N1", OLD)
    with store.read() as uow:
        key, other = (uow.customers.key_of(ContactRef(ref)) for ref in ("A2", "B1"))
        assert uow.customers.key_of(ContactRef("N1")) is None
        assert key is not None
        assert other is not None
        assert uow.customers.since(key) == (OLD, None)
        assert uow.customers.since(other) == (OLD, OLD)
        assert len(list(uow.customers.rows())) == 3
    assert customer_data.count(store, settings(), now=at(10)).counts.to_confirm == 2
    with store.unit() as uow:
        for moment in (at(9, 30), at(9, 40)):
            uow.customers.confirm(ContactRef("A2"), key, by="bo", now=moment)
        uow.commit()
    with store.read() as uow:
        assert uow.customers.since(key) == (OLD, at(9, 40))
        assert {r.confirmed_at for r in uow.customers.rows() if r.key == key} == {at(9, 40)}
    assert customer_data.count(store, settings(), now=at(10)).counts.to_confirm == 1
    # A later edit of the record does not lose it, another customer in it does not inherit it.
    keep(store, "A2", at(9), customer_no="C-9")
    with store.read() as uow:
        assert uow.customers.since(key) == (OLD, at(9, 40))
        fresh = uow.customers.key_of(ContactRef("A2"))
        assert fresh is not None
        assert uow.customers.since(fresh) == (at(9), None)
    with store.unit() as uow:
        uow.sweeps.erase([ContactRef("A2")])
        uow.commit()
    with store.read() as uow:
        assert uow.customers.since(key) == (OLD, None)


def test_emptied_data_asks_for_nothing(store: Store) -> None:
    keep(store, "A1", OLD, customer_no="C-1")
    with store.unit() as uow:
        uow.sweeps.sweep(Area.CUSTOMER_DATA, at(10), 100)
        uow.commit()
    with store.read() as uow:
        assert uow.customers.key_of(ContactRef("A1")) is None
    assert customer_data.count(store, settings(), now=at(10)).counts.records == 0
