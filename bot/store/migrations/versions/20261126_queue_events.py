"""Dated events that act on the volume of queues.

Revision ID: 20261126_queue_events
Revises: 20261126_storms
Create Date: 2026-11-26 18:30:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261126_queue_events"
down_revision = "20261126_storms"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = engine.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "queue_events",
        sa.Column("id", _ID, nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("nature", sa.String(), nullable=False),
        sa.Column("size", sa.Double(), nullable=False),
        sa.Column("lift_low", sa.Double(), nullable=True),
        sa.Column("lift_mid", sa.Double(), nullable=True),
        sa.Column("lift_high", sa.Double(), nullable=True),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("tail_days", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_events")),
        sa.UniqueConstraint(
            "queue",
            "kind",
            "first_day",
            "last_day",
            name=op.f("uq_queue_events_queue_kind_first_day_last_day"),
        ),
    )


def downgrade() -> None:
    op.drop_table("queue_events")
