"""Slots of the timetable: whoever takes one runs it, and nobody takes it twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from bot.store.bulk import insert_new
from bot.store.tables import JobSlotRow


class JobSlots:
    def __init__(self, session: Session) -> None:
        self._session = session

    def take(self, job: str, slot: str, now: datetime) -> bool:
        """True for one caller per (job, slot), whatever the number of replicas; kept by the commit."""
        return bool(
            insert_new(
                self._session,
                JobSlotRow,
                [{"job": job, "slot": slot, "taken_at": now}],
                keys=("job", "slot"),
                returning="slot",
            )
        )

    def hold(self, job: str, slot: str, now: datetime) -> None:
        """Wait for one's turn with a slot; it is one's own until the end of the unit."""
        self.take(job, slot, now)
        self._session.execute(
            update(JobSlotRow).where(JobSlotRow.job == job, JobSlotRow.slot == slot).values(taken_at=now)
        )

    def taken(self, job: str, slot: str) -> bool:
        """Whether somebody has taken a slot already; only `take` decides who runs it."""
        return self._session.get(JobSlotRow, (job, slot)) is not None

    def give_back(self, job: str, slot: str) -> None:
        """Free a slot whose job failed, so that it is run again."""
        self._session.execute(delete(JobSlotRow).where(JobSlotRow.job == job, JobSlotRow.slot == slot))

    def forget(self, before: datetime) -> int:
        """Delete slots taken before an instant; returns how many."""
        gone = self._session.execute(
            delete(JobSlotRow).where(JobSlotRow.taken_at < before).returning(JobSlotRow.slot)
        )
        return len(gone.all())
