"""Contact records, numbers, external ids, and what people do about a case.

Revision ID: 20261126_records
Revises: 20261126_connectors
Create Date: 2026-11-25 23:40:31.254922
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261126_records"
down_revision = "20261126_connectors"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "number_counters",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", "scope", name=op.f("pk_number_counters")),
    )
    op.create_table(
        "approvals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("solution", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", engine.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tell_by", engine.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", engine.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["ref"], ["contacts.ref"], name=op.f("fk_approvals_ref_contacts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    with op.batch_alter_table("approvals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approvals_ref"), ["ref"], unique=False)

    op.create_table(
        "case_blocks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("chaser", sa.String(), nullable=False),
        sa.Column("since", engine.UtcDateTime(timezone=True), nullable=False),
        sa.Column("next_at", engine.UtcDateTime(timezone=True), nullable=True),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("ended_at", engine.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["ref"], ["contacts.ref"], name=op.f("fk_case_blocks_ref_contacts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_blocks")),
    )
    with op.batch_alter_table("case_blocks", schema=None) as batch_op:
        batch_op.create_index(
            "ix_case_blocks_due",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_case_blocks_ref"), ["ref"], unique=False)

    op.create_table(
        "case_owners",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("since", engine.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["ref"], ["contacts.ref"], name=op.f("fk_case_owners_ref_contacts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_owners")),
        sa.UniqueConstraint("ref", "stage", "agent", name=op.f("uq_case_owners_ref_stage_agent")),
    )
    with op.batch_alter_table("case_owners", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_owners_ref"), ["ref"], unique=False)

    op.create_table(
        "contact_records",
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", engine.UtcDateTime(timezone=True), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("customer_key", sa.String(), nullable=True),
        sa.Column("customer_no", sa.String(), nullable=True),
        sa.Column("customer_label", sa.String(), nullable=True),
        sa.Column("contact_digits", sa.String(), nullable=True),
        sa.Column("order_no", sa.String(), nullable=True),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("solution", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("compensation", sa.String(), nullable=False),
        sa.Column("satisfaction_scale", sa.String(), nullable=True),
        sa.Column("satisfaction_value", sa.Integer(), nullable=True),
        sa.Column("satisfaction_reason", sa.String(), nullable=False),
        sa.Column("follow_up_owner", sa.String(), nullable=True),
        sa.Column("follow_up_at", engine.UtcDateTime(timezone=True), nullable=True),
        sa.Column("follow_up_text", sa.String(), nullable=False),
        sa.Column("remarks", sa.String(), nullable=False),
        sa.Column("cross_department", sa.Boolean(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ref"], ["contacts.ref"], name=op.f("fk_contact_records_ref_contacts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_contact_records")),
    )
    with op.batch_alter_table("contact_records", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_records_customer_key"), ["customer_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_records_recorded_at"), ["recorded_at"], unique=False)

    op.create_table(
        "external_ids",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("linked_by", sa.String(), nullable=False),
        sa.Column("linked_at", engine.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["ref"], ["contacts.ref"], name=op.f("fk_external_ids_ref_contacts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source", "external_id", name=op.f("pk_external_ids")),
    )
    with op.batch_alter_table("external_ids", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_external_ids_ref"), ["ref"], unique=False)

    op.create_table(
        "hand_overs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", engine.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expected_at", engine.UtcDateTime(timezone=True), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", engine.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["ref"], ["contacts.ref"], name=op.f("fk_hand_overs_ref_contacts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_overs")),
    )
    with op.batch_alter_table("hand_overs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hand_overs_ref"), ["ref"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("hand_overs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hand_overs_ref"))

    op.drop_table("hand_overs")
    with op.batch_alter_table("external_ids", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_external_ids_ref"))

    op.drop_table("external_ids")
    with op.batch_alter_table("contact_records", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_records_recorded_at"))
        batch_op.drop_index(batch_op.f("ix_contact_records_customer_key"))

    op.drop_table("contact_records")
    with op.batch_alter_table("case_owners", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_owners_ref"))

    op.drop_table("case_owners")
    with op.batch_alter_table("case_blocks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_blocks_ref"))
        batch_op.drop_index(
            "ix_case_blocks_due",
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    op.drop_table("case_blocks")
    with op.batch_alter_table("approvals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_approvals_ref"))

    op.drop_table("approvals")
    op.drop_table("number_counters")
