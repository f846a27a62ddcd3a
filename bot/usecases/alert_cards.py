"""The card of an alert: its state as every reader of its posts sees it.  Called inside a unit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.alert_messages import AlertCard, AlertNews, CardConcern
from bot.core.alerts import Alert, AlertState, Concern, ConcernKind
from bot.core.contacts import Contact, ContactType
from bot.core.escalation import WARNED, level_of
from bot.core.messages import Recipient, RecipientKind
from bot.core.settings import Settings
from bot.usecases.on_the_floor import Present, complained_about

__all__ = ["BREAKS", "REPEAT", "card", "card_concern", "card_for", "news", "next_level"]

LATE = timedelta(seconds=60)
"""A breach noticed less than this after it happened is not called late."""
REPEAT = "repeat"
BREAKS = "breach"
_OVER_SHOWN = 3


def card(alert: Alert, contact: Contact, present: Present) -> AlertCard:
    """The card as everybody's; ``card_for`` makes it one reader's."""
    live = alert.live
    over = [c for c in alert.concerns if not c.live]
    first = live[0] if live else None
    broken = next((c for c in live if c.kind is ConcernKind.BREACH and c.due_at is not None), None)
    level, at = next_level(alert, present.settings)
    return AlertCard(
        alert=alert.alert,
        ref=alert.ref,
        queue=alert.queue,
        priority=contact.priority.value,
        opened_at=contact.opened_at,
        state=alert.state.value,
        concerns=tuple(card_concern(c) for c in (*live, *over[-_OVER_SHOWN:])),
        owner=contact.agent,
        away=None if contact.agent is None or first is None else present.away(contact.agent),
        by=alert.answered_by,
        at=alert.answered_at,
        until=alert.snoozed_until,
        passed_over=alert.passed_over if live else (),
        next_level=level,
        next_at=at,
        cause=None if broken is None or broken.due_at is None else present.cause(alert.queue, broken),
        noticed_late_seconds=0.0 if broken is None else _late(broken),
        heard_at=present.heard_at,
        complaint=contact.type is ContactType.COMPLAINT,
        grouped=alert.storm is not None and bool(live),
        tags=tuple(sorted(contact.tags)),
    )


def card_for(
    recipient: Recipient, base: AlertCard, alert: Alert, contact: Contact, present: Present
) -> AlertCard:
    """The card for one reader: by which level they are told, whom it calls, to whom they may give it."""
    told = next((t for t in reversed(alert.told) if t.recipient.place == recipient.place), None)
    base = replace(
        base,
        level=None if told is None else told.level,
        escalated=told is not None and told.step > 0 and told.level != WARNED,
    )
    open_ = alert.state is not AlertState.RESOLVED
    if recipient.kind is RecipientKind.CHANNEL:
        calls = present.leads(alert.team, complained_about(contact)) if open_ and alert.pressing else ()
        return replace(base, mention=tuple(calls))
    leads = recipient.name != contact.agent and base.level != WARNED
    return replace(base, colleagues=present.colleagues(contact) if open_ and leads else ())


def news(
    alert: Alert, what: str, present: Present, concern: Concern | None = None, **fields: object
) -> AlertNews:
    """What just happened, as said in the thread."""
    values = {
        "alert": alert.alert,
        "ref": alert.ref,
        "queue": alert.queue,
        "what": what,
        "at": present.now,
        "concern": None if concern is None else card_concern(concern),
        "over": alert.state is AlertState.RESOLVED,
        **fields,
    }
    return AlertNews(**values)  # type: ignore[arg-type]


def card_concern(concern: Concern) -> CardConcern:
    return CardConcern(
        kind=concern.kind.value,
        since=concern.since,
        measure=None if concern.measure is None else concern.measure.value,
        due_at=concern.due_at,
        fraction=concern.fraction,
        over_at=concern.over_at,
        over_by=concern.over_by,
        ending=None if concern.ending is None else concern.ending.value,
        excused=concern.excused,
    )


def next_level(alert: Alert, settings: Settings) -> tuple[str | None, datetime | None]:
    """What happens next unless somebody takes it: the level (or a repeat, or the breach) and when."""
    if alert.state is not AlertState.OPEN or alert.storm is not None:
        return None, None
    if not alert.pressing:
        due = min((c.due_at for c in alert.live if c.due_at is not None), default=None)
        return (None, None) if due is None else (BREAKS, due)
    if alert.next_step_at is None:
        return None, None
    chain = settings.chains[settings.teams[alert.team].escalation]
    return level_of(chain, alert.step + 1) or REPEAT, alert.next_step_at


def _late(concern: Concern) -> float:
    if concern.noticed_at is None or concern.due_at is None:
        return 0.0
    late = concern.noticed_at - concern.due_at
    return late.total_seconds() if late >= LATE else 0.0
