"""LA1: Slack's language decides, a person can choose another, in answers and in direct messages."""

from __future__ import annotations

from pathlib import Path

from bot.core.ids import AgentId
from bot.core.messages import Outgoing, Recipient, RecipientKind, ShiftLine, ShiftReminder, Urgency
from tests.stories.service import DAY, Service, Setting, running
from tests.support.builders import at

SHIFTS = [("bo", at(9), at(18))]


def said(service: Service, user: str, command: str, text: str = "") -> str:
    outcome = service.slack.user(user).command(command, text)
    assert outcome.ok
    return service.slack.render(outcome.answer(), user)


def remind(service: Service, number: int) -> str:
    """A direct message to Bo as any job writes one."""
    line = ShiftLine(day=DAY, start=at(9), end=at(18), queue="chat", lunch_at=at(12))
    with service.store.unit() as uow:
        uow.outbox.put(
            Outgoing(
                recipient=Recipient(kind=RecipientKind.AGENT, name=AgentId("bo")),
                message=ShiftReminder(shifts=(line,)),
                dedupe_key=f"language-{number}",
                urgency=Urgency.DIGEST,
                not_before=service.clock(),
            ),
            service.clock(),
        )
        uow.commit()
    service.application.runner.wake("deliver")
    post = service.wait(
        lambda: posts[number - 1] if len(posts := service.direct("bo")) >= number else None, "the reminder"
    )
    return service.slack.render(post, "bo")


def test_a_choice_holds_for_answers_and_direct_messages_until_taken_back(tmp_path: Path) -> None:
    with running(tmp_path, Setting(shifts=SHIFTS)) as service:
        assert "Muster speaks English to you" in said(service, "bo", "/muster", "language")
        told = said(service, "bo", "/muster", "language zh-TW")
        assert "Muster 對您使用繁體中文" in told
        assert "/muster language auto" in told
        assert "今天" in said(service, "bo", "/shift")
        assert "午休 12:00" in remind(service, 1)
        # Words of commands are understood in either script.
        assert said(service, "bo", "/muster", "幫助") == said(service, "bo", "/muster", "帮助")
        assert "lunch 12:00" not in remind(service, 2)
        assert "您在 Slack 中設定的語言" in said(service, "bo", "/muster", "language auto")
        assert "Muster speaks English to you" in said(service, "bo", "/muster", "language")
        assert "lunch 12:00" in remind(service, 3)


def test_a_language_nobody_speaks_changes_nothing(tmp_path: Path) -> None:
    with running(tmp_path, Setting(shifts=SHIFTS)) as service:
        answer = said(service, "bo", "/muster", "language klingon")
        assert "does not speak klingon; nothing was changed" in answer
        assert "Muster speaks English to you" in said(service, "bo", "/muster", "language")
        # Whom no file names can choose as well.
        assert "对您使用简体中文" in said(service, "stranger", "/muster", "language 简体中文")
        assert "关联" in said(service, "stranger", "/shift")


def test_the_home_is_drawn_again_in_the_language_chosen_on_it(tmp_path: Path) -> None:
    with running(tmp_path, Setting(shifts=SHIFTS)) as service:
        bo = service.slack.user("bo")
        home = bo.open_home().home()
        assert "Today" in service.slack.render(home, "bo")
        changed = bo.choose(home, "home.language", "zh-Hant").home()
        assert "今天" in service.slack.render(changed, "bo")
        assert "語言" in service.slack.render(changed, "bo") or "繁體中文" in service.slack.render(
            changed, "bo"
        )
        again = bo.choose(changed, "home.language", "slack").home()
        assert "Today" in service.slack.render(again, "bo")
