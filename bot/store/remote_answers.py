"""Stand-up answers of those who could not be at the meeting."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.core.ids import AgentId, AnswerId, TeamId
from bot.core.remote_stand_up import RemoteAnswer
from bot.store.tables import RemoteAnswerRow

__all__ = ["RemoteAnswers"]


class RemoteAnswers:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        team: TeamId,
        agent: AgentId,
        day: date,
        *,
        done: str,
        following: str,
        blocked: str,
        now: datetime,
    ) -> RemoteAnswer:
        row = RemoteAnswerRow(
            team=team, agent=agent, day=day, done=done, next=following, blocked=blocked, made_at=now
        )
        self._session.add(row)
        self._session.flush()
        return _answer(row)

    def get(self, answer: AnswerId) -> RemoteAnswer | None:
        row = self._session.get(RemoteAnswerRow, answer)
        return None if row is None else _answer(row)

    def to_tell(self, since: date) -> list[RemoteAnswer]:
        """Answers of days from ``since`` on that stand under no digest yet, in order."""
        query = select(RemoteAnswerRow).where(RemoteAnswerRow.day >= since, RemoteAnswerRow.told_at.is_(None))
        return [_answer(row) for row in self._session.scalars(query.order_by(RemoteAnswerRow.id))]

    def mark_told(self, answer: AnswerId, *, now: datetime) -> bool:
        """False where somebody else has."""
        done = self._session.execute(
            update(RemoteAnswerRow)
            .where(RemoteAnswerRow.id == answer, RemoteAnswerRow.told_at.is_(None))
            .values(told_at=now)
            .returning(RemoteAnswerRow.id)
        )
        return len(done.all()) == 1


def _answer(row: RemoteAnswerRow) -> RemoteAnswer:
    return RemoteAnswer(
        answer=AnswerId(row.id),
        team=TeamId(row.team),
        agent=AgentId(row.agent),
        day=row.day,
        done=row.done,
        next=row.next,
        blocked=row.blocked,
    )
