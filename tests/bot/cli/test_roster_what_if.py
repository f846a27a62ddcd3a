"""`muster roster what-if` as a planner types it; its figures are those of `muster staffing` (P6)."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.bot.cli.test_planning_commands import AGENTS, APP, Desk, volumes


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk with a draft of the week ahead."""
    held = Desk(tmp_path_factory.mktemp("drafted"))
    for result in (
        held.bring("volumes", volumes()),
        held.bring("agents", AGENTS),
        held.run("forecast", "--weeks", "1"),
        held.run("staffing"),
        held.run("roster", "solve", "--seconds", "4"),
    ):
        assert result.exit_code == 0, result.output
    return held


def dump(desk: Desk) -> list[str]:
    with closing(sqlite3.connect(desk.folder / "muster.db")) as database:
        return [line for line in database.iterdump() if line.startswith("INSERT")]


def ask(desk: Desk, *words: str) -> dict[str, Any]:
    result = desk.run("roster", "what-if", *words, "--json")
    assert result.exit_code == 0, result.output
    held: dict[str, Any] = json.loads(result.stdout)
    return held


def by_queue(found: dict[str, Any], what: str, side: str) -> dict[str, float]:
    return {row["queue"]: row[what][side] for row in found["queues"]}


def with_app(desk: Desk, folder: Path, app: str) -> Desk:
    """The same database under another app.yaml."""
    shutil.copy(desk.folder / "muster.db", folder / "muster.db")
    other = Desk(folder)
    other.write("app.yaml", app)
    return other


def test_a_target_agrees_with_staffing_under_a_changed_app_yaml(drafted: Desk, tmp_path: Path) -> None:
    found = ask(drafted, "--target", "phone=95/10s", "--minus", "a1")
    changed = APP.replace(
        "skill: phone, calendar: office, target: fast", "skill: phone, calendar: office, target: top"
    )
    changed = changed.replace(
        "{fast: {share: 0.8, within: 30s}}",
        "{fast: {share: 0.8, within: 30s}, top: {share: 0.95, within: 10s}}",
    )
    other = with_app(drafted, tmp_path, changed)
    staffed = json.loads(other.run("staffing", "--week", "2026-W48", "--json").stdout)
    hours = {row["queue"]: row["agent_hours"] for row in staffed["queues"]}
    assert by_queue(found, "needed_hours", "after") == pytest.approx(hours, abs=0.01)
    assert found["queues"][0]["requirement"] == "remade"
    # And with the requirement stored there, leaving a1 out alone says the same hours are missing.
    alone = ask(other, "--minus", "a1")
    assert by_queue(alone, "missing_hours", "after") == by_queue(found, "missing_hours", "after")
    assert alone["opened"]


def test_everything_at_once_writes_nothing(drafted: Desk) -> None:
    assert drafted.run("event", "add", "double11", "2026-11-25", "--lift", "40%").exit_code == 0
    before = dump(drafted)
    words = ("--minus", "Agent 1", "--target", "chat=45s", "--volume", "phone=-10% fri 10:00-12:00")
    result = drafted.run(
        "roster", "what-if", *words, "--campaign", "double11", "+35%", "--certify", "--paths", "3"
    )
    assert result.exit_code == 0, result.output
    assert dump(drafted) == before
    screen = result.stdout
    assert "without a1" in screen
    assert "target of chat: 80% within 45 sec (now 80% within 30 sec)" in screen
    assert "-10% contacts, phone, Fri 27 Nov 10:00–12:00" in screen
    assert "double11 (Wed 25 Nov), phone and chat: +35% contacts" in screen
    assert "agent-hours needed" in screen
    assert "Chance that the weakest peak keeps its target" in screen
    assert "nothing was written" in screen
    assert "Playing 6 weeks" in result.stderr


def test_text_and_json_and_both_languages_have_the_same_figures(drafted: Desk) -> None:
    found = ask(drafted, "--roster", "1", "+35%", "--certify", "--paths", "3", "--seed", "5")
    assert found["volumes"][0]["factor"] == 1.35
    assert found["certificate"]["seed"] == 5
    assert found["certificate"]["weakest"]["after"] <= found["certificate"]["weakest"]["before"]
    contacts = found["queues"][0]["contacts"]
    assert contacts["after"] == pytest.approx(1.35 * contacts["before"], rel=0.001)
    needed = found["queues"][0]["needed_hours"]
    chinese = drafted.run("roster", "what-if", "--volume", "增加35%", lang="zh").stdout
    for screen in (drafted.run("roster", "what-if", "--volume", "+35%").stdout, chinese):
        assert f"{needed['before']:g} → {needed['after']:g}" in screen
    assert "所有队列" in chinese
    assert "未写入任何内容" in chinese
    assert found["opened"][0]["missing"] == max(g["missing"] for g in found["opened"])


def test_the_command_it_names_next_asks_the_same_with_chances(drafted: Desk) -> None:
    result = drafted.run("roster", "what-if", "--target", "chat=85/45s", "--volume", "chat=+20% tue to wed")
    asked = '--target chat=85%/45s --volume "chat=+20% 2026-11-24 to 2026-11-25"'
    assert f"roster what-if --roster 1 {asked} --certify" in result.stderr
    again = ask(drafted, "--target", "chat=85%/45s", "--volume", "chat=+20% 2026-11-24 to 2026-11-25")
    assert (
        again["queues"]
        == ask(drafted, "--target", "chat=85/45s", "--volume", "chat=+20% tue to wed")["queues"]
    )


@pytest.mark.parametrize(
    ("words", "said", "chinese"),
    [
        ((), "muster roster what-if --minus NAME", "未作计算"),
        (("--target", "chatt=45s"), "Did you mean chat? app.yaml has: phone, chat.", "是不是 chat？"),
        (("--target", "fax=45s"), "app.yaml has: phone, chat.", "app.yaml 中有：phone, chat。"),
        (("--target", "chat=120/45s"), "is no service target", "不是服务目标"),
        (("--target", "chat=45s", "--target", "chat=60s"), "Two targets of chat", "两个目标"),
        (("--volume", "+0%"), "Write -99% to +900%", "-99% 至 +900%"),
        (("--volume", "-100%"), "Write -99% to +900%", "-99% 至 +900%"),
        (("--volume", "+5% someday"), "is no change of the volume", "不是来量的变化"),
        (("--volume", "+5% sun"), "No contacts are expected then", "预计没有联络"),
        (("--minus", "Agent 11"), "Did you mean Agent 1?", "是不是 Agent 1？"),
        (("--minus", "zzzz"), "names no agent", "不是客服"),
        (("--campaign", "doubel11"), "Did you mean double11?", "是不是 double11？"),
        (("--campaign", ""), "needs the name of a stored event", "已存事件的名称"),
        (("--roster", "99", "--minus", "a1"), "There is no roster 99", "没有排班表"),
    ],
)
def test_errors_are_answers(drafted: Desk, words: tuple[str, ...], said: str, chinese: str) -> None:
    drafted.run("event", "add", "double11", "2026-11-25", "--lift", "40%")
    result = drafted.run("roster", "what-if", *words)
    assert result.exit_code == 1
    assert said in result.stderr
    translated = drafted.run("roster", "what-if", *words, lang="zh")
    assert chinese in translated.stderr


def test_without_any_event_it_says_how_to_add_one(drafted: Desk, tmp_path: Path) -> None:
    other = with_app(drafted, tmp_path, APP)
    for event in json.loads(other.run("event", "list", "--all", "--json").stdout):
        assert other.run("event", "remove", str(event["event"])).exit_code == 0
    result = other.run("roster", "what-if", "--campaign", "double11", "+35%")
    assert result.exit_code == 1
    assert "muster event add KIND DAY" in result.stderr
