"""P2, P3 and the roster as pictures: PNG with a description, in the planner's own direct messages."""

from __future__ import annotations

from pathlib import Path

from bot.playground import Fault, FaultKind
from bot.playground.model import File
from bot.slack.manifest import SCOPES
from tests.bot.usecases.planning import WEEK
from tests.stories.planning import answer, drafted, patiently, planning, read
from tests.stories.service import Service


def files(service: Service, user: str) -> list[File]:
    """What was posted to a person, in order."""
    held = service.slack.workspace.files
    return [held[key] for message in service.direct(user) for key in message.files]


def test_forecast_requirement_and_roster_come_with_a_description(tmp_path: Path) -> None:
    with planning(tmp_path) as service:
        text = answer(service, "ada", "forecast phone 2026-W48")
        assert "Forecast of phone" in text
        assert "80% band" in text
        assert "picture follows in our direct messages" in text
        text = answer(service, "ada", "staffing")
        assert "People needed, 2026-W48" in text
        assert "chat, week 2026-W48: target 80% within 30 sec" in text
        drafted(service)
        text = answer(service, "ada", "picture")
        assert "Roster 1 of 2026-W48" in text
        assert "agent-hours required" in text
        posted = patiently(
            service, lambda: len(found := files(service, "ada")) == 4 and found, "the pictures"
        )
        assert [f.name for f in posted] == [
            "forecast-phone.png",
            "staffing-2026-W48.png",
            "coverage-1.png",
            "roster-1.png",
        ]
        for file in posted:
            assert file.content is not None
            assert file.content.startswith(b"\x89PNG")
            assert len(file.content) > 10_000
            assert file.alt_text
            assert "*" not in file.alt_text
        assert "busiest" in (posted[0].alt_text or "")
        assert "peak" in (posted[1].alt_text or "")
        assert "missing" in (posted[2].alt_text or "")
        # Nobody else sees them.
        assert all(f.channels == [service.slack.user("ada").dm[0].channel] for f in posted)
        assert service.posts() == []


def test_a_chinese_planner_reads_chinese(tmp_path: Path) -> None:
    with planning(tmp_path) as service:
        text = answer(service, "chen", f"预测 {WEEK.isoformat()}")
        assert "预测：phone和chat" in text
        assert "图随后发到我们的私信里" in text
        [file] = service.wait(lambda: files(service, "chen"), "the picture")
        assert "80% 区间" in file.alt_text


def test_without_the_scope_the_text_answers_and_says_what_is_missing(tmp_path: Path) -> None:
    with planning(tmp_path, scopes=frozenset(SCOPES) - {"files:write"}) as service:
        text = answer(service, "ada", "forecast")
        assert "busiest" in text
        assert "has not granted Muster files:write" in text
        assert files(service, "ada") == []


def test_a_picture_that_slack_does_not_take_is_said_in_its_place(tmp_path: Path) -> None:
    with planning(tmp_path) as service:
        service.slack.faults.add(
            "files.getUploadURLExternal", Fault(kind=FaultKind.SLACK_ERROR, error="storage_limit_reached")
        )
        assert "busiest" in answer(service, "ada", "forecast")
        [told] = service.wait(lambda: service.direct("ada"), "what became of it")
        assert "Slack did not take it (storage_limit_reached)" in read(service, "ada", told)


def test_what_cannot_be_drawn_says_so(tmp_path: Path) -> None:
    with planning(tmp_path, prepared=False) as service:
        assert "There is no forecast to draw" in answer(service, "ada", "forecast")
        assert "No forecast covers" in answer(service, "ada", "staffing")
        assert "There is no roster yet" in answer(service, "ada", "picture")
        assert "neither a queue nor a week" in answer(service, "ada", "forecast fax")
        assert "planner" in answer(service, "bo", "picture")
        assert service.direct("ada") == []
