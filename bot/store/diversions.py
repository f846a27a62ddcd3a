"""Which queues are diverted, and whether the system outside knows it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from bot.core.diversions import AGAIN_AFTER, TRIES, Diversion
from bot.core.ids import QueueId
from bot.store.bulk import insert_new
from bot.store.tables import DiversionRow

__all__ = ["Diversions"]


class Diversions:
    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> list[Diversion]:
        query = select(DiversionRow).order_by(DiversionRow.queue)
        return [_diversion(row) for row in self._session.scalars(query)]

    def get(self, queue: QueueId) -> Diversion | None:
        row = self._session.get(DiversionRow, queue, populate_existing=True)
        return None if row is None else _diversion(row)

    def switch(self, queue: QueueId, on: bool, *, by: str, now: datetime) -> None:
        """To be told anew, whatever was told before."""
        new = {"queue": queue, "diverted": on, "changed_at": now, "changed_by": by, "tries": 0}
        if insert_new(self._session, DiversionRow, [new], keys=("queue",), returning="queue"):
            return
        self._session.execute(
            update(DiversionRow)
            .where(DiversionRow.queue == queue)
            .values(diverted=on, changed_at=now, changed_by=by, tries=0, told_at=None, tried_at=None)
        )

    def untold(self, now: datetime) -> bool:
        """Whether there is one to claim."""
        return self._session.scalar(select(DiversionRow.queue).where(*_due(now)).limit(1)) is not None

    def claim(self, now: datetime) -> Diversion | None:
        """One that is due to be told, for this caller alone until `AGAIN_AFTER`; None where none is."""
        due = _due(now)
        queue = self._session.scalar(select(DiversionRow.queue).where(*due).limit(1))
        claimed = self._session.execute(
            update(DiversionRow)
            .where(DiversionRow.queue == queue, *due)
            .values(tried_at=now, tries=DiversionRow.tries + 1)
            .returning(DiversionRow.queue)
        ).all()
        return self.get(QueueId(claimed[0][0])) if claimed else None

    def told(self, held: Diversion, now: datetime) -> bool:
        """False where somebody has switched it since."""
        done = self._session.execute(
            update(DiversionRow)
            .where(DiversionRow.queue == held.queue, DiversionRow.changed_at == held.changed_at)
            .values(told_at=now)
            .returning(DiversionRow.queue)
        )
        return len(done.all()) == 1


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        DiversionRow.told_at.is_(None),
        DiversionRow.tries < TRIES,
        or_(DiversionRow.tried_at.is_(None), DiversionRow.tried_at <= now - AGAIN_AFTER),
    )


def _diversion(row: DiversionRow) -> Diversion:
    return Diversion(
        queue=QueueId(row.queue),
        on=row.diverted,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        told_at=row.told_at,
        tries=row.tries,
    )
