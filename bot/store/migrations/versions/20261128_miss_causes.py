"""Why promises were broken.

Revision ID: 20261128_miss_causes
Revises: 20261128_ideas
Create Date: 2026-11-28 06:00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261128_miss_causes"
down_revision = "20261128_ideas"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = engine.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "miss_causes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("contact_id", _ID, nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("named_by", sa.String(), nullable=False),
        sa.Column("named_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
            name=op.f("fk_miss_causes_contact_id_contacts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_miss_causes")),
        sa.UniqueConstraint(
            "contact_id", "measure", "cycle", name=op.f("uq_miss_causes_contact_id_measure_cycle")
        ),
    )


def downgrade() -> None:
    op.drop_table("miss_causes")
