"""Runs: long computations whose progress and stop request travel through a row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from bot.core.ids import RunId
from bot.core.runs import Run, RunState
from bot.store.tables import RunRow


class Runs:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        kind: str,
        parameters: Mapping[str, Any],
        *,
        by: str,
        now: datetime,
        seed: int | None = None,
        digest: str | None = None,
    ) -> RunId:
        """A new run, QUEUED."""
        row = RunRow(
            kind=kind,
            state=RunState.QUEUED.value,
            parameters=dict(parameters),
            requested_by=by,
            requested_at=now,
            stop_requested=False,
            progress={},
            result={},
            seed=seed,
            digest=digest,
        )
        self._session.add(row)
        self._session.flush()
        return RunId(row.id)

    def get(self, run: RunId) -> Run | None:
        row = self._session.get(RunRow, run, populate_existing=True)
        return None if row is None else _run(row)

    def latest(self, kind: str, limit: int = 10) -> list[Run]:
        query = select(RunRow).where(RunRow.kind == kind).order_by(RunRow.id.desc()).limit(limit)
        return [_run(row) for row in self._session.scalars(query)]

    def unfinished(self, kind: str) -> list[Run]:
        """Runs that are queued or running, the oldest first."""
        states = [RunState.QUEUED.value, RunState.RUNNING.value]
        query = select(RunRow).where(RunRow.kind == kind, RunRow.state.in_(states)).order_by(RunRow.id)
        return [_run(row) for row in self._session.scalars(query)]

    def due(self, kind: str, now: datetime, limit: int = 1) -> list[RunId]:
        """Oldest runs nobody works on: queued ones, and running ones whose lease has ended."""
        query = (
            select(RunRow.id)
            .where(
                RunRow.kind == kind,
                or_(
                    RunRow.state == RunState.QUEUED.value,
                    and_(RunRow.state == RunState.RUNNING.value, RunRow.lease_until < now),
                ),
            )
            .order_by(RunRow.id)
            .limit(limit)
        )
        return [RunId(i) for i in self._session.scalars(query)]

    def claim(self, run: RunId, *, now: datetime, lease_until: datetime) -> bool:
        """Make the run RUNNING for this process; False where another one has it or it is over."""
        result = self._session.execute(
            update(RunRow)
            .where(
                RunRow.id == run,
                or_(
                    RunRow.state == RunState.QUEUED.value,
                    and_(RunRow.state == RunState.RUNNING.value, RunRow.lease_until < now),
                ),
            )
            .values(state=RunState.RUNNING.value, started_at=now, lease_until=lease_until)
            .returning(RunRow.id)
        )
        return result.scalar_one_or_none() is not None

    def report(self, run: RunId, progress: Mapping[str, Any], *, lease_until: datetime) -> bool:
        """Write progress and prolong the lease; returns whether a stop was requested."""
        stop = self._session.execute(
            update(RunRow)
            .where(RunRow.id == run)
            .values(progress=dict(progress), lease_until=lease_until)
            .returning(RunRow.stop_requested)
        ).scalar_one_or_none()
        return bool(stop)

    def describe(self, run: RunId, *, digest: str, seed: int) -> None:
        """Record what is being solved, so that a roster can be accounted for later."""
        self._session.execute(update(RunRow).where(RunRow.id == run).values(digest=digest, seed=seed))

    def request_stop(self, run: RunId) -> bool:
        """Ask a queued or running run to stop; False where it is over or unknown."""
        result = self._session.execute(
            update(RunRow)
            .where(RunRow.id == run, RunRow.state.in_([RunState.QUEUED.value, RunState.RUNNING.value]))
            .values(stop_requested=True)
            .returning(RunRow.id)
        )
        return result.scalar_one_or_none() is not None

    def drop_queued(self, run: RunId, *, now: datetime, error: str) -> bool:
        """End a run that nobody has begun, as CANCELLED; False where somebody has, or it is over."""
        result = self._session.execute(
            update(RunRow)
            .where(RunRow.id == run, RunRow.state == RunState.QUEUED.value)
            .values(state=RunState.CANCELLED.value, finished_at=now, error=error)
            .returning(RunRow.id)
        )
        return result.scalar_one_or_none() is not None

    def give_back(self, run: RunId) -> None:
        """Queue a running run again: whoever worked on it cannot go on."""
        self._session.execute(
            update(RunRow)
            .where(RunRow.id == run, RunRow.state == RunState.RUNNING.value)
            .values(state=RunState.QUEUED.value, lease_until=None)
        )

    def finish(
        self,
        run: RunId,
        state: RunState,
        *,
        now: datetime,
        result: Mapping[str, Any],
        error: str | None = None,
    ) -> None:
        self._session.execute(
            update(RunRow)
            .where(RunRow.id == run)
            .values(state=state.value, finished_at=now, lease_until=None, result=dict(result), error=error)
        )


def _run(row: RunRow) -> Run:
    return Run(
        run=RunId(row.id),
        kind=row.kind,
        state=RunState(row.state),
        parameters=row.parameters,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        lease_until=row.lease_until,
        stop_requested=row.stop_requested,
        progress=row.progress,
        result=row.result,
        digest=row.digest,
        seed=row.seed,
        error=row.error,
    )
