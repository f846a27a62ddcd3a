"""Requests that wait for people's word, and the changes made to published shifts.

Revision ID: 20261127_requests
Revises: 20261127_templates
Create Date: 2026-11-27 14:30:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261127_requests"
down_revision = "20261127_templates"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = engine.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "requests",
        sa.Column("id", _ID, nullable=False),
        sa.Column("roster_id", _ID, nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("asker", sa.String(), nullable=True),
        sa.Column("trades", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("posts", sa.JSON(), nullable=False),
        sa.Column("event", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("ends_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["roster_id"], ["rosters.id"], name=op.f("fk_requests_roster_id_rosters"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
    )
    op.create_index(op.f("ix_requests_roster_id"), "requests", ["roster_id"])
    op.create_index(op.f("ix_requests_event"), "requests", ["event"])
    op.create_index("ix_requests_state_ends", "requests", ["state", "ends_at"])
    op.create_table(
        "shift_changes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("roster_id", _ID, nullable=False),
        sa.Column("request_id", _ID, nullable=True),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["roster_id"], ["rosters.id"], name=op.f("fk_shift_changes_roster_id_rosters"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["requests.id"],
            name=op.f("fk_shift_changes_request_id_requests"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_changes")),
    )
    op.create_index(op.f("ix_shift_changes_roster_id"), "shift_changes", ["roster_id"])
    op.create_index(op.f("ix_shift_changes_request_id"), "shift_changes", ["request_id"])
    op.create_index("ix_shift_changes_agent_day", "shift_changes", ["agent", "day"])


def downgrade() -> None:
    op.drop_table("shift_changes")
    op.drop_table("requests")
