"""The audit trail: who did what, and when.  No customer data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, or_, select
from sqlalchemy.orm import Session

from bot.core.audit import AuditEntry
from bot.store.tables import AuditRow


class Audit:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, actor: str, action: str, subject: str, detail: Mapping[str, Any], now: datetime) -> None:
        """Record an action; ``detail`` must be plain JSON."""
        self._session.add(AuditRow(at=now, actor=actor, action=action, subject=subject, detail=dict(detail)))
        self._session.flush()

    def entries(
        self,
        *,
        subject: str | None = None,
        since: datetime | None = None,
        actor: str | None = None,
        limit: int = 100,
    ) -> list[AuditEntry]:
        """The newest entries first.

        ``subject``: as it stands, without its kind (``17`` of ``alert:17``), or a value in the detail.
        """
        query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
        if subject is not None:
            query = query.where(
                or_(
                    AuditRow.subject == subject,
                    AuditRow.subject.endswith(f":{subject}", autoescape=True),
                    cast(AuditRow.detail, String).contains(json.dumps(subject), autoescape=True),
                )
            )
        if since is not None:
            query = query.where(AuditRow.at >= since)
        if actor is not None:
            query = query.where(AuditRow.actor == actor)
        return [
            AuditEntry(at=row.at, actor=row.actor, action=row.action, subject=row.subject, detail=row.detail)
            for row in self._session.scalars(query)
        ]
