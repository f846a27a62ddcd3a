"""What teams have agreed to do, until it is done or dropped."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from bot.core.action_items import ActionItem, ItemState, in_order
from bot.core.ids import ActionItemId, AgentId, ContactRef, TeamId
from bot.store.tables import ActionItemRow, ContactRow

__all__ = ["ActionItems"]


class ActionItems:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        *,
        team: TeamId,
        what: str,
        about: ContactRef | None,
        owner: AgentId | None,
        due_at: datetime | None,
        by: str,
        now: datetime,
    ) -> ActionItem:
        case = None if about is None else select(ContactRow.id).where(ContactRow.ref == about)
        row = ActionItemRow(
            team=team,
            what=what,
            contact_id=None if case is None else self._session.scalar(case),
            owner=owner,
            due_at=due_at,
            state=ItemState.OPEN.value,
            made_at=now,
            made_by=by,
        )
        self._session.add(row)
        self._session.flush()
        return _item(row, about)

    def get(self, item: ActionItemId) -> ActionItem | None:
        return next(iter(self._found(_ITEMS.where(ActionItemRow.id == item))), None)

    def open_of(self, team: TeamId) -> list[ActionItem]:
        """A team's items that are neither done nor dropped, as `in_order` has them."""
        of_team = _ITEMS.where(ActionItemRow.team == team, ActionItemRow.state == ItemState.OPEN.value)
        return in_order(self._found(of_team))

    def done_since(self, team: TeamId, since: datetime) -> list[ActionItem]:
        """What a team has done since then, the first first."""
        done = _ITEMS.where(
            ActionItemRow.team == team,
            ActionItemRow.state == ItemState.DONE.value,
            ActionItemRow.ended_at >= since,
        )
        return self._found(done.order_by(ActionItemRow.ended_at, ActionItemRow.id))

    def to_remind(self, now: datetime) -> list[ActionItem]:
        """Open items whose owner has not been told that their time has come."""
        due = _ITEMS.where(
            ActionItemRow.state == ItemState.OPEN.value,
            ActionItemRow.owner.is_not(None),
            ActionItemRow.due_at <= now,
            ActionItemRow.reminded_at.is_(None),
        )
        return self._found(due.order_by(ActionItemRow.due_at, ActionItemRow.id))

    def mark_reminded(self, item: ActionItemId, now: datetime) -> bool:
        """False where somebody else has, or it is open no more."""
        done = self._session.execute(
            update(ActionItemRow)
            .where(
                ActionItemRow.id == item,
                ActionItemRow.state == ItemState.OPEN.value,
                ActionItemRow.reminded_at.is_(None),
            )
            .values(reminded_at=now)
            .returning(ActionItemRow.id)
        )
        return len(done.all()) == 1

    def give(self, item: ActionItemId, owner: AgentId, due_at: datetime | None) -> bool:
        """To an owner, by a time; False where it is open no more.  The owner will be reminded anew."""
        done = self._session.execute(
            update(ActionItemRow)
            .where(ActionItemRow.id == item, ActionItemRow.state == ItemState.OPEN.value)
            .values(owner=owner, due_at=due_at, reminded_at=None)
            .returning(ActionItemRow.id)
        )
        return len(done.all()) == 1

    def end(
        self, item: ActionItemId, state: ItemState, *, by: str, now: datetime, because: str | None = None
    ) -> bool:
        """Done or dropped; False where it had ended already."""
        done = self._session.execute(
            update(ActionItemRow)
            .where(ActionItemRow.id == item, ActionItemRow.state == ItemState.OPEN.value)
            .values(state=state.value, ended_at=now, ended_by=by, dropped_because=because)
            .returning(ActionItemRow.id)
        )
        return len(done.all()) == 1

    def _found(self, query: Select[ActionItemRow, str]) -> list[ActionItem]:
        rows = self._session.execute(query.execution_options(populate_existing=True))
        return [_item(row, ContactRef(ref) if ref else None) for row, ref in rows]


_ITEMS: Final = select(ActionItemRow, func.coalesce(ContactRow.ref, "")).outerjoin(
    ContactRow, ContactRow.id == ActionItemRow.contact_id
)


def _item(row: ActionItemRow, about: ContactRef | None) -> ActionItem:
    return ActionItem(
        item=ActionItemId(row.id),
        team=TeamId(row.team),
        what=row.what,
        made_at=row.made_at,
        made_by=row.made_by,
        about=about,
        owner=None if row.owner is None else AgentId(row.owner),
        due_at=row.due_at,
        reminded_at=row.reminded_at,
        state=ItemState(row.state),
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        dropped_because=row.dropped_because,
    )
