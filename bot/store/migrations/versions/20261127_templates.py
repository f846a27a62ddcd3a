"""The template a shift was made from.

Revision ID: 20261127_templates
Revises: 20261127_labour
Create Date: 2026-11-27 08:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261127_templates"
down_revision = "20261127_labour"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("shifts") as batch:
        batch.add_column(sa.Column("template", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("shifts") as batch:
        batch.drop_column("template")
