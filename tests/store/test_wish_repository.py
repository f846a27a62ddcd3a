"""Wishes in the store: kept once, withdrawn by their owner only, and gone with time."""

from __future__ import annotations

from datetime import timedelta

from bot.core.ids import AgentId
from bot.core.retention import Area
from bot.core.wishes import StandingWish, WishKind
from bot.store.unit_of_work import Store
from tests.stories.service import DAY
from tests.support.builders import at

BO, CHEN = AgentId("bo"), AgentId("chen")


def test_a_wish_is_kept_once_and_ended_by_its_owner(store: Store) -> None:
    sunday = StandingWish(kind=WishKind.OFF, weekdays=frozenset({6}))
    with store.unit() as uow:
        first = uow.wishes.add(BO, sunday, now=at(9))
        assert uow.wishes.add(BO, sunday, now=at(10)) == first
        other = uow.wishes.add(CHEN, sunday, now=at(10))
        beside = uow.wishes.add(BO, StandingWish(kind=WishKind.WITH, colleague=CHEN), now=at(11))
        uow.commit()
    with store.unit() as uow:
        assert uow.wishes.of() == [first, other, beside]
        assert uow.wishes.of([BO]) == [first, beside]
        assert not uow.wishes.withdraw(first.number, CHEN, now=at(12))
        assert uow.wishes.withdraw(first.number, BO, now=at(12))
        assert not uow.wishes.withdraw(first.number, BO, now=at(12))
        assert uow.wishes.of([BO]) == [beside]


def test_single_days_end_by_themselves_and_old_wishes_go(store: Store) -> None:
    with store.unit() as uow:
        day = uow.wishes.add(BO, StandingWish(kind=WishKind.OFF, day=DAY), now=at(9))
        stays = uow.wishes.add(BO, StandingWish(kind=WishKind.EARLY), now=at(9))
        assert uow.wishes.of([BO], since=DAY) == [day, stays]
        assert uow.wishes.of([BO], since=DAY + timedelta(days=1)) == [stays]
        later = at(9) + timedelta(days=2)
        assert {d.table: d.rows for d in uow.sweeps.due(Area.PRESENCE, later)} == {"wishes": 1}
        assert uow.sweeps.sweep(Area.PRESENCE, later, 10) == 1
        assert uow.wishes.of() == [stays]
