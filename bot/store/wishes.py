"""What agents wish of their rosters, until they withdraw it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from bot.core.ids import AgentId
from bot.core.wishes import Standing, StandingWish, WishKind
from bot.store.tables import WishRow

__all__ = ["Wishes"]


class Wishes:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, agent: AgentId, wish: StandingWish, *, now: datetime) -> Standing:
        """Keep a wish; the same wish of the same agent is kept once."""
        for held in self.of([agent]):
            if held.wish == wish:
                return held
        row = WishRow(
            agent=agent,
            kind=wish.kind.value,
            weekdays=sorted(wish.weekdays),
            day=wish.day,
            colleague=wish.colleague,
            made_at=now,
        )
        self._session.add(row)
        self._session.flush()
        return _standing(row)

    def of(self, agents: Collection[AgentId] | None = None, *, since: date | None = None) -> list[Standing]:
        """Standing wishes of some agents, or of all, oldest first; single dates before ``since`` left out."""
        query = select(WishRow).where(WishRow.withdrawn_at.is_(None)).order_by(WishRow.id)
        if since is not None:
            query = query.where(or_(WishRow.day.is_(None), WishRow.day >= since))
        wanted = None if agents is None else set(agents)
        return [_standing(r) for r in self._session.scalars(query) if wanted is None or r.agent in wanted]

    def withdraw(self, number: int, agent: AgentId, *, now: datetime) -> bool:
        """End an agent's wish; False where it is not theirs, or ended already."""
        done = self._session.execute(
            update(WishRow)
            .where(WishRow.id == number, WishRow.agent == agent, WishRow.withdrawn_at.is_(None))
            .values(withdrawn_at=now)
            .returning(WishRow.id)
        )
        return len(done.all()) == 1


def _standing(row: WishRow) -> Standing:
    return Standing(
        number=row.id,
        agent=AgentId(row.agent),
        wish=StandingWish(
            kind=WishKind(row.kind),
            weekdays=frozenset(row.weekdays),
            day=row.day,
            colleague=None if row.colleague is None else AgentId(row.colleague),
        ),
        made_at=row.made_at,
    )
