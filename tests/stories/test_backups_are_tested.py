"""P14: a backup is made while the service works, tested by being restored, and the last good one survives."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import CliContext
from bot.cli.main import cli
from bot.core.ids import ContactRef
from bot.store.engine import make_engine
from bot.store.schema import upgrade
from bot.store.unit_of_work import Store
from tests.stories.service import Service, Setting, running
from tests.support.builders import at

ROOT = Path(__file__).parents[2]
Muster = Callable[..., Result]

LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
from bot.cli.main import main
sys.argv = ["muster", *sys.argv[1:]]
main()
"""
"""A disk on which no file grows past 20 kB."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "app.yaml", tmp_path / "app.yaml")
    database = tmp_path / "muster.db"
    engine = make_engine(f"sqlite:///{database}")
    upgrade(engine)
    engine.dispose()
    return database


@pytest.fixture
def service(file: Path, tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path, Setting(start=at(10), database_url=f"sqlite:///{file}")) as started:
        started.opened("GD20261124001", at(10))
        yield started


@pytest.fixture
def muster(file: Path) -> Muster:
    def run(*args: str, url: str | None = None, hour: int = 12) -> Result:
        context = CliContext(
            config=file.parent / "app.yaml",
            lang="en",
            environ={"MUSTER_DATABASE_URL": url or f"sqlite:///{file}"},
            clock=lambda: at(hour),
        )
        return CliRunner().invoke(cli, args, obj=context)

    return run


def holds(file: Path, ref: str) -> bool:
    store = Store(make_engine(f"sqlite:///{file}"))
    with store.read() as uow:
        found = uow.contacts.get(ContactRef(ref)) is not None
    store.close()
    return found


def test_made_while_the_service_works_and_tested(service: Service, muster: Muster, file: Path) -> None:
    done = muster("backup")
    assert done.exit_code == 0, done.output
    assert "was restored to try it" in done.output
    assert "3 agents, 1 cases" in done.output
    (made,) = (file.parent / "backups").iterdir()
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert holds(made, "GD20261124001")
    # The service goes on, and a later case is not in it.
    service.opened("GD20261124002", at(10))
    assert holds(file, "GD20261124002")
    checked = muster("restore", "--check")
    assert checked.exit_code == 0, checked.output
    assert "3 agents, 1 cases" in checked.output
    assert holds(file, "GD20261124002"), "a check changes nothing"


def test_restored_and_what_was_there_is_kept(file: Path, tmp_path: Path, muster: Muster) -> None:
    with running(tmp_path, Setting(start=at(10), database_url=f"sqlite:///{file}")) as service:
        service.opened("GD20261124001", at(10))
        muster("backup")
        service.opened("GD20261124002", at(10))
    (made,) = (file.parent / "backups").glob("muster-*.db")
    done = muster("restore", str(made), hour=13)
    assert done.exit_code == 0, done.output
    assert holds(file, "GD20261124001")
    assert not holds(file, "GD20261124002")
    (kept,) = (file.parent / "backups").glob("before-restore-*.db")
    assert kept.name in done.output
    assert holds(kept, "GD20261124002")
    store = Store(make_engine(f"sqlite:///{file}"))
    with store.read() as uow:
        assert [e.action for e in uow.audit.entries(subject="database")] == ["database.restored"]
    store.close()


def test_a_database_that_cannot_be_read_any_more_is_put_aside(file: Path, muster: Muster) -> None:
    assert muster("backup").exit_code == 0
    (made,) = (file.parent / "backups").iterdir()
    file.write_bytes(b"not a database any more" * 400)
    done = muster("restore", str(made))
    assert done.exit_code == 0, done.output
    assert muster("db", "check").exit_code == 0
    (kept,) = (file.parent / "backups").glob("before-restore-*.db")
    assert kept.read_bytes().startswith(b"not a database")


def test_a_full_disk_leaves_the_last_good_one_and_says_so(file: Path, muster: Muster) -> None:
    assert muster("backup").exit_code == 0
    (good,) = (file.parent / "backups").iterdir()
    before = good.read_bytes()
    tried = subprocess.run(
        [sys.executable, "-c", LIMITED, "--lang", "en", "--config", str(file.parent / "app.yaml"), "backup"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "MUSTER_DATABASE_URL": f"sqlite:///{file}"},
    )
    assert tried.returncode != 0
    assert "could not be written" in tried.stderr
    assert f"The last good one is kept: {good.name}" in tried.stderr
    assert [p.name for p in (file.parent / "backups").iterdir()] == [good.name]
    assert good.read_bytes() == before


def test_a_damaged_one_is_never_put_in_place(file: Path, muster: Muster) -> None:
    assert muster("backup").exit_code == 0
    (made,) = (file.parent / "backups").iterdir()
    whole = made.read_bytes()
    for broken in (whole[: len(whole) // 2], whole[:4096] + b"\xff" * 8192 + whole[12288:], b"no database"):
        made.write_bytes(broken)
        before = file.read_bytes()
        for args in (("restore", "--check", str(made)), ("restore", str(made))):
            refused = muster(*args)
            assert refused.exit_code == 1, refused.output
            assert "damaged" in refused.output
        assert file.read_bytes() == before


def test_old_ones_go_once_a_new_one_is_good(file: Path, muster: Muster) -> None:
    for hour in (12, 13, 14):
        assert muster("backup", "--keep", "2", hour=hour).exit_code == 0
    names = sorted(p.name for p in (file.parent / "backups").iterdir())
    assert names == ["muster-20261124-050000.db", "muster-20261124-060000.db"]


def test_postgresql_is_told_its_own_tools_and_nothing_is_tested_where_nothing_is(muster: Muster) -> None:
    refused = muster("backup", url="postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert refused.exit_code == 1
    assert "pg_dump" in refused.output
    assert "First: muster backup" in muster("restore", "--check").output
    assert "say which backup" in muster("restore").output
