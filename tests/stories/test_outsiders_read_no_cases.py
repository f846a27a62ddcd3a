"""PS3, PS10: an alert whose channel outsiders read goes to the lead on duty, and guests can do nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.playground import Person, Workspace
from tests.stories.service import Service, Setting, running
from tests.support.builders import SHANGHAI, at

ON_DUTY = [("lin", at(9), at(18)), ("bo", at(9), at(18))]


@pytest.mark.parametrize(
    ("opened_to", "said"),
    [("shared", "shared with people outside this workspace"), ("guest", "guests are in the channel")],
)
def test_the_breach_goes_to_the_lead_on_duty_and_an_operator_learns_why(
    tmp_path: Path, opened_to: str, said: str
) -> None:
    with running(tmp_path, Setting(shifts=ON_DUTY)) as service:
        workspace = service.slack.workspace
        if opened_to == "shared":
            workspace.channel("harbour-alerts").ext_shared = True
        else:
            workspace.add_user("visitor", guest=True)
            workspace.invite("harbour-alerts", "visitor")
        service.opened("GD20261124001", at(10))
        service.forward_to(at(10, 10, 5))
        told = service.wait(lambda: _dm(service, "lin", "GD20261124001", "Breach"), "the lead's message")
        notice = service.wait(lambda: _dm(service, "ada", "harbour-alerts"), "the operator's notice")
        assert service.posts() == []
        assert "Acknowledge" in told.buttons().values()
        shown = service.slack.render(notice, "ada")
        assert said in shown
        assert "muster slack check" in shown


def test_a_guest_can_do_nothing(tmp_path: Path) -> None:
    with running(tmp_path, Setting(shifts=ON_DUTY)) as service:
        workspace = service.slack.workspace
        workspace.add_user("visitor", guest=True, email="visitor@harbour.example", tz=SHANGHAI)
        workspace.add_channel("lobby", members=["visitor"])
        visitor = service.slack.user("visitor")
        for command, text in (
            ("/shift", ""),
            ("/muster", "help"),
            ("/muster", "link me"),
            ("/muster", "take 1"),
        ):
            reply = visitor.command(command, text, channel="lobby").answer()
            assert "Guests and people of other workspaces cannot use Muster" in reply.text
        answer = service.slack.user("lin").command("/muster", f"link <@{visitor.user.id}>").answer()
        assert "nobody was linked" in answer.text


def test_somebody_of_another_workspace_cannot_take_an_alert(tmp_path: Path) -> None:
    """The channel was shared after the post stood there."""
    with running(tmp_path, Setting(shifts=ON_DUTY)) as service:
        workspace: Workspace = service.slack.workspace
        service.opened("GD20261124001", at(10))
        service.forward_to(at(10, 10, 5))
        post = service.wait(lambda: next(iter(service.posts()), None), "the breach")
        workspace.channel("harbour-alerts").ext_shared = True
        workspace.add_user("partner", stranger=True)
        workspace.invite("harbour-alerts", "partner")
        partner: Person = service.slack.user("partner")
        (action,) = [a for a, label in post.buttons().items() if label == "Acknowledge"]
        reply = partner.press(post, action).answer()
        assert "Guests and people of other workspaces cannot use Muster" in reply.text
        assert "Acknowledge" in post.buttons().values()


def _dm(service: Service, user: str, *words: str) -> object:
    found = [m for m in service.slack.user(user).dm if all(w in f"{m.text} {m.blocks}" for w in words)]
    return next(iter(found), None)
