"""Storms of alerts, noise budgets, and who has been looked at for an owner.

Revision ID: 20261126_storms
Revises: 20261126_privacy
Create Date: 2026-11-26 00:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261126_storms"
down_revision = "20261126_privacy"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = engine.UtcDateTime(timezone=True)
_LIVE = "state != 'resolved'"
_OWNERLESS = "agent IS NULL AND owner_asked_at IS NULL AND status NOT IN ('solved', 'archived')"


def upgrade() -> None:
    op.add_column("alerts", sa.Column("storm_id", _ID, nullable=True))
    op.create_index(
        "ix_alerts_storm_id",
        "alerts",
        ["storm_id"],
        sqlite_where=sa.text("storm_id IS NOT NULL"),
        postgresql_where=sa.text("storm_id IS NOT NULL"),
    )
    op.create_table(
        "breach_lines",
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("recent", sa.JSON(), nullable=False),
        sa.Column("storm_id", _ID, nullable=True),
        sa.Column("last_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("team", "queue", name=op.f("pk_breach_lines")),
    )
    op.create_table(
        "storms",
        sa.Column("id", _ID, nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_step_at", _TIME, nullable=True),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", _TIME, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("counted", sa.JSON(), nullable=False),
        sa.Column("passed_over", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storms")),
    )
    op.create_index(
        "ix_storms_live",
        "storms",
        ["id"],
        sqlite_where=sa.text(_LIVE),
        postgresql_where=sa.text(_LIVE),
    )
    op.create_table(
        "folds",
        sa.Column("recipient_kind", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("began_at", _TIME, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("alerts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("recipient_kind", "recipient", name=op.f("pk_folds")),
    )
    op.add_column("contacts", sa.Column("owner_asked_at", _TIME, nullable=True))
    op.create_index(
        "ix_contacts_ownerless",
        "contacts",
        ["opened_at"],
        sqlite_where=sa.text(_OWNERLESS),
        postgresql_where=sa.text(_OWNERLESS),
    )


def downgrade() -> None:
    op.drop_index("ix_contacts_ownerless", "contacts")
    # Not as a batch: SQLite would make the table anew, and take what refers to it along.
    op.drop_column("contacts", "owner_asked_at")
    op.execute("DELETE FROM outbox WHERE kind IN ('storm_card', 'storm_news', 'alert_summary')")
    op.drop_table("folds")
    op.drop_index("ix_storms_live", "storms")
    op.drop_table("storms")
    op.drop_table("breach_lines")
    op.drop_index("ix_alerts_storm_id", "alerts")
    op.drop_column("alerts", "storm_id")
