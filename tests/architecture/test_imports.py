"""Who may import whom: the contracts of pyproject.toml, so that a plain pytest says it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]


def contracts() -> dict[str, dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {c["name"]: c for c in settings["tool"]["importlinter"]["contracts"]}


def test_every_contract_is_kept(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    code = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert code == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("contract", "owner"),
    [
        ("SQLAlchemy and Alembic only in the store", "store"),
        ("Slack's libraries only in bot.slack", "slack"),
        ("APScheduler only in bot.jobs", "jobs"),
    ],
)
def test_a_new_room_of_the_bot_is_put_under_the_contracts(contract: str, owner: str) -> None:
    rooms = {p.parent.name for p in (ROOT / "bot").glob("*/__init__.py")}
    rooms |= {p.stem for p in (ROOT / "bot").glob("*.py")} - {"__init__"}
    assert f"bot.{owner}" not in contracts()[contract]["source_modules"]
    assert {f"bot.{room}" for room in rooms - {owner}} <= set(contracts()[contract]["source_modules"])


def test_the_scheduler_contract_names_every_other_module_of_forecasting() -> None:
    modules = {p.stem for p in (ROOT / "forecasting").glob("*.py")} - {"__init__", "grid", "errors"}
    modules |= {p.parent.name for p in (ROOT / "forecasting").glob("*/__init__.py")}
    contract = contracts()["The scheduler knows nothing of forecasting but its grid and its errors"]
    assert {f"forecasting.{name}" for name in modules} == set(contract["forbidden_modules"])
