"""Which language somebody chose.

Revision ID: 20261127_languages
Revises: 20261127_shift_reminders
Create Date: 2026-11-27 23:10:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261127_languages"
down_revision = "20261127_shift_reminders"
branch_labels = None
depends_on = None

_TIME = engine.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "language_choices",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_language_choices")),
    )


def downgrade() -> None:
    op.drop_table("language_choices")
