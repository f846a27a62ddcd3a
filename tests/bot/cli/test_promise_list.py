"""`muster promise list`: what is owed, without what was promised in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.context import CliContext
from bot.cli.main import cli
from bot.core.ids import AgentId, ContactRef
from bot.core.promises import PromiseKind, PromiseState
from bot.store.engine import make_engine
from bot.store.schema import check_current
from bot.store.unit_of_work import Store
from tests.support.builders import agent, at, contact

CONFIG = Path(__file__).parents[3] / "app.yaml"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database in which bo owes a call by six and a broken follow-up."""
    url = f"sqlite:///{tmp_path / 'muster.db'}"
    store = Store(make_engine(url))
    check_current(store.engine)
    with store.unit() as uow:
        uow.people.upsert(agent("bo"))
        uow.contacts.save([contact()])
        for kind, state, due_at in (
            (PromiseKind.CALL_BACK, PromiseState.OPEN, at(18)),
            (PromiseKind.FOLLOW_UP, PromiseState.BROKEN, at(12)),
        ):
            uow.promises.add(
                ref=ContactRef("GD20261124001"),
                kind=kind,
                owner=AgentId("bo"),
                due_at=due_at,
                made_at=at(10),
                made_by="bo",
                remind_at=None,
                next_check_at=None,
                note="物流核实",
                state=state,
            )
        uow.commit()
    store.close()
    return url


def listed(url: str, *words: str) -> str:
    context = CliContext(environ={"MUSTER_DATABASE_URL": url, "MUSTER_CONFIG": str(CONFIG)})
    result = CliRunner().invoke(cli, [*words], obj=context)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_broken_one_stands_first(url: str) -> None:
    lines = listed(url, "promise", "list").splitlines()
    assert lines[0].split() == ["No.", "case", "kind", "owner", "due", "state"]
    assert "follow-up" in lines[1]
    assert "broken" in lines[1]
    assert "Tue 24 Nov, 18:00" in lines[2]
    assert "回电" in listed(url, "--lang", "zh", "promise", "list")


def test_as_json_without_the_words(url: str) -> None:
    text = listed(url, "promise", "list", "--json")
    assert "物流" not in text
    rows = json.loads(text)
    assert [(r["case"], r["kind"], r["state"]) for r in rows] == [
        ("GD20261124001", "follow_up", "broken"),
        ("GD20261124001", "call_back", "open"),
    ]


def test_nothing_owed_is_said(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    check_current(make_engine(url))
    assert "No promise is owed." in listed(url, "promise", "list")
    assert json.loads(listed(url, "promise", "list", "--json")) == []
