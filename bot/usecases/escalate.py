"""Escalate: alerts nobody has taken in time go to the next step of their chain, then are said again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.core.alerts import Alert, AlertState, opened_again, repeat_after
from bot.core.contacts import Contact
from bot.core.escalation import next_step, step_at
from bot.core.messages import OperatorNotice
from bot.core.settings import Settings
from bot.store.failures import is_temporary
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases import watch_storms
from bot.usecases.alert_cards import news
from bot.usecases.alert_posts import Telling, at_step, goes_on_at, last_told, publish
from bot.usecases.on_the_floor import Present
from bot.usecases.operator_notices import tell_operators

__all__ = ["next_due", "tick"]

log = structlog.get_logger(__name__)

_SET_ASIDE = timedelta(minutes=5)


def tick(store: Store, settings: Settings, *, now: datetime, limit: int = 500) -> int:
    """Tell the step that is due of every open alert; returns how many were handled.

    Who is on duty is asked of the published roster at ``now``; where nobody reachable is, the next level
    is told, and that nobody was.  One alert that fails does not stop the others.
    """
    storms = watch_storms.tick(store, settings, now=now)
    return storms + _due(store, settings, now=now, limit=limit)


def _due(store: Store, settings: Settings, *, now: datetime, limit: int) -> int:
    if (due := next_due(store)) is None or due > now:
        return 0
    with store.unit() as uow:
        alerts = uow.alerts.due(now, limit)
        if not alerts:
            return 0
        contacts = uow.contacts.many({a.ref for a in alerts})
        present = Present(uow, settings, now)
        known = [(a, contacts[a.ref]) for a in alerts if a.ref in contacts]
        try:
            with uow.part():
                handled = _together(uow, present, known, now)
        except Exception as error:
            if is_temporary(error):
                raise  # the database, not an alert: the next tick looks again
            handled = sum(_alone(uow, present, alert, contact, now) for alert, contact in known)
        uow.commit()
    return handled


def next_due(store: Store) -> datetime | None:
    """When the next step is due; None with nothing to escalate."""
    with store.read() as uow:
        return uow.alerts.next_due()


def _alone(uow: UnitOfWork, present: Present, alert: Alert, contact: Contact, now: datetime) -> int:
    try:
        with uow.part():
            return _together(uow, present, [(alert, contact)], now)
    except Exception as error:
        if is_temporary(error):
            raise
        log.exception("alert_set_aside", alert=alert.alert)
        uow.alerts.postpone(alert, now + _SET_ASIDE)
        subject, detail = str(alert.alert), type(error).__name__
        notice = OperatorNotice(code="escalation_failed", subject=subject, detail=detail)
        tell_operators(uow, present.settings, notice, now)
        return 0


def _together(
    uow: UnitOfWork, present: Present, alerts: Sequence[tuple[Alert, Contact]], now: datetime
) -> int:
    moved: list[Alert] = []
    tellings: list[Telling] = []
    for alert, contact in alerts:
        after, telling = _step(present, alert, contact, now)
        moved.append(after)
        if telling is not None:
            tellings.append(telling)
    uow.alerts.save(moved)
    publish(uow, present, tellings, now)
    return len(moved)


def _step(present: Present, alert: Alert, contact: Contact, now: datetime) -> tuple[Alert, Telling | None]:
    if alert.state is AlertState.SNOOZED:
        return _back(present, alert, contact, now)
    chain = present.settings.chains[present.settings.teams[alert.team].escalation]
    decision = next_step(
        chain,
        alert.opened_at,
        alert.step,
        team=alert.team,
        reach=present.reach(alert.team, contact),
        now=now,
    )
    if decision is not None:
        what = "escalated"
        after = at_step(present, alert, decision, now)
        to = decision.recipients
        fields: dict[str, object] = {"level": decision.level, "passed_over": decision.passed_over}
    else:
        later = step_at(chain, alert.opened_at, alert.step + 1)
        if later is not None and later > now:
            # The chain in app.yaml has become slower since.
            return replace(alert, next_step_at=later), None
        first = present.settings.alerts.repeat
        if first is None or not alert.told:
            return replace(alert, next_step_at=None), None
        wait = repeat_after(alert.repeats + 1, first=first, most=present.settings.alerts.repeat_most)
        after = replace(alert, repeats=alert.repeats + 1, next_step_at=now + wait)
        to = last_told(alert)
        what, fields = "repeated", {}
    after = replace(after, revision=alert.revision + 1)
    said = news(after, what, present, after.live[0] if after.live else None, **fields)
    return after, Telling(alert=after, contact=contact, news=said, to=to)


def _back(present: Present, alert: Alert, contact: Contact, now: datetime) -> tuple[Alert, Telling]:
    """A snooze is over: those whose turn it is, and who snoozed it, are told."""
    by = alert.answered_by
    after = opened_again(alert, goes_on_at(present, alert, now))
    said = news(after, "back", present, after.live[0] if after.live else None, by=by)
    mine = tuple(t.recipient for t in alert.told if t.recipient.name == by)
    to = (*last_told(alert), *mine)
    return after, Telling(alert=after, contact=contact, news=said, to=tuple(dict.fromkeys(to)))
