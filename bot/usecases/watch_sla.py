"""Watch the clocks: what has become due turns into warnings and breaches, each told once."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from bot.core.alerts import AlertKind
from bot.core.escalation import first_step, step_at
from bot.core.messages import OperatorNotice
from bot.core.settings import Settings
from bot.core.sla import SlaClock, Verdict, VerdictKind, counted_by, judge
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases.alert_posts import Present, tell_step, tell_warning
from bot.usecases.operator_notices import tell_operators

__all__ = ["next_due", "tick"]

log = structlog.get_logger(__name__)

_SET_ASIDE = timedelta(minutes=5)


def tick(store: Store, settings: Settings, *, now: datetime, limit: int = 500) -> int:
    """Judge every clock that has something to say; returns how many were handled.

    Clock, alert and messages change in one transaction.  A clock that another process judged first is
    left to it.  One that cannot be judged is set aside for five minutes and does not stop the others.
    """
    handled = 0
    with store.unit() as uow:
        present = Present(uow, settings)
        for clock in uow.clocks.due(now, limit):
            try:
                with uow.part():
                    handled += _look(uow, settings, present, clock, now)
            except Exception as error:
                log.exception("clock_set_aside", contact=clock.ref, measure=clock.measure.value)
                uow.clocks.postpone(clock, now + _SET_ASIDE)
                tell_operators(
                    uow,
                    settings,
                    OperatorNotice(code="clock_failed", subject=clock.ref, detail=type(error).__name__),
                    now,
                )
        uow.commit()
    return handled


def next_due(store: Store) -> datetime | None:
    """When the next clock has something to say; None with nothing to watch."""
    with store.unit() as uow:
        return uow.clocks.next_due()


def _look(uow: UnitOfWork, settings: Settings, present: Present, clock: SlaClock, now: datetime) -> bool:
    contact = uow.contacts.get(clock.ref)
    if contact is None:
        return False
    queue = settings.queues.get(contact.queue)
    if queue is None:
        # The queue has left app.yaml: nobody would be told, so the operator is, and the clock keeps asking.
        uow.clocks.postpone(clock, now + _SET_ASIDE)
        notice = OperatorNotice(code="queue_unknown", subject=contact.queue, detail=contact.ref)
        tell_operators(uow, settings, notice, now)
        return False
    judged, verdict = judge(
        clock,
        now,
        counted=counted_by(settings.policies, clock),
        calendar=settings.calendars[queue.calendar],
        warn_at=settings.warn_at,
    )
    if not uow.clocks.claim(clock, judged):
        return False
    if verdict.kind is VerdictKind.NOTHING:
        return True
    _alert(uow, settings, present, judged, verdict, now)
    return True


def _alert(
    uow: UnitOfWork,
    settings: Settings,
    present: Present,
    clock: SlaClock,
    verdict: Verdict,
    now: datetime,
) -> None:
    contact = uow.contacts.get(clock.ref)
    assert contact is not None
    team = settings.teams[settings.queues[contact.queue].team]
    chain = settings.chains[team.escalation]
    breached = verdict.kind is VerdictKind.BREACH
    known = uow.alerts.of(clock.ref, clock.measure)
    if known is not None and known.kind is AlertKind.BREACH and known.due_at == clock.due_at:
        return  # a reopened contact: this promise was broken, and told, before
    opened_at = verdict.at or now
    alert = uow.alerts.open(
        kind=AlertKind.BREACH if breached else AlertKind.WARNING,
        ref=clock.ref,
        queue=contact.queue,
        team=team.team,
        measure=clock.measure,
        opened_at=opened_at,
        due_at=clock.due_at,
        step=-1,
        next_step_at=step_at(chain, opened_at, 0) if breached else None,
    )
    if not breached:
        tell_warning(uow, present, alert, contact, verdict.fraction or 0.0, now)
        return
    leads = present.leads(team.team, now)
    decision = first_step(chain, alert, channel=team.channels["alerts"], leads=leads, now=now)
    if decision is not None and uow.alerts.claim_step(
        alert, step=decision.step, next_step_at=decision.next_step_at
    ):
        tell_step(uow, present, alert, contact, decision, now)
