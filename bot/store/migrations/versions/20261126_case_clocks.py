"""Clocks of every measure with pauses and cycles, richer cases, and declared exception windows.

Revision ID: 20261126_case_clocks
Revises: 20261126_outlook
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.engine import UtcDateTime

revision = "20261126_case_clocks"
down_revision = "20261126_outlook"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("contacts") as batch:
        batch.add_column(sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(
            sa.Column("priority_manual", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        for name in ("waiting_for", "department", "blocked_by", "chaser", "complained_about", "merged_into"):
            batch.add_column(sa.Column(name, sa.String(), nullable=True))
        batch.add_column(sa.Column("informed_at", UtcDateTime(), nullable=True))
    with op.batch_alter_table("contact_events") as batch:
        for name in ("channel", "waiting_for", "department", "complained_about", "merged_into"):
            batch.add_column(sa.Column(name, sa.String(), nullable=True))
        batch.add_column(sa.Column("tags", sa.JSON(), nullable=True))
        batch.add_column(sa.Column("opened_at", UtcDateTime(), nullable=True))
    with op.batch_alter_table("sla_clocks") as batch:
        batch.add_column(sa.Column("cycle", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("warnings", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("paused_since", UtcDateTime(), nullable=True))
        batch.drop_constraint("uq_sla_clocks_contact_id_measure", type_="unique")
        batch.create_unique_constraint(
            "uq_sla_clocks_contact_id_measure_cycle", ["contact_id", "measure", "cycle"]
        )
    # Clocks of the version before had no instants of their own: they are looked at now, and at the breach.
    op.execute(
        "UPDATE sla_clocks SET next_check_at = due_at "
        "WHERE next_check_at IS NOT NULL AND next_check_at < due_at"
    )
    op.create_table(
        "exception_windows",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("declared_by", sa.String(), nullable=False),
        sa.Column("declared_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exception_windows")),
    )
    with op.batch_alter_table("exception_windows") as batch:
        batch.create_index(batch.f("ix_exception_windows_ends_at"), ["ends_at"])


def downgrade() -> None:
    op.drop_table("exception_windows")
    with op.batch_alter_table("sla_clocks") as batch:
        batch.drop_constraint("uq_sla_clocks_contact_id_measure_cycle", type_="unique")
    # One clock per measure again: repeated and new ones have no place there.
    op.execute("DELETE FROM sla_clocks WHERE cycle > 0 OR measure NOT IN ('first_response', 'resolution')")
    with op.batch_alter_table("sla_clocks") as batch:
        for name in ("paused_since", "warnings", "cycle"):
            batch.drop_column(name)
        batch.create_unique_constraint("uq_sla_clocks_contact_id_measure", ["contact_id", "measure"])
    with op.batch_alter_table("contact_events") as batch:
        for name in (
            "opened_at",
            "tags",
            "merged_into",
            "complained_about",
            "department",
            "waiting_for",
            "channel",
        ):
            batch.drop_column(name)
    with op.batch_alter_table("contacts") as batch:
        for name in (
            "informed_at",
            "merged_into",
            "complained_about",
            "chaser",
            "blocked_by",
            "department",
            "waiting_for",
            "priority_manual",
            "tags",
        ):
            batch.drop_column(name)
