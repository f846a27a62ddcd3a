"""Which cases the survey tool outside was told of.

Revision ID: 20261128_survey_requests
Revises: 20261128_training
Create Date: 2026-11-28 10:20:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261128_survey_requests"
down_revision = "20261128_training"
branch_labels = None
depends_on = None

_TIME = engine.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "survey_requests",
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("customer_key", sa.String(), nullable=True),
        sa.Column("solved_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["ref"], ["contacts.ref"], name=op.f("fk_survey_requests_ref_contacts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_survey_requests")),
        sa.UniqueConstraint("token", name=op.f("uq_survey_requests_token")),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_survey_requests_due",
        "survey_requests",
        ["due_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("ix_survey_requests_queue_asked_at", "survey_requests", ["queue", "asked_at"])
    op.create_index(op.f("ix_survey_requests_customer_key"), "survey_requests", ["customer_key"])


def downgrade() -> None:
    op.drop_table("survey_requests")
