"""Watch the clocks: what has become due turns into warnings and breaches, each told once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.core.alerts import Concern, ConcernKind, clock_key
from bot.core.contacts import Contact
from bot.core.exception_windows import ExceptionWindow, excusing
from bot.core.ids import ContactRef
from bot.core.messages import OperatorNotice
from bot.core.settings import Settings
from bot.core.sla import SlaClock, Verdict, VerdictKind, judge
from bot.store.failures import is_temporary
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases import delay_notices
from bot.usecases.alert_posts import raise_concerns
from bot.usecases.on_the_floor import Present
from bot.usecases.operator_notices import tell_operators

__all__ = ["next_due", "tick"]

log = structlog.get_logger(__name__)

_SET_ASIDE = timedelta(minutes=5)


def tick(store: Store, settings: Settings, *, now: datetime, limit: int = 1000) -> int:
    """Judge every clock that has something to say; returns how many were handled.

    Clock, alert and messages change in one transaction, in a number of statements that does not grow with
    the clocks.  A clock that another process judges is left to it.  Where one fails, each is judged
    alone: that one is set aside for five minutes and does not stop the others.
    """
    if (due := next_due(store)) is None or due > now:
        return 0  # looked at each second: what is not due keeps no writer waiting
    with store.unit() as uow:
        clocks = uow.clocks.due(now, limit)
        if not clocks:
            return 0
        watch = _Watch(
            uow=uow,
            settings=settings,
            present=Present(uow, settings, now),
            contacts=uow.contacts.many({clock.ref for clock in clocks}),
            now=now,
        )
        try:
            with uow.part():
                handled = watch.look(clocks)
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


def _alone(watch: _Watch, clock: SlaClock) -> int:
    """One clock in a part of its own; where it fails, it waits and the others do not."""
    try:
        with watch.uow.part():
            return watch.look([clock])
    except Exception as error:
        if is_temporary(error):
            raise
        log.exception("clock_set_aside", contact=clock.ref, measure=clock.measure.value)
        watch.set_aside(clock, code="clock_failed", subject=clock.ref, detail=type(error).__name__)
        return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watch:
    """What a tick knows of its due clocks, asked once for all of them."""

    uow: UnitOfWork
    settings: Settings
    present: Present
    contacts: Mapping[ContactRef, Contact]
    now: datetime

    def look(self, clocks: Sequence[SlaClock]) -> int:
        windows = self.uow.exception_windows.between(min(c.due_at for c in clocks), self.now)
        judged: list[tuple[SlaClock, SlaClock]] = []
        found: list[tuple[Contact, Concern]] = []
        warned: list[delay_notices.Warned] = []
        for clock in clocks:
            contact = self.contacts.get(clock.ref)
            if contact is None:
                continue
            if contact.queue not in self.settings.queues:
                # The queue has left app.yaml: the operator is told instead; the clock keeps asking.
                self.set_aside(clock, code="queue_unknown", subject=contact.queue, detail=contact.ref)
                continue
            after, verdict = judge(clock, self.now)
            judged.append((clock, after))
            if verdict.kind is not VerdictKind.NOTHING:
                found.append((contact, self._concern(after, verdict, contact, windows)))
            if verdict.kind is VerdictKind.WARNING:
                fraction = verdict.fraction or 0.0
                warned.append(delay_notices.Warned(contact=contact, clock=after, fraction=fraction))
        self.uow.clocks.judged(judged)
        raise_concerns(self.uow, self.settings, found, self.now, present=self.present)
        delay_notices.offer(self.uow, self.settings, warned, self.now, present=self.present)
        return len(judged)

    def set_aside(self, clock: SlaClock, *, code: str, subject: str, detail: str) -> None:
        self.uow.clocks.postpone(clock, self.now + _SET_ASIDE)
        notice = OperatorNotice(code=code, subject=subject, detail=detail)
        tell_operators(self.uow, self.settings, notice, self.now)

    def _concern(
        self, clock: SlaClock, verdict: Verdict, contact: Contact, windows: Sequence[ExceptionWindow]
    ) -> Concern:
        breached = verdict.kind is VerdictKind.BREACH
        window = None
        if breached:
            team = self.settings.queues[contact.queue].team
            window = excusing(windows, team=team, queue=contact.queue, at=clock.due_at)
        return Concern(
            kind=ConcernKind.BREACH if breached else ConcernKind.WARNING,
            key=clock_key(*clock.key),
            since=verdict.at or self.now,
            measure=clock.measure,
            due_at=clock.due_at,
            fraction=verdict.fraction,
            excused=None if window is None else window.reason,
        )
