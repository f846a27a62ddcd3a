"""Contact volumes per queue and interval, as imported or counted from contacts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base


class VolumeRow(Base):
    """``source``: 'volumes' (imported counts) or 'contacts' (counted); one truth per queue and interval."""

    __tablename__ = "volumes"

    queue: Mapped[str] = mapped_column(primary_key=True)
    start: Mapped[datetime] = mapped_column(primary_key=True)
    interval_seconds: Mapped[int]
    contacts: Mapped[float]
    aht_seconds: Mapped[float | None]
    source: Mapped[str]
