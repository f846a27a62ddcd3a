"""Who wants to be told of the next day's shift, and when."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base


class ShiftReminderRow(Base):
    """``at`` is local time of the agent's zone; no row, no reminders."""

    __tablename__ = "shift_reminders"

    agent: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[time]
    made_at: Mapped[datetime]
