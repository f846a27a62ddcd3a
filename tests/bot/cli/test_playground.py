"""`muster playground` as a command: starts from what is planned, alone in its folder, and ends cleanly."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.core.people import Role
from bot.demo import line
from bot.demo.line import Days
from bot.demo.prepared import Folder, days_before
from bot.store.engine import make_engine
from bot.store.schema import check_current
from bot.store.unit_of_work import Store
from tests.stories.service import DAY, publish
from tests.support.builders import agent, at

ROOT = Path(__file__).parents[3]


@pytest.fixture
def planned(tmp_path: Path) -> Folder:
    """A folder as the first start leaves it, with a small roster."""
    place = Folder(path=tmp_path / "there")
    place.claim().close()
    shutil.copyfile(ROOT / "bot/demo/harbour.yaml", place.config)
    store = Store(make_engine(f"sqlite:///{place.database}"))
    check_current(store.engine)
    with store.unit() as uow:
        uow.people.upsert(agent("lin", role=Role.LEAD))
        uow.people.upsert(agent("an"))
        uow.commit()
    publish(store, [("lin", at(9), at(18)), ("an", at(9), at(18))])
    store.close()
    place.keep(Days(replay=DAY))
    return place


def command(*arguments: str, folder: Path) -> list[str]:
    return [sys.executable, "-m", "bot.cli.main", "playground", "--dir", str(folder), *arguments]


def environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def attempt(*arguments: str, folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments, folder=folder),
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
        env=environment(home),
    )


@pytest.fixture
def running(planned: Folder, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        command(folder=planned.path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(tmp_path),
    )
    assert process.stdout is not None
    try:
        said = []
        for text in process.stdout:
            said.append(text)
            if "http://127.0.0.1:" in text:
                break
        else:
            raise AssertionError("".join(said))
        yield process, said[-1].split()[-1]
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(timeout=60)
        process.stdout.close()


@pytest.mark.timeout(400)
def test_a_planned_folder_opens_at_once_and_ctrl_c_ends_everything(
    running: tuple[subprocess.Popen[str], str], planned: Folder, tmp_path: Path
) -> None:
    process, address = running
    assert process.stdout is not None
    with urllib.request.urlopen(address, timeout=60) as answer:
        assert "page.js" in answer.read().decode()

    second = attempt(folder=planned.path, home=tmp_path)
    assert second.returncode == 1
    assert "already; nothing was started" in second.stderr

    process.send_signal(signal.SIGINT)
    last = process.stdout.read()
    assert process.wait(timeout=60) == 0
    assert "Ended; nothing keeps running" in last
    assert "Traceback" not in last
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(address, timeout=60)


def test_a_port_in_use_is_named_and_nothing_keeps_running(planned: Folder, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = attempt("--port", port, folder=planned.path, home=tmp_path)
    assert done.returncode == 1
    assert f"Port {port} of 127.0.0.1 is in use; nothing was started" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "team"
    folder.mkdir()
    (folder / "app.yaml").write_text("version: 1\n")
    done = attempt(folder=folder, home=tmp_path)
    assert done.returncode == 1
    assert "nothing was written" in done.stderr
    assert [file.name for file in folder.iterdir()] == ["app.yaml"]


def test_every_start_begins_with_what_was_planned(planned: Folder) -> None:
    held = planned.claim()
    assert planned.planned() == Days(replay=DAY)
    planned.begin_anew()
    store = Store(make_engine(f"sqlite:///{planned.database}"))
    with store.unit() as uow:
        uow.people.upsert(agent("bo"))
        uow.commit()
    store.close()
    planned.begin_anew()
    store = Store(make_engine(f"sqlite:///{planned.database}"))
    with store.read() as uow:
        assert sorted(a.agent for a in uow.people.all()) == ["an", "lin"]
    store.close()
    held.close()


@pytest.mark.parametrize("spoilt", ["{", '{"day": "2026-11-24"}', '{"day": "x", "schema": "HEAD"}'])
def test_a_plan_this_version_cannot_use_is_made_again(planned: Folder, spoilt: str) -> None:
    (planned.path / "planned.json").write_text(spoilt)
    assert planned.planned() is None


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 11, 24, 2, tzinfo=UTC), date(2026, 11, 24)),  # a Tuesday
        (datetime(2026, 11, 23, 2, tzinfo=UTC), date(2026, 11, 17)),
        (datetime(2026, 11, 29, 2, tzinfo=UTC), date(2026, 11, 24)),
        (datetime(2026, 11, 23, 17, tzinfo=UTC), date(2026, 11, 24)),  # Tuesday already in Shanghai
        (datetime(2027, 2, 10, 2, tzinfo=UTC), date(2027, 2, 2)),  # the ninth is a holiday
    ],
)
def test_the_day_is_the_latest_working_tuesday(now: datetime, day: date) -> None:
    calendar = line.example_settings(now.date()).calendars["harbour-hours"]
    assert days_before(now, calendar) == Days(replay=day)
