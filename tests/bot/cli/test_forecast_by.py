"""`muster forecast --by`: the forecast by type and channel, and the handling time before any is known."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.bot.cli.test_planning_commands import Desk

OPENS = datetime(2026, 8, 31, 1, 0, tzinfo=UTC)  # a Monday, nine in Shanghai


def contacts(*, handled: bool) -> str:
    """Eleven weeks, Monday to Friday: of ten contacts seven ask, two order, one complains."""
    lines = ["contact,queue,channel,type,arrived,resolved,handle_seconds"]
    types = ["consult"] * 7 + ["order"] * 2 + ["complaint"]
    seconds = {"consult": 200, "order": 500, "complaint": 1000}
    number = 0
    for day in range(80):
        start = OPENS + timedelta(days=day)
        if (start + timedelta(hours=8)).weekday() > 4:
            continue
        for i in range(40):
            at = start + i * timedelta(minutes=12)
            kind = types[i % 10]
            took = seconds[kind] if handled else ""
            done = (at + timedelta(minutes=20)).isoformat()
            lines.append(f"C{number},phone,phone,{kind},{at.isoformat()},{done},{took}")
            number += 1
    return "\n".join(lines) + "\n"


def asked(desk: Desk, *args: str) -> dict[str, Any]:
    result = desk.run("forecast", "--queue", "phone", "--weeks", "1", "--json", *args)
    assert result.exit_code == 0, result.output
    (held,) = json.loads(result.stdout)
    return dict(held)


def test_parts_have_their_share_and_add_up_to_the_queue(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.bring("contacts", contacts(handled=True)).exit_code == 0
    held = asked(desk, "--by", "type")
    parts = {part["part"]: part for part in held["by"]}
    assert {name: round(part["share"], 2) for name, part in parts.items()} == {
        "consult": 0.7,
        "order": 0.2,
        "complaint": 0.1,
    }
    for at, day in enumerate(held["days"]):
        together = sum(part["days"][at]["mean"] for part in held["by"])
        assert together == pytest.approx(day["mean"], abs=0.06)
    # The standard of 750 s is still worth some 58 of the 220 complaints.
    assert parts["complaint"]["aht_seconds"] == pytest.approx(1000, rel=0.06)
    assert held["aht_seconds"] == pytest.approx(0.7 * 200 + 0.2 * 500 + 0.1 * 1000, rel=0.02)
    text = desk.run("forecast", "--queue", "phone", "--weeks", "1", "--by", "type").output
    assert "complaint" in text
    assert "Handling time 3" in text
    assert (
        "投诉"
        in desk.run("forecast", "--queue", "phone", "--weeks", "1", "--by", "type", lang="zh-Hans").output
    )
    (channel,) = asked(desk, "--by", "channel")["by"]
    assert (channel["part"], channel["share"]) == ("phone", 1.0)


def test_before_any_handling_time_it_is_that_of_the_types_as_they_come(tmp_path: Path) -> None:
    """SP21: 70 % of 3 to 5 minutes, 20 % of 5 to 8, 10 % of 10 to 15; app.yaml's 5 minutes wait."""
    desk = Desk(tmp_path)
    desk.bring("contacts", contacts(handled=False))
    mixed = 0.7 * 240 + 0.2 * 390 + 0.1 * 750
    assert asked(desk)["aht_seconds"] == pytest.approx(mixed, rel=0.01)
    text = desk.config.read_text()
    desk.write(
        "app.yaml",
        text.replace("  shrinkage: 0.05", "  shrinkage: 0.05\n  handling_times: {complaint: 20m-40m}"),
    )
    assert asked(desk)["aht_seconds"] == pytest.approx(mixed + 0.1 * (1800 - 750), rel=0.01)


def test_without_stored_contacts_it_says_that_nothing_tells_the_parts_apart(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    lines = ["queue,start,contacts"]
    lines += [
        f"phone,{(OPENS + timedelta(days=d, minutes=30 * i)).isoformat()},{10 + (d + i) % 4}"
        for d in range(80)
        for i in range(16)
        if (OPENS + timedelta(days=d, hours=8)).weekday() < 5
    ]
    desk.bring("volumes", "\n".join(lines))
    result = desk.run("forecast", "--queue", "phone", "--weeks", "1", "--by", "channel")
    assert "nothing tells its parts apart" in result.output
    assert asked(desk)["aht_seconds"] == 300
