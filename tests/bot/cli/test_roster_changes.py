"""`muster roster repair`, `why` and `gaps` as a planner types them (SCENARIOS P8, N8)."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from bot.cli.context import CliContext
from bot.core.ids import AgentId
from bot.core.wishes import StandingWish, WishKind
from tests.bot.cli.test_planning_commands import AGENTS, APP, NOW, Desk, volumes


def published(folder: Path, agents: str, leave: str = "") -> Desk:
    """A desk with a published roster of the week ahead."""
    held = Desk(folder)
    for result in (
        held.bring("volumes", volumes()),
        held.bring("agents", agents),
        *([held.bring("leave", leave)] if leave else []),
        held.run("forecast", "--weeks", "1"),
        held.run("staffing"),
        held.run("roster", "solve", "--seconds", "4"),
        held.run("roster", "publish", "--accept", "a test"),
    ):
        assert result.exit_code == 0, result.output
    return held


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return published(tmp_path_factory.mktemp("live"), AGENTS)


def on_duty(live: Desk) -> dict[str, str]:
    """An agent and day with a shift in the middle of the published week."""
    rows = json.loads(live.run("roster", "show", "--json").stdout)["rows"]
    days = sorted({r["date"] for r in rows})
    return next(r for r in rows if r["date"] == days[len(days) // 2])


def test_repair_shows_ranked_ways_and_changes_nothing(live: Desk) -> None:
    row = on_duty(live)
    before = live.run("roster", "show", "--json").stdout
    text = live.run("roster", "repair", "--absent", row["agent"], "--day", row["date"])
    assert text.exit_code == 0, text.output
    assert "Falls away" in text.stdout
    data = json.loads(
        live.run("roster", "repair", "--absent", row["agent"], "--day", row["date"], "--json").stdout
    )
    assert [w["number"] for w in data["ways"]] == list(range(1, len(data["ways"]) + 1))
    costs = [w["cost"] for w in data["ways"]]
    assert costs == sorted(costs)
    assert any(w["changes"] == [] for w in data["ways"])
    assert all(c["agent"] != row["agent"] for w in data["ways"] for c in w["changes"])
    assert data["gone"][0]["before"]["date"] == row["date"]
    assert live.run("roster", "show", "--json").stdout == before
    chinese = live.run("roster", "repair", "--absent", row["agent"], "--day", row["date"], lang="zh")
    assert "空出" in chinese.stdout


def test_why_and_why_not_say_the_same_as_data(live: Desk) -> None:
    row = on_duty(live)
    text = live.run("roster", "why", "--agent", row["agent"], "--day", row["date"])
    assert text.exit_code == 0, text.output
    assert "people can do this work" in text.stdout
    data = json.loads(
        live.run("roster", "why", "--agent", row["agent"], "--day", row["date"], "--json").stdout
    )
    assert data["shift"]["date"] == row["date"]
    assert ("Without it nobody would be missing" in text.stdout) == (data["without"] == [])
    against = json.loads(
        live.run(
            "roster", "why", "--agent", row["agent"], "--day", row["date"], "--instead", "off", "--json"
        ).stdout
    )
    assert against["change"]["kind"] == "send_home"
    assert against["uncovered"] == data["without"]


def test_gaps_name_what_keeps_them_open(tmp_path: Path) -> None:
    """Two people where six are needed: both are at work, and lifting a rule would not help."""
    short = published(tmp_path, "\n".join(AGENTS.splitlines()[:3]) + "\n")
    result = short.run("roster", "gaps", "--most", "3", "--json")
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    screen = short.run("roster", "gaps", "--most", "3").stdout
    assert f"Roster {data['roster']}:" in screen
    assert len(data["gaps"]) == 3
    assert all(gap["missing"] >= 1 for gap in data["gaps"])
    for gap in data["gaps"]:
        assert (gap["queue"], gap["skilled"], gap["at_work"]) == ("phone", 2, 2)
        assert (gap["conflict"], gap["reliefs"]) == ([], [])
    assert screen.count("All 2 people with the skill have a shift then") == 3


def test_gaps_name_the_rule_and_what_lifting_it_would_bring(tmp_path: Path) -> None:
    """One of two is on leave all week: leave is what keeps the gap open, and a way past it is priced."""
    short = published(
        tmp_path,
        "\n".join(AGENTS.splitlines()[:3]) + "\n",
        "agent,start,end,kind\na0,2026-11-23,2026-11-29,leave\n",
    )
    data = json.loads(short.run("roster", "gaps", "--most", "3", "--json").stdout)
    assert data["gaps"]
    for gap in data["gaps"]:
        assert gap["conflict"] == ["leave"]
        assert all("leave" in relief["rules"] for relief in gap["reliefs"])
        assert gap["reliefs"][0]["gain"] > 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("repair", "--absent", "nobody", "--day", "2026-11-25"), "no agent"),
        (("repair", "--day", "2030-01-01"), "No roster is published"),
        (("why", "--agent", "nobody", "--day", "2026-11-25"), "no agent"),
        (("why", "--agent", "a0", "--day", "2030-01-01"), "no published shift"),
        (("why", "--agent", "a0", "--day", "2026-11-25", "--instead", "nonsense"), "no kind of shift"),
    ],
)
def test_what_is_not_there_is_said(live: Desk, words: tuple[str, ...], said: str) -> None:
    result = live.run("roster", *words)
    assert result.exit_code != 0
    assert said in result.output


def wish_fridays_off(live: Desk) -> None:
    """a1's wish, kept once however often it is said."""
    context = CliContext(config=live.config, lang="en", environ={}, clock=lambda: NOW)
    with context.store.unit() as uow:
        uow.wishes.add(AgentId("a1"), StandingWish(kind=WishKind.OFF, weekdays=frozenset({4})), now=NOW)
        uow.commit()
    context.close()


def test_wishes_and_ranges_are_listed_for_planners(live: Desk) -> None:
    wish_fridays_off(live)
    assert "off on Fri" in live.run("roster", "wishes").stdout
    assert "周五 休息" in live.run("roster", "wishes", lang="zh").stdout
    (row,) = json.loads(live.run("roster", "wishes", "--json").stdout)
    assert (row["agent"], row["kind"], row["weekdays"]) == ("a1", "off", [4])
    ranges = json.loads(live.run("roster", "fair", "--json").stdout)
    assert ranges["agents"] == 6
    text = live.run("roster", "fair").stdout
    assert "weekends: 0 to 0" in text
    assert "a1" not in text


def test_a_way_is_taken_once_and_everybody_is_asked_or_told(live: Desk) -> None:
    row = on_duty(live)
    wrong = live.run("roster", "repair", "--absent", row["agent"], "--day", row["date"], "--apply", "99")
    assert wrong.exit_code != 0
    assert "There is no way 99" in wrong.output
    done = live.run(
        "roster", "repair", "--absent", row["agent"], "--day", row["date"], "--apply", "1", "--json"
    )
    assert done.exit_code == 0, done.output
    rows = json.loads(live.run("roster", "show", "--json").stdout)["rows"]
    assert not any(r["agent"] == row["agent"] and r["date"] == row["date"] for r in rows)
    again = json.loads(
        live.run("roster", "repair", "--absent", row["agent"], "--day", row["date"], "--json").stdout
    )
    assert again["gone"] == []


def test_a_wish_is_in_the_next_roster(live: Desk) -> None:
    """a1 wishes Fridays off; where that is worth more than any gap, the solve keeps it."""
    live.write("app.yaml", APP.replace("  publish: {notice", "  wishes: {price: 20000}\n  publish: {notice"))
    wish_fridays_off(live)
    solved = live.run("roster", "solve", "--seconds", "4", "--json")
    assert solved.exit_code == 0, solved.output
    number = str(json.loads(solved.stdout)["roster"])
    rows = json.loads(live.run("roster", "show", "--roster", number, "--json").stdout)["rows"]
    fridays = {r["date"] for r in rows if date.fromisoformat(r["date"]).weekday() == 4}
    assert fridays
    assert not any(r["agent"] == "a1" and r["date"] in fridays for r in rows)


def test_diff_shows_who_would_change_and_writes_nothing(tmp_path: Path) -> None:
    """P6: a draft in which one person's shifts are gone, then the live roster against itself."""
    live = published(tmp_path, AGENTS)
    row = on_duty(live)
    rows = json.loads(live.run("roster", "show", "--json").stdout)["rows"]
    kept = [r for r in rows if r["agent"] != row["agent"]]
    lines = ["agent,date,activity,start,end"]
    lines += [f"{r['agent']},{r['date']},{r['activity']},{r['start']},{r['end']}" for r in kept]
    assert live.bring("roster", "\n".join(lines) + "\n").exit_code == 0
    text = live.run("roster", "diff")
    assert text.exit_code == 0, text.output
    assert "Draft 2 against live roster 1" in text.stdout
    assert "the shifts of 1 agent change" in text.stdout
    assert row["agent"] in text.stdout
    assert "→" in text.stdout
    assert "lunch" in text.stdout
    data = json.loads(live.run("roster", "diff", "--json").stdout)
    assert (data["roster"], data["live"]) == (2, 1)
    assert data["agents_changed"] == 1
    assert data["hours"][row["agent"]]["after"] == 0
    assert {c["agent"] for c in data["changes"]} == {row["agent"]}
    assert all(c["after"] is None for c in data["changes"])
    assert data["paid_hours"]["after"] < data["paid_hours"]["before"]
    same = json.loads(live.run("roster", "diff", "--roster", "1", "--json").stdout)
    assert same["changes"] == []
    assert live.run("roster", "diff", "--roster", "9").exit_code == 1
