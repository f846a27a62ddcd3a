"""Trainings and skills on record on both databases: asked once, counted once, gone with the person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from threading import Barrier, Thread

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.core.ids import AgentId, SkillRecordId, TrainingId
from bot.core.retention import Area
from bot.core.training import Attendance, Decision, NewSkill, SkillSource, Training
from bot.store.tables import TrainingPersonRow
from bot.store.unit_of_work import Store
from tests.support.builders import TEAM, agent, at

BO, CHEN = AgentId("bo"), AgentId("chen")
TUESDAY = date(2026, 11, 24)
HELD = Training(
    training=TrainingId(0),
    team=TEAM,
    kind="training",
    start=at(10),
    end=at(11),
    people=(Attendance(agent=BO, attended=True), Attendance(agent=CHEN, attended=False, away=True)),
    topic="refunds",
    skill="refunds",
    level=0.8,
)
NEW = NewSkill(agent=BO, skill="refunds", level=0.8, since=TUESDAY, source=SkillSource.TRAINING)


def test_a_session_is_kept_once_and_recorded_as_said(store: Store) -> None:
    with store.unit() as uow:
        assert not uow.trainings.known(HELD)
        number = uow.trainings.add(HELD, now=at(11))
        assert number is not None
        assert uow.trainings.add(HELD, now=at(11)) is None
        uow.commit()
    with store.read() as uow:
        assert uow.trainings.known(HELD)
        assert uow.trainings.get(number) == replace(HELD, training=number)
        assert [t.training for t in uow.trainings.latest(TEAM, 5, open_only=True)] == [number]
        assert uow.trainings.of_agent(BO, 5) == []
    with store.unit() as uow:
        uow.trainings.record(number, [BO], topic="tone", skill=None, level=None, by="lin", now=at(12))
        uow.commit()
    with store.read() as uow:
        (found,) = uow.trainings.of_agent(CHEN, 5)
        assert found.there == (CHEN,)
        assert (found.topic, found.skill, found.recorded_by) == ("tone", None, "lin")
        assert uow.trainings.latest(TEAM, 5, open_only=True) == []
        assert uow.trainings.get(TrainingId(99)) is None
        assert [d.table for d in uow.sweeps.due(Area.PRESENCE, at(12))] == ["trainings"]
    with store.unit() as uow:
        mine = replace(NEW, training=number)
        assert uow.skill_records.keep(mine, better=False, by="lin", now=at(12))
        assert uow.sweeps.sweep(Area.PRESENCE, at(12), 10) == 1
        uow.commit()
    with store.read() as uow:
        assert uow.trainings.of_agent(CHEN, 5) == []
        assert uow.skill_records.of_training(number) == []
        assert [r.skill for r in uow.skill_records.of_agent(BO)] == ["refunds"]
    with Session(store.engine) as session:
        assert session.scalar(select(func.count()).select_from(TrainingPersonRow)) == 0


def test_of_two_replicas_one_asks(store: Store) -> None:
    start = Barrier(2)
    won: list[TrainingId | None] = []

    def ask() -> None:
        start.wait()
        with store.unit() as uow:
            won.append(uow.trainings.add(HELD, now=at(11)))
            uow.commit()

    threads = [Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(n is None for n in won) == [False, True]


def test_a_skill_is_on_record_once_a_day_and_decided_once(store: Store) -> None:
    with store.unit() as uow:
        uow.people.upsert(agent("bo"))
        number = uow.trainings.add(HELD, now=at(11))
        mine = replace(NEW, training=number)
        assert uow.skill_records.keep(mine, better=True, by="lin", now=at(12)) is True
        assert uow.skill_records.keep(mine, better=True, by="lin", now=at(12)) is None
        assert uow.skill_records.keep(replace(mine, level=0.9), better=True, by="lin", now=at(12)) is False
        later = replace(NEW, since=date(2026, 12, 1), source=SkillSource.TEST, level=1.0)
        assert uow.skill_records.keep(later, better=False, by="pei", now=at(12)) is True
        uow.commit()
    with store.read() as uow:
        (one,) = uow.skill_records.open_of(TEAM)
        assert (one.skill, one.level, one.decision) == ("refunds", 0.9, Decision.OPEN)
        assert [r.since for r in uow.skill_records.of_agent(BO)] == [date(2026, 12, 1), TUESDAY]
        assert uow.skill_records.granted() == set()
    with store.unit() as uow:
        assert uow.skill_records.decide(one.record, Decision.GRANTED, by="lin", now=at(13))
        assert not uow.skill_records.decide(one.record, Decision.NOT_NOW, by="lin", now=at(13))
        assert not uow.skill_records.decide(SkillRecordId(99), Decision.GRANTED, by="lin", now=at(13))
        uow.people.give_skill(BO, "refunds", 0.9)
        uow.skill_records.take_back([one.record])
        uow.commit()
    with store.read() as uow:
        assert uow.skill_records.granted() == {(BO, "refunds")}
        found = uow.people.get(BO)
        assert found is not None
        assert dict(found.skills) == {"chat": 1.0, "refunds": 0.9}
    with store.unit() as uow:
        uow.people.upsert(agent("bo", email="new@harbour.example"))
        assert len(uow.skill_records.of_agent(BO)) == 2
        uow.people.upsert(agent("bo", active=False))
        assert uow.skill_records.of_agent(BO) == []
        uow.commit()


def test_of_two_grants_neither_is_lost(store: Store) -> None:
    with store.unit() as uow:
        uow.people.upsert(agent("bo"))
        uow.commit()
    start = Barrier(2)

    def grant(skill: str) -> None:
        start.wait()
        with store.unit() as uow:
            uow.people.give_skill(BO, skill, 1.0)
            uow.commit()

    threads = [Thread(target=grant, args=(skill,)) for skill in ("refunds", "complex")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as uow:
        found = uow.people.get(BO)
    assert found is not None
    assert set(found.skills) == {"chat", "refunds", "complex"}
