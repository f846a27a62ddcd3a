"""Watch the clocks: what has become due turns into warnings and breaches, each told once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.core.alerts import Alert, AlertKind
from bot.core.contacts import Contact
from bot.core.courses import Measure
from bot.core.escalation import first_step, step_at
from bot.core.ids import ContactRef
from bot.core.messages import OperatorNotice
from bot.core.settings import Settings
from bot.core.sla import SlaClock, Verdict, VerdictKind, judge
from bot.store.failures import is_temporary
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
    with store.unit() as uow:
        clocks = uow.clocks.due(now, limit)
        if not clocks:
            return 0
        refs = {clock.ref for clock in clocks}
        watch = _Watch(
            uow=uow,
            settings=settings,
            present=Present(uow, settings),
            contacts=uow.contacts.many(refs),
            alerts=uow.alerts.of_contacts(refs),
            now=now,
        )
        try:
            with uow.part():
                handled = sum(watch.look(clock) for clock in clocks)
        except Exception as error:
            if is_temporary(error):
                raise  # the database, not a clock: the next tick looks again
            handled = sum(_alone(watch, clock) for clock in clocks)
        uow.commit()
    return handled


def next_due(store: Store) -> datetime | None:
    """When the next clock has something to say; None with nothing to watch."""
    with store.read() as uow:
        return uow.clocks.next_due()


def _alone(watch: _Watch, clock: SlaClock) -> bool:
    """One clock in a part of its own; where it fails, it waits and the others do not."""
    try:
        with watch.uow.part():
            return watch.look(clock)
    except Exception as error:
        if is_temporary(error):
            raise
        log.exception("clock_set_aside", contact=clock.ref, measure=clock.measure.value)
        watch.set_aside(clock, code="clock_failed", subject=clock.ref, detail=type(error).__name__)
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watch:
    """What a tick knows of its due clocks, asked once for all of them; ``alerts`` as they stood before."""

    uow: UnitOfWork
    settings: Settings
    present: Present
    contacts: Mapping[ContactRef, Contact]
    alerts: Mapping[tuple[ContactRef, Measure], Alert]
    now: datetime

    def look(self, clock: SlaClock) -> bool:
        contact = self.contacts.get(clock.ref)
        if contact is None:
            return False
        queue = self.settings.queues.get(contact.queue)
        if queue is None:
            # The queue has left app.yaml: nobody would be told, so the operator is; the clock keeps asking.
            self.set_aside(clock, code="queue_unknown", subject=contact.queue, detail=contact.ref)
            return False
        judged, verdict = judge(clock, self.now)
        if not self.uow.clocks.claim(clock, judged):
            return False
        if verdict.kind is not VerdictKind.NOTHING:
            self._alert(judged, contact, verdict)
        return True

    def set_aside(self, clock: SlaClock, *, code: str, subject: str, detail: str) -> None:
        self.uow.clocks.postpone(clock, self.now + _SET_ASIDE)
        notice = OperatorNotice(code=code, subject=subject, detail=detail)
        tell_operators(self.uow, self.settings, notice, self.now)

    def _alert(self, clock: SlaClock, contact: Contact, verdict: Verdict) -> None:
        uow, now = self.uow, self.now
        team = self.settings.teams[self.settings.queues[contact.queue].team]
        chain = self.settings.chains[team.escalation]
        breached = verdict.kind is VerdictKind.BREACH
        known = self.alerts.get((clock.ref, clock.measure))
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
            tell_warning(uow, self.present, alert, contact, verdict.fraction or 0.0, now)
            return
        leads = self.present.leads(team.team, now)
        decision = first_step(chain, alert, channel=team.channels["alerts"], leads=leads, now=now)
        if decision is not None and uow.alerts.claim_step(
            alert, step=decision.step, next_step_at=decision.next_step_at
        ):
            tell_step(uow, self.present, alert, contact, decision, now)
