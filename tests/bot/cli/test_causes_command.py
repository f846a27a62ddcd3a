"""`muster causes` and `muster report pareto`: what broke, why, and how much data stands behind it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.causes import months_back
from bot.cli.context import CliContext, ExitCode
from bot.cli.main import cli
from bot.config.load import load_settings
from bot.core.contacts import EventKind
from bot.core.ids import ContactRef
from bot.store.engine import make_engine
from bot.store.schema import check_current
from bot.store.unit_of_work import Store
from bot.usecases import intake, name_causes
from tests.support.builders import at, event

CONFIG = Path(__file__).parents[3] / "app.yaml"
NOW = at(15)
Muster = Callable[..., Result]


@pytest.fixture
def muster(tmp_path: Path) -> Muster:
    """A terminal at 15:00: one chat kept, six answered late, of which five have a cause."""
    url = f"sqlite:///{tmp_path / 'muster.db'}"
    store = Store(make_engine(url))
    check_current(store.engine)
    settings = load_settings(CONFIG, today=date(2026, 11, 24)).settings
    events = [event(EventKind.OPENED, at(9), "kept"), event(EventKind.RESPONDED, at(9, 2), "kept")]
    for number in range(6):
        events += [
            event(EventKind.OPENED, at(10, number), f"late{number}"),
            event(EventKind.RESPONDED, at(10, 40 + number), f"late{number}"),
        ]
    assert intake.record(store, settings, events, now=NOW).refused == ()
    for number, cause in enumerate(("process", "process", "process", "process", "system")):
        ref = ContactRef(f"late{number}")
        name_causes.name(store, settings, ref, cause, note="", by="lin", now=NOW)
    store.close()

    def run(*words: str) -> Result:
        environ = {"MUSTER_DATABASE_URL": url, "MUSTER_CONFIG": str(CONFIG)}
        context = CliContext(environ=environ, clock=lambda: NOW)
        return CliRunner().invoke(cli, [*words], obj=context)

    return run


def test_causes_of_the_week_and_what_has_none(muster: Muster) -> None:
    said = muster("causes")
    assert said.exit_code == ExitCode.DONE, said.output
    assert "6 of 7 promises were broken (85.7%)" in said.output
    assert "1 miss has no cause and is counted in no line." in said.output
    assert "late5  first response, was due Tue 24 Nov, 10:15, chat" in said.output
    chinese = muster("--lang", "zh", "causes", "--week", "2026-W48").output
    assert "流程" in chinese
    assert "7 项承诺中有 6 项未兑现" in chinese


def test_three_months_say_how_much_data_there_is_and_where_the_line_lies(
    muster: Muster, tmp_path: Path
) -> None:
    page = tmp_path / "pareto.html"
    said = muster("report", "pareto", "--months", "3", "--out", str(page))
    assert said.exit_code == ExitCode.DONE, said.output
    assert "Data only since Tue 24 Nov 2026: 1 of 93 days." in said.output
    assert "1 of 2 makes up 80%: process." in said.output
    html = page.read_text(encoding="utf-8")
    assert "80 % line" in html
    assert "<script" not in html
    found = json.loads(muster("report", "pareto", "--by", "type", "--json").output)
    assert [(line["key"], line["misses"]) for line in found["lines"]] == [("consult", 6)]
    assert "按个案类型" in muster("--lang", "zh", "report", "pareto", "--by", "type", "--out", "-").output


def test_what_was_not_meant_is_said(muster: Muster) -> None:
    said = muster("causes", "--team", "quay")
    assert said.exit_code == ExitCode.REFUSED
    assert "Name one of the teams: harbour" in said.output
    assert "Either --week" in muster("causes", "--week", "2026-W48", "--from", "2026-11-20").output
    assert "have not come yet" in muster("causes", "--week", "2026-W50").output


def test_months_go_back_to_the_same_day_where_there_is_one() -> None:
    assert months_back(date(2026, 1, 31), 2) == date(2025, 11, 30)
    assert months_back(date(2026, 12, 15), 12) == date(2025, 12, 15)
    assert months_back(date(2024, 5, 31), 3) == date(2024, 2, 29)
