"""A12: a roster published anew tells whose shifts changed, and changes nothing inside the notice unasked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from bot.core.ids import AgentId
from bot.playground import Message
from bot.usecases import publish_roster
from scheduler.roster.roster import Assignment, Roster, RosterPeriod
from tests.stories.service import DAY, Service, Setting, running, shift
from tests.stories.test_shifts_change_hands import with_rules
from tests.support.builders import SHANGHAI, at

WED, THU, FRI = (DAY + timedelta(days=n) for n in (1, 2, 3))
Shifts = Sequence[tuple[str, datetime, datetime]]

FIRST = [
    ("lin", at(8), at(17)),
    ("bo", at(9, day=WED), at(18, day=WED)),
    ("bo", at(9, day=FRI), at(18, day=FRI)),
    ("chen", at(9, day=FRI), at(18, day=FRI)),
]
LATER = [
    FIRST[0],
    ("bo", at(12, day=WED), at(21, day=WED)),
    ("bo", at(12, day=FRI), at(21, day=FRI)),
    FIRST[3],
]
"""Bo begins later on Wednesday, which is tomorrow, and on Friday."""


@contextmanager
def team(tmp_path: Path, shifts: Shifts = FIRST) -> Iterator[Service]:
    with running(tmp_path, Setting(start=at(10), shifts=shifts, settings=with_rules())) as service:
        yield service


def published(service: Service, shifts: Shifts, why: str | None = None) -> publish_roster.Published:
    roster = Roster(
        period=RosterPeriod(first=DAY, days=7, zone=SHANGHAI),
        assignments=tuple(Assignment(agent=a, shift=shift(start, end)) for a, start, end in shifts),
    )
    with service.store.unit() as uow:
        number = uow.rosters.save_draft(roster, made_at=service.clock())
        uow.commit()
    done = publish_roster.publish(
        service.store, service.settings, number, by="pei", accept="trial", now=service.clock(), why=why
    )
    service.application.runner.wake("deliver")
    return done


def on_list(service: Service, who: str) -> list[datetime]:
    with service.store.read() as uow:
        return [s.start for s in uow.rosters.shifts_of(AgentId(who), at(0), at(0) + timedelta(days=7))]


def got(service: Service, user: str, part: str) -> Message:
    return service.wait(
        lambda: next((m for m in service.direct(user) if part in m.text), None), f"{user}: {part}"
    )


def pressed(service: Service, user: str, card: Message, button: str) -> str:
    return service.slack.user(user).press(card, button, seen=0).answer().text


def closed(service: Service, user: str, card: Message) -> str:
    now = service.wait(
        lambda: next((m for m in service.direct(user) if m.ts == card.ts and not m.buttons()), None),
        "the card is closed",
    )
    return service.slack.render(now, user)


def test_tomorrow_waits_for_a_yes_and_friday_is_only_confirmed(tmp_path: Path) -> None:
    with team(tmp_path) as service:
        done = published(service, LATER, why="training on both mornings")
        assert (done.told, done.waiting) == ((AgentId("bo"),), (AgentId("bo"),))
        asked = got(service, "bo", "May 1 day of your roster change")
        text = service.slack.render(asked, "bo")
        assert "09:00–18:00" in text
        assert "12:00–21:00" in text
        assert "Why: training on both mornings" in text
        assert "No answer by Wed 25 Nov, 08:00 means no" in text
        # Until then bo works tomorrow as before, and Friday as published.
        assert on_list(service, "bo") == [at(9, day=WED), at(12, day=FRI)]
        told = got(service, "bo", "Your roster changed")
        assert "Fri 27 Nov" in service.slack.render(told, "bo")
        assert "Wed 25 Nov: " not in service.slack.render(told, "bo")
        assert "roster changed as asked" in pressed(service, "bo", asked, "request.yes")
        assert on_list(service, "bo") == [at(12, day=WED), at(12, day=FRI)]
        assert "Agreed" in closed(service, "bo", asked)
        assert "@bo" in service.slack.render(got(service, "lin", "inside the notice was agreed"), "lin")
        assert "confirmed" in pressed(service, "bo", told, "request.yes")
        assert "Confirmed" in closed(service, "bo", told)
        assert on_list(service, "bo") == [at(12, day=WED), at(12, day=FRI)]
        service.settle()
        assert service.direct("chen") == []


def test_a_no_is_told_to_the_lead_and_changes_nothing(tmp_path: Path) -> None:
    with team(tmp_path) as service:
        published(service, LATER)
        asked = got(service, "bo", "May 1 day")
        assert "a new version of the roster" in service.slack.render(asked, "bo")
        assert "nothing changes" in pressed(service, "bo", asked, "request.no")
        assert on_list(service, "bo") == [at(9, day=WED), at(12, day=FRI)]
        lead = got(service, "lin", "inside the notice was declined")
        assert "@bo" in service.slack.render(lead, "lin")
        told = got(service, "bo", "Your roster changed")
        assert "your leads are told that you cannot" in pressed(service, "bo", told, "request.no")
        lead = got(service, "lin", "cannot work what was published")
        assert "/muster absence" in service.slack.render(lead, "lin")
        # It stands until a lead finds somebody.
        assert on_list(service, "bo") == [at(9, day=WED), at(12, day=FRI)]


def test_silence_is_told_to_the_lead_and_an_old_button_explains_itself(tmp_path: Path) -> None:
    with team(tmp_path) as service:
        published(service, LATER)
        asked, told = got(service, "bo", "May 1 day"), got(service, "bo", "Your roster changed")
        service.forward_to(at(8, 1, day=WED))
        service.application.runner.wake("requests", "deliver")
        got(service, "lin", "Nobody answered to changes inside the notice")
        assert "No answer in time" in closed(service, "bo", asked)
        assert on_list(service, "bo") == [at(9, day=WED), at(12, day=FRI)]
        service.forward_to(at(10, 1, day=WED))
        service.application.runner.wake("requests", "deliver")
        got(service, "lin", "were not confirmed in time")
        assert "Not confirmed" in closed(service, "bo", told)
        service.forward_to(at(10) + timedelta(days=7))
        for card in (asked, told):
            assert "nothing was changed" in pressed(service, "bo", card, "request.yes").lower()
        assert on_list(service, "bo") == [at(9, day=WED), at(12, day=FRI)]


def test_a_further_version_ends_what_the_last_one_asked(tmp_path: Path) -> None:
    with team(tmp_path) as service:
        published(service, LATER)
        asked, told = got(service, "bo", "May 1 day"), got(service, "bo", "Your roster changed")
        # The planner goes back to what it was: nothing is left to ask about Wednesday.
        published(service, FIRST)
        assert "Over" in closed(service, "bo", asked)
        assert "another roster was published" in closed(service, "bo", told)
        assert "nothing was changed" in pressed(service, "bo", asked, "request.yes").lower()
        assert on_list(service, "bo") == [at(9, day=WED), at(9, day=FRI)]


def test_all_waits_where_old_and_new_together_would_break_the_rest(tmp_path: Path) -> None:
    """Wednesday until 22:00 as before, and Thursday at 08:00 as planned, would leave ten hours."""
    before = [
        ("lin", at(8), at(17)),
        ("bo", at(13, day=WED), at(22, day=WED)),
        ("bo", at(13, day=THU), at(22, day=THU)),
    ]
    after = [before[0], ("bo", at(8, day=WED), at(17, day=WED)), ("bo", at(8, day=THU), at(17, day=THU))]
    with team(tmp_path, before) as service:
        assert published(service, after).waiting == ("bo",)
        asked = got(service, "bo", "May 2 days of your roster change")
        assert on_list(service, "bo") == [at(13, day=WED), at(13, day=THU)]
        pressed(service, "bo", asked, "request.yes")
        assert on_list(service, "bo") == [at(8, day=WED), at(8, day=THU)]
