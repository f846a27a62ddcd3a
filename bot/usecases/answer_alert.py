"""Answer an alert: the first who takes it has it, and everybody after learns who that was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.alerts import Alert, AlertState, over, taken
from bot.core.contacts import Contact
from bot.core.errors import NotFoundError
from bot.core.ids import AlertId
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.alert_posts import edit_posts

__all__ = ["AckResult", "acknowledge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AckResult:
    """``won``: the actor has the alert, by this press or an earlier one of theirs.

    ``taken_by`` and ``taken_at``: who took it and when; for an alert that was over before anybody took it,
    who answered the customer ("" where unknown) and when.
    """

    won: bool
    taken_by: str
    taken_at: datetime
    state: AlertState


def acknowledge(
    store: Store,
    settings: Settings,  # noqa: ARG001 - as every use case
    alert: AlertId,
    *,
    actor: str,
    now: datetime,
) -> AckResult:
    """Take an alert; its escalation stops and its posts are edited, in one transaction.

    ``actor`` is an agent id or Slack user id.  Raises NotFoundError where the alert does not exist.
    """
    with store.unit() as uow:
        won = uow.alerts.acknowledge(alert, actor=actor, now=now)
        held = uow.alerts.get(alert)
        contact = None if held is None else uow.contacts.get(held.ref)
        if held is None or contact is None:
            raise NotFoundError(
                "alert_unknown",
                f"alert {alert} does not exist (any more); nothing was changed. "
                "Its case may be past its retention.",
                alert=alert,
            )
        if won:
            edit_posts(uow, held, taken(held, contact, by=actor, at=now), now)
            uow.audit.add(actor, "alert_acknowledged", f"alert:{alert}", {"ref": held.ref}, now)
            uow.commit()
    return _result(held, contact, actor, now)


def _result(alert: Alert, contact: Contact, actor: str, now: datetime) -> AckResult:
    if alert.acknowledged_by is not None and alert.acknowledged_at is not None:
        by, at = alert.acknowledged_by, alert.acknowledged_at
    else:
        ended = over(alert, contact, now)
        by, at = ended.by or "", ended.answered_at
    return AckResult(won=by == actor, taken_by=by, taken_at=at, state=alert.state)
