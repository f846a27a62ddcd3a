"""Trainings that were held, who was there, and skills on record.

Revision ID: 20261128_training
Revises: 20261128_agent_index
Create Date: 2026-11-28 10:20:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261128_training"
down_revision = "20261128_agent_index"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = engine.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "trainings",
        sa.Column("id", _ID, nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("start", _TIME, nullable=False),
        sa.Column("end", _TIME, nullable=False),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("skill", sa.String(), nullable=True),
        sa.Column("level", sa.Double(), nullable=True),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("recorded_at", _TIME, nullable=True),
        sa.Column("recorded_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainings")),
        sa.UniqueConstraint("team", "kind", "start", "end", name=op.f("uq_trainings_team_kind_start_end")),
    )
    op.create_table(
        "training_people",
        sa.Column("training_id", _ID, autoincrement=False, nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=False),
        sa.Column("away", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["training_id"],
            ["trainings.id"],
            name=op.f("fk_training_people_training_id_trainings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("training_id", "agent", name=op.f("pk_training_people")),
    )
    op.create_index("ix_training_people_agent", "training_people", ["agent"])
    op.create_table(
        "skill_records",
        sa.Column("id", _ID, nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("skill", sa.String(), nullable=False),
        sa.Column("level", sa.Double(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("training_id", _ID, nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["training_id"],
            ["trainings.id"],
            name=op.f("fk_skill_records_training_id_trainings"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill_records")),
        sa.UniqueConstraint(
            "agent", "skill", "source", "since", name=op.f("uq_skill_records_agent_skill_source_since")
        ),
    )
    op.create_index(op.f("ix_skill_records_training_id"), "skill_records", ["training_id"])


def downgrade() -> None:
    op.drop_table("skill_records")
    op.drop_table("training_people")
    op.drop_table("trainings")
