"""A1: who asks for it is told of the next day's shift, once, at their own local time; nobody else is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.stories.service import DAY, Service, Setting, running
from tests.support.builders import at

WED = DAY + timedelta(days=1)
SHIFTS = [
    ("lin", at(9, day=WED), at(18, day=WED)),
    ("bo", at(9, day=WED), at(18, day=WED)),
    ("chen", at(15, day=WED), at(23, day=WED)),
]
SETTING = Setting(shifts=SHIFTS, start=at(12))


def typed(service: Service, user: str, text: str) -> str:
    outcome = service.slack.user(user).command("/shift", text, channel="harbour-alerts")
    assert outcome.ok
    return service.slack.render(outcome.answer(), user)


def reminded(service: Service, user: str) -> list[str]:
    return [service.slack.render(m, user) for m in service.direct(user)]


def look(service: Service, hour: int, minute: int = 0) -> None:
    service.forward_to(at(hour, minute))
    service.application.runner.wake("shift_reminders")
    service.settle()


def test_once_in_the_evening_to_whoever_asked(tmp_path: Path) -> None:
    with running(tmp_path, SETTING) as service:
        assert "not reminded" in typed(service, "bo", "remind")
        assert "At 19:30 you are told" in typed(service, "bo", "remind 19:30")
        # Chen lives in Lisbon: 13:00 there is 21:00 of the team.
        assert "每天 13:00" in typed(service, "chen", "提醒 13点")
        assert "At 19:30" in typed(service, "bo", "remind")
        look(service, 19, 29)
        assert reminded(service, "bo") == []
        look(service, 19, 31)
        (text,) = reminded(service, "bo")
        assert "Wed 25 Nov: 09:00–18:00, chat, lunch 13:30" in text
        assert "/shift remind off" in text
        assert reminded(service, "chen") == []
        look(service, 21, 1)
        (chinese,) = reminded(service, "chen")
        assert "07:00–15:00" in chinese
        assert "里斯本" in chinese
        assert len(reminded(service, "bo")) == 1
        assert reminded(service, "lin") == []


def test_not_before_a_day_off_nor_after_it_was_ended_nor_long_after(tmp_path: Path) -> None:
    with running(tmp_path, SETTING) as service:
        typed(service, "bo", "remind 18:00")
        typed(service, "lin", "remind on")
        assert "No more reminders" in typed(service, "bo", "remind off")
        assert "no reminder to end" in typed(service, "bo", "remind 关闭")
        typed(service, "chen", "remind 1:00")
        # Chen's 01:00 of Tuesday was 09:00 of the team: too long ago. Bo ended it, lin's is at 19:00.
        look(service, 18, 30)
        assert reminded(service, "bo") == reminded(service, "chen") == reminded(service, "lin") == []
        look(service, 19, 5)
        assert len(reminded(service, "lin")) == 1
        # The evening before a day without a shift nothing comes.
        service.forward_to(at(19, 5, day=WED))
        service.application.runner.wake("shift_reminders")
        service.settle()
        assert len(reminded(service, "lin")) == 1


@pytest.mark.parametrize("text", ["25:00", "7pm", "19:75", "tomorrow", "<!channel>"])
def test_what_is_no_time_changes_nothing(tmp_path: Path, text: str) -> None:
    with running(tmp_path, SETTING) as service:
        assert "nothing was changed" in typed(service, "bo", f"remind {text}")
        assert "not reminded" in typed(service, "bo", "remind")
