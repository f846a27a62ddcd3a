"""`muster demo` (N2): from files to a published roster, an alert that was taken, and a report."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.timeout(300)
def test_demo_shows_the_whole_line_and_leaves_a_team_to_run(tmp_path: Path) -> None:
    folder = tmp_path / "harbour"
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli.main", "demo", "--into", str(folder)],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout
    assert re.search(r"30 agents, .* broken rules: 0", said)
    assert re.search(r"Roster 1 is live; \d+ people", said)
    # The digest, the alert as it was posted, its end, and what the second presser learned
    assert "#harbour-standup" in said
    assert "yesterday" in said
    assert re.search(r"GD\d{8}801", said)
    assert "Acknowledge" in said or "接手" in said
    assert re.search(r"has it since|已于 .* 接手", said)
    # Three commands to go on with
    assert done.stderr.count("muster") >= 3
    assert (folder / "report.html").read_text(encoding="utf-8").count("<svg") >= 13
    for name in ("app.yaml", "agents.csv", "muster.db"):
        assert (folder / name).is_file()

    # Nothing is left behind for a service that runs later, whatever time of day it is now
    with sqlite3.connect(folder / "muster.db") as database:
        waiting = "select kind, recipient from outbox where state in ('waiting', 'sending')"
        assert database.execute(waiting).fetchall() == []

    again = subprocess.run(
        [sys.executable, "-m", "bot.cli.main", "--config", str(folder / "app.yaml"), "doctor"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert again.returncode == 0, again.stdout
    assert "✓ 30 agents" in again.stdout


def test_demo_does_not_write_over_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text("version: 1\n")
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli.main", "demo", "--into", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.returncode == 1
    assert "nothing was written" in done.stderr
    assert (tmp_path / "app.yaml").read_text() == "version: 1\n"
    assert not (tmp_path / "muster.db").exists()
