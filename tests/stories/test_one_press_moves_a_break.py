"""L7: a press on the risk card moves a break: what it would do, then done and told, or the next best."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from bot.core.ids import AgentId
from bot.playground import Message
from scheduler.roster.shifts import LUNCH
from tests.stories.service import Service, Setting, running
from tests.stories.test_outlook_reaches_the_lead import come, saying
from tests.stories.test_shifts_change_hands import needed, with_rules
from tests.support.builders import at
from tests.support.forecasts import forecast, save

SHIFTS = [("lin", at(8), at(17)), ("bo", at(8), at(17)), ("chen", at(8), at(17))]
"""All three go to lunch at 12:30; by their rule it may begin until 13:00."""


@contextmanager
def foretold(tmp_path: Path) -> Iterator[Service]:
    setting = Setting(start=at(12, 4), shifts=SHIFTS, settings=with_rules())
    with running(tmp_path, setting) as service:
        needed(service, {(at(8), at(17)): 1})
        save(service.store, forecast(10.0, aht_seconds=240.0))
        come(service, at(8), at(12), 160, answered=True)
        service.clock.forward_to(at(12, 5))
        service.application.runner.wake("watch_outlook")
        yield service


def card(service: Service) -> Message:
    (found,) = service.wait(lambda: saying(service.direct("lin"), "Risk 12:30"), "the card")
    return found


def lunch_of(service: Service, who: str) -> datetime:
    with service.store.read() as uow:
        (shift,) = uow.rosters.shifts_of(AgentId(who), at(8), at(17))
    return next(s.start for s in shift.segments if s.activity == LUNCH)


def whose(message: Message) -> str:
    """Whose break the first button would move."""
    values = [
        str(e["value"])
        for block in message.blocks
        for e in block.get("elements", ())
        if e.get("action_id") == "break.preview.1"
    ]
    return values[0].split("|")[1]


def test_preview_then_confirm_then_the_person_is_told_why(tmp_path: Path) -> None:
    with foretold(tmp_path) as service:
        risk, lin = card(service), service.slack.user("lin")
        who = whose(risk)
        shown = lin.press(risk, "break.preview.1").answer()
        text = service.slack.render(shown, "lin")
        assert f"Move {who}'s lunch from 12:30 to 13:00?" in text
        assert "Chance that 3 or more first responses come late 12:30–13:00: " in text
        assert "lunch begins 3 hr to 5 hr after the start of the shift" in text
        assert "Nothing changes before you confirm" in text
        assert lunch_of(service, who) == at(12, 30)
        done = lin.press(shown, "break.confirm").answer()
        assert "Done" in done.text
        assert lunch_of(service, who) == at(13)
        told = service.wait(
            lambda: [m for m in service.direct(who) if "Your shift" in m.text or "个班次变动" in m.text],
            "whose break moves is told",
        )
        text = service.slack.render(told[0], who)
        assert "12:30 → 13:00" in text or "04:30 → 05:00" in text
        assert "too few people" in text or "人手不足" in text
        # Pressed once more it says what has become of it, and what is left to do.
        again = lin.press(risk, "break.preview.1", seen=0).answer()
        assert f"the roster has no lunch of {who} at 12:30 any more" in service.slack.render(again, "lin")
        assert lunch_of(service, who) == at(13)
        other = whose(again)
        assert other != who
        assert f"Next best: {other}'s lunch from 12:30 to 13:00" in again.text
        lin.press(lin.press(again, "break.preview.1").answer(), "break.confirm").answer()
        assert lunch_of(service, other) == at(13)


def test_a_lunch_that_begins_or_has_begun_is_not_moved(tmp_path: Path) -> None:
    with foretold(tmp_path) as service:
        risk, lin = card(service), service.slack.user("lin")
        who = whose(risk)
        service.clock.forward_to(at(12, 27))
        soon = service.slack.render(lin.press(risk, "break.preview.1", seen=0).answer(), "lin")
        assert f"Not done: {who}'s lunch begins at 12:30, too soon to move it" in soon
        service.clock.forward_to(at(12, 31))
        begun = service.slack.render(lin.press(risk, "break.preview.1", seen=0).answer(), "lin")
        assert f"Not done: {who}'s lunch began at 12:30" in begun
        assert "No other break can be moved" in begun
        assert lunch_of(service, who) == at(12, 30)
