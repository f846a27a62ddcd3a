"""CR1 to CR6, CR10, CR14, ES1 to ES3, ES6, ES7, A5, L9: a case from the call to the department and back."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.core.contacts import ContactType
from bot.core.ids import AgentId, ContactRef
from bot.core.people import Role
from bot.core.record_settings import Department
from bot.core.records import ContactRecord, FollowUp
from bot.core.satisfaction import Satisfaction, Scale
from bot.logs import configure_logs
from bot.playground import Message, View
from bot.usecases.log_contact import Logged, log_contact
from tests.stories.service import Service, Setting, event, running
from tests.support.builders import agent, at, settings

IDENTITY = "51010419900307741X"
FINANCE = Department(department="finance", name="Finance", channel="harbour-finance")
SHIFTS = [("lin", at(9), at(18)), ("bo", at(9), at(18)), ("chen", at(18), at(22))]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    setting = Setting(
        shifts=SHIFTS,
        settings=replace(settings(), departments={"finance": FINANCE}),
        channels=("harbour-finance",),
    )
    with running(tmp_path, setting) as started:
        with started.store.unit() as uow:
            uow.people.upsert(agent("chen", zone="Europe/Lisbon", skills={"chat": 1.0, "complaint": 1.0}))
            uow.commit()
        yield started


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    root, config = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs(stream=stream)
    structlog.configure(cache_logger_on_first_use=False)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**config)


def form(service: Service, user: str, text: str = "") -> View:
    return service.slack.user(user).command("/muster", f"log {text}", channel="harbour-alerts").modal()


def reply(service: Service, user: str, text: str) -> str:
    outcome = service.slack.user(user).command("/muster", text, channel="harbour-alerts")
    assert outcome.ok
    return service.slack.render(outcome.answer(), user)


def dm(service: Service, user: str, words: str) -> Message:
    return service.wait(lambda: [m for m in service.slack.user(user).dm if words in m.text], words)[0]


def test_an_agent_writes_a_call_down_and_nothing_personal_gets_in(
    service: Service, logs: io.StringIO, tmp_path: Path
) -> None:
    bo = service.slack.user("bo")
    modal = form(service, "bo")
    refused = bo.submit(
        modal,
        {
            "queue": "phone",
            "type": "order",
            "description": f"her ID is {IDENTITY}",
            "solution": "ask the carrier",
            "customer": "王小明",
            "contact": "138-1234-5678",
            "satisfaction": "unsatisfied",
        },
    )
    said = "this looks like an ID number. Use the order number or the last 4 digits of the phone."
    assert refused.field_errors == {
        "description": f"Not saved: {said}",
        "satisfaction_reason": "Not saved: the customer is unsatisfied, so write down why.",
    }
    assert modal.open
    saved = bo.submit(
        modal,
        {
            "queue": "phone",
            "type": "order",
            "description": "parcel shown as delivered",
            "solution": "ask the carrier",
            "customer": "王小明",
            "contact": "138-1234-5678",
            "satisfaction": "4",
            "follow_up": "call back",
            "follow_up_owner": "bo",
            "follow_up_at": int(at(18).timestamp()),
        },
    )
    assert saved.field_errors == {}
    assert "Saved: GD20261124001, phone, priority medium." in service.slack.render(saved.modal(), "bo")
    text = reply(service, "bo", "case GD20261124001")
    assert "王∗∗, 5678" in text
    assert "parcel shown as delivered" in text
    assert "4 of 5" in text
    assert "18:00" in text
    kept = (tmp_path / "muster.db").read_bytes() + (tmp_path / "muster.db-wal").read_bytes()
    assert b"parcel shown" in kept
    for value in (IDENTITY, "王小明", "13812345678", "138-1234-5678"):
        assert value.encode() not in kept
        assert value not in logs.getvalue()
    assert "parcel shown" not in logs.getvalue()
    assert "form_refused" in logs.getvalue()
    assert service.posts() == []


def test_the_form_and_its_errors_speak_the_readers_language(service: Service) -> None:
    chen = service.slack.user("chen")
    modal = form(service, "chen")
    shown = service.slack.render(modal, "chen")
    assert "联络记录" in shown
    assert "问题描述" in shown
    refused = chen.submit(modal, {"queue": "chat", "type": "complaint", "description": "身份证 " + IDENTITY})
    assert "身份证号" in refused.field_errors["description"]
    assert refused.field_errors["solution"].startswith("完成记录前必须填写")
    assert modal.open
    # A draft of a new case still needs its queue; the form below keeps what was typed.
    chen.press(modal, "record.draft")
    service.wait(lambda: chen.modal is not modal and chen.modal is not None, "the answer on top")
    assert "请选择来源队列" in service.slack.render(chen.modal, "chen")
    assert modal.open


def test_a_draft_is_kept_by_its_button_and_finished_from_the_reminder(service: Service) -> None:
    bo = service.slack.user("bo")
    service.tell(
        event("GD1", "opened", at(9, 50), queue="phone", priority="medium", agent="bo"),
        event("GD1", "resolved", at(10), agent="bo"),
    )
    modal = form(service, "bo", "GD1")
    bo.press(modal, "record.draft")
    service.wait(lambda: "Draft kept: GD1" in service.slack.render(modal, "bo"), "the draft")
    service.forward_to(at(10, 5))
    reminder = dm(service, "bo", "Record not finished")
    assert "your call GD1 ended 10:00" in reminder.text
    finish = bo.press(reminder, "record.log").modal()
    assert "Draft: not finished yet" in service.slack.render(finish, "bo")
    assert bo.submit(finish, {"description": "asked for the bill", "solution": "sent"}).field_errors == {}
    service.settle()
    assert len([m for m in bo.dm if "Record" in m.text]) == 1


def test_looking_at_a_record_again_and_saving_it_loses_nothing(service: Service) -> None:
    service.opened("GD1", at(10), type="order")
    held = ContactRecord(
        ref=ContactRef("GD1"),
        recorded_by="bo",
        recorded_at=at(10),
        complete=True,
        type=ContactType.ORDER,
        customer_no="C202405001",
        customer_label="*女士",
        contact_digits="5678",
        order_no="2024031500012",
        description="parcel",
        solution="asked the carrier",
        result="found it",
        outcome="coupon",
        compensation="50元优惠券",
        satisfaction=Satisfaction(scale=Scale.POINTS, value=85),
        follow_up=FollowUp(owner=AgentId("lin"), due_at=at(18), text="call back"),
        remarks="friendly",
        cross_department=True,
        confirmed=True,
        verified=True,
    )
    with service.store.unit() as uow:
        uow.records.save(held)
        uow.commit()
    service.tell(event("GD1", "reclassified", at(10), type="after_sales"))
    bo = service.slack.user("bo")
    assert bo.submit(form(service, "bo", "GD1")).field_errors == {}
    with service.store.read() as uow:
        again, case = uow.records.get(held.ref), uow.contacts.get(held.ref)
    assert again is not None
    assert case is not None
    assert again == replace(held, recorded_at=again.recorded_at, type=ContactType.AFTER_SALES)
    assert case.type is ContactType.AFTER_SALES


def test_the_form_works_over_http_as_well(tmp_path: Path) -> None:
    with running(tmp_path, Setting(mode="http")) as service:
        bo = service.slack.user("bo")
        modal = form(service, "bo")
        wrong = bo.submit(modal, {"queue": "phone", "description": IDENTITY})
        assert set(wrong.field_errors) == {"description", "solution"}
        bo.submit(modal, {"queue": "phone", "description": "asked for the bill", "solution": "sent"})
        assert "Saved: GD20261124001" in service.slack.render(modal, "bo")


def test_a_slow_save_is_acknowledged_in_time_and_shown_when_it_is_done(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(*given: Any, **named: Any) -> Logged:
        time.sleep(3)
        return log_contact(*given, **named)

    monkeypatch.setattr("bot.slack.modals.log.log_contact", slowly)
    bo = service.slack.user("bo")
    modal = form(service, "bo")
    sent = bo.submit(modal, {"queue": "phone", "description": "asked for the bill", "solution": "sent"})
    assert sent.ok
    assert "takes a moment" in service.slack.render(modal, "bo")
    service.wait(lambda: "Saved: GD20261124001" in service.slack.render(modal, "bo"), "the result")


def test_a_case_goes_to_the_department_without_a_customers_word(service: Service) -> None:
    service.opened("GD1", at(10))
    service.tell(event("GD1", "priority_changed", at(10), priority="urgent"))
    refused = reply(service, "bo", "handoff GD1 finance tomorrow before 10:00")
    assert "needs a summary" in refused
    said = reply(service, "bo", "handoff GD1 finance 今天18点前 the kettle is not refunded")
    assert "GD1 is with Finance; answer expected by 18:00" in said
    post = service.wait(lambda: service.posts("harbour-finance"), "the hand-over")[0]
    assert "URGENT" in post.text
    assert "answer expected by 18:00" in post.text.lower()
    assert "kettle" not in str(post.blocks)
    known = service.slack.user("lin").press(post, "hand_over.summary").answer()
    assert "kettle is not refunded" in known.text
    assert known.ephemeral_to == service.slack.user("lin").user.id
    service.clock.forward_to(at(11))
    service.slack.user("ada").press(post, "hand_over.answered")
    service.wait(lambda: "Answered" in post.text, "the edit")
    late = service.slack.user("lin").press(post, "hand_over.answered", seen=0).answer()
    assert "answered it already" in late.text
    assert "Finance answered GD1" in dm(service, "bo", "Answered").text
    assert "Finance answered" in reply(service, "bo", "case GD1")


def test_a_typed_time_is_read_on_the_teams_wall_and_the_zone_is_said(service: Service) -> None:
    """chen reads Chinese and works from Lisbon; six in the evening is the team's."""
    service.opened("GD1", at(10))
    said = reply(service, "chen", "handoff GD1 finance 今天18点前 壶没有退款")
    assert "18:00" in said
    assert "上海" in said
    post = service.wait(lambda: service.posts("harbour-finance"), "the hand-over")[0]
    assert "expected by 18:00" in post.text.lower()


def test_whoever_chases_is_reminded_until_the_case_is_free(service: Service) -> None:
    service.opened("GD1", at(10))
    chaser = f"<@{service.slack.user('chen').user.id}|chen>"
    assert "First" in reply(service, "bo", f"blocked GD1 finance {chaser}").replace("first", "First")
    assert "没有这个部门" in reply(service, "chen", f"blocked GD1 legal {chaser}")
    service.forward_to(at(14, 1))
    service.application.runner.wake("chase")
    reminder = dm(service, "chen", "请催办 Finance")
    assert "GD1" in reminder.text
    answer = service.slack.user("chen").press(reminder, "block.unblocked").answer()
    assert "已解除受阻" in answer.text
    service.forward_to(at(21))
    service.application.runner.wake("chase")
    service.settle()
    assert len([m for m in service.slack.user("chen").dm if "催办" in m.text]) == 1


def test_a_complaint_goes_to_the_lead_and_never_to_the_agent_it_is_about(service: Service) -> None:
    service.tell(
        event("GD1", "opened", at(10), queue="chat", type="complaint", complained_about="bo", priority="low")
    )
    card = dm(service, "lin", "Complaint GD1")
    text = service.slack.render(card, "lin")
    assert "priority high" in text
    assert "Nobody with the skill for complaints until 18:00" in text
    assert "lead" in text
    bo = f"<@{service.slack.user('bo').user.id}|bo>"
    assert "cannot handle GD1" in reply(service, "lin", f"give GD1 {bo}")
    assert "eeds the role" in reply(service, "bo", f"give GD1 {bo}")
    service.slack.user("lin").press(card, "complaint.give")
    service.wait(lambda: "has it" in card.text, "the edited card")
    with service.store.read() as uow:
        held = uow.contacts.get(ContactRef("GD1"))
    assert held is not None
    assert held.agent == "lin"
    assert [m for m in service.slack.user("bo").dm if "GD1" in m.text] == []


def test_a_supervisor_approves_and_whoever_asked_knows_by_when_to_tell(service: Service) -> None:
    service.opened("GD1", at(10))
    said = reply(service, "bo", "approve GD1 refund 今天18点前 all of it, one day over the limit")
    assert "Tell the customer by 18:00" in said
    card = dm(service, "lin", "Approval asked: refund for GD1")
    assert "one day over" not in str(card.blocks)
    lin = service.slack.user("lin")
    assert "one day over the limit" in service.slack.render(lin.press(card, "approval.words").answer(), "lin")
    lin.press(card, "approval.approve")
    service.wait(lambda: "Approved: refund" in card.text, "the edited card")
    told = dm(service, "bo", "Approved: refund for GD1")
    assert "by 18:00" in service.slack.render(told, "bo")
    late = lin.press(card, "approval.decline", seen=0).answer()
    assert "approved it already" in late.text


def test_the_only_lead_on_duty_hears_at_once_who_decides_instead(service: Service) -> None:
    service.opened("GD1", at(10))
    said = reply(service, "lin", "approve GD1 refund 今天18点前 all of it")
    assert "Nobody else on duty can decide about" in said
    assert "ada" in said
    card = dm(service, "ada", "Approval asked: refund for GD1")
    assert [m for m in service.slack.user("lin").dm if "Approval asked" in m.text] == []
    service.slack.user("ada").press(card, "approval.approve")
    service.wait(lambda: "Approved: refund" in card.text, "the edited card")
    dm(service, "lin", "Approved: refund for GD1")


def test_the_answer_names_the_department_a_case_went_to(service: Service) -> None:
    service.opened("GD1", at(10))
    assert "is with: Finance" in reply(service, "bo", "escalate GD1 department finance complex")


def test_what_is_wrong_stands_where_it_was_written(service: Service) -> None:
    """PS1, PS4: the check of the customer's identity is a box to tick, and a card number is called one."""
    refused = service.slack.user("bo").submit(
        form(service, "bo"),
        {
            "queue": "phone",
            "type": "after_sales",
            "description": "parcel is late",
            "solution": "asked the carrier",
            "order_no": "4111111111111111",
        },
    )
    assert set(refused.field_errors) == {"order_no", "ticks"}
    assert "looks like a bank card number" in refused.field_errors["order_no"]
    assert "identity is checked first" in refused.field_errors["ticks"]


def test_help_stays_short_and_opens_a_group(service: Service) -> None:
    short = reply(service, "bo", "help")
    assert len(short.splitlines()) == 1 + 5  # K4
    assert "/muster log" in short
    full = reply(service, "bo", "help cases")
    assert "/shift week" in reply(service, "bo", "help shifts")
    assert "/muster promise CASE TIME" in reply(service, "chen", "help 个案")
    assert "/muster handoff CASE DEPARTMENT TIME SUMMARY" in full
    assert "/muster give" not in full
    assert "/muster give" in reply(service, "lin", "help cases")


def test_other_teams_see_nothing(service: Service) -> None:
    service.opened("GD1", at(10))
    with service.store.unit() as uow:
        uow.people.upsert(replace(agent("chen", role=Role.LEAD), team="pier"))  # type: ignore[arg-type]
        uow.people.link(AgentId("chen"), service.slack.user("chen").user.id, "en")
        uow.commit()
    assert "belongs to another team" in reply(service, "chen", "case GD1")
    assert "No case GD9 is known" in reply(service, "bo", "case GD9")
    assert service.clock() - at(10) < timedelta(minutes=5)
