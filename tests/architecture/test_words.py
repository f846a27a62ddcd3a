"""Rooms are named with the field's words; names that say nothing are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EMPTY_WORDS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "manager",
    "managers",
    "constants",
    "misc",
    "base_service",
}


def names() -> list[Path]:
    return [
        path.relative_to(ROOT)
        for package in ("bot", "forecasting", "scheduler", "tests")
        for path in (ROOT / package).rglob("*")
        if path.suffix == ".py" or path.is_dir()
    ]


def test_no_module_or_folder_has_a_name_that_says_nothing() -> None:
    assert [p for p in names() if EMPTY_WORDS & set(p.stem.lower().split("_"))] == []


@pytest.mark.parametrize("package", ["bot", "forecasting", "scheduler"])
def test_every_folder_with_modules_is_a_package(package: str) -> None:
    folders = {p.parent for p in (ROOT / package).rglob("*.py")}
    assert [str(f.relative_to(ROOT)) for f in folders if not (f / "__init__.py").exists()] == []
