"""MA3, MA4: a team's board as one pinned post in its channel, edited in place and never doubled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.playground import Fault, FaultKind, Message
from bot.slack.manifest import SCOPES
from tests.stories.service import Service, Setting, running
from tests.support.builders import TEAM, at, settings

FLOOR = "harbour-floor"
PINS = frozenset({*SCOPES, "pins:write"})


@contextmanager
def team(tmp_path: Path, *, scopes: frozenset[str] = PINS, with_bot: bool = True) -> Iterator[Service]:
    plain = settings()
    held = plain.teams[TEAM]
    channels = {**held.channels, "board": FLOOR}
    held = replace(held, channels=channels, board_every=timedelta(minutes=1))
    shifts = [("bo", at(9), at(18)), ("lin", at(9), at(18))]
    setting = Setting(
        shifts=shifts,
        settings=replace(plain, teams={TEAM: held}),
        scopes=scopes,
        channels=(FLOOR,) if with_bot else (),
    )
    with running(tmp_path, setting) as service:
        if not with_bot:
            service.slack.workspace.add_channel(FLOOR, members=["lin"], with_bot=False)
        yield service


def later(service: Service, **by: float) -> None:
    service.clock.forward_to(service.clock() + timedelta(**by))
    service.application.runner.wake("watch_sla", "boards", "deliver")


def board(service: Service, part: str) -> Message:
    """The post, once it says something."""

    def look() -> Message | None:
        return next((m for m in service.posts(FLOOR) if part in service.slack.render(m, "lin")), None)

    found: Message = service.wait(look, f"the board with {part!r}")
    return found


def test_it_is_posted_once_pinned_and_edited_when_a_figure_changes(tmp_path: Path) -> None:
    with team(tmp_path) as service:
        service.application.runner.wake("boards", "deliver")
        first = board(service, "harbour, Tue 24 Nov, 10:00: 0 pending")
        service.wait(lambda: first.pinned, "the pin")
        assert "On now: 2 people at work" in service.slack.render(first, "lin")
        assert "Looked at every 1 min" in service.slack.render(first, "lin")
        service.opened("GD1", at(9, 55))
        later(service, minutes=2)
        changed = board(service, "1 pending, 0 of 1 unanswered are late")
        assert (changed.ts, len(service.posts(FLOOR))) == (first.ts, 1)
        text = service.slack.render(changed, "lin")
        assert "chat  1 pending: 1 unanswered" in text
        assert "GD1" not in text
        assert "@" not in text
        later(service, minutes=5)
        assert "1 of 1 unanswered are late (100%)" in service.slack.render(board(service, "100%"), "lin")
        edits = len(changed.versions)
        # Whatever the clock says: without a change nothing is edited.
        later(service, minutes=2)
        later(service, minutes=2)
        service.settle()
        assert len(changed.versions) == edits


def test_a_restart_and_a_second_replica_edit_the_same_post(tmp_path: Path) -> None:
    with team(tmp_path) as service:
        service.application.runner.wake("boards", "deliver")
        first = board(service, "0 pending")
        with service.replica() as other:
            service.opened("GD1", at(9, 58))
            service.clock.forward_to(service.clock() + timedelta(minutes=2))
            for one in (service.application, other.application):
                one.runner.wake("boards", "deliver")
            changed = board(service, "1 pending")
            service.settle()
        assert changed.ts == first.ts
        assert len(service.posts(FLOOR)) == 1
        assert len([m for m in service.slack.channel(FLOOR).messages if m.pinned]) == 1


def test_without_the_scope_it_stands_unpinned(tmp_path: Path) -> None:
    with team(tmp_path, scopes=frozenset(SCOPES)) as service:
        service.application.runner.wake("boards", "deliver")
        post = board(service, "0 pending")
        service.wait(
            lambda: "pins.add" in {r.method for r in service.slack.workspace.refusals}, "the refusal"
        )
        assert not post.pinned
        service.opened("GD1", at(9, 58))
        later(service, minutes=2)
        assert board(service, "1 pending").ts == post.ts
        pins = [r for r in service.slack.workspace.refusals if r.method == "pins.add"]
        assert len(pins) == 1  # it is not asked for again and again
        service.slack.workspace.refusals.clear()


def test_a_pin_slack_has_no_time_for_is_made_with_the_next_edit(tmp_path: Path) -> None:
    with team(tmp_path) as service:
        service.slack.faults.add("pins.add", Fault(kind=FaultKind.DROP_BEFORE), times=1)
        service.application.runner.wake("boards", "deliver")
        post = board(service, "0 pending")
        service.opened("GD1", at(9, 58))
        later(service, minutes=2)
        board(service, "1 pending")
        service.wait(lambda: post.pinned, "the pin")


def test_where_the_bot_was_not_invited_the_admin_is_told_what_to_do(tmp_path: Path) -> None:
    with team(tmp_path, with_bot=False) as service:
        service.application.runner.wake("boards", "deliver")
        told = service.wait(
            lambda: next((m for m in service.direct("ada") if FLOOR in m.text), None), "the notice"
        )
        assert "/invite @muster" in service.slack.render(told, "ada")
        assert service.posts(FLOOR) == []
