"""L6, K3: a breach is said once in the team's channel; one person takes it, the next learns who (L5)."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from bot.playground import Message
from tests.stories.service import Service, Setting, event, running
from tests.support.builders import at

REF = "GD20261124017"


@pytest.fixture(params=["socket", "http"])
def service(request: pytest.FixtureRequest, tmp_path: Path):
    shifts = [("bo", at(9), at(18)), ("lin", at(9), at(18))]
    with running(tmp_path, Setting(mode=request.param, shifts=shifts)) as running_service:
        yield running_service


def breach_posts(service: Service) -> list:
    return [m for m in service.posts() if m.text.startswith("Breach")]


def whispered(service: Service, person: str, text: str) -> Message:
    """What only this person was told, as soon as it says that."""
    ephemerals = service.slack.user(person).ephemerals
    found: Message = service.wait(
        lambda: next((m for m in service.slack.user(person).ephemerals if text in m.text), None),
        f"{text!r} after {[m.text for m in ephemerals]}",
    )
    return found


def test_one_post_per_breach_is_taken_once_and_edited(service: Service) -> None:
    service.opened(REF, at(10))
    service.forward_to(at(10, 11))
    (post,) = service.wait(lambda: breach_posts(service), "the breach")

    assert REF in post.text
    assert "first response was due 10:10" in post.text
    text = service.slack.render(post, "lin")
    assert "Nobody owns it yet" in text
    # MA1: the lead on shift is called by name; MA2: what comes next; U9: how old the data is.
    lin = service.slack.user("lin").user.id
    assert f"On duty: <@{lin}>" in str(post.blocks)
    assert "the lead on duty is told 10:20" in text
    assert "contacts 11 min old" in text
    assert post.buttons() == {
        "alert.acknowledge": "Acknowledge",
        "alert.snooze": "Snooze 15 min",
        "alert.why": "Why me?",
    }

    won = service.slack.user("lin").press(post, "alert.acknowledge")
    assert won.ok
    assert won.latency is not None
    assert won.latency < 1
    service.wait(lambda: post.text.startswith("Taken"), "the edit")
    assert f"<@{lin}> has it since 10:11" in post.text
    assert post.buttons() == {"alert.undo": "Undo", "alert.why": "Why me?"}

    # A screen that had not caught up: the second presser learns who was first, and when.
    second = service.slack.user("bo").press(post, "alert.acknowledge", seen=0)
    told = second.answer()
    assert f"<@{lin}> has it since 10:11" in told.text
    assert told.ephemeral_to == service.slack.user("bo").user.id

    service.settle()
    assert [m.text.split(":")[0] for m in service.posts()] == ["Taken"]
    (news,) = service.wait(lambda: service.thread(post), "the news")
    assert news.startswith(f"<@{lin}> took {REF} at 10:11")


def test_snooze_undo_and_why_by_button_and_by_command(service: Service) -> None:
    service.opened(REF, at(10))
    service.forward_to(at(10, 11))
    (post,) = service.wait(lambda: breach_posts(service), "the breach")
    lin, bo = service.slack.user("lin"), service.slack.user("bo")

    lin.press(post, "alert.why")
    told = whispered(service, "lin", "Why me?")
    text = service.slack.render(told, "lin")
    assert "you read it in a channel" in text
    assert "10:20: the lead on duty" in text
    assert f"<@{lin.user.id}>" in str(told.blocks)

    bo.press(post, "alert.snooze")
    service.wait(lambda: post.text.startswith("Snoozed"), "the edit")
    assert f"<@{bo.user.id}> put it off, it comes back 10:26" in post.text
    number = next(e["value"] for _, e in post.elements() if e["action_id"] == "alert.why")
    lin.command("/muster", f"undo {int(number) + 99}", channel="harbour-alerts")
    whispered(service, "lin", "There is no alert")
    lin.command("/muster", f"undo {number}", channel="harbour-alerts")
    whispered(service, "lin", "the escalation goes on")
    service.wait(lambda: post.text.startswith("Breach"), "the edit")
    bo.command("/muster", f"pass {number} @lin", channel="harbour-alerts")
    whispered(service, "bo", "needs the role lead")
    lin.command("/muster", f"pass {number} bo", channel="harbour-alerts")
    whispered(service, "lin", f"<@{bo.user.id}> has it now")
    service.wait(lambda: post.text.startswith("Taken"), "the edit")
    service.wait(
        lambda: any("given to you" in service.slack.render(m, "bo") for m in service.direct("bo")),
        "the message to whom it was given",
    )


def test_the_answer_ends_the_alert(service: Service) -> None:
    service.opened(REF, at(10))
    service.forward_to(at(10, 11))
    (post,) = service.wait(lambda: breach_posts(service), "the breach")
    service.tell(event(REF, "responded", at(10, 11), agent="bo"))
    service.wait(lambda: post.text.startswith("Over"), "the edit")
    assert "1 min late" in post.text
    service.slack.user("lin").press(post, "alert.acknowledge", seen=0)
    whispered(service, "lin", "over")


def test_an_alert_can_be_taken_by_its_number(service: Service) -> None:
    service.opened(REF, at(10))
    service.forward_to(at(10, 11))
    (post,) = service.wait(lambda: breach_posts(service), "the breach")
    text = service.slack.render(post, "lin")
    number = text.split("/muster take ")[1].split()[0].strip("`")
    service.slack.user("lin").command("/muster", f"take {number}", channel="harbour-alerts")
    whispered(service, "lin", "You have it")
    service.wait(lambda: post.text.startswith("Taken"), "the edit")


def test_wrong_token_stores_nothing(service: Service) -> None:
    body = event(REF, "opened", at(10), queue="chat", priority="high")
    for headers in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic intake-token-of-the-tests"},
    ):
        answer = httpx.post(f"{service.url}/v1/contact-events", json=body, headers=headers)
        assert answer.status_code == 401
    with service.store.unit() as uow:
        assert uow.contacts.data_until() is None
