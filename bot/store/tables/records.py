"""Contact records and what people do about a case.

`contact_records` holds the texts an agent wrote, names masked and numbers cut before they come here;
`hand_overs` and `approvals` a summary each.  All of them go when their contact goes.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


def _of_contact() -> Mapped[str]:
    return mapped_column(ForeignKey("contacts.ref", ondelete="CASCADE"), index=True)


class ContactRecordRow(Base):
    __tablename__ = "contact_records"

    ref: Mapped[str] = mapped_column(ForeignKey("contacts.ref", ondelete="CASCADE"), primary_key=True)
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(index=True)
    complete: Mapped[bool]
    type: Mapped[str]
    kind: Mapped[str]
    customer_key: Mapped[str | None] = mapped_column(index=True)
    customer_no: Mapped[str | None]
    customer_label: Mapped[str | None]
    contact_digits: Mapped[str | None]
    order_no: Mapped[str | None]
    description: Mapped[str]
    solution: Mapped[str]
    result: Mapped[str]
    outcome: Mapped[str | None]
    compensation: Mapped[str]
    satisfaction_scale: Mapped[str | None]
    satisfaction_value: Mapped[int | None]
    satisfaction_reason: Mapped[str]
    follow_up_owner: Mapped[str | None]
    follow_up_at: Mapped[datetime | None]
    follow_up_text: Mapped[str]
    remarks: Mapped[str]
    cross_department: Mapped[bool]
    confirmed: Mapped[bool]
    verified: Mapped[bool]


class ExternalIdRow(Base):
    """CR13: names other systems have for a case, so that one case keeps one clock."""

    __tablename__ = "external_ids"

    source: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    ref: Mapped[str] = _of_contact()
    linked_by: Mapped[str]
    linked_at: Mapped[datetime]


class NumberCounterRow(Base):
    __tablename__ = "number_counters"

    name: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class HandOverRow(Base):
    __tablename__ = "hand_overs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ref: Mapped[str] = _of_contact()
    department: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    expected_at: Mapped[datetime]
    summary: Mapped[str]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]


class CaseBlockRow(Base):
    """ES6: a department holds a case up and ``chaser`` keeps asking."""

    __tablename__ = "case_blocks"
    __table_args__ = (
        Index(
            "ix_case_blocks_due",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ref: Mapped[str] = _of_contact()
    department: Mapped[str]
    chaser: Mapped[str]
    since: Mapped[datetime]
    next_at: Mapped[datetime | None]
    told: Mapped[int]
    ended_at: Mapped[datetime | None]


class ApprovalRow(Base):
    __tablename__ = "approvals"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ref: Mapped[str] = _of_contact()
    code: Mapped[str]
    solution: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    tell_by: Mapped[datetime]
    state: Mapped[str]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class CaseOwnerRow(Base):
    """CR12, CR15: who answers for a stage of a case where that is not plain from its events."""

    __tablename__ = "case_owners"
    __table_args__ = (UniqueConstraint("ref", "stage", "agent"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ref: Mapped[str] = _of_contact()
    stage: Mapped[str]
    agent: Mapped[str]
    since: Mapped[datetime]
