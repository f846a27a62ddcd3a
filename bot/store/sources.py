"""Systems that tell Muster something, and when each was last heard."""

from __future__ import annotations

from collections.abc import Mapping
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
        """Note sources and the latest time each spoke of, in one statement for a batch.

        Call it last in a unit: writers lock the rows of their contacts first, everywhere, and so never
        wait for each other in a circle.
        """
        if not spoken:
            return
        query = select(SourceRow.name, SourceRow.last_event_at, SourceRow.heard_at).where(
            SourceRow.name.in_(sorted(spoken))
        )
        held = {row.name: row for row in self._session.execute(query)}
        writes = []
        for name, at in sorted(spoken.items()):
            row = held.get(name)
            if row is None:
                writes.append({"name": name, "last_event_at": at, "heard_at": now})
                continue
            latest = max((t for t in (row.last_event_at, at) if t is not None), default=None)
            older = row.last_event_at
            fresh = latest is not None and (older is None or latest - older >= RESOLUTION)
            if fresh or now - row.heard_at >= RESOLUTION:
                heard_at = max(now, row.heard_at)
                writes.append({"name": name, "last_event_at": latest, "heard_at": heard_at})
        upsert(self._session, SourceRow, writes, keys=("name",))

    def get(self, name: str) -> Source | None:
        row = self._session.execute(select(SourceRow).where(SourceRow.name == name)).scalar()
        return None if row is None else _source(row)

    def all(self) -> list[Source]:
        """Every source that ever spoke, by name."""
        return [_source(row) for row in self._session.scalars(select(SourceRow).order_by(SourceRow.name))]


def _source(row: SourceRow) -> Source:
    return Source(name=row.name, last_event_at=row.last_event_at, heard_at=row.heard_at)
