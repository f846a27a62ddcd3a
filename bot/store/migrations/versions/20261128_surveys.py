"""Answers to surveys; contacts found by when they were solved, promises by when they were due.

Revision ID: 20261128_surveys
Revises: 20261128_improvements
Create Date: 2026-11-28 06:10:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261128_surveys"
down_revision = "20261128_improvements"
branch_labels = None
depends_on = None

_TIME = engine.UtcDateTime(timezone=True)
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "survey_answers",
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=True),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("answered_at", _TIME, nullable=False),
        sa.Column("scale", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("aspects", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ref"], ["contacts.ref"], name=op.f("fk_survey_answers_ref_contacts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_answers")),
        sa.UniqueConstraint("key", name=op.f("uq_survey_answers_key")),
    )
    op.create_index(op.f("ix_survey_answers_ref"), "survey_answers", ["ref"])
    op.create_index("ix_survey_answers_queue_answered_at", "survey_answers", ["queue", "answered_at"])
    op.create_index("ix_contacts_queue_resolved_at", "contacts", ["queue", "resolved_at"])
    op.create_index("ix_sla_clocks_due_at", "sla_clocks", ["due_at"])
    still = sa.text("stopped_at IS NULL")
    op.create_index(
        "ix_sla_clocks_open", "sla_clocks", ["due_at"], sqlite_where=still, postgresql_where=still
    )


def downgrade() -> None:
    op.drop_index("ix_sla_clocks_open", table_name="sla_clocks")
    op.drop_index("ix_sla_clocks_due_at", table_name="sla_clocks")
    op.drop_index("ix_contacts_queue_resolved_at", table_name="contacts")
    op.drop_table("survey_answers")
