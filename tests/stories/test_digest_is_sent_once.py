"""L3: the digest comes before the stand-up, once, whatever restarts in between."""

from __future__ import annotations

from pathlib import Path

from tests.stories.service import Service, Setting, event, running
from tests.support.builders import at


def digests(service: Service) -> list:
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
