"""MA3, K4: /sla answers what leads ask of promises, with the subcommands /muster has, each told once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.service import Service, Setting, event, running
from tests.support.builders import at


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    path: Path = tmp_path_factory.mktemp("sla")
    with running(path, Setting(shifts=[("bo", at(9), at(18)), ("lin", at(9), at(18))])) as started:
        kept = event("GD1", "opened", at(9), queue="chat", priority="high")
        answered = event("GD1", "responded", at(9, 4), agent="bo")
        broken = event("GD2", "opened", at(9), queue="phone", priority="high")
        started.tell(kept, answered, broken, event("GD3", "opened", at(9, 59), queue="chat", priority="high"))
        yield started


def said(service: Service, user: str, text: str, command: str = "/sla") -> str:
    outcome = service.slack.user(user).command(command, text, channel="harbour-alerts")
    assert outcome.ok
    return service.slack.render(outcome.answer(), user)


def timeless(text: str) -> str:
    """The text without how much time is left, which may be a minute less in the next answer."""
    assert " left" in text
    return re.sub(r"running, .* left", "running", text)


def test_alone_it_is_the_board(service: Service) -> None:
    text = said(service, "lin", "")
    assert text.startswith("Board of harbour")
    assert "phone  1 pending: 1 unanswered (1 late, 100%)" in text
    assert "By stage" not in text
    assert "By stage" in said(service, "lin", "board stage")


def test_a_due_time_is_explained_and_a_missing_case_is_asked_for_in_the_same_words(service: Service) -> None:
    assert "row high" in said(service, "lin", "explain GD1")
    assert timeless(said(service, "lin", "sla GD1")) == timeless(said(service, "lin", "explain GD1"))
    asked_elsewhere = said(service, "lin", "sla GD1", "/muster")
    assert timeless(asked_elsewhere) == timeless(said(service, "lin", "explain GD1"))
    missing = said(service, "lin", "explain")
    assert "Say which case" in missing
    assert "/sla explain GD20261124001" in missing


def test_how_promises_were_kept_counts_what_fell_due(service: Service) -> None:
    text = said(service, "lin", "show")
    assert "harbour, the last 7 days: 50% of 2 promises kept (1)" in text
    assert "high  first response, 10 min" in text
    assert "50% of 2 kept" in text
    assert "median 4 min" in text
    assert "the last day:" in said(service, "lin", "show 1")
    assert "最近 28 天" in said(service, "chen", "达成 28")
    for wrong in ("show many", "show 0", "show 9999", "show -1"):
        assert "Write /sla show 28" in said(service, "lin", wrong)


def test_what_belongs_to_cases_and_alerts_answers_here_too(service: Service) -> None:
    alert = service.wait(service.posts, "the alert of GD2")[0]
    assert "GD2" in alert.text
    assert "You have it" in said(service, "lin", "take 1")
    assert "GD1" in said(service, "lin", "case GD1")
    assert "No exception" in said(service, "lin", "exception")
    assert "Did you mean /sla show?" in said(service, "lin", "shwo")
    unknown = said(service, "lin", "nonsense")
    assert "/sla explain" in unknown
    assert "/sla board" in unknown


def test_help_names_each_thing_once_by_role(service: Service) -> None:
    everything = said(service, "lin", "help", "/muster")
    assert everything.count("board") == 1
    assert "/sla show" in everything
    assert "explain" not in everything.replace("/sla show", "")
    here = said(service, "lin", "help")
    for word in ("/sla board", "explain", "show", "exception", "take"):
        assert word in here
    assert "Alerts  /sla take | snooze | undo | pass" in here
    assert "/muster" not in here.replace("/muster link me", "")
    assert "exception" not in said(service, "bo", "help")
    assert "达成情况" in said(service, "chen", "help cases")
    assert "lead" in said(service, "bo", "exception outage in 2 hours")
