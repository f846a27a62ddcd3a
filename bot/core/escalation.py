"""EscalationChain: who is told, in order, until one answers (ES4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from bot.core.messages import Recipient, RecipientKind


class Notify(Enum):
    """The levels; each step of a chain names one."""

    CHANNEL = "channel"  # the team's alert channel
    OWNER = "owner"  # direct message to the agent who has the case, while on shift
    LEAD_ON_DUTY = "lead_on_duty"  # direct message to the leads on shift by the published roster
    SUPERVISOR = "supervisor"  # direct message to people on shift with a skill, else to named addresses
    DEPARTMENT = "department"  # a channel of another department
    PERSON = "person"  # direct message to a named e-mail address


LAST_RESORT: Final = "last_resort"
"""Level of the address that is told when no level has anybody."""
WARNED: Final = "warning"
"""Level of those who are told that a promise runs out."""
SUPERVISOR_SKILL: Final = "supervisor"


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationStep:
    """``after`` counts from the opening of the alert and is the time-out of the steps before.

    ``email`` only with PERSON, ``channel`` with DEPARTMENT, ``skill`` and ``emails`` with SUPERVISOR.
    """

    after: timedelta
    notify: Notify
    email: str | None = None
    channel: str | None = None
    skill: str = SUPERVISOR_SKILL
    emails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationChain:
    """``last_resort`` (an e-mail address) is told when no level left has anybody, and it says so."""

    name: str
    steps: tuple[EscalationStep, ...]
    last_resort: str


Reach = Callable[[EscalationStep], tuple[Recipient, ...]]
"""Whom a step reaches now; nobody where none of them is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDecision:
    """The step to tell now, whom, and when the next one is due (None: none left).

    ``passed_over``: levels that were due or asked in its place and had nobody.
    """

    step: int
    level: str
    recipients: tuple[Recipient, ...]
    passed_over: tuple[str, ...]
    next_step_at: datetime | None


def step_at(chain: EscalationChain, opened_at: datetime, step: int) -> datetime | None:
    """When a step of an alert is due; None past the end of the chain."""
    return opened_at + chain.steps[step].after if step < len(chain.steps) else None


def level_of(chain: EscalationChain, step: int) -> str | None:
    """The level of a step; None past the end of the chain."""
    return chain.steps[step].notify.value if step < len(chain.steps) else None


def first_step(
    chain: EscalationChain, opened_at: datetime, *, team: str, reach: Reach, now: datetime
) -> StepDecision | None:
    """The first step with anybody, even where later ones are due: a breach is said before it is escalated."""
    due = step_at(chain, opened_at, 0)
    if due is None or due > now:
        return None
    return _decide(chain, opened_at, 0, team=team, reach=reach)


def next_step(
    chain: EscalationChain, opened_at: datetime, told: int, *, team: str, reach: Reach, now: datetime
) -> StepDecision | None:
    """The step to tell at ``now`` after step ``told``; None while none is due or none is left.

    After an outage the furthest step due is told, and the ones between are not told one by one.  Where a
    step has nobody, the next one is told at once instead of when it would be due.
    """
    due = [step for step in range(told + 1, len(chain.steps)) if opened_at + chain.steps[step].after <= now]
    if not due:
        return None
    return _decide(chain, opened_at, due[-1], team=team, reach=reach)


def last_resort(chain: EscalationChain, team: str) -> Recipient:
    return Recipient(kind=RecipientKind.EMAIL, name=chain.last_resort, team=team)


def _decide(
    chain: EscalationChain, opened_at: datetime, step: int, *, team: str, reach: Reach
) -> StepDecision:
    passed: list[str] = []
    for number in range(step, len(chain.steps)):
        found = reach(chain.steps[number])
        level = chain.steps[number].notify.value
        if found:
            return StepDecision(
                step=number,
                level=level,
                recipients=found,
                passed_over=tuple(passed),
                next_step_at=step_at(chain, opened_at, number + 1),
            )
        passed.append(level)
    return StepDecision(
        step=len(chain.steps) - 1,
        level=LAST_RESORT,
        recipients=(last_resort(chain, team),),
        passed_over=tuple(dict.fromkeys(passed)),
        next_step_at=None,
    )
