"""Risk calls, watch episodes and count marks.

Revision ID: 20261126_outlook
Revises: 20261126_records
Create Date: 2026-11-26 00:05:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261126_outlook"
down_revision = "20261126_records"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "count_marks",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("event", _ID, nullable=False),
        sa.Column("since", engine.UtcDateTime(timezone=True), nullable=True),
        sa.Column("counted_at", engine.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_count_marks")),
    )
    op.create_table(
        "risk_calls",
        sa.Column("id", _ID, nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("window_start", engine.UtcDateTime(timezone=True), nullable=False),
        sa.Column("window_end", engine.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_at", engine.UtcDateTime(timezone=True), nullable=False),
        sa.Column("chance", sa.Double(), nullable=False),
        sa.Column("expected", sa.Double(), nullable=False),
        sa.Column("breaches", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("told_at", engine.UtcDateTime(timezone=True), nullable=True),
        sa.Column("told_chance", sa.Double(), nullable=True),
        sa.Column("judged_at", engine.UtcDateTime(timezone=True), nullable=True),
        sa.Column("happened", sa.Integer(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_calls")),
        sa.UniqueConstraint("queue", "window_start", name=op.f("uq_risk_calls_queue_window_start")),
    )
    op.create_index("ix_risk_calls_window_end", "risk_calls", ["window_end"])
    op.create_table(
        "watch_episodes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("since", engine.UtcDateTime(timezone=True), nullable=False),
        sa.Column("noticed_at", engine.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", engine.UtcDateTime(timezone=True), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_episodes")),
    )
    op.create_index("ix_watch_episodes_since", "watch_episodes", ["since"])
    op.create_index(
        "uq_watch_episodes_open",
        "watch_episodes",
        ["kind", "queue"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("watch_episodes")
    op.drop_table("risk_calls")
    op.drop_table("count_marks")
