"""Who wants to be told of the next day's shift.

Revision ID: 20261127_shift_reminders
Revises: 20261127_calendar_links
Create Date: 2026-11-27 20:55:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261127_shift_reminders"
down_revision = "20261127_calendar_links"
branch_labels = None
depends_on = None

_TIME = engine.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "shift_reminders",
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("agent", name=op.f("pk_shift_reminders")),
    )


def downgrade() -> None:
    op.drop_table("shift_reminders")
