"""890 real incidents, told in any order and any batches, end as their source says they ended."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.case_history import Step, rebuild
from bot.core.contacts import ContactEvent, ContactStatus, EventKind
from bot.core.courses import Measure
from bot.core.ids import ContactRef
from bot.core.queues import Channel
from bot.core.sla import ClockState, SlaClock, SlaPolicy
from bot.store.unit_of_work import Store
from tests.bot.usecases.harbour import Harbour
from tests.support.builders import HOURS, PHONE, resolution
from tests.support.builders import settings as harbour_settings
from tests.support.clock_oracle import Wall, read_clocks
from tests.support.incidents import Incident, read_incidents

pytestmark = pytest.mark.real_data

ONE_DAY = harbour_settings(warn_at=(), policies=(SlaPolicy(name="day", targets=(resolution(24),)),))


@pytest.fixture(scope="module")
def incidents(shared_data: Path) -> list[Incident]:
    return read_incidents(shared_data / "incidents" / "event_log.csv")


def steps(incident: Incident) -> tuple[Step, ...]:
    rebuilt = rebuild(incident.events(), channel=Channel.PHONE)
    assert rebuilt.waiting == (), incident.ref
    return rebuilt.steps


def test_the_log_is_the_one_we_know(incidents: list[Incident]) -> None:
    assert len(incidents) == 890
    assert sum(len(incident.rows) for incident in incidents) == 5_998
    assert sum(incident.resolved_at is not None for incident in incidents) == 861


def test_every_event_of_the_log_takes_effect(incidents: list[Incident]) -> None:
    kinds = Counter(step.kind for incident in incidents for step in steps(incident))
    assert kinds[EventKind.OPENED] == 890
    assert kinds[EventKind.REOPENED] == sum(incident.reopenings for incident in incidents) == 11
    assert kinds[EventKind.PRIORITY_CHANGED] == sum(incident.priority_changes for incident in incidents) == 45
    assert kinds[EventKind.ARCHIVED] == 890
    assert kinds[EventKind.RESOLVED] == 929
    for incident in incidents:
        contact = steps(incident)[-1].contact
        assert contact.status is ContactStatus.ARCHIVED
        assert contact.resolved_at == incident.last_resolved_row


@pytest.mark.parametrize("seed", [1, 2])
def test_the_resolution_ends_when_the_source_says(
    sqlite_store: Store, incidents: list[Incident], seed: int
) -> None:
    harbour = Harbour(sqlite_store, ONE_DAY)
    told = [event for incident in incidents for event in incident.events()]
    harbour.clock.now = max(event.at for event in told) + timedelta(days=1)
    _tell_in_batches(harbour, told, random.Random(seed))
    clocks = _resolutions(harbour, incidents)
    ended = {i.ref: i.resolved_at for i in incidents if i.resolved_at is not None}
    assert len(ended) == 861
    assert {ref: clocks[ref].stopped_at for ref in ended} == ended
    # The other 29 were solved before they were written down; the source names no time but that of the row.
    silent = [i for i in incidents if i.resolved_at is None]
    assert len(silent) == 29
    assert all(i.rows[0]["incident_state"] == "Resolved" for i in silent)
    assert {i.ref: clocks[i.ref].stopped_at for i in silent} == {i.ref: i.last_resolved_row for i in silent}

    # And each was kept or broken as the minutes say, without those the user was waited for.
    walls = {HOURS.name: Wall(HOURS)}
    queues = {PHONE: (Channel.PHONE, HOURS.name)}
    for incident in incidents:
        events = list(incident.events())
        (reading,) = read_clocks(events, ONE_DAY.terms, walls, queues, harbour.clock()).values()
        clock = clocks[incident.ref]
        assert (clock.due_at, clock.state) == (reading.due_at, reading.state), incident.ref
    states = Counter(clock.state for clock in clocks.values())
    assert set(states) == {ClockState.MET, ClockState.BREACHED}


def _tell_in_batches(harbour: Harbour, told: list[ContactEvent], draw: random.Random) -> None:
    shuffled = draw.sample(told, len(told))
    while shuffled:
        size = draw.randint(1, 400)
        result = harbour.tell(*shuffled[:size])
        assert result.refused == ()
        shuffled = shuffled[size:]


def _resolutions(harbour: Harbour, incidents: list[Incident]) -> dict[ContactRef, SlaClock]:
    with harbour.store.unit() as uow:
        held = uow.clocks.of([incident.ref for incident in incidents])
    return {ref: clocks[(Measure.RESOLUTION, 0)] for ref, clocks in held.items()}


def test_an_incident_still_open_runs_on(sqlite_store: Store, incidents: list[Incident]) -> None:
    """Told only what was known before the source had solved it."""
    harbour = Harbour(sqlite_store, ONE_DAY)
    some = [i for i in incidents if len(i.rows) > 4 and i.reopenings == 0][:40]
    told = [e for i in some for e in i.events() if e.kind not in (EventKind.RESOLVED, EventKind.ARCHIVED)]
    harbour.clock.now = max(event.at for event in told)
    harbour.tell(*told)
    clocks = _resolutions(harbour, some)
    assert len(clocks) == 40
    assert all(clock.stopped_at is None for clock in clocks.values())
    paused = {ref for ref, clock in clocks.items() if clock.paused_since is not None}
    assert paused == {i.ref for i in some if _last_open_state(i) == "Awaiting User Info"}


def _last_open_state(incident: Incident) -> str:
    states = [row["incident_state"] for row in incident.rows]
    return [state for state in states if state not in ("Resolved", "Closed")][-1]
