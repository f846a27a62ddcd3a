"""EscalationChain: who is told, in order, until one answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from bot.core.alerts import Alert
from bot.core.ids import AgentId
from bot.core.messages import Recipient, RecipientKind


class Notify(Enum):
    CHANNEL = "channel"  # the team's alert channel
    LEAD_ON_DUTY = "lead_on_duty"  # direct message to the lead on shift by the published roster
    PERSON = "person"  # direct message to a named e-mail address


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationStep:
    """``after`` counts from the opening of the alert; ``email`` only with PERSON."""

    after: timedelta
    notify: Notify
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationChain:
    """``last_resort`` (an e-mail address) is told when a step finds nobody on duty, and it says so."""

    name: str
    steps: tuple[EscalationStep, ...]
    last_resort: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDecision:
    """The step to tell now, whom, and when the next one is due (None: none left).

    ``nobody_on_duty``: the step asked for somebody on duty, nobody reachable was, the last resort is told.
    """

    step: int
    recipients: tuple[Recipient, ...]
    nobody_on_duty: bool
    next_step_at: datetime | None


def step_at(chain: EscalationChain, opened_at: datetime, step: int) -> datetime | None:
    """When a step of an alert is due; None past the end of the chain."""
    return opened_at + chain.steps[step].after if step < len(chain.steps) else None


def first_step(
    chain: EscalationChain, alert: Alert, *, channel: str, leads: Sequence[AgentId], now: datetime
) -> StepDecision | None:
    """Step 0, even where later ones are due as well: a breach is posted before it is escalated."""
    due = step_at(chain, alert.opened_at, 0)
    if due is None or due > now:
        return None
    return _decide(chain, alert, 0, channel=channel, leads=leads)


def next_step(
    chain: EscalationChain, alert: Alert, *, channel: str, leads: Sequence[AgentId], now: datetime
) -> StepDecision | None:
    """The step to tell at ``now``; None while the next one is not due or none is left.

    After an outage the furthest step due is told, and the ones between are not told one by one.
    ``leads``: reachable leads on duty at ``now``; ``channel``: the team's alert channel.
    """
    due = [
        step
        for step in range(alert.step + 1, len(chain.steps))
        if alert.opened_at + chain.steps[step].after <= now
    ]
    if not due:
        return None
    return _decide(chain, alert, due[-1], channel=channel, leads=leads)


def last_resort(chain: EscalationChain, team: str) -> Recipient:
    return Recipient(kind=RecipientKind.EMAIL, name=chain.last_resort, team=team)


def _decide(
    chain: EscalationChain, alert: Alert, step: int, *, channel: str, leads: Sequence[AgentId]
) -> StepDecision:
    rule = chain.steps[step]
    nobody = False
    if rule.notify is Notify.CHANNEL:
        told: tuple[Recipient, ...] = (Recipient(kind=RecipientKind.CHANNEL, name=channel, team=alert.team),)
    elif rule.notify is Notify.PERSON and rule.email is not None:
        told = (Recipient(kind=RecipientKind.EMAIL, name=rule.email, team=alert.team),)
    else:
        told = tuple(Recipient(kind=RecipientKind.AGENT, name=a, team=alert.team) for a in leads)
        nobody = not told
        told = told or (last_resort(chain, alert.team),)
    return StepDecision(
        step=step,
        recipients=told,
        nobody_on_duty=nobody,
        next_step_at=step_at(chain, alert.opened_at, step + 1),
    )
