"""`muster incident` on the terminal: from the start to the page, a drill, the form (ES8 to ES11)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import CliContext, ExitCode
from bot.cli.main import cli
from bot.config.load import load_settings
from bot.core.contacts import EventKind
from bot.core.courses import Measure
from bot.core.ids import ContactRef
from bot.core.people import Role
from bot.imports.record_forms import recognised
from bot.reports.record_form import record_form
from bot.store.engine import make_engine
from bot.store.schema import check_current
from bot.store.unit_of_work import Store
from bot.usecases import intake
from tests.support.builders import agent, at, event

CONFIG = Path(__file__).parents[3] / "app.yaml"
NOW = at(10)
Muster = Callable[..., Result]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    held = Store(make_engine(f"sqlite:///{tmp_path / 'muster.db'}"))
    check_current(held.engine)
    with held.unit() as uow:
        uow.people.upsert(agent("lin", role=Role.LEAD))
        uow.commit()
    return held


@pytest.fixture
def muster(store: Store) -> Muster:
    url = store.engine.url.render_as_string(hide_password=False)

    def run(*words: str, now: datetime = NOW) -> Result:
        context = CliContext(
            environ={"MUSTER_DATABASE_URL": url, "MUSTER_CONFIG": str(CONFIG)}, clock=lambda: now
        )
        return CliRunner().invoke(cli, [*words], obj=context)

    return run


def test_from_the_start_to_the_page(muster: Muster, store: Store, tmp_path: Path) -> None:
    settings = load_settings(CONFIG, today=date(2026, 11, 24)).settings
    intake.record(store, settings, [event(EventKind.OPENED, at(9, 58), "GD1")], now=NOW)
    begun = muster("incident", "start", "outage", "payments", "fail", "--until", "12:00")
    assert "Incident 1 has begun: System outage. Steps: 5, of which nobody has 5." in begun.output
    assert (
        "✓ 1." in muster("incident", "step", "1", "1", "done").output + muster("incident", "show", "1").output
    )
    said = muster("incident", "update", "1", "--cause", "a cable, guaranteed", "--until", "11:00")
    assert "'guaranteed' promises too much" in said.output
    notice = muster("incident", "notice", "1").output
    assert "Cause: a cable, guaranteed." in notice
    assert "预计恢复时间：" in notice
    assert muster("incident", "notice", "1", "--given").exit_code == ExitCode.DONE
    over = muster("incident", "over", "1", now=at(10, 30))
    assert "cases that wait: 1" in over.output
    assert "GD1" in over.output
    closed = muster(
        "incident", "close", "1", "--cause", "a digger", "--handling", "chat", "--lesson", "dig elsewhere",
        "--improvement", "a second cable", "lin", "tomorrow 12:00", now=at(11),
    )  # fmt: skip
    assert "actions noted: 1" in closed.output
    assert "closed already" in muster(
        "incident", "close", "1", "--cause", "a", "--handling", "b", "--lesson", "c"
    ).output  # fmt: skip
    page = tmp_path / "incident.html"
    assert muster("incident", "show", "1", "--html", str(page), now=at(11)).exit_code == ExitCode.DONE
    html = page.read_text(encoding="utf-8")
    for words in ("dig elsewhere", "a second cable", "#1 System outage", "of which shown apart"):
        assert words in html
    assert html.count('class="late"') == 3  # due before 10:30 and not done by then
    (listed,) = json.loads(muster("incident", "list", "--json").output)
    assert (listed["state"], listed["steps"][0]["done_at"]) == ("closed", NOW.isoformat())
    assert "已关闭" in muster("--lang", "zh", "incident", "list").output


def test_the_form_of_either_language_opens_cases_at_their_true_times(
    muster: Muster, store: Store, tmp_path: Path
) -> None:
    rows = {
        "en": "C1,existing,chat,consult,cannot pay,2026-11-24 09:20,,,,,,GD8,,chat,high\r\n",
        "zh-Hans": "C2,老客户,在线聊天,咨询,无法付款,2026-11-24 09:30,,,,,,GD9,,chat,高\r\n",
    }
    for language, row in rows.items():
        assert recognised(record_form(language), source="form") is not None
        file = tmp_path / f"form-{language}.csv"
        assert muster("incident", "form", "--language", language, "--out", str(file)).exit_code == 0
        file.write_bytes(file.read_bytes() + row.encode())
        said = muster("import", "contacts", str(file), "--live")
        assert said.exit_code == ExitCode.DONE, said.output
    with store.read() as uow:
        clocks = uow.clocks.of([ContactRef("GD8"), ContactRef("GD9")])
    started = {
        ref: clock.started_at
        for ref, held in clocks.items()
        for clock in held.values()
        if clock.measure is Measure.FIRST_RESPONSE
    }
    assert started == {"GD8": at(9, 20), "GD9": at(9, 30)}


def test_an_incident_noticed_late_begins_when_it_began(muster: Muster) -> None:
    assert "is no time" not in muster("incident", "start", "outage", "--since", "soon").output
    assert muster("incident", "start", "outage", "--since", "2026-01-01 09:40").exit_code != 0
    assert json.loads(muster("incident", "list", "--json").output) == []


def test_a_drill_and_its_result(muster: Muster) -> None:
    assert muster("incident", "drill", "surge").output.startswith("TEST: drill 1 has begun")
    muster("incident", "step", "1", "2", "done", now=at(10, 3))
    muster("incident", "over", "1", now=at(10, 40))
    (drill,) = json.loads(muster("incident", "drills", "--json").output)
    assert drill["result"] == {
        "steps": 4, "done": 1, "in_time": 1, "cases": 5, "handled_in_time": 0, "first_action_seconds": 180.0,
    }  # fmt: skip
    assert "TEST #1 surge" in muster("incident", "drills").output
    assert json.loads(muster("incident", "list", "--json").output) == []


def test_runbooks_are_listed_shown_and_what_is_unknown_is_said(muster: Muster) -> None:
    listed = muster("incident", "runbooks")
    assert listed.exit_code == ExitCode.DONE
    assert "12 runbooks; nothing to look at." in listed.output
    assert "Confirm with IT" in muster("incident", "runbooks", "outage").output
    wrong = muster("incident", "start", "outge")
    assert wrong.exit_code == ExitCode.REFUSED
    assert "Did you mean outage" in wrong.output
    assert "There is no incident 7" in muster("incident", "over", "7").output
