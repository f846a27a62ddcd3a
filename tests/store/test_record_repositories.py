"""Records, numbers, external ids and case work on both databases."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

from bot.core.case_work import ApprovalState, Stage
from bot.core.contacts import ContactType
from bot.core.ids import AgentId, ContactRef
from bot.core.records import ContactRecord, FollowUp
from bot.core.retention import Area
from bot.core.satisfaction import Satisfaction, Scale
from bot.store.unit_of_work import Store
from tests.support.builders import at, contact

ONE, TWO = ContactRef("GD20261124001"), ContactRef("GD20261124002")
NOW = at(10)


def cases(store: Store, *refs: ContactRef) -> None:
    with store.unit() as uow:
        uow.contacts.save(
            contact(ref, opened_at=at(9) + i * timedelta(hours=1)) for i, ref in enumerate(refs)
        )
        uow.commit()


def record(ref: ContactRef = ONE, **more: object) -> ContactRecord:
    held = ContactRecord(
        ref=ref,
        recorded_by="bo",
        recorded_at=NOW,
        complete=True,
        type=ContactType.ORDER,
        customer_no="C202405001",
        customer_label="*女士",
        contact_digits="5678",
        description="parcel",
        satisfaction=Satisfaction(scale=Scale.POINTS, value=85),
        follow_up=FollowUp(owner=AgentId("bo"), due_at=at(18), text="call"),
        compensation="50元优惠券",
        outcome="coupon",
    )
    return replace(held, **more)  # type: ignore[arg-type]


def test_a_record_comes_back_as_it_was_and_is_replaced(store: Store) -> None:
    cases(store, ONE)
    with store.unit() as uow:
        uow.records.save(record(complete=False))
        uow.commit()
    with store.unit() as uow:
        assert uow.records.get(ONE) == record(complete=False)
        uow.records.save(record())
        uow.commit()
    with store.read() as read:
        assert read.records.many([ONE, TWO]) == {ONE: record()}


def test_other_cases_of_a_customer_newest_first(store: Store) -> None:
    three = ContactRef("GD20261124003")
    cases(store, ONE, TWO, three)
    with store.unit() as uow:
        uow.records.save(record(ONE), record(TWO), record(three, customer_no="C202405002"))
        uow.commit()
    with store.read() as read:
        assert read.records.of_customer("no:C202405001", but=three, limit=5) == [TWO, ONE]
        assert read.records.of_customer("no:C202405001", but=TWO, limit=5) == [ONE]


def test_everything_goes_with_its_contact(store: Store) -> None:
    cases(store, ONE)
    with store.unit() as uow:
        uow.records.save(record())
        uow.records.link("zendesk", "1001", ONE, by="bo", now=NOW)
        uow.case_work.hand_over(ONE, "finance", by="bo", now=NOW, expected_at=at(12), summary="x")
        uow.case_work.block(ONE, "finance", AgentId("bo"), now=NOW, next_at=at(14))
        uow.case_work.ask_approval(ONE, "refund", "all of it", by="bo", now=NOW, tell_by=at(12))
        uow.case_work.name_owner(ONE, Stage.FEEDBACK, AgentId("bo"), now=NOW)
        solved = contact(ONE, status=contact().status.SOLVED, resolved_at=at(11))
        uow.contacts.save([solved])
        uow.commit()
    with store.unit() as uow:
        assert uow.sweeps.sweep(Area.CONTACTS, at(12), 10) == 1
        uow.commit()
    with store.read() as read:
        assert read.records.get(ONE) is None
        assert read.records.links_of(ONE) == []
        assert read.case_work.hand_overs_of(ONE) == read.case_work.approvals_of(ONE) == []
        assert read.case_work.blocked_now() == []
        assert read.case_work.owners_of(ONE) == {}


def test_numbers_are_given_out_once_however_many_ask(store: Store) -> None:
    given: list[int] = []
    lock = threading.Lock()

    def ask() -> None:
        for _ in range(10):
            with store.unit() as uow:
                n = uow.records.next_number("case", "GD20261124#")
                uow.commit()
            with lock:
                given.append(n)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(given) == list(range(1, 41))
    with store.unit() as uow:
        assert uow.records.next_number("case", "GD20261125#") == 1


def test_a_name_belongs_to_one_case(store: Store) -> None:
    cases(store, ONE, TWO)
    with store.unit() as uow:
        assert uow.records.link("zendesk", "1001", ONE, by="bo", now=NOW) == ONE
        assert uow.records.link("zendesk", "1001", TWO, by="bo", now=NOW) == ONE
        assert uow.records.link("chatwoot", "1001", TWO, by="bo", now=NOW) == TWO
        uow.commit()
    names = [ContactRef(n) for n in ("zendesk:1001", "chatwoot:1001", "zendesk:1002", "1001", ONE)]
    with store.read() as read:
        assert read.records.resolve(names) == {
            ContactRef("zendesk:1001"): ONE,
            ContactRef("chatwoot:1001"): TWO,
        }


def test_one_answers_one_decides_one_reminds(store: Store) -> None:
    cases(store, ONE)
    with store.unit() as uow:
        work = uow.case_work
        handed = work.hand_over(ONE, "finance", by="bo", now=NOW, expected_at=at(12), summary="x")
        assert work.answer_hand_over(handed.id, by="kim", now=at(11))
        assert not work.answer_hand_over(handed.id, by="lin", now=at(11))
        asked = work.ask_approval(ONE, "refund", "all", by="bo", now=NOW, tell_by=at(12))
        assert work.decide(asked.id, ApprovalState.DECLINED, by="lin", now=at(11))
        assert not work.decide(asked.id, ApprovalState.APPROVED, by="ada", now=at(11))
        block = work.block(ONE, "finance", AgentId("bo"), now=NOW, next_at=at(14))
        assert work.chases_due(at(13), 10) == []
        assert work.chases_due(at(14), 10) == [block]
        assert work.claim_chase(block, next_at=at(18))
        assert not work.claim_chase(block, next_at=at(18))
        again = work.block(ONE, "stock", AgentId("chen"), now=at(15), next_at=at(19))
        assert [b.id for b in work.blocked_now()] == [again.id]
        ended = work.unblock(ONE, now=at(16))
        assert ended is not None
        assert ended.next_at is None
        assert work.unblock(ONE, now=at(16)) is None
        uow.commit()
    with store.read() as read:
        held = read.case_work.get_approval(asked.id)
        assert held is not None
        assert (held.state, held.decided_by) == (ApprovalState.DECLINED, "lin")


def test_a_stage_has_one_owner_and_a_case_several_co_owners(store: Store) -> None:
    cases(store, ONE)
    with store.unit() as uow:
        work = uow.case_work
        for agent in ("bo", "chen"):
            work.name_owner(ONE, Stage.FEEDBACK, AgentId(agent), now=NOW)
            work.name_owner(ONE, Stage.CO_OWNER, AgentId(agent), now=NOW)
        uow.commit()
    with store.read() as read:
        assert read.case_work.owners_of(ONE) == {
            Stage.CO_OWNER: ("bo", "chen"),
            Stage.FEEDBACK: ("chen",),
        }
