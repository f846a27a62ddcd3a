"""What records have of customers, and when it was confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from bot.core.customer_data import CustomerRow
from bot.core.ids import ContactRef
from bot.store.bulk import upsert
from bot.store.tables import ContactRecordRow, CustomerConfirmationRow

__all__ = ["Customers"]

_HAS_DATA = or_(
    ContactRecordRow.customer_no.is_not(None),
    ContactRecordRow.customer_label.is_not(None),
    ContactRecordRow.contact_digits.is_not(None),
)


class Customers:
    def __init__(self, session: Session) -> None:
        self._session = session

    def key_of(self, ref: ContactRef) -> str | None:
        """The keyed hash of a case's customer, where its record still has the data; None otherwise."""
        return self._session.scalar(
            select(ContactRecordRow.customer_key).where(ContactRecordRow.ref == ref, _HAS_DATA)
        )

    def confirm(self, ref: ContactRef, key: str, *, by: str, now: datetime) -> None:
        row = {"ref": ref, "customer_key": key, "confirmed_at": now, "confirmed_by": by}
        upsert(self._session, CustomerConfirmationRow, [row], keys=("ref",))

    def since(self, key: str) -> tuple[datetime | None, datetime | None]:
        """When a customer's data was first written down, and last confirmed: by a press, or in a record."""
        first, ticked = self._session.execute(
            select(
                func.min(ContactRecordRow.recorded_at),
                func.max(case((ContactRecordRow.confirmed, ContactRecordRow.recorded_at))),
            ).where(ContactRecordRow.customer_key == key)
        ).one()
        pressed = self._session.scalar(
            select(func.max(CustomerConfirmationRow.confirmed_at)).where(
                CustomerConfirmationRow.customer_key == key
            )
        )
        return first, max((at for at in (ticked, pressed) if at is not None), default=None)

    def rows(self) -> Iterator[CustomerRow]:
        """Every record with customer data, without its texts."""
        record, told = ContactRecordRow, CustomerConfirmationRow
        latest = (
            select(told.customer_key, func.max(told.confirmed_at).label("at"))
            .group_by(told.customer_key)
            .subquery()
        )
        query = (
            select(
                record.customer_key,
                record.customer_no,
                record.customer_label,
                record.contact_digits,
                record.recorded_at,
                record.confirmed,
                latest.c.at,
            )
            .outerjoin(latest, latest.c.customer_key == record.customer_key)
            .where(_HAS_DATA)
            .execution_options(yield_per=1000)
        )
        for key, number, label, digits, recorded_at, confirmed, pressed in self._session.execute(query):
            times = [at for at in (recorded_at if confirmed else None, pressed) if at is not None]
            yield CustomerRow(
                key=key,
                customer_no=number,
                label=label,
                digits=digits,
                recorded_at=recorded_at,
                confirmed_at=max(times, default=None),
            )
