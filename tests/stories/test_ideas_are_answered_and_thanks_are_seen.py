"""TI4, TI6: ideas are answered by a day, and thanks are seen where whoever is thanked wants it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.playground import Message
from tests.stories.service import DAY, Service, Setting, running
from tests.support.builders import at


def typed(service: Service, who: str, words: str) -> str:
    return service.slack.render(service.slack.user(who).command("/muster", words).answer(), who)


def told(service: Service, who: str, words: str) -> Message:
    found = service.wait(lambda: [m for m in service.direct(who) if words in m.text], words)
    message: Message = found[0]
    return message


def digest(service: Service, days: int, nth: int) -> str:
    service.forward_to(at(9, 21, day=DAY + timedelta(days=days)))
    found = service.wait(lambda: service.posts("harbour-standup")[nth:], "the digest")
    return service.slack.render(found[0], "lin")


def test_an_idea_is_answered_or_stands_in_the_digest(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(13))) as service:
        assert "Idea #1 is before the leads" in typed(service, "bo", "idea show the queue on the wall")
        made = told(service, "lin", "An idea for the team")
        assert "this looks like a phone number" in typed(service, "bo", "idea call 13812345678")
        assert "Only leads may do that" in typed(service, "bo", "idea 1 adopt")
        assert "Ideas whose answer is overdue" not in digest(service, 2, 0)
        assert "Ideas whose answer is overdue\n• #1 show the queue" in digest(service, 8, 1)
        lin = service.slack.user("lin")
        form = lin.press(made, "Not this").modal()
        lin.submit(form, {"why": "the wall is glass"}).modal()
        answer = told(service, "bo", "does not adopt your idea")
        assert "Because: the wall is glass" in service.slack.render(answer, "bo")
        assert "answered already; nothing was changed" in typed(service, "lin", "idea 1 adopt")
        assert "Ideas whose answer is overdue" not in digest(service, 9, 2)


def test_thanks_are_seen_only_where_they_are_wanted(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(13))) as service:
        bo, chen = (f"<@{service.slack.user(n).user.id}>" for n in ("bo", "chen"))
        assert "is told" in typed(service, "lin", f"kudos {bo} for staying on the line")
        assert "is told" in typed(service, "bo", f"kudos {chen} for the handover")
        assert "Thank somebody else" in typed(service, "bo", f"kudos {bo} for me")
        message = told(service, "bo", "thanks you for: staying on the line")
        answer = service.slack.user("bo").press(message, "Show it at the stand-up").answer()
        assert "next stand-up's digest" in answer.text
        shown = digest(service, 1, 0)
        assert "thanked by @lin: staying on the line" in shown
        assert "the handover" not in shown
        assert "Thanks for you stand in the digest" in typed(service, "bo", "kudos on")
        typed(service, "lin", f"kudos {bo} for the second time")
        assert "the second time" in digest(service, 2, 1)
