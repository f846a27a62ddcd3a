"""What a planner is told of work that takes a while.  They name rules and gaps of a roster, no customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRule:
    """``amount`` was found where ``limit`` is allowed."""

    rule: str
    agent: str
    day: date
    amount: float
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGap:
    """``missing`` people in [start, end).

    ``rules``: the smallest set that keeps everybody out; ``skilled`` people have the skill, ``at_work`` of
    them work then.  ``free``: somebody could come without breaking a rule.
    """

    queue: str
    start: datetime
    end: datetime
    missing: int
    skilled: int = 0
    at_work: int = 0
    rules: tuple[str, ...] = ()
    free: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One value that an error's sentence names."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveCard:
    """A solve that was asked for, as it stands; each later one takes the place of the one before.

    ``state``: a `bot.core.runs.RunState`.  While it runs: ``seconds`` of at most ``limit_seconds``, and the
    figures so far; ``stopping``: it was asked to stop.  ``again``: it was interrupted and will begin anew.
    At the end: the draft ``roster`` with its ``outcome``, or ``error`` with the ``details`` of its sentence.
    ``uncovered`` stretches are short of people, ``missing_hours`` in all; ``gaps`` are the largest of them.
    ``interrupted``: Muster itself was stopped, the roster is the best until then.
    """

    run: int
    first: date
    days: int
    state: str
    limit_seconds: float
    seconds: float | None = None
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    solutions: int = 0
    stopping: bool = False
    again: bool = False
    roster: int | None = None
    outcome: str | None = None
    interrupted: bool = False
    agents: int = 0
    shifts: int = 0
    paid_hours: float = 0.0
    violations: int = 0
    broken: tuple[BrokenRule, ...] = ()
    unmet: int = 0
    uncovered: int = 0
    missing_hours: float = 0.0
    gaps: tuple[OpenGap, ...] = ()
    error: str | None = None
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheapestFix:
    """One change that puts somebody into a weak peak; ``kind`` is a `bot.core.peak_fixes.FixKind`."""

    kind: str
    start: datetime
    end: datetime
    agent: str | None = None
    before: datetime | None = None
    paid_minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WeakPeak:
    """A peak's probability of meeting its target; ``missing`` people would bring it to the threshold."""

    queue: str
    start: datetime
    end: datetime
    probability: float
    agents: float
    level: float | None = None
    missing: int = 0
    fix: CheapestFix | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateCard:
    """A certificate that was asked for, as it stands; each later one takes the place of the one before.

    ``state``: a `bot.core.runs.RunState`; ``played`` of ``paths`` weeks so far.  At the end: ``weakest``
    against ``threshold``, and the weakest ``peaks``; ``not_played``: queues without a forecast.
    """

    run: int
    roster: int
    first: date
    days: int
    state: str
    paths: int
    played: int = 0
    again: bool = False
    weakest: float | None = None
    threshold: float = 0.0
    inside_share: float = 0.0
    peaks: tuple[WeakPeak, ...] = ()
    not_played: tuple[str, ...] = ()
    error: str | None = None
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """Somebody whom a publication did not reach; ``code`` is Slack's or ours."""

    agent: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationCard:
    """Whom a publication has reached (SCENARIOS P7).  ``waiting``: messages that may still arrive."""

    run: int
    roster: int
    first: date
    days: int
    told: int
    waiting: int
    untold: tuple[Untold, ...] = ()


PlannerMessage = SolveCard | CertificateCard | PublicationCard

KINDS: Final[Mapping[str, type[Any]]] = {
    "solve_card": SolveCard,
    "certificate_card": CertificateCard,
    "publication_card": PublicationCard,
}
