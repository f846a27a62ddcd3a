"""`muster event` and `muster import events`: what is known of single days reaches the forecast."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from bot.core.people import Role
from tests.bot.cli.test_planning_commands import Desk
from tests.support.builders import agent

FIRST = date(2026, 8, 3)
MONDAY = date(2026, 11, 30)


def volumes(days: int = 110, *, closed: frozenset[date] = frozenset()) -> str:
    """About 20 calls every half hour, Monday to Friday, 9 to 17 o'clock in Shanghai, and more every month."""
    lines = ["queue,start,contacts"]
    chance = np.random.default_rng(5)
    for back in range(days):
        day = FIRST + timedelta(days=back)
        if day.weekday() > 4 or day in closed:
            continue
        for half in range(16):
            at = datetime.combine(day, time(9), ZoneInfo("Asia/Shanghai")) + half * timedelta(minutes=30)
            calls = chance.poisson(20 * (1 + back / 60))
            lines.append(f"phone,{at.astimezone(UTC).isoformat()},{calls}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    assert desk.bring("volumes", volumes()).exit_code == 0
    return desk


def forecast(desk: Desk) -> dict[str, dict[str, Any]]:
    """Day totals of the phone queue."""
    result = desk.run("forecast", "--queue", "phone", "--weeks", "2", "--json")
    assert result.exit_code == 0, result.output
    (queue,) = json.loads(result.stdout)
    return {day["date"]: day for day in queue["days"]}


def test_an_entered_range_moves_its_days_and_widens_their_band_until_it_is_removed(desk: Desk) -> None:
    before = forecast(desk)
    added = desk.run("event", "add", "promo", "2026-12-01", "--until", "2026-12-02", "--lift", "0%..120%")
    assert added.exit_code == 0
    assert (
        "Event 1 added: promo for every queue, Tue 1 Dec 2026 – Wed 2 Dec 2026, +0% to +120%." in added.output
    )
    assert "forecast backtest" in added.output
    after = forecast(desk)
    for day in ("2026-12-01", "2026-12-02"):
        assert after[day]["mean"] == pytest.approx(before[day]["mean"] * 2.2**0.5, rel=0.01)
        width = [(d[day]["q90"] - d[day]["q10"]) / d[day]["mean"] for d in (before, after)]
        assert width[1] > 1.4 * width[0]
    assert after["2026-12-03"]["mean"] == pytest.approx(before["2026-12-03"]["mean"], rel=0.01)
    gone = desk.run("event", "remove", "1")
    assert gone.exit_code == 0
    assert forecast(desk) == before
    trail = desk.run("audit").output
    assert "event_removed  event:1" in trail
    assert "event_added  event:1" in trail


def test_a_list_in_chinese_is_read_row_by_row(desk: Desk) -> None:
    text = (
        "类型,开始日期,结束日期,名称,增幅,队列\n"
        "promo,2026/12/11,2026/12/12,双十二,10%..30%,phone\n"
        "promo,2026-11-11,,请拨打 13812345678,,\n"
        "promo,2026-11-11,2026-11-10,,,\n"
        "promo,2026-11-11,,,很多,\n"
        "promo,2026-11-11,,,,fax\n"
        "门户 故障了 大家 都 来电,2026-11-11,,,,\n"
        "site_outage,2026-09-09,,门户故障,,\n"
        "site_outage,2026-09-09,,门户故障,,\n"
    )
    done = desk.bring("events", text.encode("gb18030"), "--json")
    report = json.loads(done.stdout)
    assert (report["new"], report["read"]) == (2, 8)
    assert [(r["line"], r["reason"]) for r in report["refused"]] == [
        (3, "personal_name"),
        (4, "ends_before_start"),
        (5, "bad_lift"),
        (6, "unknown_queue"),
        (7, "free_text"),
    ]
    assert "13812345678" not in done.output
    assert {f["code"] for f in report["findings"]} >= {"nature_of_kind"}
    held = json.loads(desk.run("event", "list", "--all", "--json").stdout)
    assert [(e["kind"], e["nature"], e["queue"]) for e in held] == [
        ("site_outage", "outage", None),
        ("promo", "campaign", "phone"),
    ]
    again = json.loads(desk.bring("events", text.encode(), "--json").stdout)
    assert (again["new"], again["unchanged"]) == (0, 2)
    listed = desk.run("event", "list", "--all", lang="zh-Hans").output
    assert "双十二" in listed
    assert "+10% 至 +30%" in listed


def test_what_cannot_be_an_event_is_refused_in_words(desk: Desk) -> None:
    for args, says in (
        (("add", "promo", "2026-12-01", "--lift", "lots"), "as a range: 10%..30%"),
        (("add", "promo", "2026-12-01", "--until", "2026-11-01"), "before it begins"),
        (("add", "promo", "2026-12-01", "--queue", "phnoe"), "no queue phnoe"),
        (("add", "a long sentence", "2026-12-01"), "one short word"),
        (("add", "promo", "2026-12-01", "--name", "call 13812345678"), "phone number"),
        (("remove", "7"), "Event 7 does not exist"),
    ):
        result = desk.run("event", *args)
        assert result.exit_code == 1, result.output
        assert says in result.output
    assert json.loads(desk.run("event", "list", "--all", "--json").stdout) == []


def test_only_planners_change_events_where_operators_are_named(desk: Desk) -> None:
    from bot.cli.context import CliContext

    context = CliContext(config=desk.config, lang="en", environ={}, clock=lambda: datetime.now(UTC))
    with context.store.unit() as uow:
        uow.people.upsert(agent("bo", role=Role.AGENT))
        uow.commit()
    context.close()
    from click.testing import CliRunner

    from bot.cli.main import cli

    named = CliContext(
        config=desk.config,
        lang="en",
        environ={"MUSTER_OPERATOR": "bo@harbour.example"},
        clock=lambda: datetime.now(UTC),
    )
    result = CliRunner().invoke(cli, ["event", "add", "promo", "2026-12-01"], obj=named)
    named.close()
    assert result.exit_code != 0
    assert json.loads(desk.run("event", "list", "--json").stdout) == []


def test_a_deflection_stays_until_it_is_ended(desk: Desk) -> None:
    before = forecast(desk)
    desk.run("event", "add", "chatbot", "2026-12-01", "--lift", "-30%..-10%")
    after = forecast(desk)
    assert after["2026-11-30"]["mean"] == pytest.approx(before["2026-11-30"]["mean"], rel=0.01)
    for day in ("2026-12-01", "2026-12-02", "2026-12-04"):
        assert after[day]["mean"] == pytest.approx(before[day]["mean"] * (0.7 * 0.9) ** 0.5, rel=0.01)
    (held,) = json.loads(desk.run("event", "list", "--json").stdout)
    assert (held["nature"], held["last_day"]) == ("deflection", None)


def test_a_holiday_that_is_worked_leaves_the_queue_open_and_reaches_the_model(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    text = desk.config.read_text()
    desk.write("app.yaml", text.replace("holidays: none", "holidays: none, worked_holidays: US"))
    desk.bring("volumes", volumes())
    result = desk.run("forecast", "--queue", "phone", "--weeks", "2", "--json")
    (queue,) = json.loads(result.stdout)
    kinds = {effect["kind"] for effect in queue["effects"]}
    # Labor Day, Columbus Day and Veterans Day lie in the history, Thanksgiving ahead of it.
    assert {"public_holiday", "before_public_holiday", "after_public_holiday"} <= kinds
    assert "2026-11-26" in {day["date"] for day in queue["days"]}


def test_it_is_said_whether_the_contacts_of_a_closed_day_come_back(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    closed = frozenset({date(2026, 9, 9), date(2026, 10, 1), date(2026, 10, 2)})
    desk.bring("volumes", volumes(closed=closed))
    for lang, says in (("en", "a closed day's contacts"), ("zh-Hans", "休业日的来量")):
        assert says in desk.run("forecast", "--queue", "phone", lang=lang).output


def test_it_is_said_where_an_event_ahead_is_not_used(tmp_path: Path) -> None:
    """Three weeks of history: the mean of weeks is taken, which knows no events."""
    desk = Desk(tmp_path)
    lines = volumes().splitlines(keepends=True)
    desk.bring("volumes", "".join([lines[0], *lines[-16 * 15 :]]))
    desk.run("event", "add", "promo", "2026-12-01")
    text = desk.run("forecast", "--queue", "phone").output
    assert (
        "! 1 event(s) from Tue 1 Dec 2026 on: the model that did best here learns nothing of events." in text
    )
    desk.run("event", "add", "promo", "2026-12-01", "--lift", "10%..30%")
    assert "learns nothing of events" not in desk.run("forecast", "--queue", "phone").output
