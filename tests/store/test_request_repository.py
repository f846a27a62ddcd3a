"""Requests in the store: what was kept comes back, one end is the end, shifts change only as they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

from bot.core.ids import AgentId, RosterId
from bot.core.requests import Answer, Cause, MadeChange, Request, RequestId, RequestState
from bot.core.retention import Area
from bot.store.unit_of_work import Store
from scheduler.requests.verdicts import Trade
from scheduler.roster.roster import Assignment, Roster, RosterPeriod
from tests.stories.service import DAY, shift
from tests.support.builders import SHANGHAI, at

BO, CHEN = AgentId("bo"), AgentId("chen")
EARLY, LATE = shift(at(8), at(17)), shift(at(13), at(22))
SWAP = (Trade(agent="bo", gone=(EARLY,), come=(LATE,)), Trade(agent="chen", gone=(LATE,), come=(EARLY,)))


def published(store: Store) -> RosterId:
    roster = Roster(
        period=RosterPeriod(first=DAY, days=7, zone=SHANGHAI),
        assignments=(Assignment(agent="bo", shift=EARLY), Assignment(agent="chen", shift=LATE)),
    )
    with store.unit() as uow:
        number = uow.rosters.save_draft(roster, made_at=at(7))
        uow.rosters.publish(number, by="pei", at=at(7), accepted_because=None)
        uow.commit()
    return number


def added(store: Store, roster: RosterId, **fields: object) -> Request:
    values: dict[str, object] = {
        "cause": Cause.SWAP,
        "roster": roster,
        "asker": BO,
        "trades": SWAP,
        "answers": {CHEN: Answer.WAITING},
        "made_at": at(9),
        "made_by": "bo",
        "ends_at": at(12),
    }
    with store.unit() as uow:
        made = uow.requests.add(**{**values, **fields})  # type: ignore[arg-type]
        uow.commit()
    return made


def test_a_request_comes_back_as_it_was_kept(store: Store) -> None:
    made = added(store, published(store), event="absence:x")
    with store.read() as uow:
        held = uow.requests.get(made.request)
        assert held == made
        assert held is not None
        assert held.trades == SWAP
        assert uow.requests.open_of(BO) == uow.requests.open_of(CHEN) == [made]
        assert uow.requests.open_of(AgentId("dee")) == []
        assert uow.requests.of_event("absence:x") == [made]
        assert uow.requests.get(RequestId(99)) is None


def test_answers_and_time_decide(store: Store) -> None:
    made = added(store, published(store))
    with store.unit() as uow:
        assert not made.is_agreed
        uow.requests.answer(made.request, CHEN, Answer.YES)
        uow.requests.told(made.request, ["b", "a", "b"])
        held = uow.requests.get(made.request)
        assert held is not None
        assert held.is_agreed
        assert held.posts == ("a", "b")
        assert uow.requests.ended_by(at(11, 59)) == []
        assert uow.requests.ended_by(at(12)) == [made.request]
        assert uow.requests.end(made.request, RequestState.DONE, by="chen", at=at(10))
        assert not uow.requests.end(made.request, RequestState.DECLINED, by="chen", at=at(10))
        assert uow.requests.ended_by(at(12)) == []
        uow.commit()


def test_what_lies_before_the_leads_is_listed_oldest_first_and_runs_out(store: Store) -> None:
    roster = published(store)
    first = added(store, roster, state=RequestState.PROPOSED, answers={}, ends_at=at(12))
    added(store, roster, state=RequestState.PROPOSED, asker=None, ends_at=at(12))
    second = added(store, roster, state=RequestState.PROPOSED, answers={}, ends_at=at(13))
    with store.unit() as uow:
        assert [r.request for r in uow.requests.referred()] == [first.request, second.request]
        assert first in uow.requests.open_of(BO)
        assert uow.requests.ended_by(at(12)) == [first.request]
        assert uow.requests.end(first.request, RequestState.EXPIRED, by="muster", at=at(12))
        assert uow.requests.referred() == [second]
        uow.commit()


def test_of_two_ends_at_once_one_wins(store: Store) -> None:
    made = added(store, published(store))
    start, won = Barrier(2), []

    def end(state: RequestState) -> None:
        start.wait()
        with store.unit() as uow:
            if uow.requests.end(made.request, state, by="x", at=at(10)):
                won.append(state)
            uow.commit()

    threads = [Thread(target=end, args=(s,)) for s in (RequestState.DONE, RequestState.EXPIRED)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as uow:
        held = uow.requests.get(made.request)
    assert held is not None
    assert won == [held.state]


def test_a_proposal_is_chosen_once_and_only_then_open(store: Store) -> None:
    made = added(store, published(store), state=RequestState.PROPOSED, asker=None)
    with store.unit() as uow:
        assert uow.requests.open_of(CHEN) == []
        assert uow.requests.choose(made.request, by="lin", ends_at=at(20))
        assert not uow.requests.choose(made.request, by="ada", ends_at=at(20))
        held = uow.requests.get(made.request)
        assert held is not None
        assert (held.state, held.made_by, held.ends_at) == (RequestState.OPEN, "lin", at(20))


def test_shifts_are_replaced_only_as_they_were_said_to_be(store: Store) -> None:
    roster = published(store)
    with store.unit() as uow:
        other = replace(EARLY, end=EARLY.end + timedelta(hours=1))
        assert not uow.rosters.replace_shifts(roster, BO, (other,), (LATE,))
        assert not uow.rosters.replace_shifts(roster, BO, (LATE,), (EARLY,))
        assert uow.rosters.shifts_of(BO, at(0), at(23)) == [EARLY]
        assert uow.rosters.replace_shifts(roster, BO, (EARLY,), (LATE,))
        assert uow.rosters.replace_shifts(roster, CHEN, (LATE,), ())
        uow.commit()
    with store.read() as uow:
        assert uow.rosters.shifts_of(BO, at(0), at(23)) == [LATE]
        assert uow.rosters.shifts_of(CHEN, at(0), at(23)) == []


def test_changes_are_on_record_and_go_with_the_rest(store: Store) -> None:
    roster = published(store)
    made = added(store, roster)
    change = MadeChange(
        roster=roster, agent=BO, day=DAY, before=EARLY, after=None, cause=Cause.ABSENCE, by="bo", at=at(9),
        request=made.request,
    )  # fmt: skip
    with store.unit() as uow:
        uow.requests.add_change(change)
        uow.commit()
    with store.unit() as uow:
        assert uow.requests.changes_of(roster) == uow.requests.changes_for(made.request) == [change]
        due = {d.table: d.rows for d in uow.sweeps.due(Area.PRESENCE, at(10))}
        assert due == {"shift_changes": 1, "requests": 1}
        assert uow.sweeps.sweep(Area.PRESENCE, at(10), 10) == 2
        assert uow.requests.changes_of(roster) == []
        assert uow.requests.get(made.request) is None
