"""MA3, SP8, SP17 in Slack: what waits now, why a case is due when it is, and an exception declared openly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.service import Service, Setting, event, running
from tests.support.builders import at


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    path: Path = tmp_path_factory.mktemp("lead")
    with running(path, Setting(shifts=[("bo", at(9), at(18)), ("lin", at(9), at(18))])) as started:
        opened = started.clock()
        started.tell(event("GD1", "opened", opened, queue="chat", priority="low", type="consult"))
        yield started


def said(service: Service, user: str, text: str) -> str:
    outcome = service.slack.user(user).command("/muster", text, channel="harbour-alerts")
    assert outcome.ok
    message = outcome.answer()
    assert message.ephemeral_to == service.slack.user(user).user.id
    return service.slack.render(message, user)


def test_the_board_counts_what_waits(service: Service) -> None:
    text = said(service, "lin", "board")
    assert "chat  1 pending: 1 unanswered (0 late, 0%)" in text
    assert "first response" not in text
    staged = said(service, "lin", "board stage")
    assert "waiting for a first answer: 1" in staged
    assert "first response: 1 running, 0 overdue" in staged


def test_a_due_time_is_explained_line_by_line(service: Service) -> None:
    text = said(service, "bo", "sla GD1")
    assert "first response: 30 min of opening hours, row standard" in text
    assert "counts 30 min, 30 min in all" in text
    assert "No case" in said(service, "bo", "sla GD404")


def test_an_agent_declares_no_exception(service: Service) -> None:
    assert "lead" in said(service, "bo", "exception outage in 2 hours").lower()
    assert service.posts() == []


def test_an_exception_is_declared_told_and_ended(service: Service) -> None:
    assert "Declared, number 1" in said(service, "lin", "exception outage in 2 hours chat")
    post = service.wait(service.posts, "the channel told")[0]
    shown = service.slack.render(post, "lin")
    assert "Exception declared for chat, 10:00 to 12:00: outage" in shown
    assert "Clocks run on" in shown
    assert "outage" in said(service, "lin", "exception")
    assert "ended" in said(service, "lin", "exception end 1")
    service.wait(lambda: len(service.posts()) == 2, "its end told")
    assert "Write" in said(service, "lin", "exception outage")
    assert "no such queue" in said(service, "lin", "exception outage in 2 hours chatt")
    assert "Nothing was declared" in said(service, "lin", "exception outage")
    lost = said(service, "lin", "exception end 99")
    assert "/muster exception" in lost
    assert "sla exception" not in lost


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("snooze", ("Say which alert; nothing was changed", "/muster snooze 17")),
        ("undo", ("Say which alert", "/muster undo 17")),
        ("撤销", ("Say which alert", "/muster undo 17")),
        ("undo x", ("is no number of an alert", "/muster undo 17")),
        ("why", ("Say which alert", "/muster why 17")),
        ("pass", ("Say which alert", "/muster pass 17 @name")),
        ("pass 1 @chen", ("plain text", "pick the person from Slack")),
        ("take 99", ("There is no alert 99",)),
        ("sla", ("Say which case", "/muster sla GD")),
        ("help nosuch", ("I don't know", "/muster help nosuch", "/muster help cases")),
        ("board nonsense", ("I don't know", "/muster board nonsense", "/muster board stage")),
    ],
)
def test_what_is_missing_or_not_known_is_said_for_this_command(
    service: Service, typed: str, answer: tuple[str, ...]
) -> None:
    text = said(service, "lin", typed)
    assert [part for part in answer if part not in text] == []


def test_help_of_one_command_is_its_line(service: Service) -> None:
    text = said(service, "lin", "help snooze")
    assert "/muster snooze NUMBER" in text
    assert "/muster take" not in text
