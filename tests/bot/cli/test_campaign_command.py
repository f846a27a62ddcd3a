"""`muster campaign`: goals are asked for, the lift reaches the forecast, earlier campaigns teach it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bot.cli.test_planning_commands import Desk

GOALS = ("--response", "20% from 90s", "--satisfaction", "85% from 80%", "--feedback", "90% from 85%")
DAYS = ("2026-12-01", "2026-12-02")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_campaign_is_planned_changed_reported_on_and_cancelled(desk: Desk) -> None:
    new = ("campaign", "new", "Double 12", *DAYS, "--queue", "phone")
    missing = desk.run(*new, "--lift", "10%..30%")
    assert missing.exit_code == 1
    assert "By how much is the mean response to be cut?" in missing.output
    unknown = desk.run(*new, *GOALS)
    assert unknown.exit_code == 1
    assert "No earlier campaign of these queues" in unknown.output
    added = desk.run(*new, *GOALS, "--lift", "10%..30%")
    assert added.exit_code == 0, added.output
    assert "Campaign #1 is saved" in added.output
    assert "Mean response: nothing answered yet, wanted a cut by 20% (was 1 min 30 sec)" in added.output
    assert "load test" in added.output
    assert "campaign_1" in desk.run("event", "list").output
    edited = desk.run("campaign", "edit", "1", "--report-every", "3d", "--response", "30% from 80s")
    assert edited.exit_code == 0, edited.output
    (row,) = json.loads(desk.run("campaign", "list", "--json").stdout)
    assert row["report_every_days"] == 3
    assert row["goals"]["response"] == {"target": 30, "baseline": 80}
    assert row["lift"] == {"low": 1.1, "mid": pytest.approx(1.196, abs=1e-3), "high": 1.3}
    assert "Done: 11. load test" in desk.run("campaign", "done", "1", "11").output
    assert "is done already" in desk.run("campaign", "done", "1", "11").output
    page = desk.folder / "double.html"
    assert desk.run("campaign", "report", "1", "--html", str(page)).exit_code == 0
    assert "Double 12" in page.read_text(encoding="utf-8")
    assert "It has not begun" in desk.run("campaign", "close", "1").output
    assert desk.run("campaign", "cancel", "1").exit_code == 0
    assert "campaign_1" not in desk.run("event", "list").output
    assert "campaign_cancelled  campaign:1" in desk.run("audit").output


def test_the_lift_comes_from_what_an_earlier_campaign_brought(desk: Desk) -> None:
    rows = ["queue,start,contacts"]
    for day in range(1, 29):
        for hour in range(9, 17):
            contacts = 15 if day in (26, 27) else 10
            rows.append(f"phone,2026-10-{day:02d}T{hour:02d}:00:00+08:00,{contacts}")
    assert desk.bring("volumes", "\n".join(rows) + "\n").exit_code == 0
    desk.run("event", "add", "promo", "2026-10-26", "--until", "2026-10-27", "--queue", "phone")
    added = desk.run("campaign", "new", "Double 12", *DAYS, "--queue", "phone", *GOALS)
    assert added.exit_code == 0, added.output
    assert "promo 2026-10-26 +50%" in added.output
    (row,) = json.loads(desk.run("campaign", "list", "--json").stdout)
    assert row["lift"] == {
        "low": pytest.approx(1.5**0.5),
        "mid": pytest.approx(1.5),
        "high": pytest.approx(1.5**1.5),
    }
