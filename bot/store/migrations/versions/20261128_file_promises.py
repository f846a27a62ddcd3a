"""When the first response of a contact from a file was due.

Revision ID: 20261128_file_promises
Revises: 20261128_surveys
Create Date: 2026-11-28 10:12:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261128_file_promises"
down_revision = "20261128_surveys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contacts", sa.Column("response_due_at", engine.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("contacts", "response_due_at")
