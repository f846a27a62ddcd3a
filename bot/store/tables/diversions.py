"""Which queues are diverted to self-service."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base


class DiversionRow(Base):
    """One row per queue that was ever diverted; ``tried_at`` claims the telling for half a minute."""

    __tablename__ = "diversions"

    queue: Mapped[str] = mapped_column(primary_key=True)
    diverted: Mapped[bool]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
    told_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    tries: Mapped[int]
