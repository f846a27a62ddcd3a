"""K10: stopped a second before a case breaks its promise and started again, Muster alerts exactly once."""

from __future__ import annotations

from pathlib import Path

from bot.playground import Message
from tests.stories.service import Service, Setting, running
from tests.support.builders import at, settings

REF = "GD20261124017"


def breaches(service: Service) -> list[Message]:
    return [m for m in service.posts() if m.text.startswith("Breach")]


def started(tmp_path: Path, second: int, minute: int = 10) -> Setting:
    """The same database, another process, and a Slack that remembers nothing of the one before."""
    return Setting(start=at(10, minute, second), settings=settings(warn_at=()))


def test_exactly_one_alert_whenever_the_process_is_started_again(tmp_path: Path) -> None:
    with running(tmp_path, started(tmp_path, 0, minute=5)) as service:
        service.opened(REF, at(10))
        service.forward_to(at(10, 9, 50))
        service.settle()
        assert breaches(service) == []
    with running(tmp_path, started(tmp_path, 1)) as service:
        (post,) = service.wait(lambda: breaches(service), "the breach")
        assert f"{REF} on chat: first response was due 10:10" in post.text
        service.settle()
        assert len(breaches(service)) == 1
    with running(tmp_path, started(tmp_path, 40)) as service:
        service.application.runner.wake("watch_sla", "escalate", "deliver")
        service.settle()
        assert breaches(service) == []
