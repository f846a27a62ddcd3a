"""Trainings that were held with who was there, and skills on record."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.orm import Session

from bot.core.ids import AgentId, SkillRecordId, TeamId, TrainingId
from bot.core.training import Attendance, Decision, NewSkill, SkillRecord, SkillSource, Training
from bot.store.bulk import insert_new
from bot.store.tables import AgentRow, SkillRecordRow, TrainingPersonRow, TrainingRow

__all__ = ["SkillRecords", "Trainings"]


class Trainings:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, held: Training, *, now: datetime) -> TrainingId | None:
        """Keep a session that ended; None where there is one of the team, kind and times already."""
        row = {
            "team": held.team,
            "kind": held.kind,
            "start": held.start,
            "end": held.end,
            "topic": held.topic,
            "skill": held.skill,
            "level": held.level,
            "asked_at": now,
        }
        keys = ("team", "kind", "start", "end")
        made = insert_new(self._session, TrainingRow, [row], keys=keys, returning="id")
        if not made:
            return None
        people = [
            {"training_id": made[0], "agent": p.agent, "attended": p.attended, "away": p.away}
            for p in held.people
        ]
        self._session.execute(insert(TrainingPersonRow), people)
        return TrainingId(made[0])

    def known(self, held: Training) -> bool:
        """Whether the session is kept already; only `add` decides who asks."""
        query = select(TrainingRow.id).where(
            TrainingRow.team == held.team,
            TrainingRow.kind == held.kind,
            TrainingRow.start == held.start,
            TrainingRow.end == held.end,
        )
        return self._session.scalar(query) is not None

    def get(self, training: TrainingId, *, locked: bool = False) -> Training | None:
        query = select(TrainingRow).where(TrainingRow.id == training)
        if locked:
            query = query.with_for_update()
        found = self._whole(self._session.scalars(query.execution_options(populate_existing=True)).all())
        return found[0] if found else None

    def latest(self, team: TeamId, limit: int, *, open_only: bool = False) -> list[Training]:
        """A team's, the newest first; with ``open_only`` those nobody has recorded."""
        query = select(TrainingRow).where(TrainingRow.team == team)
        if open_only:
            query = query.where(TrainingRow.recorded_at.is_(None))
        query = query.order_by(TrainingRow.start.desc(), TrainingRow.id.desc()).limit(limit)
        return self._whole(self._session.scalars(query).all())

    def of_agent(self, agent: AgentId, limit: int) -> list[Training]:
        """Recorded sessions somebody was to be at, the newest first."""
        query = (
            select(TrainingRow)
            .join(TrainingPersonRow, TrainingPersonRow.training_id == TrainingRow.id)
            .where(TrainingPersonRow.agent == agent, TrainingRow.recorded_at.is_not(None))
            .order_by(TrainingRow.start.desc(), TrainingRow.id.desc())
            .limit(limit)
        )
        return self._whole(self._session.scalars(query).all())

    def record(
        self,
        training: TrainingId,
        absent: Collection[AgentId],
        *,
        topic: str | None,
        skill: str | None,
        level: float | None,
        by: str,
        now: datetime,
    ) -> None:
        """Who was there and what it was about; the unit must hold it with `get` (locked)."""
        self._session.execute(
            update(TrainingRow)
            .where(TrainingRow.id == training)
            .values(topic=topic, skill=skill, level=level, recorded_at=now, recorded_by=by)
        )
        for attended in (True, False):
            which = TrainingPersonRow.agent.in_(sorted(absent))
            self._session.execute(
                update(TrainingPersonRow)
                .where(TrainingPersonRow.training_id == training, ~which if attended else which)
                .values(attended=attended)
            )

    def _whole(self, rows: Sequence[TrainingRow]) -> list[Training]:
        query = select(TrainingPersonRow).where(TrainingPersonRow.training_id.in_([row.id for row in rows]))
        people: dict[int, list[Attendance]] = {}
        held = self._session.scalars(
            query.order_by(TrainingPersonRow.agent).execution_options(populate_existing=True)
        )
        for row in held if rows else ():
            one = Attendance(agent=AgentId(row.agent), attended=row.attended, away=row.away)
            people.setdefault(row.training_id, []).append(one)
        return [
            Training(
                training=TrainingId(row.id),
                team=TeamId(row.team),
                kind=row.kind,
                start=row.start,
                end=row.end,
                people=tuple(people.get(row.id, ())),
                topic=row.topic,
                skill=row.skill,
                level=row.level,
                recorded_at=row.recorded_at,
                recorded_by=row.recorded_by,
            )
            for row in rows
        ]


class SkillRecords:
    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, new: NewSkill, *, better: bool, by: str, now: datetime) -> bool | None:
        """Put a skill on record: True where it is new, False where it changed one, None where it is known.

        ``better``: it is put before the leads.  What they have decided stays decided.
        """
        row = self._session.scalar(
            select(SkillRecordRow)
            .where(
                SkillRecordRow.agent == new.agent,
                SkillRecordRow.skill == new.skill,
                SkillRecordRow.source == new.source.value,
                SkillRecordRow.since == new.since,
            )
            .with_for_update()
        )
        decision = Decision.OPEN.value if better else None
        if row is not None:
            if row.level == new.level:
                return None
            row.level, row.topic, row.training_id = new.level, new.topic, new.training
            row.made_by, row.made_at, row.decision = by, now, decision
            self._session.flush()
            return False
        values = {
            "agent": new.agent,
            "skill": new.skill,
            "level": new.level,
            "since": new.since,
            "source": new.source.value,
            "topic": new.topic,
            "training_id": new.training,
            "made_by": by,
            "made_at": now,
            "decision": decision,
        }
        keys = ("agent", "skill", "source", "since")
        made = insert_new(self._session, SkillRecordRow, [values], keys=keys, returning="id")
        return True if made else None

    def get(self, record: SkillRecordId) -> SkillRecord | None:
        row = self._session.get(SkillRecordRow, record, populate_existing=True)
        return None if row is None else _record(row)

    def of_agent(self, agent: AgentId) -> list[SkillRecord]:
        """By skill, the newest first."""
        return self._found(SkillRecordRow.agent == agent)

    def of_training(self, training: TrainingId) -> list[SkillRecord]:
        return self._found(SkillRecordRow.training_id == training)

    def open_of(self, team: TeamId) -> list[SkillRecord]:
        """What waits for the leads of a team, by skill."""
        members = select(AgentRow.agent).where(AgentRow.team == team, AgentRow.active)
        return self._found(SkillRecordRow.decision == Decision.OPEN.value, SkillRecordRow.agent.in_(members))

    def granted(self) -> set[tuple[AgentId, str]]:
        """Who was given which skill by a lead."""
        query = select(SkillRecordRow.agent, SkillRecordRow.skill).where(
            SkillRecordRow.decision == Decision.GRANTED.value
        )
        return {(AgentId(agent), skill) for agent, skill in self._session.execute(query)}

    def decide(self, record: SkillRecordId, decision: Decision, *, by: str, now: datetime) -> bool:
        """False where it was decided already, or nothing was to be decided."""
        done = self._session.execute(
            update(SkillRecordRow)
            .where(SkillRecordRow.id == record, SkillRecordRow.decision == Decision.OPEN.value)
            .values(decision=decision.value, decided_by=by, decided_at=now)
            .returning(SkillRecordRow.id),
            execution_options={"synchronize_session": False},
        )
        return len(done.all()) == 1

    def take_back(self, records: Collection[SkillRecordId]) -> None:
        """Forget records that were none; what was granted stays."""
        self._session.execute(
            delete(SkillRecordRow).where(
                SkillRecordRow.id.in_(sorted(records)),
                SkillRecordRow.decision.is_distinct_from(Decision.GRANTED.value),
            ),
            execution_options={"synchronize_session": False},
        )

    def _found(self, *which: ColumnElement[bool]) -> list[SkillRecord]:
        query = (
            select(SkillRecordRow)
            .where(*which)
            .order_by(SkillRecordRow.skill, SkillRecordRow.since.desc(), SkillRecordRow.id)
            .execution_options(populate_existing=True)
        )
        return [_record(row) for row in self._session.scalars(query)]


def _record(row: SkillRecordRow) -> SkillRecord:
    return SkillRecord(
        record=SkillRecordId(row.id),
        agent=AgentId(row.agent),
        skill=row.skill,
        level=row.level,
        since=row.since,
        source=SkillSource(row.source),
        topic=row.topic,
        decision=None if row.decision is None else Decision(row.decision),
    )
