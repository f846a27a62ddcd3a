"""Broken promises and their causes, on both databases."""

from __future__ import annotations

from dataclasses import replace

from bot.core.causes import NamedCause
from bot.core.courses import Measure
from bot.core.ids import ContactRef, QueueId
from bot.core.sla import ClockState, SlaClock
from bot.store.unit_of_work import Store
from bot.usecases.pareto import causes_between, types_between
from tests.support.builders import CHAT, TEAM, at, contact, settings


def clock(ref: str, *, due: int, stopped: int | None, state: ClockState = ClockState.BREACHED) -> SlaClock:
    return SlaClock(
        ref=ContactRef(ref),
        measure=Measure.FIRST_RESPONSE,
        policy="standard",
        started_at=at(9),
        due_at=at(10, due),
        state=state,
        next_check_at=None,
        warnings=(),
        warned=(),
        stopped_at=None if stopped is None else at(10, stopped),
    )


def filled(store: Store) -> None:
    with store.unit() as uow:
        refs = ("LATE", "OPEN", "KEPT", "GONE", "HELD")
        uow.contacts.save([contact(ref) for ref in refs])
        uow.clocks.save(
            [
                clock("LATE", due=10, stopped=20),
                clock("OPEN", due=15, stopped=None),
                clock("KEPT", due=20, stopped=15, state=ClockState.MET),
                clock("GONE", due=10, stopped=None, state=ClockState.CANCELLED),
                replace(clock("HELD", due=10, stopped=None), state=ClockState.PAUSED),
            ]
        )
        uow.commit()


def test_misses_are_what_broke_and_keep_the_cause_said_last(store: Store) -> None:
    filled(store)
    with store.unit() as uow:
        found = uow.misses.between([CHAT], at(10), at(11), at(11))
        assert [(miss.ref, miss.named) for miss in found] == [("LATE", None), ("OPEN", None)]
        assert [m.ref for m in uow.misses.between([CHAT], at(10), at(11), at(10, 14))] == ["LATE"]
        assert uow.misses.between([QueueId("phone")], at(10), at(11), at(11)) == []
        named = NamedCause(cause="process", note="no rule for it", by="lin", at=at(11))
        uow.misses.name(found[:1], named)
        assert [miss.named for miss in uow.misses.of_case(ContactRef("LATE"), at(11))] == [named]
        uow.misses.name(found[:1], replace(named, cause="system", note=None))
        (miss,) = uow.misses.of_case(ContactRef("LATE"), at(11))
        assert miss.named is not None
        assert (miss.named.cause, miss.named.note) == ("system", None)
        assert uow.misses.of_case(ContactRef("NONE"), at(11)) == []


def test_a_pareto_counts_what_has_a_cause_and_says_what_has_none(store: Store) -> None:
    filled(store)
    with store.unit() as uow:
        (late, _) = uow.misses.between([CHAT], at(10), at(11), at(11))
        uow.misses.name([late], NamedCause(cause="system", note=None, by="lin", at=at(11)))
        found = causes_between(uow, settings(), TEAM, at(10), at(11))
        assert [(line.key, line.count) for line in found.lines] == [("system", 1)]
        assert (found.total, found.unnamed) == (1, 1)
        assert types_between(uow, settings(), TEAM, at(10), at(11)).total == 2
