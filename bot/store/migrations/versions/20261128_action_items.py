"""What teams have agreed to do.

Revision ID: 20261128_action_items
Revises: 20261127_board_posts
Create Date: 2026-11-28 02:50:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261128_action_items"
down_revision = "20261127_board_posts"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = engine.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "action_items",
        sa.Column("id", _ID, nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("contact_id", _ID, nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("due_at", _TIME, nullable=True),
        sa.Column("reminded_at", _TIME, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("dropped_because", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
            name=op.f("fk_action_items_contact_id_contacts"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_items")),
    )
    op.create_index("ix_action_items_team_state", "action_items", ["team", "state"])
    op.create_index(op.f("ix_action_items_contact_id"), "action_items", ["contact_id"])


def downgrade() -> None:
    op.drop_table("action_items")
