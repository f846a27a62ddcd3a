"""`muster forecast today`: the morning moves the afternoon by what it is worth, in words and numbers."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.cli.context import CliContext
from bot.cli.main import cli
from bot.core.ids import QueueId
from bot.store.volumes import VolumeCount, VolumeSource
from tests.bot.cli.test_planning_commands import Desk

HALF = timedelta(minutes=30)
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # nine in Shanghai, the queue opens
NOON = MONDAY + timedelta(hours=3)


class Watched(Desk):
    """A desk whose clock stands where the test wants it."""

    now = NOON

    def run(self, *args: str, lang: str = "en") -> Any:
        from click.testing import CliRunner

        context = CliContext(config=self.config, lang=lang, environ={}, clock=lambda: self.now)
        try:
            return CliRunner().invoke(cli, ["--lang", lang, *args], obj=context)
        finally:
            context.close()

    def told(self, *counts: float) -> None:
        """Another system tells the counts of today's half hours."""
        context = CliContext(config=self.config, lang="en", environ={}, clock=lambda: self.now)
        rows = [
            VolumeCount(queue=QueueId("phone"), start=MONDAY + i * HALF, interval=HALF, contacts=count)
            for i, count in enumerate(counts)
        ]
        with context.store.unit() as uow:
            uow.volumes.save(rows, source=VolumeSource.VOLUMES)
            uow.commit()
        context.close()


@pytest.fixture
def desk(tmp_path: Path) -> Watched:
    """Eight weeks whose days run high and low as a whole, and the forecast of the week that begins."""
    desk = Watched(tmp_path)
    chance = np.random.default_rng(3)
    lines = ["queue,start,contacts"]
    for back in range(84, 0, -1):
        opens = MONDAY - timedelta(days=back)
        if (opens + timedelta(hours=8)).weekday() > 4:
            continue
        level = float(np.exp(chance.normal(0, 0.2)))
        lines += [f"phone,{(opens + i * HALF).isoformat()},{chance.poisson(40 * level)}" for i in range(16)]
    assert desk.bring("volumes", "\n".join(lines)).exit_code == 0
    desk.now = MONDAY - timedelta(hours=2)
    assert desk.run("forecast", "--queue", "phone", "--weeks", "1").exit_code == 0
    desk.now = NOON
    return desk


def asked(desk: Watched) -> dict[str, Any]:
    result = desk.run("forecast", "today", "--queue", "phone", "--json")
    assert result.exit_code == 0, result.output
    (held,) = json.loads(result.stdout)
    return dict(held)


def test_before_anything_is_known_the_day_stands_as_forecast(desk: Watched) -> None:
    held = asked(desk)
    assert held["problem"] == "nothing_known"
    assert held["rest"]["now"] == held["rest"]["forecast"]
    assert "Nothing is known of today yet" in desk.run("forecast", "today", "--queue", "phone").output


def test_a_busy_morning_raises_the_rest_by_a_part_of_its_excess(desk: Watched) -> None:
    still = asked(desk)["rest"]["now"]
    desk.told(60, 60, 60, 60, 60, 60)
    held = asked(desk)
    assert held["came"] == 360
    excess = held["came"] / held["forecast_so_far"]
    assert 1 + 0.5 * (excess - 1) < held["rest"]["now"] / still < excess
    assert held["rest"]["q10"] < held["rest"]["now"] < held["rest"]["q90"]
    assert held["level"]["low"] < held["level"]["factor"] < held["level"]["high"]
    assert held["intervals"][0]["start"] == "2026-11-23T04:00:00+00:00"
    for row in held["intervals"]:
        assert row["q10"] <= row["now"] <= row["q90"]
        assert row["now"] > row["forecast"]
    text = desk.run("forecast", "today", "--queue", "phone").output
    assert "So far 360 came" in text
    assert "Still to come" in text
    assert "12:00" in text
    assert "到目前来了 360 次" in desk.run("forecast", "today", "--queue", "phone", lang="zh-Hans").output


def test_a_quiet_morning_lowers_it_and_an_outage_teaches_nothing(desk: Watched) -> None:
    before = asked(desk)["rest"]["now"]
    desk.told(25, 25, 25, 25, 25, 25)
    assert asked(desk)["rest"]["now"] < 0.9 * before
    desk.told(40, 40, 0, 0, 0, 40)
    held = asked(desk)
    assert held["left_out_minutes"] == 90
    assert held["rest"]["now"] == pytest.approx(before, rel=0.1)
    assert "90 minutes of today taught nothing" in desk.run("forecast", "today", "--queue", "phone").output


def test_without_a_forecast_it_says_what_to_do(desk: Watched) -> None:
    result = desk.run("forecast", "today", "--queue", "chat")
    assert result.exit_code == 1
    assert "chat: no forecast covers the rest of today. First: muster forecast" in result.output
    desk.now = NOON + timedelta(days=40)
    assert desk.run("forecast", "today").exit_code == 1


def test_after_closing_it_says_so(desk: Watched) -> None:
    desk.told(*[40] * 16)
    desk.now = MONDAY + timedelta(hours=9)
    assert (
        "Closed for the rest of today; 640 came." in desk.run("forecast", "today", "--queue", "phone").output
    )
    assert date(2026, 11, 23).isoformat() == asked(desk)["date"]
