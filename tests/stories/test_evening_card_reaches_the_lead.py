"""L12: in the evening the lead reads what the certificate promised, what came, and what is owed by whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.core.ids import AgentId, ContactRef
from bot.core.people import Role
from bot.core.promises import PromiseKind
from bot.playground import Message
from bot.usecases import certify, publish_roster
from tests.bot.usecases.planning import WEEK
from tests.stories.planning import drafted, planning
from tests.stories.service import Service, event
from tests.support.builders import at

MONDAY = WEEK
EVENING = at(21, 45, day=MONDAY)


@contextmanager
def monday(tmp_path: Path) -> Iterator[Service]:
    """Monday of a published week, whose peaks were certified the day before."""
    with planning(tmp_path) as service:
        roster = drafted(service)
        now = service.clock()
        certify.certify(service.store, service.settings, roster, seed=3, paths=20, now=now)
        publish_roster.publish(
            service.store, service.settings, roster, by="ada", accept="a thin week", now=now
        )
        service.clock.forward_to(at(9, day=MONDAY))
        yield service


def called(service: Service, start: datetime, late: int, in_time: int) -> None:
    """Calls of a morning, answered after five minutes or after five seconds."""
    for number in range(late + in_time):
        ref, when = f"GD{number:08d}", start + timedelta(minutes=number)
        after = timedelta(minutes=5) if number < late else timedelta(seconds=5)
        told = service.tell(
            event(ref, "opened", when, queue="phone", priority="medium", agent="bo"),
            event(ref, "responded", when + after, agent="bo"),
            event(ref, "resolved", when + after + timedelta(minutes=4), agent="bo"),
        )
        assert told.status_code == 202, told.text


def owed(service: Service, owner: str, ref: str, due: datetime) -> None:
    with service.store.unit() as uow:
        uow.promises.add(
            ref=ContactRef(ref), kind=PromiseKind.CALL_BACK, owner=AgentId(owner), due_at=due,
            made_at=at(17, day=MONDAY), made_by=owner, remind_at=None, next_check_at=None,
        )  # fmt: skip
        uow.commit()


def cards(service: Service, user: str) -> list[Message]:
    return [m for m in service.direct(user) if m.text.startswith(("Evening of", "11月23日"))]


def evening(service: Service) -> None:
    if service.clock() < EVENING:
        service.clock.forward_to(EVENING)
    service.application.runner.run_now("daily", "deliver")


def test_what_was_promised_against_what_came_and_what_is_owed_overnight(tmp_path: Path) -> None:
    with monday(tmp_path) as service:
        service.clock.forward_to(at(11, day=MONDAY))
        called(service, at(9, 5, day=MONDAY), late=4, in_time=6)
        owed(service, "bo", "GD00000001", at(23, 30, day=MONDAY))
        owed(service, "chen", "GD00000002", at(9, day=MONDAY + timedelta(days=1)))
        evening(service)
        (card,) = service.wait(lambda: cards(service, "lin"), "the card")
        text = service.slack.render(card, "lin")
        assert "Evening of Mon 23 Nov, harbour: 1 of 2 certified peaks were inside their target" in text
        missed = re.search(
            r"missed phone, 09:00–11:00: [\d.]+ promised, 60% in time; 10 contacts came, (\d+)", text
        )
        assert missed is not None
        assert f"{missed[1]} expected" in text
        assert "2 promises are due by tomorrow noon:" in text
        assert "@bo: GD00000001, due 23:30" in text
        assert "@chen: GD00000002, due Tue 24 Nov, 09:00" in text
        with service.replica() as other:
            other.application.runner.run_now("daily", "deliver")
            evening(service)
            service.settle()
        assert len(cards(service, "lin")) == 1
        assert cards(service, "bo") == cards(service, "ada") == []


def test_without_a_peak_to_compare_only_what_is_owed_is_said(tmp_path: Path) -> None:
    """Nobody called: nothing is known of how the peaks went, and it is not called kept."""
    with monday(tmp_path) as service:
        with service.store.unit() as uow:
            chen = uow.people.get(AgentId("chen"))
            assert chen is not None
            uow.people.upsert(replace(chen, role=Role.LEAD))
            uow.commit()
        yesterday = at(13, day=MONDAY - timedelta(days=1))
        told = service.tell(
            event("GD00000001", "opened", yesterday, queue="chat", priority="low", agent="bo")
        )
        assert told.status_code == 202, told.text
        owed(service, "bo", "GD00000001", at(23, 30, day=MONDAY))
        evening(service)
        (card,) = service.wait(lambda: cards(service, "lin"), "the card")
        assert "no certified peak to compare" in service.slack.render(card, "lin")
        (chinese,) = service.wait(lambda: cards(service, "chen"), "the card of who reads Chinese")
        assert "GD00000001" in service.slack.render(chinese, "chen")
        assert "没有可比较的认证高峰" in service.slack.render(chinese, "chen")


def test_where_nothing_is_to_tell_nobody_is_told(tmp_path: Path) -> None:
    with monday(tmp_path) as service:
        evening(service)
        service.settle()
        assert cards(service, "lin") == []
