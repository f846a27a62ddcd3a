"""PS8, CR22: `muster purge` says what goes, how old and by which rule, before it goes."""

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
from bot.core.contacts import Contact, ContactStatus, ContactType
from bot.core.ids import ContactRef
from bot.core.records import ContactRecord
from bot.store.engine import make_engine
from bot.store.schema import upgrade
from bot.store.unit_of_work import Store
from tests.support.builders import agent, at, contact

ROOT = Path(__file__).parents[3]
NOW = at(12)
DAY = timedelta(days=1)

Muster = Callable[..., Result]


def solved(ref: str, days: int) -> Contact:
    end = NOW - days * DAY
    return contact(ContactRef(ref), opened_at=end - DAY, status=ContactStatus.SOLVED, resolved_at=end)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    engine = make_engine(f"sqlite:///{tmp_path / 'muster.db'}")
    upgrade(engine)
    made = Store(engine)
    with made.unit() as uow:
        uow.people.upsert(agent("bo"))
        uow.contacts.save([solved("GD1", 800), solved("GD2", 740), solved("GD3", 10)])
        uow.commit()
    return made


@pytest.fixture
def muster(store: Store, tmp_path: Path) -> Muster:
    shutil.copy(ROOT / "app.yaml", tmp_path / "app.yaml")

    def run(*args: str, operator: str | None = None, lang: str = "en") -> Result:
        environ = {"MUSTER_DATABASE_URL": store.engine.url.render_as_string(hide_password=False)}
        if operator is not None:
            environ["MUSTER_OPERATOR"] = operator
        context = CliContext(config=tmp_path / "app.yaml", lang=lang, environ=environ, clock=lambda: NOW)
        return CliRunner().invoke(cli, ["purge", *args], obj=context)

    return run


def cases(store: Store) -> set[str]:
    with store.read() as uow:
        return {ref for ref in ("GD1", "GD2", "GD3") if uow.contacts.get(ContactRef(ref)) is not None}


def test_what_would_go_is_shown_and_nothing_is_changed(muster: Muster, store: Store) -> None:
    result = muster("--dry-run")
    assert result.exit_code == 0, result.output
    first = result.output.splitlines()[0]
    assert first.startswith("contacts: 2 rows, the oldest of Sun 15 Sep 2024")
    assert first.endswith("by retention.contacts (730d), before Sun 24 Nov 2024")
    assert "Nothing was changed" in result.output
    assert "没有做任何更改" in muster("--dry-run", lang="zh-Hans").output
    assert cases(store) == {"GD1", "GD2", "GD3"}


def test_then_it_goes_and_stands_on_record(muster: Muster, store: Store) -> None:
    assert "2 rows were cleared." in muster(operator="ada@harbour.example").output
    assert cases(store) == {"GD3"}
    assert "Nothing is past its time." in muster().output
    with store.read() as uow:
        (entry,) = uow.audit.entries()
    assert (entry.actor, entry.action, entry.detail) == ("ada@harbour.example", "pruned", {"contacts": 2})


def test_more_than_the_rules_say(muster: Muster, store: Store) -> None:
    planned = json.loads(muster("--before", "5d", "--dry-run", "--json").stdout)
    (rule,) = [one for one in planned["rules"] if one["rule"] == "retention.contacts"]
    assert [table["rows"] for table in rule["tables"] if table["table"] == "contacts"] == [3]
    assert muster("--before", "2026-11-20").exit_code == 0
    assert cases(store) == set()
    future = muster("--before", "2027-01-01")
    assert future.exit_code == 1
    assert "lies in the future; nothing was deleted" in future.output


def test_one_case(muster: Muster, store: Store) -> None:
    shown = muster("--contact", "GD3", "--dry-run")
    assert "1 case would be erased: GD3" in shown.output
    assert cases(store) == {"GD1", "GD2", "GD3"}
    assert "1 case was erased" in muster("--contact", "GD3").output
    assert cases(store) == {"GD1", "GD2"}
    again = muster("--contact", "GD3")
    assert (again.exit_code, "Nothing is kept of case GD3" in again.output) == (1, True)
    assert muster("--customer", "C202405001").exit_code == 1
    assert muster("--contact", "GD1", "--before", "5d").exit_code == 2
    assert muster("--contact", "GD1", "--customer", "C1").exit_code == 1


def test_cases_that_may_be_one_are_shown(muster: Muster, store: Store) -> None:
    assert "No two cases" in muster("--duplicates").output
    with store.unit() as uow:
        later = {"D1": 30, "D2": 10, "D3": 1, "D4": 900}
        uow.contacts.save(
            [contact(ContactRef(ref), opened_at=NOW - timedelta(hours=h)) for ref, h in later.items()]
        )
        for ref in later:
            uow.records.save(
                ContactRecord(
                    ref=ContactRef(ref), recorded_by="bo", recorded_at=NOW, complete=True,
                    type=ContactType.CONSULT, customer_no="C2" if ref == "D3" else "C1",
                )
            )  # fmt: skip
        uow.commit()
    shown = muster("--duplicates").output
    assert shown.startswith("D1, D2: one customer,")
    assert "D3" not in shown
    assert "D4" not in shown
    assert json.loads(muster("--duplicates", "--json").stdout) == [{"cases": ["D1", "D2"], "type": "consult"}]


def test_only_admins(muster: Muster, store: Store) -> None:
    result = muster(operator="bo@harbour.example")
    assert result.exit_code == 1
    assert "Only admins may do that" in result.output
    assert cases(store) == {"GD1", "GD2", "GD3"}
