"""One alert per contact with its concerns; loud messages; posts are found by what edits them.

Alerts of before are merged: those of one contact become the concerns of one.

Revision ID: 20261126_alerts
Revises: 20261126_line
Create Date: 2026-11-26 00:10:00
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.store import engine

revision = "20261126_alerts"
down_revision = "20261126_line"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = engine.UtcDateTime(timezone=True)
_DUE: dict[str, Any] = {
    "sqlite_where": sa.text("next_step_at IS NOT NULL"),
    "postgresql_where": sa.text("next_step_at IS NOT NULL"),
}
_BEFORE: tuple[sa.Column[Any], ...] = (
    sa.Column("id", _ID),
    sa.Column("contact_id", _ID),
    sa.Column("kind", sa.String()),
    sa.Column("queue", sa.String()),
    sa.Column("team", sa.String()),
    sa.Column("measure", sa.String()),
    sa.Column("state", sa.String()),
    sa.Column("opened_at", _TIME),
    sa.Column("due_at", _TIME),
    sa.Column("step", sa.Integer()),
    sa.Column("next_step_at", _TIME),
    sa.Column("acknowledged_by", sa.String()),
    sa.Column("acknowledged_at", _TIME),
)


def upgrade() -> None:
    before = _read("alerts", *_BEFORE)
    op.drop_index("ix_alerts_due", "alerts")
    op.drop_table("alerts")
    op.create_table(
        "alerts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("contact_id", _ID, nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("concerns", sa.JSON(), nullable=False),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("posted_at", _TIME, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_step_at", _TIME, nullable=True),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", _TIME, nullable=True),
        sa.Column("snoozed_until", _TIME, nullable=True),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("passed_over", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_alerts_contact_id_contacts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("contact_id", name=op.f("uq_alerts_contact_id")),
    )
    op.create_index("ix_alerts_due", "alerts", ["next_step_at"], **_DUE)
    _write("alerts", _merged(before))
    with op.batch_alter_table("outbox") as batch:
        batch.add_column(sa.Column("loud", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_outbox_loud",
        "outbox",
        ["recipient_kind", "recipient", "created_at"],
        sqlite_where=sa.text("loud"),
        postgresql_where=sa.text("loud"),
    )
    op.create_index(
        "ix_outbox_edits",
        "outbox",
        ["edits"],
        sqlite_where=sa.text("edits IS NOT NULL"),
        postgresql_where=sa.text("edits IS NOT NULL"),
    )
    # Messages of the kinds there are no more: what they were about is told anew by their alerts' cards.
    op.execute(
        "DELETE FROM outbox WHERE kind IN "
        "('sla_warning', 'sla_breach', 'alert_taken', 'alert_over', 'escalated')"
    )


def downgrade() -> None:
    after = _read("alerts", *(sa.Column(c.name, c.type) for c in _BEFORE if c.name in _KEPT), _CONCERNS)
    op.execute("DELETE FROM outbox WHERE kind IN ('alert_card', 'alert_news')")
    op.drop_index("ix_outbox_edits", "outbox")
    op.drop_index("ix_outbox_loud", "outbox")
    with op.batch_alter_table("outbox") as batch:
        batch.drop_column("loud")
    op.drop_index("ix_alerts_due", "alerts")
    op.drop_table("alerts")
    op.create_table(
        "alerts",
        *(
            sa.Column(
                c.name, c.type, nullable=c.name in ("next_step_at", "acknowledged_by", "acknowledged_at")
            )
            for c in _BEFORE
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_alerts_contact_id_contacts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("contact_id", "measure", name=op.f("uq_alerts_contact_id_measure")),
    )
    op.create_index("ix_alerts_due", "alerts", ["next_step_at"], **_DUE)
    _write("alerts", _parted(after))


_KEPT = frozenset({"contact_id", "queue", "team", "state", "opened_at", "step", "next_step_at"})
_CONCERNS = sa.Column("concerns", sa.JSON())


def _read(name: str, *columns: sa.Column[Any]) -> list[dict[str, Any]]:
    table = sa.table(name, *(sa.column(c.name, c.type) for c in columns))
    return [dict(row._mapping) for row in op.get_bind().execute(sa.select(table))]


def _write(name: str, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        types: dict[str, Any] = {"concerns": sa.JSON(), "passed_over": sa.JSON(), "told": sa.JSON()}
        types |= dict.fromkeys(
            ("opened_at", "posted_at", "due_at", "next_step_at", "answered_at", "acknowledged_at"), _TIME
        )
        columns = [sa.column(key, types.get(key)) for key in rows[0]]
        op.bulk_insert(sa.table(name, *columns), list(rows))


def _merged(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    by_contact: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        by_contact.setdefault(row["contact_id"], []).append(row)
    now = datetime.now(UTC)
    merged = []
    for contact, own in sorted(by_contact.items()):
        own.sort(key=lambda r: (r["state"] == "resolved", r["kind"] != "breach", r["opened_at"]))
        first = own[0]
        merged.append(
            {
                "contact_id": contact,
                "queue": first["queue"],
                "team": first["team"],
                "state": first["state"],
                "concerns": [_concern(r, now) for r in own],
                "opened_at": first["opened_at"],
                "posted_at": first["opened_at"],
                "step": first["step"],
                "next_step_at": first["next_step_at"],
                "repeats": 0,
                "answered_by": first["acknowledged_by"],
                "answered_at": first["acknowledged_at"],
                "posts": 0,
                "revision": 0,
                "passed_over": [],
                "told": [],
            }
        )
    return merged


def _concern(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    concern = {
        "kind": row["kind"],
        "key": f"{row['measure']}:0",
        "since": row["opened_at"].isoformat(),
        "measure": row["measure"],
        "due_at": row["due_at"].isoformat(),
    }
    return concern | ({"over_at": now.isoformat()} if row["state"] == "resolved" else {})


def _parted(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    parted = []
    for row in rows:
        for concern in row["concerns"]:
            if concern["kind"] not in ("warning", "breach") or not concern["key"].endswith(":0"):
                continue
            over = "over_at" in concern
            parted.append(
                {
                    **{name: row[name] for name in ("contact_id", "queue", "team", "step", "opened_at")},
                    "kind": concern["kind"],
                    "measure": concern["measure"],
                    "state": "resolved" if over else row["state"].replace("snoozed", "open"),
                    "due_at": datetime.fromisoformat(concern["due_at"]),
                    "next_step_at": None if over else row["next_step_at"],
                    "acknowledged_by": None,
                    "acknowledged_at": None,
                }
            )
    return parted
