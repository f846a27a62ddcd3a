"""Receipts of labour law stand and fall with their roster; published periods are known by their days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from bot.core.ids import RosterId
from bot.store.rosters import StoredReceipt
from bot.store.unit_of_work import Store
from scheduler.roster.roster import Roster, RosterPeriod

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
MONDAY = date(2026, 11, 23)


def draft(store: Store, first: date = MONDAY, days: int = 7) -> RosterId:
    with store.unit() as uow:
        period = RosterPeriod(first=first, days=days, zone="Asia/Shanghai")
        number = uow.rosters.save_draft(Roster(period=period, assignments=()), made_at=NOW)
        uow.commit()
    return number


def test_the_latest_receipt_stands(store: Store) -> None:
    number = draft(store)
    with store.unit() as uow:
        assert uow.rosters.receipt(number) is None
        for state in ("broken", "kept"):
            uow.rosters.save_receipt(StoredReceipt(roster=number, made_at=NOW, report={"state": state}))
        uow.commit()
    with store.read() as uow:
        held = uow.rosters.receipt(number)
    assert held == StoredReceipt(roster=number, made_at=NOW, report={"state": "kept"})


def test_a_deleted_roster_takes_its_receipt_along(store: Store) -> None:
    from sqlalchemy import delete
    from sqlalchemy.orm import Session

    from bot.store.tables import RosterRow

    number = draft(store)
    with store.unit() as uow:
        uow.rosters.save_receipt(StoredReceipt(roster=number, made_at=NOW, report={}))
        uow.commit()
    with Session(store.engine) as session, session.begin():
        session.execute(delete(RosterRow).where(RosterRow.id == number))
    with store.read() as uow:
        assert uow.rosters.receipt(number) is None


def test_published_periods_are_those_that_share_days(store: Store) -> None:
    weeks = [MONDAY + timedelta(weeks=i) for i in range(3)]
    numbers = [draft(store, first) for first in weeks]
    with store.unit() as uow:
        for number in numbers[:2]:
            uow.rosters.publish(number, by="pei", at=NOW, accepted_because=None)
        uow.commit()
    with store.read() as uow:
        near = uow.rosters.published_periods(MONDAY + timedelta(days=6), MONDAY + timedelta(days=60))
        first = uow.rosters.published_periods(MONDAY, MONDAY + timedelta(days=7))
        none = uow.rosters.published_periods(MONDAY + timedelta(days=14), MONDAY + timedelta(days=60))
    assert [p.first for p in near] == weeks[:2]
    assert [p.first for p in first] == weeks[:1]
    assert none == []
