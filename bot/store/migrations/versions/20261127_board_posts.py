"""Posts that show teams' boards.

Revision ID: 20261127_board_posts
Revises: 20261127_languages
Create Date: 2026-11-27 23:10:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261127_board_posts"
down_revision = "20261127_languages"
branch_labels = None
depends_on = None

_TIME = engine.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "board_posts",
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.Column("looked_at", _TIME, nullable=False),
        sa.Column("posted_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("team", name=op.f("pk_board_posts")),
    )


def downgrade() -> None:
    op.drop_table("board_posts")
