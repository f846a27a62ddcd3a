"""When the data of a case's customer was confirmed with the customer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base


class CustomerConfirmationRow(Base):
    """The last one of each case; ``customer_key`` is the keyed hash the case's record had then."""

    __tablename__ = "customer_confirmations"

    ref: Mapped[str] = mapped_column(ForeignKey("contacts.ref", ondelete="CASCADE"), primary_key=True)
    customer_key: Mapped[str] = mapped_column(index=True)
    confirmed_at: Mapped[datetime]
    confirmed_by: Mapped[str]
