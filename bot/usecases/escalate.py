"""Escalate: alerts nobody has taken in time go to the next step of their chain."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from bot.core.alerts import Alert
from bot.core.escalation import next_step, step_at
from bot.core.messages import OperatorNotice
from bot.core.settings import Settings
from bot.store.failures import is_temporary
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases.alert_posts import Present, tell_step
from bot.usecases.operator_notices import tell_operators

__all__ = ["next_due", "tick"]

log = structlog.get_logger(__name__)

_SET_ASIDE = timedelta(minutes=5)


def tick(store: Store, settings: Settings, *, now: datetime, limit: int = 200) -> int:
    """Tell the step that is due of every open alert; returns how many were handled.

    Who is on duty is asked of the published roster at ``now``; where nobody reachable is, the chain's
    last resort is told, and that nobody was.  One alert that fails does not stop the others.
    """
    handled = 0
    with store.unit() as uow:
        present = Present(uow, settings)
        for alert in uow.alerts.due_for_escalation(now, limit):
            try:
                with uow.part():
                    handled += _step(uow, settings, present, alert, now)
            except Exception as error:
                if is_temporary(error):
                    raise  # the database, not the alert: the next tick looks again
                log.exception("alert_set_aside", alert=alert.alert)
                uow.alerts.postpone(alert, now + _SET_ASIDE)
                subject, detail = str(alert.alert), type(error).__name__
                notice = OperatorNotice(code="escalation_failed", subject=subject, detail=detail)
                tell_operators(uow, settings, notice, now)
        uow.commit()
    return handled


def next_due(store: Store) -> datetime | None:
    """When the next step is due; None with nothing to escalate."""
    with store.read() as uow:
        return uow.alerts.next_due()


def _step(uow: UnitOfWork, settings: Settings, present: Present, alert: Alert, now: datetime) -> bool:
    contact = uow.contacts.get(alert.ref)
    if contact is None:
        return False
    team = settings.teams[alert.team]
    chain = settings.chains[team.escalation]
    decision = next_step(
        chain,
        alert,
        channel=team.channels["alerts"],
        leads=present.leads(team.team, now),
        now=now,
    )
    if decision is None:
        # The chain in app.yaml has become shorter or slower since.
        later = step_at(chain, alert.opened_at, alert.step + 1)
        return uow.alerts.claim_step(alert, step=alert.step, next_step_at=later)
    if not uow.alerts.claim_step(alert, step=decision.step, next_step_at=decision.next_step_at):
        return False
    tell_step(uow, present, alert, contact, decision, now)
    return True
