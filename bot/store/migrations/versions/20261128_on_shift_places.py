"""User groups and topics that follow who is on shift.

Revision ID: 20261128_on_shift_places
Revises: 20261128_action_items
Create Date: 2026-11-28 03:10:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261128_on_shift_places"
down_revision = "20261128_action_items"
branch_labels = None
depends_on = None

_TIME = engine.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "on_shift_places",
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("shown", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("changed_at", _TIME, nullable=True),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("claimed_until", _TIME, nullable=True),
        sa.Column("again_at", _TIME, nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_on_shift_places")),
    )


def downgrade() -> None:
    op.drop_table("on_shift_places")
