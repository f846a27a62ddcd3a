"""The outbox's line: each recipient's head is found without looking at what stands behind it.

Revision ID: 20261126_line
Revises: 20261126_case_clocks
Create Date: 2026-11-26 00:10:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261126_line"
down_revision = "20261126_case_clocks"
branch_labels = None
depends_on = None

_UNSENT = "state IN ('waiting', 'sending')"


def upgrade() -> None:
    op.create_index(
        "ix_outbox_line",
        "outbox",
        ["recipient_kind", "recipient", "urgency", "created_at", "id"],
        sqlite_where=sa.text(_UNSENT),
        postgresql_where=sa.text(_UNSENT),
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_line", "outbox")
