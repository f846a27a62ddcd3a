"""Campaigns with their readiness lists, and announcements with who has read them.

Revision ID: 20261128_campaigns
Revises: 20261128_incidents
Create Date: 2026-11-28 06:30:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261128_campaigns"
down_revision = "20261128_incidents"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = engine.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", _ID, nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("queues", sa.JSON(), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("goals", sa.JSON(), nullable=False),
        sa.Column("lift_low", sa.Double(), nullable=False),
        sa.Column("lift_mid", sa.Double(), nullable=False),
        sa.Column("lift_high", sa.Double(), nullable=False),
        sa.Column("lift_from", sa.JSON(), nullable=False),
        sa.Column("duties", sa.JSON(), nullable=False),
        sa.Column("report_every", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("causes", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
    )
    op.create_index("ix_campaigns_team_state", "campaigns", ["team", "state"])
    op.create_table(
        "campaign_items",
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("done_at", _TIME, nullable=True),
        sa.Column("done_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_campaign_items_campaign_id_campaigns"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("campaign_id", "number", name=op.f("pk_campaign_items")),
    )
    op.create_table(
        "announcements",
        sa.Column("id", _ID, nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("effect", sa.String(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    op.create_index("ix_announcements_team_made_at", "announcements", ["team", "made_at"])
    op.create_table(
        "announcement_readers",
        sa.Column("announcement_id", _ID, nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("read_at", _TIME, nullable=True),
        sa.Column("asked_again_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.id"],
            name=op.f("fk_announcement_readers_announcement_id_announcements"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("announcement_id", "agent", name=op.f("pk_announcement_readers")),
    )

    op.create_table(
        "diversions",
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("diverted", sa.Boolean(), nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("told_at", _TIME, nullable=True),
        sa.Column("tried_at", _TIME, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("queue", name=op.f("pk_diversions")),
    )


def downgrade() -> None:
    op.drop_table("diversions")
    op.drop_table("announcement_readers")
    op.drop_table("announcements")
    op.drop_table("campaign_items")
    op.drop_table("campaigns")
