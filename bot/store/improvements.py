"""Actions that are measures, while they run and after."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from bot.core.ids import ActionItemId, AgentId, TeamId
from bot.core.improvements import Improvement, ImprovementState
from bot.store.tables import ActionItemRow, ImprovementRow

__all__ = ["Improvements"]


class Improvements:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, measure: Improvement) -> None:
        """The action must be there and be no measure yet."""
        self._session.add(
            ImprovementRow(
                item_id=measure.item,
                kpi=measure.kpi,
                goal=measure.goal,
                since=measure.since,
                window_days=measure.window.days,
                state=measure.state.value,
                made_at=measure.made_at,
                made_by=measure.made_by,
            )
        )
        self._session.flush()

    def get(self, item: ActionItemId) -> Improvement | None:
        return next(iter(self._found(ImprovementRow.item_id == item)), None)

    def of_team(self, team: TeamId, ended_since: datetime) -> list[Improvement]:
        """A team's measures that run, and those that ended since then, in the order they began."""
        there = or_(
            ImprovementRow.state == ImprovementState.RUNNING.value, ImprovementRow.ended_at >= ended_since
        )
        return self._found(ActionItemRow.team == team, there)

    def end(
        self, item: ActionItemId, state: ImprovementState, *, by: str, now: datetime, because: str | None
    ) -> bool:
        """Permanent or dropped; False where it had ended already."""
        done = self._session.execute(
            update(ImprovementRow)
            .where(ImprovementRow.item_id == item, ImprovementRow.state == ImprovementState.RUNNING.value)
            .values(state=state.value, ended_at=now, ended_by=by, because=because)
            .returning(ImprovementRow.item_id)
        )
        return len(done.all()) == 1

    def _found(self, *where: ColumnElement[bool]) -> list[Improvement]:
        query = _MEASURES.where(*where).order_by(ImprovementRow.since, ImprovementRow.item_id)
        rows = self._session.execute(query.execution_options(populate_existing=True))
        return [_measure(*row) for row in rows]


_MEASURES: Final = select(ImprovementRow, ActionItemRow).join(
    ActionItemRow, ActionItemRow.id == ImprovementRow.item_id
)


def _measure(row: ImprovementRow, item: Any) -> Improvement:
    return Improvement(
        item=ActionItemId(row.item_id),
        team=TeamId(item.team),
        what=item.what,
        owner=None if item.owner is None else AgentId(item.owner),
        kpi=row.kpi,
        goal=row.goal,
        since=row.since,
        window=timedelta(days=row.window_days),
        state=ImprovementState(row.state),
        made_at=row.made_at,
        made_by=row.made_by,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        because=row.because,
    )
