"""Declared exception windows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.core.exception_windows import ExceptionWindow
from bot.core.ids import QueueId, TeamId, WindowId
from bot.store.tables import ExceptionWindowRow


class ExceptionWindows:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        *,
        team: TeamId,
        queue: QueueId | None,
        reason: str,
        starts_at: datetime,
        ends_at: datetime,
        by: str,
        now: datetime,
    ) -> ExceptionWindow:
        row = ExceptionWindowRow(
            team=team,
            queue=queue,
            reason=reason,
            starts_at=starts_at,
            ends_at=ends_at,
            declared_by=by,
            declared_at=now,
        )
        self._session.add(row)
        self._session.flush()
        return _window(row)

    def get(self, window: WindowId) -> ExceptionWindow | None:
        row = self._session.get(ExceptionWindowRow, window, populate_existing=True)
        return None if row is None else _window(row)

    def between(
        self, start: datetime, end: datetime, teams: Collection[TeamId] | None = None
    ) -> list[ExceptionWindow]:
        """Windows that share time with [start, end), the earliest first."""
        query = (
            select(ExceptionWindowRow)
            .where(ExceptionWindowRow.starts_at < end, ExceptionWindowRow.ends_at > start)
            .order_by(ExceptionWindowRow.starts_at, ExceptionWindowRow.id)
        )
        if teams is not None:
            query = query.where(ExceptionWindowRow.team.in_(sorted(teams)))
        return [_window(row) for row in self._session.scalars(query)]

    def move_end(self, window: WindowId, until: datetime) -> bool:
        """Let a window end at another time; False for an unknown one."""
        moved = self._session.scalars(
            update(ExceptionWindowRow)
            .where(ExceptionWindowRow.id == window)
            .values(ends_at=until)
            .returning(ExceptionWindowRow.id),
            execution_options={"synchronize_session": False},
        )
        return moved.one_or_none() is not None

    def end(self, window: WindowId, now: datetime) -> bool:
        """End a window early; False where it is over or unknown."""
        ended = self._session.scalars(
            update(ExceptionWindowRow)
            .where(ExceptionWindowRow.id == window, ExceptionWindowRow.ends_at > now)
            .values(ends_at=now)
            .returning(ExceptionWindowRow.id),
            execution_options={"synchronize_session": False},
        )
        return ended.one_or_none() is not None


def _window(row: ExceptionWindowRow) -> ExceptionWindow:
    return ExceptionWindow(
        window=WindowId(row.id),
        team=TeamId(row.team),
        queue=None if row.queue is None else QueueId(row.queue),
        reason=row.reason,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        declared_by=row.declared_by,
        declared_at=row.declared_at,
    )
