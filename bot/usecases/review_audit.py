"""The audit trail for whoever may read it, and what is put into it besides: refused attempts."""

from __future__ import annotations

from datetime import datetime

from bot.core.audit import AuditEntry
from bot.store.unit_of_work import Store

__all__ = ["REFUSED", "note_refusal", "trail"]

REFUSED = "refused"
"""The action of an entry about something that was not permitted."""


def trail(
    store: Store,
    *,
    since: datetime | None = None,
    subject: str | None = None,
    actor: str | None = None,
    limit: int,
) -> list[AuditEntry]:
    """The newest entries first; ``subject``: a case, an alert or an agent, in the subject or the detail."""
    with store.read() as uow:
        return uow.audit.entries(subject=subject, since=since, actor=actor, limit=limit)


def note_refusal(store: Store, *, actor: str, what: str, kind: str, now: datetime) -> None:
    """Somebody tried what their role does not permit."""
    with store.unit() as uow:
        uow.audit.add(actor, REFUSED, what, {"kind": kind}, now)
        uow.commit()
