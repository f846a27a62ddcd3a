"""Contacts by agent, and events that opened a case again.

Revision ID: 20261128_agent_index
Revises: 20261128_file_promises
Create Date: 2026-11-28 10:20:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_agent_index"
down_revision = "20261128_file_promises"
branch_labels = None
depends_on = None

_REOPENED = sa.text("kind = 'reopened'")


def upgrade() -> None:
    op.create_index("ix_contacts_agent_resolved_at", "contacts", ["agent", "resolved_at"])
    op.create_index(
        "ix_contact_events_reopened",
        "contact_events",
        ["at", "ref"],
        sqlite_where=_REOPENED,
        postgresql_where=_REOPENED,
    )


def downgrade() -> None:
    op.drop_index("ix_contact_events_reopened", table_name="contact_events")
    op.drop_index("ix_contacts_agent_resolved_at", table_name="contacts")
