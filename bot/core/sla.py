"""SLA policies, targets and clocks: what was promised, when it is due, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import Enum
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.calendar import (
    BusinessCalendar,
    add_business_time,
    business_time_between,
    close_of_business_after,
    is_working_day,
    local_date,
)
from bot.core.case_history import Step
from bot.core.contacts import Contact, ContactStatus, ContactType, Priority, answered_at
from bot.core.courses import MEASURES, Course, Measure, Pause, courses
from bot.core.ids import ContactRef, QueueId
from bot.core.queues import Channel


class Counted(Enum):
    """T4: the unit of a target."""

    ELAPSED = "elapsed"  # clock time
    BUSINESS = "business"  # only while the queue's calendar is open
    WORKING_DAYS = "working_days"  # ends at close of business of the Nth working day after submission


class Days(Enum):
    """A condition on the day a case was opened, by its calendar (SP9)."""

    WORKING = "working"
    OTHER = "other"  # weekends, holidays


class ClockState(Enum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"  # due passed without the stop; a late stop stays breached
    CANCELLED = "cancelled"  # nothing is promised any more: merged away, archived unsolved, reclassified


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaTarget:
    """A promised duration and how it is counted (T4); ``working_days`` is read only for WORKING_DAYS.

    ``calendar`` names the one it counts on; None for the queue's own.
    """

    measure: Measure
    counted: Counted
    within: timedelta = timedelta(0)
    working_days: int = 0
    calendar: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaPolicy:
    """A row of the table (SP8).  An empty condition matches everything; the most specific row wins.

    ``tags``: the case has one of them.  ``days`` and ``hours`` (local, [start, end), the end may lie before
    the start: over midnight) ask when the case was opened, by the queue's calendar (SP9).
    """

    name: str
    channels: frozenset[Channel] = frozenset()
    types: frozenset[ContactType] = frozenset()
    priorities: frozenset[Priority] = frozenset()
    tiers: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    days: Days | None = None
    hours: tuple[time, time] | None = None
    targets: tuple[SlaTarget, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaClock:
    """One promise on one case.  All times aware UTC.

    ``due_at`` is the moment of the breach, whenever it is noticed; while paused, the moment it would be
    had the clock gone on at once.  ``warnings``: fractions of the promised time and when each has passed.
    ``next_check_at`` is the earliest warning or breach still ahead; None when nothing is left to watch.
    ``warned``: fractions already told.  ``cycle`` counts repeated measures from 0.
    """

    ref: ContactRef
    measure: Measure
    policy: str
    started_at: datetime
    due_at: datetime
    state: ClockState
    next_check_at: datetime | None
    cycle: int = 0
    warnings: tuple[tuple[float, datetime], ...] = ()
    warned: tuple[float, ...] = ()
    stopped_at: datetime | None = None
    paused_since: datetime | None = None

    @property
    def key(self) -> tuple[Measure, int]:
        """Unique within its case."""
        return (self.measure, self.cycle)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaTerms:
    """Everything app.yaml promises: the table, the warning fractions, and the calendars by name.

    ``queues``: the name of each queue's calendar.
    ``ranked``: for each measure that is promised at all, the rows that promise it, the narrowest first; of
    equals in the order of the file.
    """

    policies: tuple[SlaPolicy, ...]
    warn_at: tuple[float, ...]
    calendars: Mapping[str, BusinessCalendar]
    queues: Mapping[QueueId, str] = field(default_factory=dict)
    ranked: Mapping[Measure, tuple[tuple[SlaPolicy, SlaTarget], ...]] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ranked", _ranked(self.policies))

    def counting_on(self, target: SlaTarget, calendar: BusinessCalendar) -> BusinessCalendar:
        """The calendar a target counts on: its own, else the queue's."""
        return calendar if target.calendar is None else self.calendars[target.calendar]

    def calendar_of(self, contact: Contact, calendar: BusinessCalendar) -> BusinessCalendar:
        """The calendar of a case's queue; ``calendar`` where the queue is not known any more."""
        name = self.queues.get(contact.queue)
        return calendar if name is None else self.calendars[name]


def choose_policy(
    policies: Sequence[SlaPolicy], contact: Contact, measure: Measure, calendar: BusinessCalendar
) -> tuple[SlaPolicy, SlaTarget] | None:
    """The row that promises ``measure`` to this case; None where none does (SP8).

    A row matches when each of its conditions that is not empty holds for the case; ``calendar`` is its
    queue's.  The row with the most conditions wins; of equals the first in the file.  Rows without a target
    for this measure do not take part, so a narrow row may tighten the first response and leave the
    resolution to a wider one.
    """
    return _first_match(_ranked(policies).get(measure, ()), contact, calendar)


def _ranked(policies: Sequence[SlaPolicy]) -> dict[Measure, tuple[tuple[SlaPolicy, SlaTarget], ...]]:
    rows: dict[Measure, list[tuple[SlaPolicy, SlaTarget]]] = {}
    for policy in sorted(policies, key=lambda p: -len(conditions_of(p))):
        # Of several targets for one measure the first counts.
        for target in {t.measure: t for t in reversed(policy.targets)}.values():
            rows.setdefault(target.measure, []).append((policy, target))
    return {measure: tuple(found) for measure, found in rows.items()}


def _first_match(
    rows: Sequence[tuple[SlaPolicy, SlaTarget]], contact: Contact, calendar: BusinessCalendar
) -> tuple[SlaPolicy, SlaTarget] | None:
    return next((row for row in rows if matches(row[0], contact, calendar)), None)


def conditions_of(policy: SlaPolicy) -> tuple[str, ...]:
    """The names of the conditions a row makes.

    >>> conditions_of(SlaPolicy(name="vip", tiers=frozenset({"vip"})))
    ('tiers',)
    """
    names = ("channels", "types", "priorities", "tiers", "tags", "days", "hours")
    return tuple(name for name in names if getattr(policy, name))


def due_at(
    target: SlaTarget, started_at: datetime, calendar: BusinessCalendar, pauses: Sequence[Pause] = ()
) -> datetime:
    """The moment at which a promise made at ``started_at`` is broken if nothing more happens.

    Time inside a pause does not count; a pause that still lasts is left out.  A working day counts when
    its close of business finds the clock running.  What would be due in the instant a pause begins is due
    when it ends, as what is done in the instant it is due is done in time.

    >>> from datetime import UTC
    >>> always = BusinessCalendar(name="x", zone="UTC", weekly={})
    >>> target = SlaTarget(
    ...     measure=Measure.FIRST_RESPONSE, counted=Counted.ELAPSED, within=timedelta(minutes=10)
    ... )
    >>> due_at(target, datetime(2024, 3, 15, 16, 45, tzinfo=UTC), always).isoformat()
    '2024-03-15T16:55:00+00:00'
    """
    over = _over(pauses)
    if target.counted is Counted.WORKING_DAYS:

        def counts(close: datetime) -> bool:
            return not any(start <= close < end for start, end in over)

        return close_of_business_after(
            calendar, started_at, target.working_days, counts=counts if over else None
        )
    return _after(target.counted, started_at, target.within, calendar, over)


def warning_instants(
    target: SlaTarget,
    started_at: datetime,
    due: datetime,
    calendar: BusinessCalendar,
    warn_at: Sequence[float],
    pauses: Sequence[Pause] = (),
) -> tuple[tuple[float, datetime], ...]:
    """The instants at which fractions of the promised time have passed, in order; those before the breach.

    Working days are measured in open time between start and due, as business hours are.
    """
    over = _over(pauses)
    counted, span = target.counted, target.within
    if counted is Counted.WORKING_DAYS:
        counted, span = Counted.BUSINESS, counted_between(target.counted, started_at, due, calendar, pauses)
    if not span:
        return ()
    found = ((f, _after(counted, started_at, span * f, calendar, over)) for f in sorted(set(warn_at)))
    return tuple((f, at) for f, at in found if at < due)


def counted_between(
    counted: Counted,
    start: datetime,
    end: datetime,
    calendar: BusinessCalendar,
    pauses: Sequence[Pause] = (),
) -> timedelta:
    """Time in [start, end) that counts: outside pauses, and unless ELAPSED while the calendar is open."""

    def between(first: datetime, last: datetime) -> timedelta:
        if counted is Counted.ELAPSED:
            return max(last - first, timedelta(0))
        return business_time_between(calendar, first, last)

    total = between(start, end)
    for pause in pauses:
        total -= between(max(pause.start, start), min(pause.end or end, end))
    return total


def make_clock(course: Course, terms: SlaTerms, calendar: BusinessCalendar) -> SlaClock | None:
    """The clock of one course; None where no row promises it.

    A case that moved to another queue is judged by the hours of the one it was in.  ``calendar``: where
    that one is not known any more.
    """
    calendar = terms.calendar_of(course.judged, calendar)
    chosen = _first_match(terms.ranked.get(course.measure, ()), course.judged, calendar)
    if chosen is None:
        return None
    policy, target = chosen
    counting = terms.counting_on(target, calendar)
    due = due_at(target, course.started_at, counting, course.pauses)
    clock = SlaClock(
        ref=course.judged.ref,
        measure=course.measure,
        cycle=course.cycle,
        policy=policy.name,
        started_at=course.started_at,
        due_at=due,
        state=ClockState.RUNNING,
        next_check_at=None,
    )
    if course.cancelled_at is not None:
        late = course.judged.merged_into is None and due < course.cancelled_at
        state = ClockState.BREACHED if late else ClockState.CANCELLED
        return replace(clock, state=state, stopped_at=course.cancelled_at)
    if course.stopped_at is not None:
        return stop(clock, course.stopped_at)
    since = course.paused_since
    if since is not None and due >= since:
        return replace(clock, state=ClockState.PAUSED, paused_since=since)
    warnings = warning_instants(target, course.started_at, due, counting, terms.warn_at, course.pauses)
    return _with_next_check(replace(clock, warnings=warnings, paused_since=since))


def response_due(contact: Contact, terms: SlaTerms, calendar: BusinessCalendar) -> datetime | None:
    """When the first response of a case that only stands in a file is due; None where none is promised.

    As a clock would say it, without one: nothing is watched and nobody is told.  Of what was put away
    unanswered nobody knows when, so nothing is said.
    """
    if contact.status is ContactStatus.ARCHIVED and answered_at(contact) is None:
        return None
    calendar = terms.calendar_of(contact, calendar)
    chosen = _first_match(terms.ranked.get(Measure.FIRST_RESPONSE, ()), contact, calendar)
    if chosen is None:
        return None
    _, target = chosen
    return due_at(target, contact.opened_at, terms.counting_on(target, calendar))


def make_clocks(steps: Sequence[Step], terms: SlaTerms, calendar: BusinessCalendar) -> tuple[SlaClock, ...]:
    """The clocks of a case as its steps tell it: one per measure, and per cycle, that some row promises."""
    made = (make_clock(course, terms, calendar) for course in courses(steps, terms.ranked))
    return tuple(clock for clock in made if clock is not None)


def stop(clock: SlaClock, at: datetime) -> SlaClock:
    """The clock stopped at ``at``: met up to and including the due time, whenever we learn of it."""
    state = ClockState.MET if at <= clock.due_at else ClockState.BREACHED
    return replace(clock, state=state, next_check_at=None, stopped_at=at)


def carry_on(held: SlaClock | None, fresh: SlaClock, now: datetime) -> SlaClock:
    """``fresh`` with what ``held``, the clock it replaces, has already told.

    A warning given is not given again.  A breach that was told stays told while the promise is still due in
    the past; where a changed priority or a pause moves the due time ahead of ``now``, the clock runs again.
    """
    if held is None:
        return fresh
    told = replace(fresh, warned=held.warned)
    if fresh.state is not ClockState.RUNNING:
        return told
    if held.state is ClockState.BREACHED and held.stopped_at is None and fresh.due_at <= now:
        return replace(told, state=ClockState.BREACHED, next_check_at=None)
    return _with_next_check(told)


def replaced(
    held: Mapping[tuple[Measure, int], SlaClock], fresh: Iterable[SlaClock], now: datetime
) -> dict[tuple[Measure, int], SlaClock]:
    """The clocks of a case after more was told of it: ``fresh`` ones in place of those that were ``held``.

    A clock whose promise is not made any more is cancelled, stopped or not: what was told late may show
    that it never was.  So may the number of a cycle change; what was said of one belongs to its start.
    """
    said = {(clock.measure, clock.started_at): clock for clock in held.values()}

    def before(clock: SlaClock) -> SlaClock | None:
        repeats = MEASURES[clock.measure].repeats
        return said.get((clock.measure, clock.started_at)) if repeats else held.get(clock.key)

    after = {clock.key: carry_on(before(clock), clock, now) for clock in fresh}
    gone = {key: clock for key, clock in held.items() if key not in after}
    return after | {
        key: clock if clock.state is ClockState.CANCELLED else cancel(clock, now)
        for key, clock in gone.items()
    }


def cancel(clock: SlaClock, at: datetime) -> SlaClock:
    """The clock of a promise the case is no longer given."""
    return replace(clock, state=ClockState.CANCELLED, next_check_at=None, stopped_at=at)


def judge(clock: SlaClock, now: datetime) -> tuple[SlaClock, Verdict]:
    """Look at a running clock at ``now``: the clock that takes its place, and what to say.

    Breach once ``now`` reaches the due time, else the latest warning passed and not yet told.  Earlier
    warnings that were missed count as told: after an outage one message says where things stand.
    """
    if clock.state is not ClockState.RUNNING:
        return replace(clock, next_check_at=None), NOTHING
    if now >= clock.due_at:
        breached = replace(clock, state=ClockState.BREACHED, next_check_at=None)
        return breached, Verdict(kind=VerdictKind.BREACH, at=clock.due_at)
    passed = [(f, at) for f, at in clock.warnings if at <= now and f not in clock.warned]
    told = replace(clock, warned=tuple(sorted({*clock.warned, *(f for f, _ in passed)})))
    told = _with_next_check(told)
    if not passed:
        return told, NOTHING
    fraction, at = passed[-1]
    return told, Verdict(kind=VerdictKind.WARNING, at=at, fraction=fraction)


def _with_next_check(clock: SlaClock) -> SlaClock:
    ahead = [at for f, at in clock.warnings if f not in clock.warned]
    return replace(clock, next_check_at=min([*ahead, clock.due_at]))


def _over(pauses: Sequence[Pause]) -> list[tuple[datetime, datetime]]:
    return [(pause.start, pause.end) for pause in pauses if pause.end is not None]


def _after(
    counted: Counted,
    start: datetime,
    amount: timedelta,
    calendar: BusinessCalendar,
    over: Sequence[tuple[datetime, datetime]],
) -> datetime:
    """The instant at which ``amount`` has been counted since ``start``, outside the pauses that are over."""

    def add(at: datetime, left: timedelta) -> datetime:
        return at + left if counted is Counted.ELAPSED else add_business_time(calendar, at, left)

    left = amount
    for begins, ends in over:
        if ends <= start:
            continue
        reached = add(start, left)
        if reached < begins:
            return reached
        left -= counted_between(counted, start, begins, calendar)
        start = ends
    return add(start, left)


def matches(policy: SlaPolicy, contact: Contact, calendar: BusinessCalendar) -> bool:
    """Whether each condition of a row holds for a case; ``calendar`` is that of its queue."""
    return (
        (not policy.channels or contact.channel in policy.channels)
        and (not policy.types or contact.type in policy.types)
        and (not policy.priorities or contact.priority in policy.priorities)
        and (not policy.tiers or contact.tier in policy.tiers)
        and (not policy.tags or not policy.tags.isdisjoint(contact.tags))
        and (policy.days is None or policy.days is _day_of(contact, calendar))
        and (policy.hours is None or _within(policy.hours, contact, calendar))
    )


def _day_of(contact: Contact, calendar: BusinessCalendar) -> Days:
    working = is_working_day(calendar, local_date(calendar, contact.opened_at))
    return Days.WORKING if working else Days.OTHER


def _within(hours: tuple[time, time], contact: Contact, calendar: BusinessCalendar) -> bool:
    start, end = hours
    at = contact.opened_at.astimezone(ZoneInfo(calendar.zone)).time()
    return start <= at < end if start < end else at >= start or at < end
