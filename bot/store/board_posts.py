"""Which post shows a team's board, and when it was looked at last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.core.ids import TeamId
from bot.store.bulk import insert_new
from bot.store.tables import BoardPostRow

__all__ = ["BoardPosts", "StandingBoard"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingBoard:
    """The team's post number ``generation`` in ``channel``, 0 before the first; ``edits`` of it so far."""

    team: TeamId
    channel: str
    generation: int
    edits: int
    looked_at: datetime
    posted_at: datetime


class BoardPosts:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, team: TeamId) -> StandingBoard | None:
        row = self._session.get(BoardPostRow, team, populate_existing=True)
        return None if row is None else _standing(row)

    def lock(self, team: TeamId, channel: str, now: datetime) -> StandingBoard:
        """What stands, or a first row; nobody else gets it until the end of the unit."""
        new = {
            "team": team,
            "channel": channel,
            "generation": 0,
            "edits": 0,
            "looked_at": now,
            "posted_at": now,
        }
        insert_new(self._session, BoardPostRow, [new], keys=("team",), returning="team")
        query = select(BoardPostRow).where(BoardPostRow.team == team).with_for_update()
        return _standing(self._session.scalars(query.execution_options(populate_existing=True)).one())

    def save(self, board: StandingBoard) -> None:
        """Its row must be locked by this unit."""
        self._session.execute(
            update(BoardPostRow)
            .where(BoardPostRow.team == board.team)
            .values(
                channel=board.channel,
                generation=board.generation,
                edits=board.edits,
                looked_at=board.looked_at,
                posted_at=board.posted_at,
            ),
            execution_options={"synchronize_session": False},
        )


def _standing(row: BoardPostRow) -> StandingBoard:
    return StandingBoard(
        team=TeamId(row.team),
        channel=row.channel,
        generation=row.generation,
        edits=row.edits,
        looked_at=row.looked_at,
        posted_at=row.posted_at,
    )
