"""Why did I get this alert, and what comes next: for whoever asks.  Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.alerts import Alert, AlertState
from bot.core.contacts import Contact
from bot.core.errors import NotFoundError
from bot.core.escalation import LAST_RESORT, step_at
from bot.core.ids import AlertId
from bot.core.messages import Recipient, RecipientKind
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.on_the_floor import Present

__all__ = ["Coming", "Why", "explain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A step ahead: when, which level, and whom it would reach as the roster stands now."""

    at: datetime
    level: str
    recipients: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """``level`` and ``told_at``: by which level this person was told and when; None where nobody told them
    (they read it in a channel).  ``coming``: what happens unless somebody takes it."""

    alert: Alert
    level: str | None
    told_at: datetime | None
    coming: tuple[Coming, ...]
    repeats_at: datetime | None


def explain(
    store: Store, settings: Settings, alert: AlertId, *, actor: str, email: str | None, now: datetime
) -> Why:
    """What this person is to know about an alert.  Raises NotFoundError where it does not exist."""
    with store.read() as uow:
        held = uow.alerts.get(alert)
        contact = None if held is None else uow.contacts.get(held.ref)
        if held is None or contact is None:
            raise NotFoundError(
                "alert_unknown",
                f"there is no alert {alert}; nothing was changed. Check its number; "
                "an alert is gone once its case is past its retention.",
                alert=alert,
            )
        present = Present(uow, settings, now)
        mine = [t for t in held.told if _is(t.recipient, actor, email)]
        last = mine[-1] if mine else None
        return Why(
            alert=held,
            level=None if last is None else last.level,
            told_at=None if last is None else last.at,
            coming=tuple(_coming(present, held, contact, now)),
            repeats_at=_repeats_at(present, held),
        )


def _is(recipient: Recipient, actor: str, email: str | None) -> bool:
    if recipient.kind is RecipientKind.AGENT:
        return recipient.name == actor
    return recipient.kind is RecipientKind.EMAIL and email is not None and recipient.name == email.lower()


def _coming(present: Present, alert: Alert, contact: Contact, now: datetime) -> list[Coming]:
    if alert.state not in (AlertState.OPEN, AlertState.SNOOZED) or not alert.pressing:
        return []
    chain = present.settings.chains[present.settings.teams[alert.team].escalation]
    reach = present.reach(alert.team, contact)
    found: list[Coming] = []
    for number in range(alert.step + 1, len(chain.steps)):
        at = step_at(chain, alert.opened_at, number) or now
        step = chain.steps[number]
        earliest = alert.snoozed_until or now
        found.append(Coming(at=max(at, earliest), level=step.notify.value, recipients=reach(step)))
    if found and not any(c.recipients for c in found):
        resort = Recipient(kind=RecipientKind.EMAIL, name=chain.last_resort, team=alert.team)
        found.append(Coming(at=found[0].at, level=LAST_RESORT, recipients=(resort,)))
    return found


def _repeats_at(present: Present, alert: Alert) -> datetime | None:
    chain = present.settings.chains[present.settings.teams[alert.team].escalation]
    last = alert.step >= len(chain.steps) - 1
    return alert.next_step_at if last and alert.state is AlertState.OPEN and alert.pressing else None
