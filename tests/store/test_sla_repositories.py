"""Repositories of the SLA side on both databases: what comes out went in, and claims are exclusive."""

from __future__ import annotations

import multiprocessing
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.alert_messages import AlertCard
from bot.core.alerts import Alert, AlertState, Concern, ConcernKind, Told, new_alert
from bot.core.case_history import steps_of
from bot.core.changes import ChangeCounts
from bot.core.contacts import ContactStatus, EventKind, Priority
from bot.core.courses import Measure
from bot.core.ids import AgentId, AlertId, ContactRef
from bot.core.messages import DeliveryState, OperatorNotice, Outgoing, Recipient, RecipientKind, Urgency
from bot.core.ports import Sent
from bot.core.sla import ClockState, SlaTerms, make_clocks
from bot.store.engine import make_engine
from bot.store.unit_of_work import Store
from tests.support.builders import CHAT, HOURS, POLICIES, TEAM, at, contact, event

LEASE = timedelta(seconds=60)


def notice(key: str, to: str = "ada@harbour.example") -> Outgoing:
    return Outgoing(
        recipient=Recipient(kind=RecipientKind.EMAIL, name=to),
        message=OperatorNotice(code="test", subject=key),
        dedupe_key=key,
        urgency=Urgency.NOTICE,
        not_before=at(10),
    )


def in_threads(number: int, work: Callable[[int], None]) -> None:
    errors: list[BaseException] = []

    def run(index: int) -> None:
        try:
            work(index)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []


def test_contacts_come_out_as_they_went_in(store: Store) -> None:
    case = contact(
        status=ContactStatus.SOLVED,
        responded_at=at(10, 4),
        resolved_at=at(11),
        agent=AgentId("bo"),
        outcome="ok",
        handle_seconds=12.5,
    )
    with store.unit() as uow:
        uow.contacts.save([case])
        uow.commit()
    with store.unit() as uow:
        assert uow.contacts.get(case.ref) == case
        assert uow.contacts.for_update([case.ref, ContactRef("none")]) == {case.ref: case}
        assert uow.contacts.opened_between([CHAT], at(10), at(10, 1)) == [case]
        assert uow.contacts.opened_between([CHAT], at(9), at(10)) == []
        assert uow.contacts.count_opened(CHAT, at(9), at(11)) == 1


def test_nothing_is_kept_without_a_commit(store: Store) -> None:
    with store.unit() as uow:
        uow.contacts.save([contact()])
    with store.unit() as uow:
        assert uow.contacts.get(contact().ref) is None


def test_importing_the_same_contacts_twice_changes_nothing(store: Store) -> None:
    cases = [contact(f"GD{n}") for n in range(1200)]
    with store.unit() as uow:
        assert uow.contacts.import_many(cases) == ChangeCounts(new=1200)
        assert uow.contacts.import_many(cases) == ChangeCounts(unchanged=1200)
        changed = [contact("GD1", priority=Priority.LOW), contact("GD2")]
        assert uow.contacts.import_many(changed) == ChangeCounts(changed=1, unchanged=1)
        # Live events know better than a file.
        uow.contacts.add_event(event(EventKind.OPENED, at(10), "GD3"), at(10))
        assert uow.contacts.import_many([contact("GD3", tier="vip")]) == ChangeCounts(unchanged=1)


def test_events_are_kept_once_and_come_out_as_they_went_in(store: Store) -> None:
    one = event(EventKind.OPENED, at(10))
    other = event(EventKind.RESPONDED, at(10, 1), agent=AgentId("bo"))
    with store.unit() as uow:
        assert uow.contacts.add_event(one, at(10))
        assert not uow.contacts.add_event(one, at(10))
        assert uow.contacts.add_events([one, other], at(10)) == {(other.source, other.source_event_id)}
        assert uow.contacts.events([one.ref]) == {one.ref: [one, other]}
        assert uow.contacts.data_until() == at(10, 1)


def test_clocks_come_out_as_they_went_in_and_only_those_due_are_found(store: Store) -> None:
    cases = [contact(f"GD{n}", opened_at=at(10) + timedelta(minutes=n)) for n in range(5)]
    terms = SlaTerms(policies=POLICIES, warn_at=(0.5,), calendars={})
    clocks = [c for case in cases for c in make_clocks(steps_of(case), terms, HOURS)]
    with store.unit() as uow:
        uow.contacts.save(cases)
        uow.clocks.save(clocks)
        uow.commit()
    with store.unit() as uow:
        found = uow.clocks.of([c.ref for c in cases])
        assert sorted((c for m in found.values() for c in m.values()), key=repr) == sorted(clocks, key=repr)
        assert uow.clocks.next_due() == at(10, 5)
        due = uow.clocks.due(at(10, 6), 10)
        assert [(c.ref, c.next_check_at) for c in due] == [("GD0", at(10, 5)), ("GD1", at(10, 6))]
        assert len(uow.clocks.due(at(23), 3)) == 3


def test_a_clock_is_judged_by_one_of_many(store: Store) -> None:
    case = contact()
    terms = SlaTerms(policies=POLICIES, warn_at=(), calendars={})
    found = make_clocks(steps_of(case), terms, HOURS)
    (clock,) = (c for c in found if c.measure is Measure.FIRST_RESPONSE)
    with store.unit() as uow:
        uow.contacts.save([case])
        uow.clocks.save([clock])
        uow.commit()
    won: list[int] = []
    judged = replace(clock, state=ClockState.BREACHED, next_check_at=None)

    def work(index: int) -> None:
        with store.unit() as uow:
            if uow.clocks.claim(clock, judged):
                won.append(index)
            uow.commit()

    in_threads(6, work)
    assert len(won) == 1


def alert_of(ref: ContactRef, **fields: object) -> Alert:
    values: dict[str, object] = {
        "state": AlertState.OPEN,
        "concerns": (
            Concern(
                kind=ConcernKind.BREACH,
                key="first_response:0",
                since=at(10, 10),
                measure=Measure.FIRST_RESPONSE,
                due_at=at(10, 10),
                fraction=0.5,
                over_at=at(10, 12),
                over_by="bo",
                excused="typhoon",
                noticed_at=at(10, 11),
            ),
            Concern(kind=ConcernKind.OWNERLESS, key="owner", since=at(10, 5)),
        ),
        "opened_at": at(10, 10),
        "step": 0,
        "next_step_at": at(10, 20),
        "passed_over": ("lead_on_duty",),
        "told": (
            Told(
                level="channel",
                recipient=Recipient(kind=RecipientKind.CHANNEL, name="alerts", team=TEAM),
                at=at(10, 10),
                step=0,
            ),
        ),
        **fields,
    }
    return replace(new_alert(ref, CHAT, TEAM, at(10, 10)), **values)  # type: ignore[arg-type]


def test_alerts_come_out_as_they_went_in_and_are_one_per_case(store: Store) -> None:
    cases = [contact("GD1", agent=AgentId("bo")), contact("GD2")]
    with store.unit() as uow:
        uow.contacts.save(cases)
        made = uow.alerts.add([alert_of(c.ref) for c in cases])
        uow.commit()
    assert [a.owner for a in made.values()] == ["bo", None]
    with store.unit() as uow:
        assert uow.alerts.for_update([c.ref for c in cases]) == made
        # The second of two who begin one gets none, and looks again.
        assert uow.alerts.add([alert_of(cases[0].ref)]) == {}
        changed = replace(made[cases[1].ref], state=AlertState.SNOOZED, snoozed_until=at(11), posts=2)
        uow.alerts.save([changed])
        uow.commit()
    with store.unit() as uow:
        assert uow.alerts.get(changed.alert) == changed
        assert uow.alerts.next_due() == at(10, 20)
        assert [a.ref for a in uow.alerts.due(at(10, 20), 10)] == ["GD1", "GD2"]
        assert uow.alerts.due(at(10, 19), 10) == []


def test_posts_of_alerts_are_found_with_what_became_of_them(store: Store) -> None:
    def card(number: int) -> AlertCard:
        return AlertCard(
            alert=number, ref=f"GD{number}", queue="chat", priority="high", opened_at=at(9), state="open",
            concerns=(),
        )  # fmt: skip

    channel = Recipient(kind=RecipientKind.CHANNEL, name="alerts", team=TEAM)
    said = [
        Outgoing(
            recipient=channel,
            message=card(number),
            dedupe_key=key,
            urgency=Urgency.ALERT,
            not_before=at(10),
            edits=edits,
            loud=edits is None,
        )
        for number, key, edits in ((1, "one", None), (1, "one:edit", "one"), (2, "two", None))
    ]
    with store.unit() as uow:
        uow.outbox.put_all(said, at(10))
        uow.outbox.put_all(said, at(10))  # the same cause again
        uow.commit()
    with store.unit() as uow:
        posts = uow.outbox.posts_of([AlertId(1), AlertId(2), AlertId(3)])
        assert {alert: [(p.key, p.untouched) for p in found] for alert, found in posts.items()} == {
            1: [("one", True)],
            2: [("two", True)],
        }
        assert posts[AlertId(1)][0].recipient == channel
        assert uow.outbox.loud_since([channel], at(9, 59)) == {Recipient(kind=channel.kind, name="alerts"): 2}
        assert uow.outbox.loud_since([channel], at(10)) == {}
        uow.outbox.rewrite({posts[AlertId(1)][0].id: card(9)})
        uow.outbox.drop_all([posts[AlertId(2)][0].id])
        uow.commit()
    with store.unit() as uow:
        one, two = uow.outbox.by_key("one"), uow.outbox.by_key("two")
        assert one is not None
        assert two is not None
        assert one.outgoing.message == card(9)
        assert two.state is DeliveryState.DROPPED


def test_a_slot_is_taken_once_by_many(store: Store) -> None:
    won: list[int] = []

    def take(index: int) -> None:
        with store.unit() as uow:
            if uow.job_slots.take("digest", "2026-11-24", at(9, 20)):
                won.append(index)
            uow.commit()

    in_threads(8, take)
    assert len(won) == 1
    with store.unit() as uow:
        assert uow.job_slots.take("digest", "2026-11-25", at(9, 20))
        assert uow.job_slots.forget(at(9, 21)) == 2


def test_a_slot_given_back_by_a_rollback_can_be_taken_again(store: Store) -> None:
    with store.unit() as uow:
        assert uow.job_slots.take("digest", "2026-11-24", at(9, 20))
    with store.unit() as uow:
        assert uow.job_slots.take("digest", "2026-11-24", at(9, 20))


def test_a_message_is_taken_by_one_and_comes_back_after_its_lease(store: Store) -> None:
    with store.unit() as uow:
        assert uow.outbox.put(notice("m"), at(10))
        assert not uow.outbox.put(notice("m"), at(10))
        uow.commit()
    with store.unit() as uow:
        held = uow.outbox.by_key("m")
        assert held is not None
        assert held.outgoing == notice("m")
        first = uow.outbox.claim(held.id, worker="a", now=at(10), lease=LEASE)
        assert first is not None
        assert first[1] is False
        uow.commit()
    with store.unit() as uow:
        assert uow.outbox.claim(held.id, worker="b", now=at(10, 0, 59), lease=LEASE) is None
        second = uow.outbox.claim(held.id, worker="b", now=at(10, 1), lease=LEASE)
        assert second is not None
        assert (second[0].attempts, second[1]) == (2, True)
        uow.commit()
    sent = Sent(channel="D1", ts="1.0")
    with store.unit() as uow:
        # The one whose lease ended has nothing more to say.
        assert not uow.outbox.mark_sent(first[0], worker="a", sent=sent, now=at(10, 2))
        assert uow.outbox.mark_sent(second[0], worker="b", sent=sent, now=at(10, 2))
        uow.commit()
    with store.unit() as uow:
        done = uow.outbox.by_key("m")
        assert done is not None
        assert (done.state, done.channel, done.ts) == (DeliveryState.SENT, "D1", "1.0")
        assert uow.outbox.backlog(at(11)).waiting == 0


def test_the_backlog_says_since_when_it_waits(store: Store) -> None:
    with store.unit() as uow:
        uow.outbox.put(notice("old"), at(9))
        uow.outbox.put(notice("new"), at(10))
        backlog = uow.outbox.backlog(at(10, 30))
    assert (backlog.waiting, backlog.failed, backlog.oldest_due_at) == (2, 0, at(9))


def claim_all(url: str, worker: str, results: multiprocessing.Queue[tuple[str, list[str]]]) -> None:
    """Work of one process: take one message after the other until none is left."""
    store = Store(make_engine(url, busy_timeout=timedelta(seconds=30)))
    taken: list[str] = []
    while True:
        with store.unit() as uow:
            uow.outbox.lock_line()
            heads = uow.outbox.heads(at(11))
            free = [h for h in heads if h.due_at <= at(11)]
            if not free:
                break
            claimed = uow.outbox.claim(free[0].id, worker=worker, now=at(11), lease=LEASE)
            uow.commit()
        assert claimed is not None
        with store.unit() as uow:
            assert uow.outbox.mark_sent(claimed[0], worker=worker, sent=Sent(channel="D", ts="1"), now=at(11))
            uow.commit()
        taken.append(claimed[0].outgoing.dedupe_key)
    results.put((worker, taken))
    store.close()


def test_two_processes_never_take_the_same_message(store: Store, store_url: str) -> None:
    keys = [f"m{n}" for n in range(60)]
    with store.unit() as uow:
        for number, key in enumerate(keys):
            uow.outbox.put(notice(key, to=f"p{number}@harbour.example"), at(10))
        uow.commit()
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    workers = [context.Process(target=claim_all, args=(store_url, f"w{n}", results)) for n in range(2)]
    for process in workers:
        process.start()
    found = dict(results.get(timeout=60) for _ in workers)
    for process in workers:
        process.join(30)
        assert process.exitcode == 0
    counted = Counter(key for taken in found.values() for key in taken)
    assert counted == Counter(keys)


def test_the_audit_trail_keeps_who_did_what(store: Store) -> None:
    with store.unit() as uow:
        uow.audit.add("bo", "alert_acknowledged", "alert:1", {"ref": "GD1"}, at(10))
        uow.audit.add("pei", "roster_published", "roster:1", {}, at(11))
        uow.commit()
    with store.unit() as uow:
        assert [e.actor for e in uow.audit.entries()] == ["pei", "bo"]
        (entry,) = uow.audit.entries(subject="alert:1")
        assert (entry.at, entry.action, entry.detail) == (at(10), "alert_acknowledged", {"ref": "GD1"})


@pytest.mark.parametrize("failing", [True, False])
def test_a_part_fails_alone(store: Store, failing: bool) -> None:
    with store.unit() as uow:
        uow.contacts.save([contact("kept")])
        try:
            with uow.part():
                uow.contacts.save([contact("inner")])
                if failing:
                    raise KeyError("inside")
        except KeyError:
            pass
        uow.commit()
    with store.unit() as uow:
        assert uow.contacts.get(ContactRef("kept")) is not None
        assert (uow.contacts.get(ContactRef("inner")) is None) is failing
