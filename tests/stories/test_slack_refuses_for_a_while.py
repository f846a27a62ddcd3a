"""Archived, uninvited, gone, revoked, away: somebody else is told, the operator knows, nothing is lost."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from pathlib import Path

import pytest

from bot.playground import Fault, FaultKind
from tests.stories.service import Service, Setting, running
from tests.support.builders import at, settings

SHIFTS = [("lin", at(9), at(18)), ("bo", at(9), at(18))]
CASE = "GD20261124018"


def heard(service: Service, person: str, words: str) -> list[str]:
    return [m.text for m in service.direct(person) if words in m.text]


def told_within_a_minute(service: Service, person: str, words: str, where: str) -> None:
    """The alert reaches ``person``, and the admin learns of ``where``, within 60 seconds of the breach."""
    service.wait(lambda: heard(service, person, words), "the alert to somebody else")
    service.wait(lambda: heard(service, "ada", where), "the notice to the operator")
    assert service.clock() < at(10, 11)


@pytest.mark.parametrize("trouble", ["archived", "removed"])
def test_a_channel_that_is_lost_is_replaced_by_the_lead(tmp_path: Path, trouble: str) -> None:
    with running(tmp_path, Setting(shifts=SHIFTS)) as service:
        service.opened(CASE, at(10))
        if trouble == "archived":
            service.slack.workspace.archive("harbour-alerts")
        else:
            service.slack.workspace.remove_bot("harbour-alerts")
        service.forward_to(at(10, 10))
        told_within_a_minute(service, "lin", "Breach", "#harbour-alerts")
        assert service.posts() == []
        service.slack.workspace.refusals.clear()


def test_a_lead_who_left_slack_is_replaced_by_the_last_resort(tmp_path: Path) -> None:
    with running(tmp_path, Setting(shifts=SHIFTS)) as service:
        service.opened(CASE, at(10))
        service.forward_to(at(10, 11))
        service.wait(service.posts, "the breach")
        service.slack.workspace.deactivate("lin")
        service.forward_to(at(10, 20))
        service.wait(lambda: heard(service, "ada", CASE), "the last resort")
        service.wait(lambda: heard(service, "ada", "left the workspace"), "the notice to the operator")
        assert service.clock() < at(10, 21)
        service.slack.workspace.refusals.clear()


def test_with_a_revoked_token_everything_waits_and_the_operator_can_see_why(tmp_path: Path) -> None:
    with running(tmp_path, Setting(shifts=SHIFTS)) as service:
        service.opened(CASE, at(10))
        service.slack.workspace.revoke_tokens()
        service.forward_to(at(10, 10))
        service.wait(lambda: service.health()["outbox"]["held_back_by"] == "token_revoked", "the reason")
        assert service.clock() < at(10, 11)
        health = service.health()
        assert health["status"] == "degraded"
        assert health["outbox"]["waiting"] >= 1
        assert health["outbox"]["failed"] == 0
        service.slack.workspace.app.revoked = False
        for _ in range(3):
            service.forward_to(service.clock() + timedelta(seconds=61))
            time.sleep(0.3)
        service.wait(service.posts, "what waited")
        service.settle()
        assert len(service.posts()) == 1
        assert service.health()["outbox"]["held_back_by"] is None
        service.slack.workspace.refusals.clear()


def test_after_an_outage_each_reader_has_one_message_that_is_right(tmp_path: Path) -> None:
    """K9, K10: warned, broken and escalated meanwhile, the case is told once, as it stands."""
    with running(tmp_path, Setting(shifts=SHIFTS)) as service:
        service.opened(CASE, at(10))
        service.slack.faults.add("*", *(Fault(kind=FaultKind.HTML) for _ in range(5_000)))
        for minute in (6, 9, 11, 15, 21, 25):
            service.forward_to(at(10, minute))
            time.sleep(0.25)
        service.slack.faults.clear()
        for _ in range(5):
            service.forward_to(service.clock() + timedelta(seconds=61))
            time.sleep(0.25)
        service.wait(lambda: service.posts() and _alerts(service, "lin"), "what waited")
        service.wait(lambda: service.health()["outbox"]["waiting"] == 0, "the end of the line")
        service.settle()
        assert len(service.posts()) == 1
        assert len(_alerts(service, "lin")) == 1
        assert "Breach" in service.posts()[0].text
        assert "Nobody has taken" in _alerts(service, "lin")[0]
        assert heard(service, "ada", CASE) == []
        assert sum(len(service.thread(post)) for post in service.posts()) <= 1


def test_an_alert_that_slack_did_not_take_says_from_when_to_when(tmp_path: Path) -> None:
    """K9: nothing but the breach falls into the outage, so no later word takes the place of its card."""
    with running(tmp_path, Setting(shifts=SHIFTS, settings=settings(warn_at=()))) as service:
        service.opened(CASE, at(10))
        service.slack.faults.add("*", *(Fault(kind=FaultKind.HTML) for _ in range(5_000)))
        for second in (5, 10, 15):
            service.forward_to(at(10, 10, second))
            service.wait(lambda: service.health()["outbox"]["held_back_by"], "it is held back")
            service.settle(0.3)
        service.slack.faults.clear()
        for second in (0, 15):
            service.forward_to(at(10, 17, second))
            service.settle(0.3)
        (post,) = service.wait(service.posts, "the breach")
        text = service.slack.render(post, "lin")
        assert "Breach" in text
        assert re.search(r"Sent 7 min late \(Slack unreachable 10:10–10:17\)", text)


def _alerts(service: Service, person: str) -> list[str]:
    """Alerts of the case, without the draft of a delay notice, which is no alert."""
    return [text for text in heard(service, person, CASE) if not text.startswith("Predicted late")]
