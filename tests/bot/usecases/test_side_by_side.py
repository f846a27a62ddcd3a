"""Two processes on one PostgreSQL database: neither sets the other's work aside."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.event import listens_for
from sqlalchemy.exc import OperationalError

from bot.core.alerts import Concern, ConcernKind
from bot.core.contacts import ContactEvent, ContactType, EventKind, Priority
from bot.core.courses import Measure
from bot.core.delivery import LEASE
from bot.core.errors import UnavailableError
from bot.core.ids import ContactRef
from bot.core.messages import OperatorNotice, Outgoing, Recipient, RecipientKind, Urgency
from bot.core.ports import Sent
from bot.core.sla import ClockState
from bot.store.engine import make_engine
from bot.store.failures import as_muster_error
from bot.store.tables import Base
from bot.store.unit_of_work import Store
from bot.usecases import intake, watch_sla
from bot.usecases.alert_posts import raise_concern
from tests.support.builders import CHAT, at, settings
from tests.support.databases import PostgresServer

pytestmark = pytest.mark.postgres
SETTINGS = settings(warn_at=())
REF = ContactRef("GD1")


@dataclass(frozen=True)
class Pair:
    """The same database twice; the second process does not wait long for a lock."""

    one: Store
    other: Store


@pytest.fixture
def pair(postgres_server: PostgresServer) -> Iterator[Pair]:
    url = postgres_server.fresh_schema()
    one, other = Store(make_engine(url)), Store(make_engine(f"{url}%20-clock_timeout%3D300"))
    Base.metadata.create_all(one.engine)
    yield Pair(one, other)
    one.close()
    other.close()


def told(ref: str, kind: EventKind, when: datetime) -> ContactEvent:
    opened = kind is EventKind.OPENED
    return ContactEvent(
        ref=ContactRef(ref),
        kind=kind,
        at=when,
        source="crm",
        source_event_id=f"{ref}-{kind.value}-{when.isoformat()}",
        queue=CHAT if opened else None,
        type=ContactType.CONSULT if opened else None,
        priority=Priority.HIGH if opened else Priority.URGENT if kind is EventKind.PRIORITY_CHANGED else None,
    )


def test_events_of_a_contact_and_its_breach_at_the_same_moment(pair: Pair) -> None:
    """Intake holds the contact and wants its clock; the watch holds the clock and opens its alert."""
    intake.record(pair.one, SETTINGS, [told(REF, EventKind.OPENED, at(10))], now=at(10))
    with pair.one.unit() as uow:
        uow.contacts.for_update([REF])
        assert watch_sla.tick(pair.other, SETTINGS, now=at(10, 11)) == 1
    with pair.one.read() as uow:
        alert = uow.alerts.of(REF)
    assert alert is not None
    assert [c.kind for c in alert.live] == [ConcernKind.BREACH]


def test_what_the_watch_judged_meanwhile_is_not_taken_back(pair: Pair) -> None:
    intake.record(pair.one, SETTINGS, [told(REF, EventKind.OPENED, at(10))], now=at(10))
    recorded = threading.Thread(
        target=lambda: intake.record(
            pair.one, SETTINGS, [told(REF, EventKind.PRIORITY_CHANGED, at(10, 5))], now=at(10, 11)
        )
    )
    with pair.other.unit() as uow:
        (clock,) = uow.clocks.due(at(10, 11), 1)
        recorded.start()
        recorded.join(timeout=0.5)
        judged = replace(clock, state=ClockState.BREACHED, next_check_at=None)
        assert uow.clocks.claim(clock, judged)
        uow.commit()
    recorded.join(timeout=5)
    with pair.one.read() as uow:
        held = uow.clocks.of([REF])[REF][(Measure.FIRST_RESPONSE, 0)]
    assert held.state is ClockState.BREACHED
    assert held.next_check_at is None


def test_a_lock_not_had_in_time_is_tried_again_and_not_set_aside(pair: Pair) -> None:
    intake.record(pair.one, SETTINGS, [told(REF, EventKind.OPENED, at(10))], now=at(10))
    with pair.one.engine.connect() as connection:
        connection.execute(text("SELECT id FROM contacts FOR UPDATE"))
        with pytest.raises(OperationalError) as failed:
            watch_sla.tick(pair.other, SETTINGS, now=at(10, 11))
        assert isinstance(as_muster_error(failed.value), UnavailableError)
    assert watch_sla.tick(pair.other, SETTINGS, now=at(10, 11)) == 1
    with pair.one.read() as uow:
        # The breach, and no notice to the operators about a clock that could not be judged.
        assert uow.outbox.backlog(at(10, 11)).waiting == 1
        assert uow.alerts.open_count() == 1


def test_new_contacts_told_to_both_in_opposite_orders(pair: Pair) -> None:
    """Rows of new contacts are written in one order, whoever writes them."""
    refs = [f"N{i}" for i in range(40)]
    both = Store(pair.one.engine)
    failures: list[BaseException] = []

    def tell(kind: EventKind, order: list[str], minute: int) -> None:
        try:
            intake.record(both, SETTINGS, [told(ref, kind, at(10, minute)) for ref in order], now=at(10, 5))
        except BaseException as error:
            failures.append(error)

    for turn in range(3):
        names = [f"{ref}-{turn}" for ref in refs]
        writers = [
            threading.Thread(target=tell, args=(EventKind.OPENED, names, 0)),
            threading.Thread(target=tell, args=(EventKind.ASSIGNED, names[::-1], 1)),
            threading.Thread(target=tell, args=(EventKind.RESPONDED, names, 2)),
        ]
        for thread in writers:
            thread.start()
        for thread in writers:
            thread.join(timeout=20)
        assert failures == []
        with both.read() as uow:
            clocks = uow.clocks.of([ContactRef(n) for n in names])
        assert {c[(Measure.FIRST_RESPONSE, 0)].state for c in clocks.values()} == {ClockState.MET}
        assert len(clocks) == len(names)


def test_two_alerts_begun_for_one_case_at_the_same_moment_are_one(pair: Pair) -> None:
    """Two processes find something wrong with a case at once; the second joins the first one's alert."""
    intake.record(pair.one, SETTINGS, [told(REF, EventKind.OPENED, at(10))], now=at(10))
    both = Store(pair.one.engine)
    late = Concern(kind=ConcernKind.RECORD_LATE, key="record", since=at(10, 11))
    with pair.one.unit() as uow:
        contact = uow.contacts.get(REF)
        assert contact is not None
        assert raise_concern(uow, SETTINGS, contact, late, at(10, 11))
        ticking = threading.Thread(target=lambda: watch_sla.tick(both, SETTINGS, now=at(10, 11)))
        ticking.start()
        ticking.join(timeout=0.5)
        uow.commit()
    ticking.join(timeout=10)
    with pair.one.read() as uow:
        alert = uow.alerts.of(REF)
        assert alert is not None
        assert [c.kind for c in alert.live] == [ConcernKind.BREACH, ConcernKind.RECORD_LATE]


def test_breaches_that_two_processes_notice_at_once_are_one_storm(pair: Pair) -> None:
    """Whoever raises second sees what the first did: six in all, though neither had five."""
    names = [f"S{n}" for n in range(6)]
    intake.record(pair.one, SETTINGS, [told(n, EventKind.OPENED, at(10)) for n in names], now=at(10))
    both = Store(pair.one.engine)
    failures: list[BaseException] = []

    def notice() -> None:
        try:
            assert watch_sla.tick(both, SETTINGS, now=at(10, 11), limit=3) == 3
        except BaseException as error:
            failures.append(error)

    watchers = [threading.Thread(target=notice) for _ in range(2)]
    for thread in watchers:
        thread.start()
    for thread in watchers:
        thread.join(timeout=20)
    assert failures == []
    with pair.one.unit() as uow:
        (storm,) = uow.storms.live()
        assert uow.alerts.member_counts([storm.storm]) == {storm.storm: (6, 6, 6)}


def test_what_the_other_has_sent_meanwhile_is_not_the_head_of_a_line(pair: Pair) -> None:
    """Found as the head while it was being sent, it has left before its row is read."""
    for name in ("first", "second"):
        admin = Recipient(kind=RecipientKind.EMAIL, name=f"{name}@harbour.example")
        note = OperatorNotice(code="test", subject=name)
        with pair.one.unit() as uow:
            uow.outbox.put(
                Outgoing(
                    recipient=admin,
                    message=note,
                    dedupe_key=name,
                    urgency=Urgency.NOTICE,
                    not_before=at(10),
                ),
                at(10),
            )
            uow.commit()
    with pair.other.unit() as uow:
        first = min(uow.outbox.heads(at(11)), key=lambda head: head.id)
        claimed = uow.outbox.claim(first.id, worker="other", now=at(11), lease=LEASE)
        uow.commit()
    assert claimed is not None
    sent: list[bool] = []

    @listens_for(pair.one.engine, "before_cursor_execute")
    def meanwhile(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "lease_until" in statement and "RECURSIVE" not in statement and not sent:
            sent.append(True)
            with pair.other.unit() as other:
                other.outbox.mark_sent(claimed[0], worker="other", sent=Sent(channel="D", ts="1"), now=at(11))
                other.commit()

    with pair.one.unit() as uow:
        heads = uow.outbox.heads(at(11))
        assert sent == [True]
        assert [uow.outbox.claim(h.id, worker="one", now=at(11), lease=LEASE) is None for h in heads] == [
            False
        ]
