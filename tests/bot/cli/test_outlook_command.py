"""`muster outlook` and the doctor's lines about live data."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import CliContext
from bot.cli.main import cli
from bot.config.load import load_settings
from bot.core.requirements import RequirementInterval
from bot.store.engine import make_engine
from bot.store.schema import upgrade
from bot.store.unit_of_work import Store
from bot.usecases import count_contacts, intake
from scheduler.roster.roster import Assignment, Roster, RosterPeriod
from scheduler.roster.shifts import Segment, Shift
from tests.bot.cli.test_planning_commands import AGENTS, APP
from tests.support.builders import CHAT, SHANGHAI, at
from tests.support.builders import event as make_event
from tests.support.forecasts import forecast, save

DAY = date(2026, 11, 24)
HALF = timedelta(minutes=30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app.yaml").write_text(APP, encoding="utf-8")
    (tmp_path / "agents.csv").write_text(AGENTS, encoding="utf-8")
    return tmp_path


def typed(folder: Path, *words: str, now: datetime, lang: str = "en") -> Result:
    context = CliContext(
        config=folder / "app.yaml",
        lang=lang,
        environ={"MUSTER_DATABASE_URL": f"sqlite:///{folder / 'muster.db'}"},
        clock=lambda: now,
    )
    return CliRunner().invoke(cli, list(words), obj=context)


def a_morning(folder: Path) -> None:
    """Two people on chat until 17:00, 8 chats a half hour forecast, 30 came since 10:00 and wait."""
    from bot.core.contacts import EventKind, Priority

    settings = load_settings(folder / "app.yaml", today=DAY).settings
    engine = make_engine(f"sqlite:///{folder / 'muster.db'}")
    upgrade(engine)
    store = Store(engine)
    number = save(store, forecast(8.0, interval=HALF, aht_seconds=300.0, hours=(9, 17)))
    shifts = tuple(
        Assignment(
            agent=name,
            shift=Shift(
                date=DAY,
                start=at(9),
                end=at(17),
                segments=(Segment(activity=CHAT, start=at(9), end=at(17), paid=True),),
            ),
        )
        for name in ("a1", "a3")
    )
    with store.unit() as uow:
        uow.requirements.replace(
            CHAT, at(9), at(17),
            [RequirementInterval(queue=CHAT, start=at(9) + i * HALF, interval=HALF, base_agents=2,
                                 scheduled_agents=3) for i in range(16)],
            made_at=at(7), forecast=number,
        )  # fmt: skip
        made = uow.rosters.save_draft(
            Roster(period=RosterPeriod(first=DAY, days=1, zone=SHANGHAI), assignments=shifts), made_at=at(7)
        )
        uow.rosters.publish(made, by="pei", at=at(7), accepted_because=None)
        uow.commit()
    events = [
        make_event(EventKind.OPENED, at(10) + timedelta(seconds=50 * i), f"GD{i}", priority=Priority.HIGH)
        for i in range(30)
    ]
    intake.record(store, settings, events, now=at(10, 26))
    count_contacts.tick(store, settings, now=at(10, 26))
    store.close()


def test_it_prints_cause_backlog_and_risk(folder: Path) -> None:
    a_morning(folder)
    result = typed(folder, "outlook", "--queue", "chat", now=at(10, 26))
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].startswith("chat, ")
    assert "Why, chat 10:00–10:30: needed" in lines[1]
    assert "present not known" in lines[1]
    assert "Volume 10:00–10:26: 30 against 6.9 forecast (+333%)" in result.output
    assert "30 waiting, the oldest for 26 min; overdue: 0." in result.output
    assert "Risk 11:00–11:30: " in result.output
    assert "roster published" in lines[-1]
    assert "*" not in result.output


def test_json_has_the_same_numbers(folder: Path) -> None:
    a_morning(folder)
    result = typed(folder, "outlook", "--json", now=at(10, 26))
    assert result.exit_code == 0, result.output
    phone, chat = json.loads(result.stdout)
    assert (phone["queue"], phone["waiting"], phone["risk"]) == ("phone", 0, None)
    assert phone["not_foretold"] == "no_forecast"
    assert (chat["queue"], chat["waiting"], chat["overdue"]) == ("chat", 30, 0)
    assert chat["cause"]["need"]["seen"]["contacts"] == 30
    assert chat["cause"]["rostered"] == 2
    assert 0.0 <= chat["risk"]["chance"] <= 1.0
    assert chat["risk"]["start"] == at(11).isoformat()


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_without_any_data_it_says_what_is_missing(folder: Path, lang: str) -> None:
    result = typed(folder, "outlook", now=at(10, 26), lang=lang)
    assert result.exit_code == 0, result.output
    expected = {"en": "no forecast covers the next hour", "zh-Hans": "没有覆盖下一小时的预测"}
    assert expected[lang] in result.output
    wrong = typed(folder, "outlook", "--queue", "caht", now=at(10, 26), lang=lang)
    assert wrong.exit_code == 1
    assert "chat" in wrong.output


def test_the_doctor_says_until_when_live_contacts_are_counted_and_what_is_silent(folder: Path) -> None:
    a_morning(folder)
    fine = typed(folder, "doctor", now=at(10, 28)).output
    assert "chat: live contacts since 2026-11-24, counted into the forecast's history until" in fine
    assert "phone: live" not in fine
    behind = typed(folder, "doctor", now=at(12)).output
    assert "only until 2026-11-24 02:26" in behind
    store = Store(make_engine(f"sqlite:///{folder / 'muster.db'}"))
    with store.unit() as uow:
        uow.episodes.open("silence", CHAT, since=at(10, 24), now=at(11), detail={})
        uow.commit()
    store.close()
    silent = typed(folder, "doctor", now=at(11, 1))
    assert "✗ chat: the data stops at 2026-11-24 02:24" in silent.output
    assert silent.exit_code == 1
