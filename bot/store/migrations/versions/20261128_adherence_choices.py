"""Who chose to see their adherence.

Revision ID: 20261128_adherence_choices
Revises: 20261128_on_shift_places
Create Date: 2026-11-28 03:35:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261128_adherence_choices"
down_revision = "20261128_on_shift_places"
branch_labels = None
depends_on = None

_TIME = engine.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "adherence_choices",
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("agent", name=op.f("pk_adherence_choices")),
    )


def downgrade() -> None:
    op.drop_table("adherence_choices")
