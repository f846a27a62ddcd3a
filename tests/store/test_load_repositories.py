"""What load is counted from: complaints by who solved them, and changes of published shifts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.core.contacts import ContactStatus, ContactType
from bot.core.ids import AgentId
from bot.core.requests import Cause, MadeChange
from bot.store.unit_of_work import Store
from bot.usecases.work_load import see_team
from scheduler.roster.shifts import LUNCH
from tests.stories.service import DAY, publish, shift
from tests.support.builders import TEAM, agent, at, contact, settings

BO, LIN = AgentId("bo"), AgentId("lin")


def test_complaints_are_those_somebody_solved_and_not_those_about_them(store: Store) -> None:
    solved = {
        "status": ContactStatus.SOLVED,
        "type": ContactType.COMPLAINT,
        "agent": BO,
        "resolved_at": at(12),
    }
    with store.unit() as uow:
        uow.contacts.save(
            [
                contact("C1", **solved),
                contact("C2", **{**solved, "complained_about": LIN}),
                contact("C3", **{**solved, "complained_about": BO}),
                contact("C4", **{**solved, "type": ContactType.CONSULT}),
                contact("C5", **{**solved, "resolved_at": at(20)}),
                contact("C6", **{**solved, "agent": LIN}),
            ]
        )
        uow.commit()
    with store.read() as uow:
        assert uow.contacts.complaints_solved([BO], at(8), at(20)) == [(BO, at(12))] * 2
        assert uow.contacts.complaints_solved([], at(8), at(20)) == []


def test_a_week_counts_lost_breaks_by_the_day_of_the_shift(store: Store) -> None:
    held = shift(at(9), at(18))
    poor = replace(held, segments=tuple(s for s in held.segments if s.activity != LUNCH))
    with store.unit() as uow:
        for name in ("bo", "lin", "chen"):
            uow.people.upsert(agent(name))
        uow.commit()
    publish(store, [(name, at(9), at(18)) for name in ("bo", "lin", "chen")])
    with store.unit() as uow:
        roster = uow.rosters.last_published()
        assert roster is not None
        for after, cause in ((held, Cause.BREAK_MOVED), (poor, Cause.REPAIR), (None, Cause.ABSENCE)):
            uow.requests.add_change(
                MadeChange(
                    roster=roster,
                    agent=BO,
                    day=DAY,
                    before=held,
                    after=after,
                    cause=cause,
                    by="lin",
                    at=at(8),
                )
            )
        uow.commit()
    with store.read() as uow:
        assert len(uow.requests.changes_between(DAY, DAY + timedelta(days=1))) == 3
        assert uow.requests.changes_between(DAY - timedelta(days=7), DAY) == []
    found = see_team(store, settings(), TEAM, DAY - timedelta(days=1), now=at(9) + timedelta(days=7))
    lost = next(line for line in found.lines if line.measure == "breaks_lost")
    assert (lost.total, lost.people) == (2.0, 1)
