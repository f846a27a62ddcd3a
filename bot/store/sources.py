"""Systems that tell Muster something, and when each was last heard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.bulk import upsert
from bot.store.tables import SourceRow

RESOLUTION = timedelta(seconds=1)
"""Times are kept to this: a busy source does not make its writers wait for one row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """``last_event_at``: the latest own time it spoke of; ``heard_at``: when it last spoke, by our clock.

    Both are exact to one second.
    """

    name: str
    last_event_at: datetime | None
    heard_at: datetime


class Sources:
    def __init__(self, session: Session) -> None:
        self._session = session

    def heard(self, name: str, at: datetime | None, now: datetime) -> None:
        """Note that a source has spoken, of the time ``at`` (None: of none)."""
        self.heard_all({name: at}, now)

    def heard_all(self, spoken: Mapping[str, datetime | None], now: datetime) -> None:
        """Note sources and the latest time each spoke of, once for a batch.

        Call it last in a unit: writers lock the rows of their contacts first, everywhere, and so never
        wait for each other in a circle.
        """
        if not spoken:
            return
        held = self._held(spoken)
        due = {name: at for name, at in spoken.items() if _news(held.get(name), at, now)}
        if not due:
            return
        # Again, and locked: another writer may just have noted a later time.
        held = self._held(due, locked=True)
        rows = []
        for name, at in sorted(due.items()):
            before = held.get(name)
            known = None if before is None else before.last_event_at
            times = [t for t in (known, at) if t is not None]
            heard_at = now if before is None else max(now, before.heard_at)
            rows.append({"name": name, "last_event_at": max(times, default=None), "heard_at": heard_at})
        upsert(self._session, SourceRow, rows, keys=("name",))

    def _held(self, names: Iterable[str], *, locked: bool = False) -> dict[str, Source]:
        query = select(SourceRow).where(SourceRow.name.in_(sorted(names))).order_by(SourceRow.name)
        if locked:
            query = query.with_for_update()
        rows = self._session.scalars(query.execution_options(populate_existing=True))
        return {row.name: _source(row) for row in rows}

    def get(self, name: str) -> Source | None:
        return self._held([name]).get(name)

    def all(self) -> list[Source]:
        """Every source that ever spoke, by name."""
        query = select(SourceRow).order_by(SourceRow.name).execution_options(populate_existing=True)
        return [_source(row) for row in self._session.scalars(query)]


def _news(held: Source | None, at: datetime | None, now: datetime) -> bool:
    """Whether there is more to note than the resolution hides."""
    if held is None or now - held.heard_at >= RESOLUTION:
        return True
    older = held.last_event_at
    return at is not None and (older is None or at - older >= RESOLUTION)


def _source(row: SourceRow) -> Source:
    return Source(name=row.name, last_event_at=row.last_event_at, heard_at=row.heard_at)
