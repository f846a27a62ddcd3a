"""K12: `muster slack forget` takes Slack's ids out of the database, and nothing else."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import CliContext
from bot.cli.main import cli
from bot.core.ids import AgentId
from bot.store.engine import make_engine
from bot.store.schema import upgrade
from bot.store.unit_of_work import Store
from tests.stories.service import Setting, running
from tests.support.builders import at

ROOT = Path(__file__).parents[2]
SLACK_ID = re.compile(r"'[UWCD]0000\d{4,}'|\"[UWCD]0000\d{4,}\"|[UWCD]0000\d{4,}|Ev0000\d+")


def dump(file: Path) -> str:
    with closing(sqlite3.connect(file)) as database:
        return "\n".join(line for line in database.iterdump() if line.startswith("INSERT"))


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """The database of a team that worked with Slack: ada, who is on no roster, took an alert there."""
    file = tmp_path / "muster.db"
    engine = make_engine(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()
    setting = Setting(start=at(10), shifts=[("lin", at(8), at(17))], database_url=f"sqlite:///{file}")
    with running(tmp_path, setting) as service:
        service.opened("GD20261124017", at(10))
        service.forward_to(at(10, 10, 5))
        (post,) = service.wait(service.posts, "the alert")
        assert service.slack.user("ada").press(post, "alert.acknowledge").ok
        service.wait(lambda: "ada" in service.slack.render(post, "lin"), "it is taken")
        service.slack.user("bo").say(None, "hello").answer()
    return file


def muster(file: Path, *args: str) -> Result:
    shutil.copy(ROOT / "app.yaml", file.parent / "app.yaml")
    context = CliContext(
        config=file.parent / "app.yaml",
        lang="en",
        environ={"MUSTER_DATABASE_URL": f"sqlite:///{file}"},
        clock=lambda: at(12),
    )
    return CliRunner().invoke(cli, ["slack", *args], obj=context)


def test_ids_go_and_everything_else_stays(left: Path) -> None:
    before = dump(left)
    assert SLACK_ID.search(before)
    tried = muster(left, "forget", "--dry-run")
    assert tried.exit_code == 0, tried.output
    assert "agents: 3 rows" in tried.output
    assert "Nothing was changed" in tried.output
    assert dump(left) == before
    done = muster(left, "forget")
    assert done.exit_code == 0, done.output
    assert "Slack's ids are gone" in done.output
    assert "SLACK_BOT_TOKEN" in done.output
    after = dump(left)
    assert SLACK_ID.findall(after) == []
    store = Store(make_engine(f"sqlite:///{left}"))
    with store.read() as uow:
        assert {a.agent for a in uow.people.all()} == {"lin", "bo", "chen"}
        assert uow.people.get(AgentId("bo")).email == "bo@harbour.example"  # type: ignore[union-attr]
        assert uow.contacts.get("GD20261124017") is not None  # type: ignore[arg-type]
        assert uow.rosters.on_shift(at(10)) != []
    assert "forgotten" in after
    assert "slack.forgotten" in after
    assert "No id of Slack's is stored" in muster(left, "forget").output


def test_only_an_admin_may(left: Path) -> None:
    shutil.copy(ROOT / "app.yaml", left.parent / "app.yaml")
    before = dump(left)
    context = CliContext(
        config=left.parent / "app.yaml",
        lang="en",
        environ={"MUSTER_DATABASE_URL": f"sqlite:///{left}", "MUSTER_OPERATOR": "bo@harbour.example"},
        clock=lambda: at(12),
    )
    refused = CliRunner().invoke(cli, ["slack", "forget"], obj=context)
    assert refused.exit_code != 0
    lines = [line for line in dump(left).splitlines() if 'INTO "audit"' not in line]
    assert lines == [line for line in before.splitlines() if 'INTO "audit"' not in line]
