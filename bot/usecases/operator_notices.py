"""Tell the operators what Muster could not do.  Called inside a unit."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.core.messages import OperatorNotice, Outgoing, Recipient, RecipientKind, Urgency
from bot.core.people import Role
from bot.core.settings import Settings
from bot.store.unit_of_work import UnitOfWork


def tell_operators(uow: UnitOfWork, settings: Settings, notice: OperatorNotice, now: datetime) -> None:
    """One direct message to each admin, at most once a day (UTC) per code and subject."""
    for admin in admins(settings):
        key = f"notice:{notice.code}:{notice.subject}:{now.astimezone(UTC):%Y-%m-%d}:{admin.name}"
        uow.outbox.put(
            Outgoing(recipient=admin, message=notice, dedupe_key=key, urgency=Urgency.NOTICE, not_before=now),
            now,
        )


def admins(settings: Settings) -> tuple[Recipient, ...]:
    """The people app.yaml names as admins, by e-mail."""
    return tuple(
        Recipient(kind=RecipientKind.EMAIL, name=email)
        for email, role in sorted(settings.roles.by_email.items())
        if role is Role.ADMIN
    )
