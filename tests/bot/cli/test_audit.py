"""PS10: `muster audit` shows who did what, to those who may see it, and notes who may not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import CliContext
from bot.cli.main import cli
from bot.core.people import Role
from bot.store.engine import make_engine
from bot.store.schema import upgrade
from bot.store.unit_of_work import Store
from tests.support.builders import agent, at

ROOT = Path(__file__).parents[3]
NOW = at(12)

Muster = Callable[..., Result]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    engine = make_engine(f"sqlite:///{tmp_path / 'muster.db'}")
    upgrade(engine)
    made = Store(engine)
    with made.unit() as uow:
        uow.people.upsert(agent("bo"))
        uow.people.upsert(agent("pat", role=Role.ADMIN))
        uow.audit.add(
            "bo", "alert_acknowledged", "alert:17", {"ref": "GD20261124001"}, NOW - timedelta(days=9)
        )
        uow.audit.add(
            "lin", "exception_declared", "exception:3", {"reason": "outage"}, NOW - timedelta(hours=1)
        )
        uow.commit()
    return made


@pytest.fixture
def muster(store: Store, tmp_path: Path) -> Muster:
    shutil.copy(ROOT / "app.yaml", tmp_path / "app.yaml")

    def run(*args: str, operator: str | None = None) -> Result:
        environ = {"MUSTER_DATABASE_URL": store.engine.url.render_as_string(hide_password=False)}
        if operator is not None:
            environ["MUSTER_OPERATOR"] = operator
        context = CliContext(config=tmp_path / "app.yaml", environ=environ, clock=lambda: NOW)
        return CliRunner().invoke(cli, ["audit", *args], obj=context)

    return run


def test_newest_first_with_who_what_and_when(muster: Muster) -> None:
    first, second = muster().output.splitlines()
    assert first == "Tue 24 Nov 2026 11:00:00  lin  exception_declared  exception:3  reason=outage"
    assert second.startswith("Sun 15 Nov 2026 12:00:00  bo  alert_acknowledged  alert:17")


@pytest.mark.parametrize(
    ("options", "subjects"),
    [
        (("--since", "7d"), ["exception:3"]),
        (("--since", "2026-11-24"), ["exception:3"]),
        (("--since", "2026-11-15"), ["exception:3", "alert:17"]),
        (("--subject", "GD20261124001"), ["alert:17"]),
        (("--subject", "17"), ["alert:17"]),
        (("--subject", "alert:17"), ["alert:17"]),
        (("--subject", "GD2026112400"), []),
        (("--by", "lin"), ["exception:3"]),
        (("--limit", "1"), ["exception:3"]),
    ],
)
def test_what_is_asked_for(muster: Muster, options: tuple[str, ...], subjects: list[str]) -> None:
    told = json.loads(muster(*options, "--json").stdout)
    assert [entry["subject"] for entry in told] == subjects


def test_a_time_that_is_none_is_refused(muster: Muster) -> None:
    result = muster("--since", "yesterdayish")
    assert result.exit_code == 1
    assert "'yesterdayish' is no day and no length of time" in result.output


def test_only_admins_read_it_and_an_attempt_is_noted(muster: Muster) -> None:
    refused = muster(operator="bo@harbour.example")
    assert refused.exit_code == 1
    assert "Only admins may do that" in refused.output
    assert "exception" not in refused.output
    for admin in ("ada@harbour.example", "pat@harbour.example"):
        shown = muster("--since", "1h", operator=admin)
        assert "bo@harbour.example  refused  audit.read  kind=role_too_low" in shown.output
