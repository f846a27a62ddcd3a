"""Measures come out as they went in, end once, and go with their action."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.core.ids import ActionItemId
from bot.core.improvements import Improvement, ImprovementState
from bot.store.tables import ActionItemRow, ImprovementRow
from bot.store.unit_of_work import Store
from tests.support.builders import TEAM, at


def begun(store: Store) -> Improvement:
    with store.unit() as uow:
        item = uow.action_items.add(
            team=TEAM, what="ask first", about=None, owner=None, due_at=None, by="lin", now=at(9)
        )
        measure = Improvement(
            item=item.item,
            team=TEAM,
            what="ask first",
            kpi="aht",
            goal=240.0,
            since=at(9),
            window=timedelta(days=28),
            made_at=at(9),
            made_by="lin",
        )
        uow.improvements.add(measure)
        uow.commit()
    return measure


def test_a_measure_ends_once_and_is_shown_for_a_while_after(store: Store) -> None:
    measure = begun(store)
    with store.unit() as uow:
        assert uow.improvements.get(measure.item) == measure
        assert uow.improvements.get(ActionItemId(99)) is None
        assert uow.improvements.of_team(TEAM, at(12)) == [measure]
        end = uow.improvements.end
        assert end(measure.item, ImprovementState.DROPPED, by="lin", now=at(10), because="no use")
        assert not end(measure.item, ImprovementState.PERMANENT, by="bo", now=at(11), because=None)
        ended = replace(
            measure, state=ImprovementState.DROPPED, ended_at=at(10), ended_by="lin", because="no use"
        )
        assert uow.improvements.of_team(TEAM, at(9, 30)) == [ended]
        assert uow.improvements.of_team(TEAM, at(10, 1)) == []


def test_a_measure_goes_with_its_action(store: Store) -> None:
    begun(store)
    with Session(store.engine) as session:
        session.execute(delete(ActionItemRow))
        session.commit()
        assert session.scalar(select(func.count()).select_from(ImprovementRow)) == 0
