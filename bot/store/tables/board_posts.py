"""Posts that show teams' boards."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base


class BoardPostRow(Base):
    """One per team.  ``generation`` counts the posts: a new one is made where the last is gone or the channel
    was changed.  ``edits`` counts its edits."""

    __tablename__ = "board_posts"

    team: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    generation: Mapped[int]
    edits: Mapped[int]
    looked_at: Mapped[datetime]
    posted_at: Mapped[datetime]
