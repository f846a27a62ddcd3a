"""Actions that are to move a figure.

Revision ID: 20261128_improvements
Revises: 20261128_miss_causes
Create Date: 2026-11-28 06:30:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261128_improvements"
down_revision = "20261128_miss_causes"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = engine.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "improvements",
        sa.Column("item_id", _ID, autoincrement=False, nullable=False),
        sa.Column("kpi", sa.String(), nullable=False),
        sa.Column("goal", sa.Double(), nullable=True),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("window_days", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("because", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["action_items.id"],
            name=op.f("fk_improvements_item_id_action_items"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_improvements")),
    )


def downgrade() -> None:
    op.drop_table("improvements")
