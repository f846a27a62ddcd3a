"""A2, ST14: an agent's shifts in their own calendar, under an address they can end."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
from icalendar import Calendar, Event

from bot.core.ids import AgentId
from bot.playground import Message
from tests.stories.service import DAY, Service, Setting, running
from tests.stories.test_shifts_change_hands import needed, with_rules
from tests.support.builders import at

THU = DAY + timedelta(days=2)
SHIFTS = [("bo", at(9), at(18)), ("bo", at(13, day=THU), at(22, day=THU)), ("chen", at(15), at(22))]
SETTING = Setting(
    shifts=SHIFTS, environ={"MUSTER_PUBLIC_URL": "https://muster.a-long-name-of-a-company.example/"}
)


def told(service: Service, user: str, text: str) -> Message:
    outcome = service.slack.user(user).command("/shift", text, channel="harbour-alerts")
    assert outcome.ok
    return outcome.answer()


def token_in(service: Service, message: Message, user: str) -> str:
    assert message.ephemeral_to == service.slack.user(user).user.id, "nobody else sees the address"
    shown = service.slack.render(message, user)
    found = re.search(r"https://muster\.a-long-name-of-a-company\.example/calendar/([\w-]{43})\.ics", shown)
    assert found is not None, shown
    return found[1]


def read(service: Service, token: str) -> httpx.Response:
    return httpx.get(f"{service.url}/calendar/{token}.ics")


def events(answer: httpx.Response) -> list[Event]:
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "private" in answer.headers["cache-control"]
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def test_the_address_is_shown_once_and_opens_ones_own_shifts(tmp_path: Path) -> None:
    with running(tmp_path, SETTING) as service:
        bo = service.slack.user("bo")
        made = bo.press(told(service, "bo", ""), "calendar.link").answer()
        token = token_in(service, made, "bo")
        first, second = events(read(service, token))
        assert (first.start, first.end) == (at(9), at(18))
        assert (second.start, second.end) == (at(13, day=THU), at(22, day=THU))
        assert first["summary"] == "Shift: chat"
        assert "13:30–14:30  lunch" in first["description"]
        assert "Asia/Shanghai" in first["description"]
        assert "chen" not in read(service, token).text
        # The address stands nowhere; who asks again is told since when there is one.
        again = told(service, "bo", "calendar")
        assert "since 10:0" in service.slack.render(again, "bo")
        assert "https:" not in service.slack.render(again, "bo")
        new = token_in(service, bo.press(again, "calendar.new").answer(), "bo")
        assert read(service, token).status_code == 404
        assert len(events(read(service, new))) == 2
        assert "Stopped" in bo.press(again, "calendar.stop").answer().text
        gone = read(service, new)
        assert gone.status_code == 404
        assert "/shift calendar" in gone.text
        assert "There is no address" in bo.press(again, "calendar.stop").answer().text


def test_the_calendar_follows_the_roster_and_reads_chinese(tmp_path: Path) -> None:
    with running(tmp_path, replace(SETTING, settings=with_rules())) as service:
        needed(service, {(at(16), at(22)): 1})
        token = token_in(service, told(service, "chen", "日历"), "chen")
        (before,) = events(read(service, token))
        assert before["summary"] == "班次：chat"
        assert "Europe/Lisbon" in before["description"]
        service.slack.user("chen").command("/muster", "sick", channel="harbour-alerts").answer()
        assert len(events(read(service, token))) == 0
        # Whoever has left is not read any more.
        with service.store.unit() as uow:
            left = uow.people.get(AgentId("chen"))
            assert left is not None
            uow.people.upsert(replace(left, active=False))
            uow.commit()
        assert read(service, token).status_code == 404


def test_without_an_address_of_its_own_muster_makes_none(tmp_path: Path) -> None:
    with running(tmp_path, Setting(shifts=SHIFTS)) as service:
        shown = told(service, "bo", "")
        assert "calendar.link" not in shown.buttons()
        assert "MUSTER_PUBLIC_URL" in told(service, "bo", "calendar").text
        assert read(service, "x" * 43).status_code == 404
        assert read(service, "x" * 5000).status_code == 404
        # A stranger is never shown an empty calendar.
        stranger = service.slack.user("stranger").command("/shift", "calendar").answer()
        assert "calendar" not in stranger.buttons()
