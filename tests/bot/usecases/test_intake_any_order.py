"""Whatever order and batches the events of a case come in, the store ends with what the oracle reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bot.core.queues import Queue
from bot.core.settings import Settings
from bot.core.sla import ClockState, judge
from bot.store.unit_of_work import Store
from tests.benchmarks.clocks import case_of
from tests.bot.usecases.harbour import Harbour
from tests.support.builders import TEAM
from tests.support.builders import settings as harbour_settings
from tests.support.clock_cases import REF, ClockCase
from tests.support.clock_oracle import Wall, read_clocks

SEED = 7


def configured(case: ClockCase) -> Settings:
    """The team Harbour with the calendars, queues and promises of a case; no rule changes a priority."""
    plain = harbour_settings(policies=case.terms.policies, warn_at=case.terms.warn_at)
    queues = {
        name: Queue(
            queue=name,
            team=TEAM,
            channel=channel,
            skill=name,
            calendar=calendar,
            target="standard",
            aht_seconds=240.0,
        )
        for name, (channel, calendar) in case.queues.items()
    }
    return replace(
        plain,
        queues=queues,
        calendars={**plain.calendars, **case.terms.calendars},
        records=replace(plain.records, priorities=()),
    )


@pytest.mark.parametrize("number", range(16))
def test_the_store_ends_with_what_the_oracle_reads(sqlite_store: Store, number: int) -> None:
    case = case_of(SEED, number)
    harbour = Harbour(sqlite_store, configured(case))
    for now, batch in case.batches:
        harbour.clock.now = now
        harbour.tell(*batch)
        harbour.watch()
    harbour.clock.now = case.looks[-1]
    harbour.tell(*case.events)  # everything once more changes nothing
    assert ending(harbour, harbour.clock()) == expected(case)


def ending(harbour: Harbour, now: datetime) -> dict[object, tuple[object, ...]]:
    with harbour.store.unit() as uow:
        held = uow.clocks.of([REF]).get(REF, {})
    return {
        key: (clock.policy, clock.due_at, judge(clock, now)[0].state, clock.stopped_at, clock.paused_since)
        for key, clock in held.items()
        if clock.state is not ClockState.CANCELLED
    }


def expected(case: ClockCase) -> dict[object, tuple[object, ...]]:
    walls = {name: Wall(calendar) for name, calendar in case.terms.calendars.items()}
    read = read_clocks(case.events, case.terms, walls, case.queues, case.looks[-1])
    return {
        key: (r.policy, r.due_at, r.state, r.stopped_at, r.paused_since)
        for key, r in read.items()
        if r.state is not ClockState.CANCELLED
    }
