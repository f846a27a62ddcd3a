"""The audit trail for whoever may read it, and what is put into it besides: refused attempts, files given."""

from __future__ import annotations

from datetime import datetime

from bot.core.audit import AuditEntry
from bot.core.import_report import ImportReport
from bot.store.unit_of_work import Store

__all__ = ["REFUSED", "note_import", "note_refusal", "take_upload", "trail"]

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


def take_upload(store: Store, file: str, *, now: datetime) -> bool:
    """True for one caller per file given in Slack, which tells of it again where an answer is late."""
    with store.unit() as uow:
        taken = uow.job_slots.take("upload", file, now)
        uow.commit()
    return taken


def note_import(store: Store, report: ImportReport, *, actor: str, now: datetime) -> None:
    """Somebody gave a file: its kind and how many rows, never its name or what stands in it."""
    counts = report.counts
    detail = {
        "read": report.read,
        "new": counts.new,
        "changed": counts.changed,
        "unchanged": counts.unchanged,
        "refused": len(report.refused),
    }
    with store.unit() as uow:
        uow.audit.add(actor, "file.imported", f"file:{report.kind}", detail, now)
        uow.commit()
