"""When the data of a case's customer was confirmed with the customer.

Revision ID: 20261128_customer_confirmations
Revises: 20261128_survey_requests
Create Date: 2026-11-28 10:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261128_customer_confirmations"
down_revision = "20261128_survey_requests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer_confirmations",
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("customer_key", sa.String(), nullable=False),
        sa.Column("confirmed_at", engine.UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ref"],
            ["contacts.ref"],
            name=op.f("fk_customer_confirmations_ref_contacts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_customer_confirmations")),
    )
    op.create_index(
        op.f("ix_customer_confirmations_customer_key"), "customer_confirmations", ["customer_key"]
    )


def downgrade() -> None:
    op.drop_table("customer_confirmations")
