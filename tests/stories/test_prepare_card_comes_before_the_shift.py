"""A3: five minutes before their shift, who asked for reminders is told what awaits them; nobody else is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.core.ids import AgentId, ContactRef
from bot.core.promises import PromiseKind
from bot.playground import Message
from scheduler.roster.roster import Assignment, Roster, RosterPeriod
from scheduler.roster.shifts import PREPARE, Segment
from tests.stories.service import DAY, Service, Setting, running, shift
from tests.support.builders import SHANGHAI, at, settings

SHIFTS = [("lin", at(9), at(18)), ("bo", at(9), at(18)), ("chen", at(16), at(23))]


def look(service: Service, when: datetime) -> None:
    service.clock.forward_to(when)
    service.application.runner.run_now("shift_starts", "deliver")


def asked(service: Service, *users: str) -> None:
    for user in users:
        assert service.slack.user(user).command("/shift", "remind 19:00", channel="harbour-alerts").ok


def cards(service: Service, user: str) -> list[Message]:
    return [m for m in service.direct(user) if "Work begins" in m.text or "开始工作" in m.text]


def promised(service: Service, owner: str, *due: datetime) -> None:
    with service.store.unit() as uow:
        for when in due:
            uow.promises.add(
                ref=ContactRef("GD20261124001"), kind=PromiseKind.CALL_BACK, owner=AgentId(owner),
                due_at=when, made_at=at(7), made_by=owner, remind_at=None, next_check_at=None,
            )  # fmt: skip
        uow.commit()


def opened(service: Service, cases: Mapping[str, datetime], owner: str) -> None:
    for ref, when in cases.items():
        service.opened(ref, when, agent=owner)


def test_once_to_whoever_asked_with_what_is_open_and_promised(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(8, 40), shifts=SHIFTS)) as service:
        asked(service, "bo", "chen")
        opened(service, {"GD20261124001": at(8, 38), "GD20261124002": at(8, 36)}, "bo")
        opened(service, {"GD20261124009": at(8, 38)}, "lin")
        # A complaint about Bo that the desk gave to Bo all the same is not for Bo to prepare for (ES7).
        service.opened("GD20261124013", at(8, 37), agent="bo", type="complaint", complained_about="bo")
        promised(service, "bo", at(16), at(9, day=DAY + timedelta(days=1)))
        look(service, at(8, 54))
        assert cards(service, "bo") == []
        look(service, at(8, 55))
        (card,) = service.wait(lambda: cards(service, "bo"), "the card")
        text = service.slack.render(card, "bo")
        assert "Work begins at 09:00: headset on, CRM open; 2 open cases and 1 promise due today." in text
        # What is due first stands first, and other people's cases are not here.
        assert text.index("GD20261124002, due 08:46") < text.index("GD20261124001, due 08:48")
        assert "GD20261124009" not in text
        assert "GD20261124013" not in text
        assert "GD20261124001, due 16:00" in text
        assert "/shift remind off" in text
        look(service, at(9, 2))
        assert len(cards(service, "bo")) == 1
        assert cards(service, "lin") == cards(service, "chen") == []
        # Chen lives in Lisbon, where it is 07:55.
        look(service, at(15, 55))
        (chinese,) = service.wait(lambda: cards(service, "chen"), "the card")
        text = service.slack.render(chinese, "chen")
        assert "08:00 开始工作：" in text
        assert "戴好耳机" in text
        assert "0 个未结个案" in text


def test_with_the_paid_minutes_where_the_shift_has_them_and_the_teams_own_list(tmp_path: Path) -> None:
    plain = settings()
    own = replace(plain, roster=replace(plain.roster, checklist=("phone charged", "<!channel> badge")))
    paid = shift(at(9), at(18))
    early = replace(
        paid,
        start=at(8, 45),
        segments=(Segment(activity=PREPARE, start=at(8, 45), end=at(9), paid=True), *paid.segments),
    )
    with running(tmp_path, Setting(start=at(8, 30), settings=own)) as service:
        roster = Roster(
            period=RosterPeriod(first=DAY, days=7, zone=SHANGHAI),
            assignments=(Assignment(agent="bo", shift=early),),
        )
        with service.store.unit() as uow:
            number = uow.rosters.save_draft(roster, made_at=at(8))
            uow.rosters.publish(number, by="pei", at=at(8), accepted_because=None)
            uow.commit()
        asked(service, "bo")
        look(service, at(8, 44))
        assert cards(service, "bo") == []
        look(service, at(8, 45))
        (card,) = service.wait(lambda: cards(service, "bo"), "the card")
        text = service.slack.render(card, "bo")
        assert "Work begins at 09:00: phone charged and" in text
        assert "headset" not in text
        assert card.text.count("<!channel>") == 0


def test_a_card_that_comes_too_late_is_left_out_and_so_is_one_nobody_wants_any_more(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(8, 40), shifts=SHIFTS)) as service:
        asked(service, "bo", "lin")
        assert service.slack.user("lin").command("/shift", "remind off", channel="harbour-alerts").ok
        look(service, at(9, 6))
        service.settle()
        assert cards(service, "bo") == cards(service, "lin") == []
