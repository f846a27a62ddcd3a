"""L5: before a promise breaks the owner is warned; whoever leads only where the owner is off the queue."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot.core.ids import AgentId
from bot.core.people import Role
from bot.playground import Message
from tests.stories.service import Service, Setting, running
from tests.support.builders import at, settings

REF = "GD20261124017"
SHIFTS = [("lin", at(9), at(18)), ("bo", at(8), at(17)), ("chen", at(12), at(20))]
"""Bo is at lunch from 12:30 to 13:30, lin from 13:30, chen from 16:00."""


def warned(service: Service, user: str, start: str = "Warning") -> list[Message]:
    return [m for m in service.direct(user) if REF in m.text and m.text.startswith(start)]


def start_at(start: datetime) -> Setting:
    return Setting(start=start, shifts=SHIFTS, settings=settings(warn_at=(0.8,)))


def test_an_owner_at_the_queue_is_warned_and_nobody_else(tmp_path: Path) -> None:
    with running(tmp_path, start_at(at(10))) as service:
        service.opened(REF, at(10), agent="bo")
        service.forward_to(at(10, 8, 1))
        (told,) = service.wait(lambda: warned(service, "bo"), "the owner is warned")
        assert "first response is due 10:10, in" in told.text
        service.settle()
        assert warned(service, "lin") == []
        assert service.posts() == []


def test_for_an_owner_on_a_break_the_lead_gives_it_to_who_is_free(tmp_path: Path) -> None:
    with running(tmp_path, start_at(at(12, 35))) as service:
        service.opened(REF, at(12, 35), agent="bo")
        service.forward_to(at(12, 43, 1))
        (card,) = service.wait(lambda: warned(service, "lin"), "the lead is warned")
        text = service.slack.render(card, "lin")
        assert "first response is due 12:45, in" in text
        assert "Owner: @bo, on a break until 13:30." in text
        assert card.buttons()["alert.give.first"] == "Give to Chen"
        assert "alert.acknowledge" in card.buttons()
        assert warned(service, "bo") == []
        service.slack.user("lin").press(card, "alert.give.first")
        service.wait(lambda: card.text.startswith("Taken"), "the edit")
        chen = service.slack.user("chen").user.id
        assert f"<@{chen}> has it since 12:43" in card.text
        service.wait(
            lambda: [m for m in service.direct("chen") if REF in m.text], "who it was given to hears"
        )


def test_of_two_who_press_the_second_reads_who_has_it_to_the_second(tmp_path: Path) -> None:
    """L5, what goes wrong."""
    with running(tmp_path, start_at(at(12, 35))) as service:
        with service.store.unit() as uow:
            chen = uow.people.get(AgentId("chen"))
            assert chen is not None
            uow.people.upsert(replace(chen, role=Role.LEAD))
            uow.commit()
        service.opened(REF, at(12, 35), agent="bo")
        service.forward_to(at(12, 43, 1))
        (lins,) = service.wait(lambda: warned(service, "lin"), "the one lead is warned")
        (chens,) = service.wait(lambda: warned(service, "chen", "预警"), "and the other")
        service.slack.user("chen").press(chens, "alert.acknowledge")
        service.wait(lambda: lins.text.startswith("Taken"), "both cards say so")
        late = service.slack.user("lin").press(lins, "alert.acknowledge", seen=0).answer()
        assert re.search(rf"<@{service.slack.user('chen').user.id}> has it since 12:43:\d\d", late.text)
