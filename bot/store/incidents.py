"""Incidents and drills, their steps, entries and simulated cases."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from bot.core.contacts import CLOSED, ContactStatus
from bot.core.ids import AgentId, IncidentId, QueueId, TeamId, WindowId
from bot.core.incidents import BacklogCase, DrillCase, Entry, Incident, IncidentStep, Review, Wording
from bot.core.sla import ClockState
from bot.store.tables import (
    ContactRow,
    DrillCaseRow,
    IncidentEntryRow,
    IncidentRow,
    IncidentStepRow,
    SlaClockRow,
)

__all__ = ["Incidents"]


class Incidents:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, incident: Incident) -> Incident:
        """A new one with its steps and simulated cases; its number is given here."""
        row = IncidentRow(
            team=incident.team,
            scenario=incident.scenario,
            titles=_pairs(incident.titles),
            what=incident.what,
            drill=incident.drill,
            contacts=[list(c) for c in incident.contacts],
            notices=_pairs(incident.notices),
            started_at=incident.started_at,
            started_by=incident.started_by,
            recover_by=incident.recover_by,
            revision=0,
        )
        self._session.add(row)
        self._session.flush()
        self._session.add_all(
            IncidentStepRow(
                incident_id=row.id,
                number=step.number,
                texts=_pairs(step.texts),
                role=step.role,
                owner=step.owner,
                due_at=step.due_at,
            )
            for step in incident.steps
        )
        self._session.add_all(
            DrillCaseRow(
                incident_id=row.id, number=case.number, arrived_at=case.arrived_at, due_at=case.due_at
            )
            for case in incident.cases
        )
        self._session.flush()
        return self._whole(row)

    def get(self, incident: IncidentId) -> Incident | None:
        row = self._session.get(IncidentRow, incident, populate_existing=True)
        return None if row is None else self._whole(row)

    def for_update(self, incident: IncidentId) -> Incident | None:
        """As `get`, locked until the end of the unit."""
        row = self._session.scalar(
            select(IncidentRow)
            .where(IncidentRow.id == incident)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return None if row is None else self._whole(row)

    def open_of(self, team: TeamId) -> list[Incident]:
        """A team's that are not closed, the oldest first; drills until they are over."""
        return self._found(
            IncidentRow.team == team,
            IncidentRow.closed_at.is_(None),
            or_(IncidentRow.over_at.is_(None), IncidentRow.drill.is_(False)),
        )

    def latest(self, team: TeamId, limit: int, *, drill: bool) -> list[Incident]:
        """The newest incidents or drills of a team, the newest first."""
        query = (
            select(IncidentRow)
            .where(IncidentRow.team == team, IncidentRow.drill.is_(drill))
            .order_by(IncidentRow.started_at.desc(), IncidentRow.id.desc())
            .limit(limit)
            .execution_options(populate_existing=True)
        )
        return [self._whole(row) for row in self._session.scalars(query)]

    def unfinished(self) -> list[Incident]:
        """Every team's that something is left of: running, with a backlog, or without a review."""
        return self._found(
            or_(
                IncidentRow.over_at.is_(None),
                IncidentRow.backlog_left > 0,
                and_(IncidentRow.closed_at.is_(None), IncidentRow.drill.is_(False)),
            )
        )

    def change(self, incident: IncidentId, **values: Any) -> None:
        """Write columns, and count the revision; the unit must hold it with `for_update`."""
        self._session.execute(
            update(IncidentRow)
            .where(IncidentRow.id == incident)
            .values(revision=IncidentRow.revision + 1, **values),
            execution_options={"synchronize_session": False},
        )

    def close(self, incident: IncidentId, review: Review, *, by: str, now: datetime) -> None:
        held: dict[str, Any] = {
            "cause": review.cause,
            "handling": review.handling,
            "lesson": review.lesson,
            "items": list(review.items),
        }
        self.change(incident, closed_at=now, closed_by=by, review=held)

    def set_window(self, incident: IncidentId, window: WindowId) -> None:
        self._session.execute(
            update(IncidentRow).where(IncidentRow.id == incident).values(window_id=window),
            execution_options={"synchronize_session": False},
        )

    def take_step(self, incident: IncidentId, number: int, *, by: str, now: datetime) -> bool:
        """False where it is done already."""
        return self._step(incident, number, owner=by, taken_at=now)

    def finish_step(self, incident: IncidentId, number: int, *, by: str, now: datetime) -> bool:
        """False where it is done already."""
        return self._step(incident, number, done_by=by, done_at=now)

    def _step(self, incident: IncidentId, number: int, **values: Any) -> bool:
        done = self._session.execute(
            update(IncidentStepRow)
            .where(
                IncidentStepRow.incident_id == incident,
                IncidentStepRow.number == number,
                IncidentStepRow.done_at.is_(None),
            )
            .values(**values)
            .returning(IncidentStepRow.number),
            execution_options={"synchronize_session": False},
        )
        return len(done.all()) == 1

    def late_steps(self, now: datetime) -> list[tuple[IncidentId, int]]:
        """Steps of running incidents whose time has passed, untold, the first first."""
        query = (
            select(IncidentStepRow.incident_id, IncidentStepRow.number)
            .join(IncidentRow, IncidentRow.id == IncidentStepRow.incident_id)
            .where(
                IncidentRow.over_at.is_(None),
                IncidentStepRow.due_at <= now,
                IncidentStepRow.done_at.is_(None),
                IncidentStepRow.told_at.is_(None),
            )
            .order_by(IncidentStepRow.due_at, IncidentStepRow.incident_id, IncidentStepRow.number)
        )
        return [(IncidentId(one), number) for one, number in self._session.execute(query)]

    def mark_told(self, incident: IncidentId, number: int, now: datetime) -> bool:
        """False where somebody else has told it, or it is done."""
        done = self._session.execute(
            update(IncidentStepRow)
            .where(
                IncidentStepRow.incident_id == incident,
                IncidentStepRow.number == number,
                IncidentStepRow.done_at.is_(None),
                IncidentStepRow.told_at.is_(None),
            )
            .values(told_at=now)
            .returning(IncidentStepRow.number),
            execution_options={"synchronize_session": False},
        )
        return len(done.all()) == 1

    def mark_reminded(
        self, incident: IncidentId, *, over_before: datetime, now: datetime, again: datetime
    ) -> bool:
        """Whether this caller is to ask for the review; not if it was asked for after ``again``."""
        done = self._session.execute(
            update(IncidentRow)
            .where(
                IncidentRow.id == incident,
                IncidentRow.over_at <= over_before,
                IncidentRow.closed_at.is_(None),
                or_(IncidentRow.reminded_at.is_(None), IncidentRow.reminded_at <= again),
            )
            .values(reminded_at=now)
            .returning(IncidentRow.id),
            execution_options={"synchronize_session": False},
        )
        return len(done.all()) == 1

    def handle_case(self, incident: IncidentId, number: int, *, by: str, now: datetime) -> bool:
        """A simulated case; False where it was handled already or there is none."""
        done = self._session.execute(
            update(DrillCaseRow)
            .where(
                DrillCaseRow.incident_id == incident,
                DrillCaseRow.number == number,
                DrillCaseRow.handled_at.is_(None),
            )
            .values(handled_at=now, handled_by=by)
            .returning(DrillCaseRow.number),
            execution_options={"synchronize_session": False},
        )
        return len(done.all()) == 1

    def note(
        self,
        incident: IncidentId,
        kind: str,
        *,
        by: str,
        now: datetime,
        number: int | None = None,
        words: str = "",
    ) -> None:
        self._session.add(
            IncidentEntryRow(incident_id=incident, at=now, by=by, kind=kind, number=number, words=words)
        )
        self._session.flush()

    def entries(self, incident: IncidentId) -> list[Entry]:
        """What happened, in order."""
        query = (
            select(IncidentEntryRow)
            .where(IncidentEntryRow.incident_id == incident)
            .order_by(IncidentEntryRow.at, IncidentEntryRow.id)
        )
        return [
            Entry(at=row.at, by=row.by, kind=row.kind, number=row.number, words=row.words)
            for row in self._session.scalars(query)
        ]

    def backlog(
        self, queues: Collection[QueueId], over_at: datetime, limit: int
    ) -> tuple[list[BacklogCase], int]:
        """Open cases that came before ``over_at`` and are owed something, by promise, and how many.

        Those that wait for their customer or a department are owed nothing now: their clocks are stopped.
        """
        due = (
            select(SlaClockRow.contact_id, func.min(SlaClockRow.due_at).label("due_at"))
            .where(
                SlaClockRow.stopped_at.is_(None),
                SlaClockRow.state.not_in((ClockState.CANCELLED.value, ClockState.PAUSED.value)),
            )
            .group_by(SlaClockRow.contact_id)
            .subquery()
        )
        which: list[ColumnElement[bool]] = [
            ContactRow.queue.in_(sorted(queues)),
            ContactRow.opened_at < over_at,
            ContactRow.status.not_in([status.value for status in CLOSED]),
            ContactRow.merged_into.is_(None),
            or_(due.c.due_at.is_not(None), ContactRow.status == ContactStatus.NEW.value),
        ]
        joined = select(ContactRow.ref, ContactRow.queue, ContactRow.agent, due.c.due_at).outerjoin(
            due, due.c.contact_id == ContactRow.id
        )
        query = (
            joined.where(*which).order_by(due.c.due_at.is_(None), due.c.due_at, ContactRow.ref).limit(limit)
        )
        total = self._session.scalar(
            select(func.count())
            .select_from(ContactRow)
            .outerjoin(due, due.c.contact_id == ContactRow.id)
            .where(*which)
        )
        found = [
            BacklogCase(ref=ref, queue=queue, owner=agent, due_at=due_at)
            for ref, queue, agent, due_at in self._session.execute(query)
        ]
        return found, total or 0

    def drills_of(self, agent: AgentId, limit: int) -> list[Incident]:
        """Drills in which somebody ended a step or handled a simulated case, the newest first."""
        steps = select(IncidentStepRow.incident_id).where(IncidentStepRow.done_by == agent)
        cases = select(DrillCaseRow.incident_id).where(DrillCaseRow.handled_by == agent)
        query = (
            select(IncidentRow)
            .where(IncidentRow.drill, or_(IncidentRow.id.in_(steps), IncidentRow.id.in_(cases)))
            .order_by(IncidentRow.started_at.desc(), IncidentRow.id.desc())
            .limit(limit)
        )
        return [self._whole(row) for row in self._session.scalars(query)]

    def _found(self, *which: ColumnElement[bool]) -> list[Incident]:
        query = (
            select(IncidentRow)
            .where(*which)
            .order_by(IncidentRow.started_at, IncidentRow.id)
            .execution_options(populate_existing=True)
        )
        return [self._whole(row) for row in self._session.scalars(query)]

    def _whole(self, row: IncidentRow) -> Incident:
        steps = self._session.scalars(
            select(IncidentStepRow)
            .where(IncidentStepRow.incident_id == row.id)
            .order_by(IncidentStepRow.number)
            .execution_options(populate_existing=True)
        )
        cases = self._session.scalars(
            select(DrillCaseRow)
            .where(DrillCaseRow.incident_id == row.id)
            .order_by(DrillCaseRow.due_at, DrillCaseRow.number)
            .execution_options(populate_existing=True)
        )
        return Incident(
            incident=IncidentId(row.id),
            team=TeamId(row.team),
            scenario=row.scenario,
            titles=_wordings(row.titles),
            what=row.what,
            drill=row.drill,
            started_at=row.started_at,
            started_by=row.started_by,
            steps=tuple(
                IncidentStep(
                    number=s.number,
                    texts=_wordings(s.texts),
                    role=s.role,
                    owner=s.owner,
                    due_at=s.due_at,
                    taken_at=s.taken_at,
                    done_at=s.done_at,
                    done_by=s.done_by,
                )
                for s in steps
            ),
            cases=tuple(
                DrillCase(
                    number=c.number,
                    arrived_at=c.arrived_at,
                    due_at=c.due_at,
                    handled_at=c.handled_at,
                    handled_by=c.handled_by,
                )
                for c in cases
            ),
            contacts=tuple((str(name), str(reach)) for name, reach in row.contacts),
            notices=_wordings(row.notices),
            cause=row.cause,
            recover_by=row.recover_by,
            compensation=row.compensation,
            window=None if row.window_id is None else WindowId(row.window_id),
            revision=row.revision,
            over_at=row.over_at,
            over_by=row.over_by,
            backlog_total=row.backlog_total,
            backlog_left=row.backlog_left,
            closed_at=row.closed_at,
            closed_by=row.closed_by,
            review=_review(row.review),
        )


def _pairs(texts: Sequence[Wording]) -> list[Any]:
    return [[w.locale, w.text] for w in texts]


def _wordings(pairs: Sequence[Any]) -> tuple[Wording, ...]:
    return tuple(Wording(locale=locale, text=text) for locale, text in pairs)


def _review(held: Mapping[str, Any] | None) -> Review | None:
    if held is None:
        return None
    return Review(
        cause=held["cause"], handling=held["handling"], lesson=held["lesson"], items=tuple(held["items"])
    )
