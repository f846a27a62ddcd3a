"""What is installed: every package by name, with the files beside the code, and no tests."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "forecasting", "scheduler")


def setuptools() -> dict[str, Any]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    tool: dict[str, Any] = settings["tool"]["setuptools"]
    return tool


def test_every_package_is_listed_and_nothing_else() -> None:
    present = {
        ".".join(p.parent.relative_to(ROOT).parts)
        for top in PACKAGES
        for p in (ROOT / top).rglob("__init__.py")
    }
    assert set(setuptools()["packages"]) == present


def test_the_tests_are_not_installed() -> None:
    assert not [p for p in setuptools()["packages"] if p.split(".")[0] not in PACKAGES]


def test_every_file_beside_the_code_is_installed() -> None:
    covered: set[Path] = set()
    for package, patterns in setuptools()["package-data"].items():
        folder = ROOT / package.replace(".", "/")
        covered |= {path for pattern in patterns for path in folder.glob(pattern)}
    beside = {
        path
        for top in PACKAGES
        for path in (ROOT / top).rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc", ".nbi", ".nbc"}
    }
    assert sorted(str(p.relative_to(ROOT)) for p in beside - covered) == []
