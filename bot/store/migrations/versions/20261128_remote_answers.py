"""Stand-up answers of those who cannot be at the meeting.

Revision ID: 20261128_remote_answers
Revises: 20261128_knowledge_proposals
Create Date: 2026-11-28 06:58:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261128_remote_answers"
down_revision = "20261128_knowledge_proposals"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = engine.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "remote_answers",
        sa.Column("id", _ID, nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("done", sa.String(), nullable=False),
        sa.Column("next", sa.String(), nullable=False),
        sa.Column("blocked", sa.String(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("told_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remote_answers")),
    )
    op.create_index("ix_remote_answers_day", "remote_answers", ["day"])


def downgrade() -> None:
    op.drop_table("remote_answers")
