"""Answer an alert: take it, put it off, take that back, give the case to a colleague.

One person wins, and everybody after learns who that was and since when.  The alert's row is locked before
anything is decided, so this holds however many press at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.alert_messages import AlertNews
from bot.core.alerts import UNANSWERED, Alert, AlertState, opened_again, snoozed, taken, told
from bot.core.contacts import Contact, EventKind
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId, AlertId
from bot.core.messages import Recipient, RecipientKind
from bot.core.on_duty import reachable
from bot.core.settings import Settings
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases.alert_cards import news
from bot.usecases.alert_posts import Telling, goes_on_at, publish
from bot.usecases.case_events import case_event, tell
from bot.usecases.on_the_floor import Present, complained_about

__all__ = ["GIVEN", "AckResult", "acknowledge", "give", "snooze", "undo"]

GIVEN = "given"
"""Level of somebody whom a lead gave the case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AckResult:
    """``won``: what was asked was done, or had been done by the same person.

    ``taken_by`` and ``taken_at``: who has it (or snoozed it) and since when; for an alert that was over
    before anybody took it, who answered the customer ("" where unknown) and when.  ``until``: of a snooze.
    """

    won: bool
    taken_by: str
    taken_at: datetime
    state: AlertState
    until: datetime | None = None


def acknowledge(store: Store, settings: Settings, alert: AlertId, *, actor: str, now: datetime) -> AckResult:
    """Take an alert; its escalation stops and its posts are edited, in one transaction.

    ``actor`` is an agent id or Slack user id.  Raises NotFoundError where the alert does not exist.
    """
    with store.unit() as uow:
        held, contact = found(uow, alert)
        if held.state in UNANSWERED:
            held = taken(held, actor, now)
            _changed(uow, settings, held, contact, "taken", actor, now)
            uow.audit.add(actor, "alert_acknowledged", f"alert:{alert}", {"ref": held.ref}, now)
            uow.commit()
    return _result(held, actor, now, AlertState.ACKNOWLEDGED)


def snooze(store: Store, settings: Settings, alert: AlertId, *, actor: str, now: datetime) -> AckResult:
    """Put an alert off for ``alerts.snooze``; it comes back by itself.  As ``acknowledge`` otherwise."""
    with store.unit() as uow:
        held, contact = found(uow, alert)
        if held.state in UNANSWERED:
            until = now + settings.alerts.snooze
            held = snoozed(held, actor, now, until)
            _changed(uow, settings, held, contact, "snoozed", actor, now, until=until)
            detail = {"ref": held.ref, "until": until.isoformat()}
            uow.audit.add(actor, "alert_snoozed", f"alert:{alert}", detail, now)
            uow.commit()
    return _result(held, actor, now, AlertState.SNOOZED)


def undo(store: Store, settings: Settings, alert: AlertId, *, actor: str, lead: bool, now: datetime) -> Alert:
    """Take back that an alert was taken or snoozed: the escalation goes on where it stood.

    Within ``alerts.undo``, by the same person or a lead.  Raises RefusedError otherwise, NotFoundError
    where the alert does not exist.
    """
    with store.unit() as uow:
        held, contact = found(uow, alert)
        by, at = held.answered_by, held.answered_at
        if by is None or at is None or held.state not in (AlertState.ACKNOWLEDGED, AlertState.SNOOZED):
            raise RefusedError(
                "nothing_to_undo",
                f"nobody has taken or snoozed alert {alert}; nothing was changed.",
                alert=alert,
            )
        if by != actor and not lead:
            raise RefusedError(
                "undo_not_yours",
                f"alert {alert} was taken by somebody else; nothing was changed. They or a lead can undo it.",
                alert=alert,
            )
        if now - at > settings.alerts.undo:
            raise RefusedError(
                "undo_too_late",
                f"alert {alert} was taken too long ago; nothing was changed.",
                alert=alert,
                minutes=int(settings.alerts.undo.total_seconds() // 60),
            )
        present = Present(uow, settings, now)
        held = opened_again(held, goes_on_at(present, held, now))
        _changed(uow, settings, held, contact, "undone", actor, now)
        uow.audit.add(actor, "alert_undone", f"alert:{alert}", {"ref": held.ref, "was": by}, now)
        uow.commit()
    return held


def give(
    store: Store, settings: Settings, alert: AlertId, *, to: AgentId, actor: str, now: datetime
) -> AckResult:
    """Give a case to a colleague: it is theirs, the alert is taken by them, and they are told.

    Where somebody has the alert already, nothing changes and the answer says who.  Raises RefusedError for
    somebody who cannot be given it, NotFoundError where the alert does not exist.
    """
    with store.unit() as uow:
        known = uow.alerts.get(alert)
        if known is not None:
            # The case first: everybody who changes both locks them in this order.
            uow.contacts.for_update([known.ref])
        held, contact = found(uow, alert)
        if held.state in UNANSWERED:
            _check_taker(uow, contact, to)
            tell(uow, settings, case_event(held.ref, EventKind.ASSIGNED, now, agent=to), now=now)
            held, contact = found(uow, alert)
            recipient = Recipient(kind=RecipientKind.AGENT, name=to, team=held.team)
            held = told(taken(held, to, now), GIVEN, (recipient,), now)
            _changed(uow, settings, held, contact, "given", actor, now, to=to, notice=(recipient,))
            uow.audit.add(actor, "alert_given", f"alert:{alert}", {"ref": held.ref, "to": to}, now)
            uow.commit()
    return _result(held, to, now, AlertState.ACKNOWLEDGED)


def found(uow: UnitOfWork, alert: AlertId) -> tuple[Alert, Contact]:
    """An alert, locked, with its case.  Raises NotFoundError where it does not exist (any more)."""
    held = uow.alerts.lock(alert)
    contact = None if held is None else uow.contacts.get(held.ref)
    if held is None or contact is None:
        raise NotFoundError(
            "alert_unknown",
            f"there is no alert {alert}; nothing was changed. Check its number; "
            "an alert is gone once its case is past its retention.",
            alert=alert,
        )
    return held, contact


def _check_taker(uow: UnitOfWork, contact: Contact, to: AgentId) -> None:
    agent = uow.people.get(to)
    if agent is None or not reachable(agent):
        raise RefusedError(
            "give_to_whom",
            f"{to} cannot be reached in Slack; nothing was changed. Give it to somebody else.",
            agent=to,
        )
    if to == complained_about(contact):
        raise RefusedError(
            "give_complained_about",
            f"the complaint of {contact.ref} is about {to}; nothing was changed. Give it to somebody else.",
            agent=to,
        )


def _changed(
    uow: UnitOfWork,
    settings: Settings,
    alert: Alert,
    contact: Contact,
    what: str,
    actor: str,
    now: datetime,
    *,
    to: str | None = None,
    until: datetime | None = None,
    notice: tuple[Recipient, ...] = (),
) -> None:
    present = Present(uow, settings, now)
    said: AlertNews = news(alert, what, present, by=actor, to=to, until=until)
    uow.alerts.save([alert])
    publish(uow, present, [Telling(alert=alert, contact=contact, news=said, to=notice)], now)


def _result(alert: Alert, actor: str, now: datetime, wanted: AlertState) -> AckResult:
    over = alert.state is AlertState.RESOLVED
    if alert.answered_by is not None and alert.answered_at is not None:
        by, at = alert.answered_by, alert.answered_at
    else:
        endings = [(c.over_at, c.over_by or "") for c in alert.concerns if c.over_at is not None]
        at, by = max(endings, default=(now, ""))
    won = by == actor and alert.state is wanted and not over
    return AckResult(won=won, taken_by=by, taken_at=at, state=alert.state, until=alert.snoozed_until)
