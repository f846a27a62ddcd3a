"""L6: many breaches at once are one card in the channel; whoever presses has all of them."""

from __future__ import annotations

from pathlib import Path

from tests.stories.service import Service, Setting, event, running
from tests.support.builders import at

REFS = [f"GD2026112440{n}" for n in range(11)]


def storms(service: Service, start: str) -> list:
    return [m for m in service.posts() if m.text.startswith(start)]


def test_eleven_late_chats_are_one_card_that_is_taken_and_ends(tmp_path: Path) -> None:
    shifts = [("lin", at(9), at(18)), ("bo", at(9), at(18))]
    with running(tmp_path, Setting(shifts=shifts)) as service:
        opened = [event(ref, "opened", at(10), queue="chat", priority="high", agent="bo") for ref in REFS]
        assert service.tell(*opened).status_code == 202
        service.forward_to(at(10, 11))
        (post,) = service.wait(lambda: storms(service, "Storm on chat"), "the storm")
        text = service.slack.render(post, "lin")
        assert "11 cases are late and open" in text
        assert "the lead on duty is told 10:2" in text
        service.settle()
        assert len(service.posts()) == 1

        lin = service.slack.user("lin")
        lin.press(post, "storm.acknowledge")
        service.wait(lambda: post.text.startswith("Taken"), "the edit")
        assert f"<@{lin.user.id}> has it since 10:11" in post.text
        second = service.slack.user("bo").press(post, "storm.acknowledge", seen=0).answer()
        assert f"<@{lin.user.id}> has it since 10:11" in second.text

        answers = [event(ref, "responded", at(10, 11), agent="bo") for ref in REFS]
        assert service.tell(*answers).status_code == 202
        service.forward_to(at(10, 17))
        service.wait(lambda: post.text.startswith("Over"), "the end")
        service.wait(lambda: len(service.thread(post)) == 2, "the news")
        taken, over = service.thread(post)
        assert "took all of it" in taken
        assert "all 11 cases were dealt with" in over
        assert len(service.posts()) == 1
