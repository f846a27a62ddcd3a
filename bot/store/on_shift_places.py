"""What user groups and topics show of who is on shift, and whose turn it is to tell Slack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.store.bulk import insert_new
from bot.store.tables import OnShiftPlaceRow

__all__ = ["HeldPlace", "OnShiftPlaces"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPlace:
    """``shown``: what Slack took last, at ``changed_at``; None before the first time.

    ``left_out``: people on shift who are not in the group.  ``claimed_until``: somebody tells Slack until
    then.  ``again_at``: not before, because of ``error``.
    """

    place: str
    shown: Mapping[str, Any] | None = None
    changed_at: datetime | None = None
    left_out: int = 0
    claimed_until: datetime | None = None
    again_at: datetime | None = None
    error: str | None = None


class OnShiftPlaces:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, place: str) -> HeldPlace | None:
        row = self._session.get(OnShiftPlaceRow, place, populate_existing=True)
        return None if row is None else _held(row)

    def lock(self, place: str) -> HeldPlace:
        """What is known, or a first row; nobody else gets it until the end of the unit."""
        new = {
            "place": place,
            "shown": None,
            "changed_at": None,
            "left_out": 0,
            "claimed_until": None,
            "again_at": None,
            "error": None,
        }
        insert_new(self._session, OnShiftPlaceRow, [new], keys=("place",), returning="place")
        query = select(OnShiftPlaceRow).where(OnShiftPlaceRow.place == place).with_for_update()
        return _held(self._session.scalars(query.execution_options(populate_existing=True)).one())

    def save(self, held: HeldPlace) -> None:
        """Its row must be locked by this unit."""
        self._session.execute(
            update(OnShiftPlaceRow)
            .where(OnShiftPlaceRow.place == held.place)
            .values(
                shown=None if held.shown is None else dict(held.shown),
                changed_at=held.changed_at,
                left_out=held.left_out,
                claimed_until=held.claimed_until,
                again_at=held.again_at,
                error=held.error,
            ),
            execution_options={"synchronize_session": False},
        )


def _held(row: OnShiftPlaceRow) -> HeldPlace:
    return HeldPlace(
        place=row.place,
        shown=row.shown,
        changed_at=row.changed_at,
        left_out=row.left_out,
        claimed_until=row.claimed_until,
        again_at=row.again_at,
        error=row.error,
    )
