"""A6, L10, CP1 to CP4: promised in words, reminded, handed to who is there, told to the lead when broken."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.people import Role
from bot.store.engine import make_engine
from bot.store.tables import Base
from tests.stories.service import Replica, Service, Setting, event, running
from tests.support.builders import agent, at, settings
from tests.support.databases import PostgresServer

SHIFTS = [("lin", at(9), at(22)), ("bo", at(9), at(18)), ("chen", at(13), at(22))]
REF = "GD20261124017"
TICKS = ("watch_sla", "promises", "promise_owners", "deliver")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path, Setting(start=at(10, 5), shifts=SHIFTS)) as started:
        with started.store.unit() as uow:
            # Leads of these stories answer no chats.
            uow.people.upsert(agent("lin", role=Role.LEAD, skills={}))
            uow.commit()
        started.opened(REF, at(10, 4))
        started.tell(event(REF, "responded", at(10, 4, 30), agent="bo"))
        yield started


def forward(service: Service, to, *others: Replica) -> None:
    service.clock.forward_to(to)
    for one in (service, *others):
        one.application.runner.wake(*TICKS)


def says(service: Service, user: str, command: str) -> object:
    person = service.slack.user(user)
    heard = len(person.ephemerals)
    assert person.command("/muster", command, channel="harbour-alerts").ok
    # Cards may come in between; the answer is for this person's eyes only.
    return service.wait(lambda: person.ephemerals[heard:], "the answer")[0]


def shown(service: Service, user: str, message: object) -> str:
    return service.slack.render(message, user)


def dms(service: Service, user: str, start: str) -> list:
    return [m for m in service.slack.user(user).dm if m.bot and start in m.text]


def test_promised_in_chinese_by_the_time_the_shift_ends(service: Service) -> None:
    """A6: tight, and a colleague can take it with one press."""
    reply = says(service, "bo", f'promise {REF} 今天18點前 "物流核实"')
    text = shown(service, "bo", reply)
    assert "Promise 1" in text
    assert "by 18:00, owner you" in text
    assert "On shift until 18:00: tight." in text
    assert "Understood as Tue 24 Nov, 18:00 (Shanghai, UTC+08:00)" in text
    assert "Hand to chen" in text
    answer = service.slack.user("bo").press(reply, "promise.hand_to.1").answer()
    assert "Promise 1 became promise 2" in answer.text
    chen = service.slack.user("chen").user.id
    assert f"<@{chen}>" in answer.text
    (told,) = service.wait(lambda: dms(service, "chen", "承诺 2"), "the colleague hears of it")
    # chen reads Chinese, in Lisbon: six hours before, and the zone is named.
    assert "10:00" in told.text
    assert "里斯本" in shown(service, "chen", told)
    forward(service, at(17, 45))
    service.wait(lambda: dms(service, "chen", "到期"), "the reminder")
    assert dms(service, "bo", "Due in") == []


def test_promised_in_english_and_reminded_a_quarter_before(service: Service) -> None:
    reply = says(service, "bo", f"promise {REF} today before 16:00 call the courier")
    assert "On shift then, until 18:00" in shown(service, "bo", reply)
    forward(service, at(15, 44))
    service.settle()
    assert dms(service, "bo", "Due in") == []
    forward(service, at(15, 45, 1))
    (reminder,) = service.wait(lambda: dms(service, "bo", "Due in"), "the reminder")
    assert "call back by 16:00" in reminder.text
    assert "courier" not in shown(service, "bo", reminder)
    answer = service.slack.user("bo").press(reminder, "promise.keep").answer()
    assert "is kept" in answer.text
    service.wait(lambda: reminder.text.startswith("Kept"), "the reminder is edited")
    forward(service, at(16, 1))
    service.settle()
    assert dms(service, "lin", "Promise broken") == []


def test_an_owner_who_is_off_then_is_said_at_once_and_told_to_the_lead_once(service: Service) -> None:
    text = shown(service, "bo", says(service, "bo", f"promise {REF} 今天20点前"))
    assert "You leave at 18:00." in text
    assert "Hand to chen" in text
    service.application.runner.wake("promise_owners")
    forward(service, at(11, 0, 5))
    (card,) = service.wait(lambda: dms(service, "lin", "is off shift"), "the lead hears of it")
    assert "leaves at 18:00" in shown(service, "lin", card)
    forward(service, at(12, 0, 5))
    service.settle()
    assert len(dms(service, "lin", "is off shift")) == 1
    answer = service.slack.user("lin").press(card, "promise.hand_to.1").answer()
    assert "became promise 2" in answer.text
    service.wait(lambda: card.text.startswith("Handed over"), "the card is edited")


def test_an_uncertain_answer_is_a_call_back_on_the_only_case_one_has(service: Service) -> None:
    """SP14: half an hour, and no number to look up."""
    text = shown(service, "bo", says(service, "bo", "promise 30m"))
    assert f"Promise 1 on {REF}" in text
    assert "call back" in shown(service, "bo", says(service, "bo", "promises"))
    assert "no open case of the last day" in shown(service, "lin", says(service, "lin", "promise 30m"))
    # A complaint about Bo is none of Bo's, though the desk gave it to Bo (ES7).
    service.opened("GD20261124019", at(10, 4), agent="bo", type="complaint", complained_about="bo")
    assert f"on {REF}" in shown(service, "bo", says(service, "bo", "promise in 25 min"))
    service.opened("GD20261124018", at(10, 5), agent="bo")
    asked = shown(service, "bo", says(service, "bo", "promise in 30 min"))
    assert "Which case?" in asked
    assert REF in asked
    assert "GD20261124018" in asked
    assert "GD20261124019" not in asked


def test_what_is_refused_is_said_and_nothing_is_saved(service: Service) -> None:
    for command, said in (
        (f'promise {REF} 昨天 "x"', "That time is past; nothing saved."),
        (f'promise {REF} soonish "x"', "That is no time I understand; nothing was saved."),
        ("promise GD-nobody 18:00", "nothing was changed"),
        (f'promise {REF} 18:00 "回电 13812345678"', "phone number"),
        ("promise", "not a whole promise"),
        ("promise kept x", "no number of a promise"),
        ("promise kept 99", "does not exist"),
        ("promise move 99 18:00", "does not exist"),
    ):
        text = shown(service, "bo", says(service, "bo", command))
        assert said in text, command
        assert "138" not in text
    assert "You owe no promise." in shown(service, "bo", says(service, "bo", "promises"))


def test_too_much_is_warned_of_and_the_list_shows_what_is_owed(service: Service) -> None:
    warned = shown(service, "chen", says(service, "chen", f'承诺 {REF} 明天上午10点前 "一定退款"'))
    assert "“一定”承诺过头了" in warned
    listed = says(service, "chen", "我的承诺")
    text = shown(service, "chen", listed)
    assert "一定退款" in text
    assert "您有 1 个未兑现的承诺" in text
    moved = service.slack.user("chen").press(listed, "promise.move").answer()
    answer = service.slack.user("chen").press(moved, "promise.move_to.1").answer()
    assert "承诺 1 已改为 承诺 2" in answer.text


def test_the_handler_of_a_complaint_is_named_to_the_customer(service: Service) -> None:
    service.opened("GD20261124018", at(10, 5), type="complaint")
    lin = service.slack.user("lin")
    service.wait(lambda: [m for m in lin.dm if "Complaint GD20261124018" in m.text], "the lead is told first")
    chen = service.slack.user("chen").user.id
    reply = says(service, "lin", f"promise GD20261124018 明天上午10点前 handler <@{chen}|chen>")
    text = shown(service, "lin", reply)
    assert (
        "Your complaint GD20261124018 is with Chen, who will get in touch with you before 10:00 tomorrow."
        in text
    )
    assert "您的投诉（编号 GD20261124018）由 Chen 负责处理，会在明天10:00前与您联系。" in text
    service.wait(lambda: dms(service, "chen", "交给您"), "the handler hears of it")


def test_the_customer_is_told_before_the_deadline_and_the_new_time_is_kept(tmp_path: Path) -> None:
    """L10: predicted late, the filled notice, marked as sent once, a new promise."""
    warned = Setting(start=at(15), shifts=SHIFTS, settings=settings(warn_at=(0.8,)))
    with running(tmp_path, warned) as service:
        service.opened("GD20261124003", at(15), agent="bo")
        forward(service, at(15, 8, 1))
        (notice,) = service.wait(lambda: dms(service, "bo", "Predicted late"), "the notice")
        text = shown(service, "bo", notice)
        assert "Nobody has worked on it since 15:00" in text
        assert "You will hear from us before 16:00 today." in text
        assert "我们会在今天16:00前给您答复" in text
        first = service.slack.user("bo").press(notice, "promise.notice_sent.1").answer()
        assert "Logged as sent" in first.text
        assert "by 16:00, owner you" in first.text
        again = service.slack.user("bo").press(notice, "promise.notice_sent.1").answer()
        assert "promised before" in again.text
        forward(service, at(15, 9, 30))
        service.settle()
        assert len(dms(service, "bo", "Predicted late")) == 1
        forward(service, at(15, 45, 1))
        service.wait(lambda: dms(service, "bo", "Due in"), "the reminder of the new time")
        other = shown(service, "bo", says(service, "bo", "notice GD20261124003 今天20点"))
        assert "before 20:00 today" in other
        assert "leaves at 18:00" in other
        assert "Sent, chen keeps it" in other


@pytest.mark.postgres
def test_two_replicas_remind_break_and_give_notice_once(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    url = postgres_server.fresh_schema()
    engine = make_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()
    configured = settings(warn_at=(0.8,))
    chosen = replace(configured, promises=replace(configured.promises, remind_before=timedelta(minutes=20)))
    setting = Setting(start=at(10, 5), shifts=SHIFTS, database_url=url, settings=chosen)
    with running(tmp_path, setting) as service, service.replica() as other:
        service.opened(REF, at(10, 5), agent="bo")
        service.tell(event(REF, "responded", at(10, 5, 30), agent="bo"))
        for command in (f"promise {REF} in 60 min", f"promise {REF} 16:00"):
            says(service, "bo", command)
        for moment in (at(10, 45, 10), at(11, 5, 40), at(11, 6)):
            forward(service, moment, other)
            time.sleep(1.5)
        service.wait(lambda: dms(service, "lin", "Promise broken"), "the breach")
        forward(service, at(15, 40, 30), other)
        service.wait(lambda: len(dms(service, "bo", "Due in")) >= 2, "the second reminder")
        service.opened("GD20261124003", at(15, 40, 30), agent="bo")
        forward(service, at(15, 48, 40), other)
        service.wait(lambda: dms(service, "bo", "Predicted late"), "the notice")
        forward(service, at(16, 0, 30), other)
        service.wait(lambda: len(dms(service, "lin", "Promise broken")) >= 2, "the second breach")
        for minutes in (1, 2):
            forward(service, at(16, minutes), other)
            service.settle()
        assert len(dms(service, "lin", "Promise broken")) == 2
        assert len(dms(service, "bo", "Due in")) == 2
        assert len(dms(service, "bo", "Predicted late")) == 1
