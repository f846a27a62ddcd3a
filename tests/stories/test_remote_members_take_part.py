"""SR13: who cannot be at the stand-up is asked at their own time, and stands under the digest."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from pathlib import Path

from bot.core.settings import Settings
from bot.playground import Message
from tests.stories.service import Service, Setting, running
from tests.support.builders import TEAM, at, settings


def with_remote() -> Settings:
    made = settings()
    meeting = made.teams[TEAM].stand_up
    assert meeting is not None
    team = replace(made.teams[TEAM], stand_up=replace(meeting, remote_at=time(9, 30)))
    return replace(made, teams={TEAM: team})


def asked(service: Service, who: str) -> list[Message]:
    return [m for m in service.direct(who) if "无法参加会议" in m.text or "cannot be at" in m.text]


def test_lisbon_is_asked_in_its_morning_and_answers_under_the_digest(tmp_path: Path) -> None:
    # Chen is in Lisbon: 09:30 there is 17:30 in Shanghai.  Bo works while the meeting is.
    shifts = [("bo", at(9), at(18)), ("chen", at(17), at(23))]
    with running(tmp_path, Setting(start=at(9, 15), settings=with_remote(), shifts=shifts)) as service:
        service.forward_to(at(9, 21))
        digest = service.wait(lambda: service.posts("harbour-standup"), "the digest")[0]
        service.forward_to(at(17, 29))
        service.settle()
        assert asked(service, "chen") == []
        service.forward_to(at(17, 30))
        (prompt,) = service.wait(lambda: asked(service, "chen"), "the question")
        assert asked(service, "bo") == []
        chen, lin = service.slack.user("chen"), service.slack.user("lin")
        form = chen.press(prompt, "回答").modal()
        assert "至少填写一项" in chen.submit(form, {}).field_errors["done"]
        refused = chen.submit(form, {"done": "called 13812345678"})
        assert "个人信息" in refused.field_errors["done"]
        chen.submit(form, {"done": "ten refunds", "blocked": "the refund page is down"}).modal()
        service.wait(lambda: service.thread(digest), "the answer under the digest")
        (said,) = [m for m in service.slack.channel(digest.channel).thread(digest.ts) if m.is_reply]
        shown = service.slack.render(said, "lin")
        assert "Done: ten refunds" in shown
        assert "In the way: the refund page is down" in shown
        item = lin.press(said, "Note an action").modal()
        assert "the refund page is down" in service.slack.render(item, "lin")
        # Once a day.
        service.forward_to(at(17, 45))
        service.settle()
        assert len(asked(service, "chen")) == 1
