"""SLA policies, targets and clocks: what was promised, when it is due, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from bot.core.calendar import (
    BusinessCalendar,
    add_business_time,
    business_time_between,
    close_of_business_after,
)
from bot.core.contacts import Contact, ContactType, Priority, answered_at
from bot.core.ids import ContactRef
from bot.core.queues import Channel


class Measure(Enum):
    FIRST_RESPONSE = "first_response"  # submitted to first reply (SP20)
    RESOLUTION = "resolution"  # submitted to solved (SP20)


class Counted(Enum):
    """T4: the unit of a target."""

    ELAPSED = "elapsed"  # clock time
    BUSINESS = "business"  # only while the queue's calendar is open
    WORKING_DAYS = "working_days"  # ends at close of business of the Nth working day after submission


class ClockState(Enum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"  # due passed without the stop; a late stop stays breached


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaTarget:
    """A promised duration and how it is counted; ``working_days`` is read only for WORKING_DAYS."""

    measure: Measure
    counted: Counted
    within: timedelta = timedelta(0)
    working_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaPolicy:
    """A row of the table (SP8).  An empty condition matches everything; the most specific row wins."""

    name: str
    channels: frozenset[Channel] = frozenset()
    types: frozenset[ContactType] = frozenset()
    priorities: frozenset[Priority] = frozenset()
    tiers: frozenset[str] = frozenset()
    targets: tuple[SlaTarget, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaClock:
    """One promise on one contact.  All times aware UTC.

    ``due_at`` is the moment of the breach, whenever it is noticed.  ``next_check_at`` is the earliest
    warning or breach still ahead; None when nothing is left to watch.  ``warned``: fractions already told.
    """

    ref: ContactRef
    measure: Measure
    policy: str
    started_at: datetime
    due_at: datetime
    state: ClockState
    next_check_at: datetime | None
    warned: tuple[float, ...] = ()
    stopped_at: datetime | None = None


class VerdictKind(Enum):
    NOTHING = "nothing"
    WARNING = "warning"
    BREACH = "breach"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a look at a clock found: ``at`` when it became true, ``fraction`` for warnings."""

    kind: VerdictKind
    at: datetime | None = None
    fraction: float | None = None


NOTHING: Final = Verdict(kind=VerdictKind.NOTHING)


def choose_policy(
    policies: Sequence[SlaPolicy], contact: Contact, measure: Measure
) -> tuple[SlaPolicy, SlaTarget] | None:
    """The row that promises ``measure`` to this contact; None where none does (SP8).

    A row matches when each of its conditions that is not empty contains the contact's value.  The row with
    the most conditions wins; of equals the first in the file.  Rows without a target for this measure do
    not take part, so a narrow row may tighten the first response and leave the resolution to a wider one.
    """
    best: tuple[int, SlaPolicy, SlaTarget] | None = None
    for policy in policies:
        target = next((t for t in policy.targets if t.measure is measure), None)
        if target is None or not _matches(policy, contact):
            continue
        conditions = sum(map(bool, (policy.channels, policy.types, policy.priorities, policy.tiers)))
        if best is None or conditions > best[0]:
            best = (conditions, policy, target)
    return None if best is None else best[1:]


def due_at(target: SlaTarget, started_at: datetime, calendar: BusinessCalendar) -> datetime:
    """The moment at which a promise made at ``started_at`` is broken if nothing happened.

    >>> from datetime import UTC
    >>> always = BusinessCalendar(name="x", zone="UTC", weekly={})
    >>> target = SlaTarget(
    ...     measure=Measure.FIRST_RESPONSE, counted=Counted.ELAPSED, within=timedelta(minutes=10)
    ... )
    >>> due_at(target, datetime(2024, 3, 15, 16, 45, tzinfo=UTC), always).isoformat()
    '2024-03-15T16:55:00+00:00'
    """
    if target.counted is Counted.ELAPSED:
        return started_at + target.within
    if target.counted is Counted.BUSINESS:
        return add_business_time(calendar, started_at, target.within)
    return close_of_business_after(calendar, started_at, target.working_days)


def warning_instants(
    clock: SlaClock, counted: Counted, calendar: BusinessCalendar, warn_at: Sequence[float]
) -> tuple[tuple[float, datetime], ...]:
    """The instants at which fractions of the promised time have passed, in order; those before the breach.

    Working days are measured in open time between start and due, as business hours are.
    """
    found: list[tuple[float, datetime]] = []
    if counted is Counted.ELAPSED:
        span = clock.due_at - clock.started_at
        found = [(f, clock.started_at + span * f) for f in sorted(set(warn_at))]
    else:
        span = business_time_between(calendar, clock.started_at, clock.due_at)
        found = [(f, add_business_time(calendar, clock.started_at, span * f)) for f in sorted(set(warn_at))]
    return tuple((f, at) for f, at in found if at < clock.due_at)


def start_clocks(
    contact: Contact,
    policies: Sequence[SlaPolicy],
    calendar: BusinessCalendar,
    warn_at: Sequence[float],
) -> tuple[SlaClock, ...]:
    """The clocks of a contact as it stands: started at its opening, stopped where it was answered or solved.

    One per measure that some policy promises.  Response is submitted to first reply, resolution submitted
    to solved (SP20); a reopened contact's resolution goes on from its opening.
    """
    clocks: list[SlaClock] = []
    for measure in Measure:
        chosen = choose_policy(policies, contact, measure)
        if chosen is None:
            continue
        policy, target = chosen
        clock = SlaClock(
            ref=contact.ref,
            measure=measure,
            policy=policy.name,
            started_at=contact.opened_at,
            due_at=due_at(target, contact.opened_at, calendar),
            state=ClockState.RUNNING,
            next_check_at=None,
        )
        stopped = answered_at(contact) if measure is Measure.FIRST_RESPONSE else contact.resolved_at
        if stopped is not None:
            clocks.append(stop(clock, stopped))
        else:
            clocks.append(_with_next_check(clock, target.counted, calendar, warn_at))
    return tuple(clocks)


def stop(clock: SlaClock, at: datetime) -> SlaClock:
    """The clock stopped at ``at``: met up to and including the due time, whenever we learn of it."""
    state = ClockState.MET if at <= clock.due_at else ClockState.BREACHED
    return replace(clock, state=state, next_check_at=None, stopped_at=at)


def carry_on(
    held: SlaClock | None,
    fresh: SlaClock,
    now: datetime,
    *,
    counted: Counted,
    calendar: BusinessCalendar,
    warn_at: Sequence[float],
) -> SlaClock:
    """``fresh`` with what ``held``, the clock it replaces, has already told.

    A warning given is not given again.  A breach that was told stays told while the promise is still due in
    the past; where a changed priority moves the due time ahead of ``now``, the clock runs again.
    """
    if held is None:
        return fresh
    told = replace(fresh, warned=held.warned)
    if fresh.stopped_at is not None:
        return told
    if held.state is ClockState.BREACHED and held.stopped_at is None and fresh.due_at <= now:
        return replace(told, state=ClockState.BREACHED, next_check_at=None)
    return _with_next_check(told, counted, calendar, warn_at)


def judge(
    clock: SlaClock,
    now: datetime,
    *,
    counted: Counted,
    calendar: BusinessCalendar,
    warn_at: Sequence[float],
) -> tuple[SlaClock, Verdict]:
    """Look at a running clock at ``now``: the clock that takes its place, and what to say.

    Breach once ``now`` reaches the due time, else the latest warning passed and not yet told.  Earlier
    warnings that were missed count as told: after an outage one message says where things stand.
    """
    if clock.state is not ClockState.RUNNING:
        return replace(clock, next_check_at=None), NOTHING
    if now >= clock.due_at:
        breached = replace(clock, state=ClockState.BREACHED, next_check_at=None)
        return breached, Verdict(kind=VerdictKind.BREACH, at=clock.due_at)
    passed = [
        (fraction, at)
        for fraction, at in warning_instants(clock, counted, calendar, warn_at)
        if at <= now and fraction not in clock.warned
    ]
    told = replace(clock, warned=tuple(sorted({*clock.warned, *(f for f, _ in passed)})))
    told = _with_next_check(told, counted, calendar, warn_at)
    if not passed:
        return told, NOTHING
    fraction, at = passed[-1]
    return told, Verdict(kind=VerdictKind.WARNING, at=at, fraction=fraction)


def counted_by(policies: Sequence[SlaPolicy], clock: SlaClock) -> Counted:
    """How a clock's time is counted; elapsed where its policy has left the file meanwhile."""
    for policy in policies:
        if policy.name == clock.policy:
            for target in policy.targets:
                if target.measure is clock.measure:
                    return target.counted
    return Counted.ELAPSED


def _with_next_check(
    clock: SlaClock, counted: Counted, calendar: BusinessCalendar, warn_at: Sequence[float]
) -> SlaClock:
    ahead = [at for f, at in warning_instants(clock, counted, calendar, warn_at) if f not in clock.warned]
    return replace(clock, next_check_at=min([*ahead, clock.due_at]))


def _matches(policy: SlaPolicy, contact: Contact) -> bool:
    return (
        (not policy.channels or contact.channel in policy.channels)
        and (not policy.types or contact.type in policy.types)
        and (not policy.priorities or contact.priority in policy.priorities)
        and (not policy.tiers or contact.tier in policy.tiers)
    )
