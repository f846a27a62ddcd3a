"""Ideas and kudos of a team."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.core.ideas import Idea, IdeaState, Kudos
from bot.core.ids import AgentId, IdeaId, KudosId, TeamId
from bot.store.tables import IdeaRow, KudosRow

__all__ = ["Ideas", "KudosBook"]


class Ideas:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, words: str, *, team: TeamId, by: AgentId, now: datetime, due_at: datetime) -> Idea:
        row = IdeaRow(
            team=team, words=words, made_by=by, made_at=now, due_at=due_at, state=IdeaState.OPEN.value
        )
        self._session.add(row)
        self._session.flush()
        return _idea(row)

    def get(self, idea: IdeaId) -> Idea | None:
        row = self._session.get(IdeaRow, idea, populate_existing=True)
        return None if row is None else _idea(row)

    def open_of(self, team: TeamId) -> list[Idea]:
        """A team's ideas nobody has answered, the longest due first."""
        query = select(IdeaRow).where(IdeaRow.team == team, IdeaRow.state == IdeaState.OPEN.value)
        return [_idea(row) for row in self._session.scalars(query.order_by(IdeaRow.due_at, IdeaRow.id))]

    def answer(self, idea: IdeaId, state: IdeaState, *, by: str, answer: str | None, now: datetime) -> bool:
        """False where it was answered already."""
        done = self._session.execute(
            update(IdeaRow)
            .where(IdeaRow.id == idea, IdeaRow.state == IdeaState.OPEN.value)
            .values(state=state.value, answered_by=by, answered_at=now, answer=answer)
            .returning(IdeaRow.id)
        )
        return len(done.all()) == 1


class KudosBook:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        words: str,
        *,
        team: TeamId,
        whom: AgentId,
        by: AgentId,
        now: datetime,
        shown_from: datetime | None,
    ) -> Kudos:
        row = KudosRow(team=team, whom=whom, made_by=by, words=words, made_at=now, shown_from=shown_from)
        self._session.add(row)
        self._session.flush()
        return _kudos(row)

    def show(self, kudos: KudosId, whom: AgentId, *, now: datetime) -> bool:
        """Whoever is thanked wants it seen; False where it is seen already, or is somebody else's."""
        done = self._session.execute(
            update(KudosRow)
            .where(KudosRow.id == kudos, KudosRow.whom == whom, KudosRow.shown_from.is_(None))
            .values(shown_from=now)
            .returning(KudosRow.id)
        )
        return len(done.all()) == 1

    def shown_since(self, team: TeamId, since: datetime) -> list[Kudos]:
        """What the thanked wanted seen since then, in order."""
        query = select(KudosRow).where(KudosRow.team == team, KudosRow.shown_from >= since)
        return [_kudos(row) for row in self._session.scalars(query.order_by(KudosRow.shown_from))]


def _idea(row: IdeaRow) -> Idea:
    return Idea(
        idea=IdeaId(row.id),
        team=TeamId(row.team),
        words=row.words,
        by=AgentId(row.made_by),
        made_at=row.made_at,
        due_at=row.due_at,
        state=IdeaState(row.state),
        answered_by=row.answered_by,
        answer=row.answer,
    )


def _kudos(row: KudosRow) -> Kudos:
    return Kudos(
        kudos=KudosId(row.id),
        team=TeamId(row.team),
        whom=AgentId(row.whom),
        by=AgentId(row.made_by),
        words=row.words,
        made_at=row.made_at,
        shown_from=row.shown_from,
    )
