"""The receipt of labour law kept with each published roster.

Revision ID: 20261127_labour
Revises: 20261126_queue_events
Create Date: 2026-11-27 07:20:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261127_labour"
down_revision = "20261126_queue_events"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = engine.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "roster_receipts",
        sa.Column("roster_id", _ID, nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["roster_id"],
            ["rosters.id"],
            name=op.f("fk_roster_receipts_roster_id_rosters"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("roster_id", name=op.f("pk_roster_receipts")),
    )


def downgrade() -> None:
    op.drop_table("roster_receipts")
