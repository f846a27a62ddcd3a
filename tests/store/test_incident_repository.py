"""Incidents in the store, on SQLite and PostgreSQL: claimed once, ordered by promise, gone with time."""

from __future__ import annotations

from datetime import timedelta

from bot.core.contacts import EventKind, WaitingFor
from bot.core.ids import IncidentId
from bot.core.incidents import DrillCase, Incident, IncidentState, IncidentStep, Review, Wording
from bot.core.people import Role
from bot.core.retention import Area
from bot.core.runbooks import versions
from bot.imports.runbooks import shipped
from bot.store.unit_of_work import Store
from bot.usecases import intake, run_incident, watch_incidents
from tests.support.builders import CHAT, TEAM, agent, at, event, settings

TITLES = (Wording(locale="en", text="Outage"), Wording(locale="zh-Hans", text="故障"))


def plan(*, drill: bool = False) -> Incident:
    return Incident(
        incident=IncidentId(0),
        team=TEAM,
        scenario="outage",
        titles=TITLES,
        what="payments",
        drill=drill,
        started_at=at(10),
        started_by="lin",
        contacts=(("IT", "#it"),),
        steps=(
            IncidentStep(number=1, texts=TITLES, role="incident", owner="bo", due_at=at(10, 10)),
            IncidentStep(number=2, texts=TITLES, due_at=at(10, 20)),
        ),
        cases=(DrillCase(number=1, arrived_at=at(10), due_at=at(10, 10)),) if drill else (),
    )


def test_steps_are_taken_done_and_told_once(store: Store) -> None:
    with store.unit() as uow:
        number = uow.incidents.add(plan()).incident
        assert uow.incidents.late_steps(at(10, 9)) == []
        assert uow.incidents.late_steps(at(10, 15)) == [(number, 1)]
        assert uow.incidents.mark_told(number, 1, at(10, 15))
        assert not uow.incidents.mark_told(number, 1, at(10, 15))
        assert uow.incidents.take_step(number, 2, by="chen", now=at(10, 5))
        assert uow.incidents.finish_step(number, 2, by="chen", now=at(10, 6))
        assert not uow.incidents.finish_step(number, 2, by="bo", now=at(10, 7))
        assert not uow.incidents.take_step(number, 2, by="bo", now=at(10, 7))
        assert uow.incidents.late_steps(at(11)) == []
        uow.commit()
    with store.read() as look:
        found = look.incidents.get(number)
    assert found is not None
    assert (found.titles, found.contacts) == (TITLES, (("IT", "#it"),))
    second = found.step(2)
    assert second is not None
    assert (second.owner, second.done_by, second.in_time) == ("chen", "chen", True)


def test_reviews_are_asked_for_once_a_day_and_what_is_over_goes_with_the_audit_trail(store: Store) -> None:
    with store.unit() as uow:
        number = uow.incidents.add(plan()).incident
        uow.incidents.change(number, over_at=at(11), over_by="lin", backlog_left=0)

        def asked(hour: int, minute: int = 0) -> bool:
            now = at(hour, minute)
            return uow.incidents.mark_reminded(
                number, over_before=now - timedelta(hours=1), now=now, again=now - timedelta(hours=5)
            )

        assert [asked(11, 30), asked(12), asked(12), asked(16), asked(17)] == [
            False,
            True,
            False,
            False,
            True,
        ]
        assert [i.incident for i in uow.incidents.unfinished()] == [number]
        review = Review(cause="a", handling="b", lesson="c", items=(3,))
        uow.incidents.close(number, review, by="lin", now=at(18))
        assert not asked(23)
        closed = uow.incidents.get(number)
        assert closed is not None
        assert (closed.state, closed.review) == (IncidentState.CLOSED, review)
        assert uow.incidents.open_of(TEAM) == []
        uow.commit()
    with store.unit() as uow:
        assert uow.sweeps.sweep(Area.AUDIT, at(10, 30), 10) == 0
        assert "incidents" in {due.table for due in uow.sweeps.due(Area.AUDIT, at(12))}
        assert uow.sweeps.sweep(Area.AUDIT, at(12), 10) == 1
        assert uow.incidents.get(number) is None
        assert uow.incidents.entries(number) == []


def test_a_simulated_case_is_handled_once(store: Store) -> None:
    with store.unit() as uow:
        number = uow.incidents.add(plan(drill=True)).incident
        assert uow.incidents.handle_case(number, 1, by="bo", now=at(10, 5))
        assert not uow.incidents.handle_case(number, 1, by="chen", now=at(10, 6))
        assert not uow.incidents.handle_case(number, 2, by="bo", now=at(10, 6))


def test_the_backlog_is_what_is_owed_by_promise(store: Store) -> None:
    events = [
        event(EventKind.OPENED, at(9, 59), "waited"),
        event(EventKind.OPENED, at(10, 5), "came"),
        event(EventKind.OPENED, at(9), "answered"),
        event(EventKind.RESPONDED, at(9, 5), "answered"),
        event(EventKind.OPENED, at(9, 30), "theirs"),
        event(EventKind.RESPONDED, at(9, 31), "theirs"),
        event(EventKind.PENDING, at(9, 32), "theirs", waiting_for=WaitingFor.CUSTOMER),
        event(EventKind.OPENED, at(9, 30), "done"),
        event(EventKind.RESPONDED, at(9, 31), "done"),
        event(EventKind.RESOLVED, at(9, 40), "done"),
        event(EventKind.OPENED, at(11, 30), "after"),
    ]
    intake.record(store, settings(), events, now=at(12))
    with store.read() as uow:
        found, total = uow.incidents.backlog([CHAT], at(11), 2)
        every, _ = uow.incidents.backlog([CHAT], at(11), 10)
    assert ([c.ref for c in found], total) == (["waited", "came"], 3)
    assert [c.ref for c in every] == ["waited", "came", "answered"]
    assert every[0].due_at == at(10, 9)


def test_two_replicas_say_each_thing_once(store: Store) -> None:
    held = settings()
    with store.unit() as uow:
        uow.people.upsert(agent("lin", role=Role.LEAD, slack_user="U1"))
        uow.commit()
    run_incident.start(store, held, versions(shipped().runbooks, "outage"), team=TEAM, by="lin", now=at(10))
    said = [watch_incidents.tick(store, held, tuple, now=at(10, 12)) for _ in range(2)]
    assert said == [1, 0]
    # The exception lasts as long as its incident, in steps, and no due time moves.
    assert watch_incidents.tick(store, held, tuple, now=at(12)) > 0
    with store.read() as look:
        (window,) = look.exception_windows.between(at(10), at(13))
    assert window.ends_at == at(12, 30)
    run_incident.over(store, held, IncidentId(1), by="lin", now=at(12, 10))
    with store.read() as look:
        (window,) = look.exception_windows.between(at(10), at(13))
    assert (window.starts_at, window.ends_at) == (at(10), at(12, 10))
    assert watch_incidents.tick(store, held, tuple, now=at(12, 10)) == 0
    late = at(12, 10) + held.incidents.review_within
    assert [watch_incidents.tick(store, held, tuple, now=late) for _ in range(2)] == [1, 0]
