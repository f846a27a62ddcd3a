"""PS10: cases are the team's own, and what a role does not permit is refused, told and kept on record."""

from __future__ import annotations

from pathlib import Path

from tests.stories.service import Setting, running
from tests.support.builders import at

ON_DUTY = [("lin", at(9), at(18)), ("bo", at(9), at(18))]


def test_a_colleague_of_no_team_sees_and_takes_no_case(tmp_path: Path) -> None:
    with running(tmp_path, Setting(shifts=ON_DUTY)) as service:
        service.slack.workspace.add_user("sam", locale="en-US")
        service.opened("GD20261124001", at(10))
        service.forward_to(at(10, 10, 5))
        post = service.wait(lambda: next(iter(service.posts()), None), "the breach")
        (action,) = [a for a, label in post.buttons().items() if label == "Acknowledge"]
        service.slack.workspace.invite("harbour-alerts", "sam")
        sam = service.slack.user("sam")
        replies = [
            sam.press(post, action).answer(),
            sam.command("/muster", "take 1").answer(),
            sam.command("/muster", "sla GD20261124001").answer(),
            sam.command("/muster", "case GD20261124001").answer(),
            sam.command("/muster", "promises").answer(),
        ]
        assert all("Nobody on the roster is linked to you" in reply.text for reply in replies)
        assert "Only leads link other people" in (
            service.slack.user("bo").command("/muster", f"link <@{sam.user.id}>").answer().text
        )
        with service.store.read() as uow:
            noted = [(e.actor, e.action, e.subject) for e in uow.audit.entries() if e.action == "refused"]
        assert noted[::-1] == [
            (sam.user.id, "refused", "alert.take"),
            (sam.user.id, "refused", "alert.take"),
            (sam.user.id, "refused", "case.see"),
            (sam.user.id, "refused", "case.see"),
            (sam.user.id, "refused", "case.see"),
            ("bo", "refused", "link.others"),
        ]
        # Those whose case it is still may.
        service.slack.user("bo").press(post, action)
        service.wait(lambda: post.text.startswith("Taken"), "the edit")


def test_whom_no_file_names_is_offered_only_what_they_may_do(tmp_path: Path) -> None:
    with running(tmp_path, Setting(shifts=ON_DUTY)) as service:
        service.slack.workspace.add_user("sam", locale="en-US")
        sam = service.slack.user("sam")
        shown = service.slack.render(sam.command("/muster", "help").answer(), "sam")
        assert "/muster link me" in shown
        assert "/shift" in shown
        for word in ("board", "take", "case", "promise", "lunch", "state"):
            assert word not in shown
        said = sam.command("/muster", "board").answer().text
        assert "Nobody on the roster is linked to you" in said
        assert "/muster link me" in said
        assert "/muster board" not in sam.command("/muster", "boart").answer().text
        assert "/muster board" in service.slack.render(
            service.slack.user("bo").command("/muster", "help").answer(), "bo"
        )
