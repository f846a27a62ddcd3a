"""ES: nobody presses Acknowledge, so the lead on shift by the published roster is told, once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.stories.service import Service, Setting, running
from tests.support.builders import at

REF = "GD20261124018"


def escalations(service: Service, person: str) -> list:
    return [m for m in service.direct(person) if m.text.startswith("Nobody has taken")]


def test_the_lead_on_shift_is_told_and_may_take_it(tmp_path: Path) -> None:
    shifts = [("lin", at(9), at(18)), ("bo", at(9), at(18))]
    with running(tmp_path, Setting(shifts=shifts)) as service:
        service.opened(REF, at(10))
        service.forward_to(at(10, 11))
        (post,) = service.wait(
            lambda: [m for m in service.posts() if m.text.startswith("Breach")], "the breach"
        )
        service.settle()
        assert escalations(service, "lin") == []

        service.forward_to(at(10, 21))
        (told,) = service.wait(lambda: escalations(service, "lin"), "the escalation")
        assert REF in told.text
        assert "on duty by the published roster" in service.slack.render(told, "lin")

        # Taken from the direct message: every post of the alert says so.
        service.slack.user("lin").press(told, "alert.acknowledge")
        for message in (told, post):
            service.wait(lambda message=message: message.text.startswith("Taken"), "the edit")
        service.forward_to(service.clock() + timedelta(hours=1))
        service.settle()
        about_it = [m.text.split(":")[0] for m in service.direct("lin") if "alert" in str(m.blocks)]
        assert about_it == ["Taken"]
        # The channel's thread tells the whole story.
        service.wait(lambda: len(service.thread(post)) == 2, "the news")
        escalated, taken = service.thread(post)
        assert "so the lead on duty is told now" in escalated
        assert "took" in taken


def test_with_nobody_on_duty_the_last_resort_is_told_and_it_says_so(tmp_path: Path) -> None:
    with running(tmp_path, Setting(shifts=[("bo", at(9), at(18))])) as service:
        service.opened(REF, at(10))
        service.forward_to(at(10, 21))
        (told,) = service.wait(lambda: escalations(service, "ada"), "the escalation")
        assert "You are told as the last resort" in service.slack.render(told, "ada")
        assert escalations(service, "lin") == []


def test_uninvited_bot_tells_the_lead_meanwhile_and_the_admin_what_to_do(tmp_path: Path) -> None:
    """K8: the alert is not lost when nobody has invited the bot."""
    shifts = [("lin", at(9), at(18)), ("bo", at(9), at(18))]
    with running(tmp_path, Setting(shifts=shifts, with_bot=False)) as service:
        service.opened(REF, at(10))
        service.forward_to(at(10, 11))
        lin, ada = service.slack.user("lin"), service.slack.user("ada")
        service.wait(lambda: [m for m in lin.dm if m.text.startswith("Breach")], "the alert as a message")
        (notice,) = service.wait(
            lambda: [m for m in ada.dm if "I am not in #harbour-alerts" in m.text], "the notice"
        )
        assert "/invite @muster" in notice.text
