"""L3: the digest comes before the stand-up, once, whatever restarts in between and whatever clocks do."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.playground import Message
from bot.store.engine import make_engine
from bot.store.tables import Base
from tests.stories.service import Replica, Service, Setting, event, running
from tests.support.builders import at, settings
from tests.support.databases import PostgresServer


def digests(service: Service) -> list[Message]:
    return [m for m in service.posts("harbour-standup") if m.text.startswith("Stand-up")]


def test_once_before_the_meeting_and_not_again_after_a_restart(tmp_path: Path) -> None:
    shifts = [("bo", at(9), at(18))]
    with running(tmp_path, Setting(start=at(9, 19), shifts=shifts)) as service:
        service.opened("GD1", at(8, 30))
        service.tell(event("GD1", "responded", at(8, 45), agent="bo"))
        service.settle()
        assert digests(service) == []
        service.forward_to(at(9, 21))
        (digest,) = service.wait(lambda: digests(service), "the digest")
        text = service.slack.render(digest, "lin")
        assert "Stand-up harbour, 09:30" in text
        assert "Data until" in text
        assert "No requirement is known for today" in text
        service.forward_to(at(9, 40))
        service.settle()
        assert len(digests(service)) == 1
    # The same database, another process, another Slack: nothing is due again.
    with running_again(tmp_path, at(9, 45)) as service:
        service.application.runner.wake("stand_up")
        service.settle()
        assert digests(service) == []


def running_again(tmp_path: Path, start):
    return running(tmp_path, Setting(start=start))


def lisbon(day: int, hour: int, minute: int) -> datetime:
    """October 2026; on the 25th Lisbon goes back from UTC+1 to UTC."""
    return datetime(2026, 10, day, hour if day > 24 else hour - 1, minute, tzinfo=UTC)


def forward_all(service: Service, others: list[Replica], to: datetime) -> None:
    service.forward_to(to)
    for other in others:
        other.application.runner.wake("stand_up", "deliver")


@pytest.mark.postgres
def test_three_replicas_a_restart_and_the_night_the_clocks_change_make_one_each_day(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    url = postgres_server.fresh_schema()
    engine = make_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()
    setting = Setting(start=lisbon(23, 9, 19), database_url=url, settings=settings(zone="Europe/Lisbon"))
    with running(tmp_path, setting) as service, ExitStack() as held:
        others = [held.enter_context(service.replica())]
        with service.replica() as third:
            forward_all(service, [*others, third], lisbon(23, 9, 21))
            service.wait(lambda: digests(service), "Friday's digest")
            service.settle()
            assert len(digests(service)) == 1
        # One of the three is started anew over the weekend, in the night of which the clocks go back.
        others.append(held.enter_context(service.replica()))
        forward_all(service, others, lisbon(26, 9, 19))
        service.settle()
        assert len(digests(service)) == 1, "09:20 has not come in Lisbon, though a day of UTC has passed it"
        forward_all(service, others, lisbon(26, 9, 21))
        service.wait(lambda: digests(service)[1:], "Monday's digest")
        service.settle()
        texts = [service.slack.render(m, "lin") for m in digests(service)]
        assert len(texts) == 2
        assert all("09:30" in text for text in texts)
        assert not any("late" in text for text in texts)
        # On Tuesday all were down until ten: it comes once, and says that it is late.
        forward_all(service, others, lisbon(27, 10, 0))
        service.wait(lambda: digests(service)[2:], "Tuesday's digest")
        service.settle()
        (late,) = digests(service)[2:]
        assert "This digest is late" in service.slack.render(late, "lin")
        with service.store.read() as uow:
            keys = [f"stand_up:harbour:{date(2026, 10, day).isoformat()}" for day in (23, 26, 27)]
            assert all(uow.outbox.by_key(key) is not None for key in keys)
