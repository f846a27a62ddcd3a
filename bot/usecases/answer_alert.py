"""Answer an alert: the first who takes it has it, and everybody after learns who that was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.alerts import Alert, AlertState
from bot.core.contacts import Contact
from bot.core.errors import NotFoundError
from bot.core.ids import AlertId
from bot.core.settings import Settings
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases.alert_cards import news
from bot.usecases.alert_posts import Telling, publish
from bot.usecases.on_the_floor import Present

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


def acknowledge(store: Store, settings: Settings, alert: AlertId, *, actor: str, now: datetime) -> AckResult:
    """Take an alert; its escalation stops and its posts are edited, in one transaction.

    ``actor`` is an agent id or Slack user id.  Raises NotFoundError where the alert does not exist.
    """
    with store.unit() as uow:
        won = uow.alerts.acknowledge(alert, actor=actor, now=now)
        held, contact = found(uow, alert)
        if won:
            present = Present(uow, settings, now)
            said = news(held, "taken", present, by=actor)
            publish(uow, present, [Telling(alert=held, contact=contact, news=said)], now)
            uow.audit.add(actor, "alert_acknowledged", f"alert:{alert}", {"ref": held.ref}, now)
            uow.commit()
    return _result(held, actor, now)


def found(uow: UnitOfWork, alert: AlertId) -> tuple[Alert, Contact]:
    """An alert with its case.  Raises NotFoundError where it does not exist (any more)."""
    held = uow.alerts.lock(alert)
    contact = None if held is None else uow.contacts.get(held.ref)
    if held is None or contact is None:
        raise NotFoundError(
            "alert_unknown",
            f"alert {alert} does not exist (any more); nothing was changed. "
            "Its case may be past its retention.",
            alert=alert,
        )
    return held, contact


def _result(alert: Alert, actor: str, now: datetime) -> AckResult:
    if alert.answered_by is not None and alert.answered_at is not None:
        by, at = alert.answered_by, alert.answered_at
    else:
        over = [(c.over_at, c.over_by or "") for c in alert.concerns if c.over_at is not None]
        at, by = max(over, default=(now, ""))
    won = by == actor and alert.state is AlertState.ACKNOWLEDGED
    return AckResult(won=won, taken_by=by, taken_at=at, state=alert.state)
