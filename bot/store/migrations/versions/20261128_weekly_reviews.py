"""Weekly self-reviews, and what people chose to get.

Revision ID: 20261128_weekly_reviews
Revises: 20261128_campaigns
Create Date: 2026-11-28 06:30:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261128_weekly_reviews"
down_revision = "20261128_campaigns"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = engine.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "weekly_reviews",
        sa.Column("id", _ID, nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sent_at", _TIME, nullable=False),
        sa.Column("measured", sa.JSON(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=True),
        sa.Column("points", sa.JSON(), nullable=True),
        sa.Column("goals", sa.JSON(), nullable=True),
        sa.Column("back_at", _TIME, nullable=True),
        sa.Column("reminded_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_reviews")),
        sa.UniqueConstraint("agent", "day", name=op.f("uq_weekly_reviews_agent_day")),
    )
    op.create_index("ix_weekly_reviews_team_day", "weekly_reviews", ["team", "day"])
    op.create_table(
        "person_choices",
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("agent", "kind", name=op.f("pk_person_choices")),
    )


def downgrade() -> None:
    op.drop_table("person_choices")
    op.drop_table("weekly_reviews")
