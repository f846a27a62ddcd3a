"""Harbour's database as it is planned once and copied for every start of the playground."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from bot.core.calendar import BusinessCalendar, is_working_day, open_periods
from bot.core.errors import RefusedError
from bot.demo.line import Days
from bot.store.schema import HEAD

MARK: Final = ".muster-playground"
_PLANNED: Final = "planned.db"
_TUESDAY: Final = 1
_DAY: Final = timedelta(days=1)


def days_before(now: datetime, calendar: BusinessCalendar) -> Days:
    """The latest Tuesday that is a working day: most of its week is still to be swapped and planned."""
    day = Days.before(now, calendar).replay
    while day.weekday() != _TUESDAY or not (is_working_day(calendar, day) and open_periods(calendar, day)):
        day -= _DAY
    return Days(replay=day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Where a playground lives: its files, the planned database, and the one in use."""

    path: Path

    @property
    def database(self) -> Path:
        return self.path / "muster.db"

    @property
    def config(self) -> Path:
        return self.path / "app.yaml"

    def claim(self) -> sqlite3.Connection:
        """Make the folder a playground's and hold it until the answer is closed.

        Raises RefusedError where it holds files that are not a playground's, and where a playground runs in
        it already; then nothing was written.
        """
        there = [file for file in (self.config, self.database) if file.exists()]
        if there and not (self.path / MARK).exists():
            raise RefusedError(
                "playground_folder",
                f"{there[0]} is there already and is no playground's; nothing was written. "
                "Choose another folder with --dir.",
                file=there[0],
            )
        self.path.mkdir(parents=True, exist_ok=True)
        held = sqlite3.connect(self.path / MARK, timeout=0, isolation_level=None)
        try:
            held.execute("begin exclusive")
        except sqlite3.OperationalError:
            held.close()
            raise RefusedError(
                "playground_runs",
                f"a playground runs in {self.path} already; nothing was started. "
                "Use its page, end it, or choose another folder with --dir.",
                folder=self.path,
            ) from None
        return held

    def planned(self) -> Days | None:
        """The days of the planned database; None where there is none that this version can use."""
        try:
            known = json.loads((self.path / "planned.json").read_text(encoding="utf-8"))
            if known["schema"] != HEAD or not (self.path / _PLANNED).exists() or not self.config.exists():
                return None
            return Days(replay=date.fromisoformat(known["day"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, days: Days) -> None:
        """What stands in the database is what every start begins with."""
        _copy(self.database, self.path / _PLANNED)
        known = {"day": days.replay.isoformat(), "schema": HEAD}
        (self.path / "planned.json").write_text(json.dumps(known), encoding="utf-8")

    def begin_anew(self) -> None:
        """The database in use is the planned one again: a stand-in for Slack remembers nothing either."""
        self.clear()
        _copy(self.path / _PLANNED, self.database)

    def clear(self) -> None:
        """Remove the database in use."""
        for name in ("muster.db", "muster.db-wal", "muster.db-shm"):
            (self.path / name).unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    """A whole copy, whatever is still in the write-ahead log."""
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written)
