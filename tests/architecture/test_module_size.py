"""No module grows past what a reader can hold."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST = 600


def test_no_module_is_longer_than_600_lines() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for package in ("bot", "forecasting", "scheduler", "tests")
        for path in (ROOT / package).rglob("*.py")
        if "versions" not in path.parts  # a migration is as long as the schema it makes
    }
    assert lengths
    assert {name: n for name, n in lengths.items() if n > LONGEST} == {}
