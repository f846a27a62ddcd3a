"""Secret addresses of agents' calendars.

Revision ID: 20261127_calendar_links
Revises: 20261127_wishes
Create Date: 2026-11-27 20:45:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261127_calendar_links"
down_revision = "20261127_wishes"
branch_labels = None
depends_on = None

_TIME = engine.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "calendar_links",
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("agent", name=op.f("pk_calendar_links")),
        sa.UniqueConstraint("digest", name=op.f("uq_calendar_links_digest")),
    )


def downgrade() -> None:
    op.drop_table("calendar_links")
