"""A second reading of every promise, slow and simple: it walks minutes and looks at the clock on the wall.

Written from the specification in words (FEATURES SP1-SP20, T1-T4; decision 5; the docstrings), to find out
whether `bot.core.{calendar,case_history,courses,sla}` is right.  It shares nothing with them but the types
in which a case and its promises are written down, so it never asks them what a word means.

A minute in which something happens is cut there, so seconds are exact.  Instants are whole microseconds
since 1970, days are ordinals of the local date.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.core.calendar import BusinessCalendar
from bot.core.contacts import RULES, ContactEvent, ContactType, EventKind, Priority, WaitingFor
from bot.core.courses import Measure
from bot.core.ids import QueueId
from bot.core.queues import Channel
from bot.core.sla import ClockState, Counted, Days, SlaPolicy, SlaTarget, SlaTerms

__all__ = ["Reading", "Wall", "read_clocks"]

_MINUTE = 60_000_000
_DAY = 1440 * _MINUTE
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_DAYS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is true of one promise at ``now``.  ``warnings``: None where nothing is to be warned of."""

    policy: str
    started_at: datetime
    due_at: datetime
    state: ClockState
    stopped_at: datetime | None
    paused_since: datetime | None
    warnings: tuple[tuple[float, datetime], ...] | None


# --- the wall ---------------------------------------------------------------------------------------------


@lru_cache(maxsize=4_000)
def _wall_readings(zone_name: str, utc_day: int) -> tuple[array[int], array[int]]:
    """What the clock on the wall shows in each minute of a UTC day: the date's ordinal, the minute of it."""
    zone = ZoneInfo(zone_name)
    days, minutes = array("l"), array("l")
    for number in range(1440):
        shown = datetime.fromtimestamp((utc_day * 1440 + number) * 60, zone)
        days.append(shown.toordinal())
        minutes.append(shown.hour * 60 + shown.minute)
    return days, minutes


@lru_cache(maxsize=4_000)
def _turns(zone_name: str, utc_day: int) -> tuple[int, ...]:
    """The minutes of a UTC day in which the date on the wall is another than in the minute before."""
    days, _ = _wall_readings(zone_name, utc_day)
    return tuple(number for number in range(1, 1440) if days[number] != days[number - 1])


@dataclass(slots=True)
class Wall:
    """The wall of one calendar: its clock, and the opening hours that hang beside it."""

    calendar: BusinessCalendar
    _hours: dict[int, bytes] = field(default_factory=dict)
    _open: dict[int, bytes] = field(default_factory=dict)

    def shows(self, at: int) -> tuple[int, int]:
        """(Ordinal of the date, minute of it) at an instant."""
        days, minutes = _wall_readings(self.calendar.zone, at // _DAY)
        number = at % _DAY // _MINUTE
        return days[number], minutes[number]

    def open_minutes(self, utc_day: int) -> bytes:
        """For each minute of a UTC day 1 while it is open."""
        if utc_day not in self._open:
            days, minutes = _wall_readings(self.calendar.zone, utc_day)
            hours = {day: self._hours_of(day) for day in set(days)}
            self._open[utc_day] = bytes(
                [hours[day][minute] for day, minute in zip(days, minutes, strict=True)]
            )
        return self._open[utc_day]

    def _hours_of(self, day: int) -> bytes:
        """What the notice of a date says for each minute the wall can show."""
        if day not in self._hours:
            on, notice = date.fromordinal(day), self.calendar
            if on in notice.special_days:
                periods = notice.special_days[on].periods
            elif on in notice.makeup_workdays:
                periods = notice.weekly.get(0, ())  # Monday's hours
            elif on in notice.holidays:
                periods = ()
            else:
                periods = notice.weekly.get(on.weekday(), ())
            minutes = bytearray(1440)
            for opens, closes in periods:
                end = 1440 if closes == time(0) else closes.hour * 60 + closes.minute
                for minute in range(opens.hour * 60 + opens.minute, end):
                    minutes[minute] = 1
            self._hours[day] = bytes(minutes)
        return self._hours[day]

    def is_working(self, day: int) -> bool:
        on, notice = date.fromordinal(day), self.calendar
        if on in notice.special_days:
            return notice.special_days[on].working
        if on in notice.makeup_workdays:
            return True
        return on not in notice.holidays and on.weekday() in notice.working_weekdays

    def days_after(self, at: int) -> Iterator[tuple[int, int, bool]]:
        """Each date from that of ``at`` on as the wall shows it: ordinal, close of business, ever open.

        A date the wall never shows (Apia, 30 December 2011) is none.  One that never opens closes when it
        ends.
        """
        first, _ = self.shows(at)
        showing, close, opened = None, 0, False
        for utc_day in range(at // _DAY - 2, at // _DAY + _LONGEST_DAYS):
            days, _ = _wall_readings(self.calendar.zone, utc_day)
            opening = self.open_minutes(utc_day)
            turns = _turns(self.calendar.zone, utc_day)
            if days[0] != showing:
                turns = (0, *turns)
            for begins, ends in pairwise(sorted({0, *turns, 1440})):
                if begins in turns:
                    start = utc_day * _DAY + begins * _MINUTE
                    if showing is not None and showing >= first:
                        yield showing, close if opened else start, opened
                    showing, opened = days[begins], False
                last_open = opening.rfind(1, begins, ends)
                if last_open >= 0:
                    close, opened = utc_day * _DAY + (last_open + 1) * _MINUTE, True


# --- the case ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Class:
    """What the rows of the table ask about."""

    queue: QueueId
    channel: Channel
    type: ContactType
    priority: Priority
    tier: str
    tags: frozenset[str]


@dataclass(slots=True)
class _Case:
    """The case as it stands while its story is told."""

    opened: int
    first_opened: int
    kind: _Class
    answered: bool = False
    waits_for: WaitingFor | None = None
    solved: int | None = None
    archived: int | None = None
    merged: bool = False
    told: int | None = None  # how it stands
    priority_by_hand: bool = False


@dataclass(frozen=True, slots=True)
class _Moment:
    """After an event that took effect."""

    at: int
    event: EventKind
    answered_before: bool
    waits: bool  # for the customer
    solved: int | None
    gone: tuple[str, int] | None  # "archived" or "merged" without a solution, and since when
    kind: _Class


_AT_ONE_TIME = (
    *("opened", "absorbed", "reclassified", "priority_changed", "assigned", "customer_replied", "responded"),
    *("handed_over", "hand_over_answered", "call_back_asked", "called_back", "blocked", "unblocked"),
    *("pending", "resumed", "examined", "plan_given", "resolved", "informed", "reopened"),
    *("archived", "merged"),
)
"""What is told for one instant happened in this order, where the case allows it."""


def _story(
    events: Iterable[ContactEvent], channels: Mapping[QueueId, Channel]
) -> tuple[_Case, list[_Moment]]:
    """The events in the order they took effect; those that make no sense are left out."""

    def place(event: ContactEvent) -> tuple[int, bool, str, str]:
        # A rule of ours speaks after what it judges.
        by_rule = event.source == RULES
        return _AT_ONE_TIME.index(event.kind.value), by_rule, event.source, event.source_event_id

    told = list(events)
    openings = [e for e in told if e.kind is EventKind.OPENED]
    first = min(openings, key=lambda e: (e.at, *place(e)))
    assert first.queue is not None
    start = _us(first.at)
    case = _Case(
        opened=start,
        first_opened=start,
        kind=_Class(
            queue=first.queue,
            channel=first.channel or channels[first.queue],
            type=first.type or ContactType.OTHER,
            priority=first.priority or Priority.MEDIUM,
            tier=first.tier or "",
            tags=first.tags or frozenset(),
        ),
    )
    moments = [_moment(case, start, EventKind.OPENED, before=False)]
    later = [e for e in told if e.kind is not EventKind.OPENED]
    for instant in sorted({e.at for e in later}):
        at = max(_us(instant), start)  # nothing comes before the opening
        left = sorted((e for e in later if e.at == instant), key=place)
        while left:
            # Several at one instant: first what changes something, then what repeats what is so already.
            fits = [e for e in left if _makes_sense(case, e)]
            fits = [e for e in fits if not _says_it_again(case, e)] or fits
            if not fits:
                break
            before = case.answered
            _happen(case, fits[0], at)
            moments.append(_moment(case, at, fits[0].kind, before=before))
            left.remove(fits[0])
    return case, moments


def _moment(case: _Case, at: int, event: EventKind, *, before: bool) -> _Moment:
    kind = case.kind
    return _Moment(
        at=at,
        event=event,
        answered_before=before,
        waits=case.waits_for is WaitingFor.CUSTOMER,
        solved=case.solved,
        gone=_gone(case),
        kind=_Class(kind.queue, kind.channel, kind.type, kind.priority, kind.tier, kind.tags),
    )


def _gone(case: _Case) -> tuple[str, int] | None:
    if case.archived is None or case.solved is not None:
        return None
    return "merged" if case.merged else "archived", case.archived


def _makes_sense(case: _Case, event: ContactEvent) -> bool:
    kind = event.kind
    if kind is EventKind.ABSORBED:
        return True
    if kind is EventKind.REOPENED:
        return case.solved is not None or case.archived is not None
    if case.archived is not None:
        return False
    if kind is EventKind.RESUMED:
        return case.waits_for is not None
    if kind in (
        EventKind.PENDING,
        EventKind.HANDED_OVER,
        EventKind.CALL_BACK_ASKED,
        EventKind.BLOCKED,
    ):
        return case.solved is None
    if kind is EventKind.ARCHIVED and case.kind.type is ContactType.COMPLAINT and case.solved is not None:
        # CP11: not before the customer was told the result.
        return case.told is not None and case.told >= case.solved
    return True


def _says_it_again(case: _Case, event: ContactEvent) -> bool:
    if event.kind is EventKind.RESOLVED:
        return case.solved is not None
    return event.kind is EventKind.PENDING and case.waits_for is not None


def _happen(case: _Case, event: ContactEvent, at: int) -> None:
    kind = event.kind
    if kind is EventKind.RESPONDED:
        case.answered = True
    elif kind is EventKind.CUSTOMER_REPLIED:
        if case.waits_for is WaitingFor.CUSTOMER or case.solved is not None:
            case.waits_for = case.solved = None
    elif kind is EventKind.PENDING:
        case.waits_for = event.waiting_for or WaitingFor.CUSTOMER
    elif kind is EventKind.RESUMED:
        case.waits_for = None
    elif kind is EventKind.RESOLVED:
        case.answered, case.waits_for, case.solved = True, None, at
    elif kind is EventKind.REOPENED:
        case.waits_for = case.solved = case.archived = None
        case.merged = False
    elif kind is EventKind.PRIORITY_CHANGED:
        case.kind.priority = event.priority or case.kind.priority
        case.priority_by_hand = True
    elif kind is EventKind.RECLASSIFIED:
        case.kind.queue = event.queue or case.kind.queue
        case.kind.type = event.type or case.kind.type
        case.kind.tier = case.kind.tier if event.tier is None else event.tier
        case.kind.tags = case.kind.tags if event.tags is None else event.tags
        if event.priority is not None and not case.priority_by_hand:
            # A rule only raises it.  Most pressing first is how the priorities are written down.
            by_rule, order = event.source == RULES, list(Priority)
            if not by_rule or order.index(event.priority) < order.index(case.kind.priority):
                case.kind.priority = event.priority
    elif kind in (EventKind.INFORMED, EventKind.PLAN_GIVEN):
        case.told = at
    elif kind in (EventKind.ARCHIVED, EventKind.MERGED):
        case.archived, case.waits_for, case.merged = at, None, kind is EventKind.MERGED
    elif kind is EventKind.ABSORBED and event.opened_at is not None:
        case.opened = min(case.opened, _us(event.opened_at))


# --- the promises -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Promise:
    """``stood``: [from, until) in which it stood still; ``ended``: the word for how, and when."""

    start: int
    kind: _Class
    stood: list[tuple[int, int]] = field(default_factory=list)
    standing_since: int | None = None
    ended: tuple[str, int] | None = None


_ANSWER = (EventKind.RESPONDED, EventKind.RESOLVED)


def _from_opening(
    case: _Case, moments: Sequence[_Moment], stops: Sequence[EventKind], *, solving: bool, waiting: bool
) -> _Promise:
    """A promise made once, when the case was opened.

    It stands still while the case is closed; ``solving``: while it is solved too, else solving is a stop
    like any other; ``waiting``: while it waits for the customer too.
    """
    found = _Promise(start=case.opened, kind=moments[-1].kind)
    standing: tuple[str, int] | None = None
    since, kind_then = 0, found.kind
    for moment in moments:
        state: tuple[str, int] | None = None
        if moment.gone is not None:
            state = moment.gone
        elif solving and moment.solved is not None:
            state = ("solved", moment.solved)
        elif waiting and moment.waits:
            state = ("waits", 0)
        if moment.event in stops:
            # What is done while the case is solved was not owed any more when it was solved.
            was_solved = standing is not None and standing[0] == "solved"
            found.ended = ("stopped", since if was_solved else moment.at)
            found.kind = kind_then if was_solved else moment.kind
            if standing is not None and not was_solved:
                found.stood.append((since, moment.at))
            return found
        again = solving and moment.event is EventKind.RESOLVED  # solved again is solved then
        if state != standing or again:
            if standing is not None:
                found.stood.append((since, moment.at))
            standing, since, kind_then = state, moment.at, moment.kind
    if standing is not None and standing[0] == "waits":
        found.standing_since = since
    elif standing is not None:
        found.ended = ("stopped" if standing[0] == "solved" else standing[0], since)
        found.kind = kind_then
    return found


def _each_time(
    moments: Sequence[_Moment], starts: EventKind, stops: Sequence[EventKind], *, once_answered: bool
) -> list[_Promise]:
    """A promise made anew each time, unless one is kept waiting already."""
    found: list[_Promise] = []
    waiting: _Promise | None = None
    for moment in moments:
        if waiting is None:
            if moment.event is starts and (moment.answered_before or not once_answered):
                waiting = _Promise(start=moment.at, kind=moments[-1].kind)
                found.append(waiting)
        elif moment.gone is not None or moment.event in stops:
            waiting.ended = ("stopped" if moment.gone is None else moment.gone[0], moment.at)
            waiting.kind = moment.kind
            waiting = None
    return found


def _promises(case: _Case, moments: Sequence[_Moment]) -> dict[tuple[Measure, int], _Promise]:
    kinds = EventKind
    once = {
        Measure.FIRST_RESPONSE: _from_opening(case, moments, _ANSWER, solving=False, waiting=False),
        Measure.RESOLUTION: _from_opening(case, moments, (), solving=True, waiting=True),
        Measure.PROGRESS: _from_opening(
            case, moments, (kinds.INFORMED, kinds.PLAN_GIVEN), solving=True, waiting=False
        ),
        Measure.PLAN: _from_opening(case, moments, (kinds.PLAN_GIVEN,), solving=True, waiting=True),
        Measure.EXAMINATION: _from_opening(case, moments, (kinds.EXAMINED,), solving=True, waiting=True),
    }
    again = {
        Measure.NEXT_RESPONSE: _each_time(moments, kinds.CUSTOMER_REPLIED, _ANSWER, once_answered=True),
        Measure.HAND_OVER: _each_time(
            moments, kinds.HANDED_OVER, (kinds.HAND_OVER_ANSWERED, kinds.RESOLVED), once_answered=False
        ),
        Measure.CALL_BACK: _each_time(
            moments, kinds.CALL_BACK_ASKED, (kinds.CALLED_BACK, kinds.RESOLVED), once_answered=False
        ),
    }
    found = {(measure, 0): promise for measure, promise in once.items()}
    for measure, cycles in again.items():
        found |= {(measure, number): promise for number, promise in enumerate(cycles)}
    return found


# --- the table --------------------------------------------------------------------------------------------


def _row_in_force(
    rows: Sequence[SlaPolicy], measure: Measure, kind: _Class, opened: int, wall: Wall
) -> tuple[SlaPolicy, SlaTarget] | None:
    """The row with the most conditions among those that promise the measure and hold; of equals the first."""
    day, minute = wall.shows(opened)
    found: list[tuple[int, SlaPolicy, SlaTarget]] = []
    for row in rows:
        holds: list[bool] = []
        if row.channels:
            holds.append(kind.channel in row.channels)
        if row.types:
            holds.append(kind.type in row.types)
        if row.priorities:
            holds.append(kind.priority in row.priorities)
        if row.tiers:
            holds.append(kind.tier in row.tiers)
        if row.tags:
            holds.append(any(tag in row.tags for tag in kind.tags))
        if row.days is not None:
            holds.append(wall.is_working(day) == (row.days is Days.WORKING))
        if row.hours is not None:
            first, last = (at.hour * 60 + at.minute for at in row.hours)
            inside = first <= minute < last
            holds.append(inside if first < last else minute >= first or minute < last)
        promised = [target for target in row.targets if target.measure is measure]
        if promised and all(holds):
            found.append((len(holds), row, promised[0]))
    if not found:
        return None
    most = max(number for number, _, _ in found)
    return next((row, target) for number, row, target in found if number == most)


# --- counting ---------------------------------------------------------------------------------------------


def _ticks(start: int, stood: Sequence[tuple[int, int]], wall: Wall | None) -> Iterator[tuple[int, int]]:
    """The minutes that count from ``start`` on, in order, as [from, until); one may be cut short.

    ``wall`` None: every minute counts, as clock time does.  None that lie in ``stood``.
    """
    edges = sorted({edge for pause in stood for edge in pause if edge > start})
    standing = any(begins <= start < ends for begins, ends in stood)
    at, last = start, start + _LONGEST_DAYS * _DAY
    while at < last:
        utc_day = at // _DAY
        opening = b"\1" * 1440 if wall is None else wall.open_minutes(utc_day)
        midnight = (utc_day + 1) * _DAY
        if not any(opening) and (not edges or edges[0] >= midnight):
            at = midnight  # no minute of it is open
        while at < midnight:
            until = at - at % _MINUTE + _MINUTE
            if edges and edges[0] < until:
                until = edges[0]
            if not standing and opening[at % _DAY // _MINUTE]:
                yield at, until
            at = until
            if edges and edges[0] == at:
                del edges[0]
                standing = any(begins <= at < ends for begins, ends in stood)
    raise LookupError("nothing counts for longer than a year")


def _passes(
    amounts: Sequence[int], start: int, stood: Sequence[tuple[int, int]], wall: Wall | None
) -> list[int]:
    """When each of the ``amounts``, smallest first, has been counted: at the end of the last bit of it."""
    found: list[int] = []
    left = list(amounts)
    while left and left[0] == 0:
        found.append(_not_standing(start, stood))
        del left[0]
    total = 0
    if left:
        for begins, ends in _ticks(start, stood, wall):
            total += ends - begins
            while left and left[0] <= total:
                found.append(_not_standing(ends - (total - left[0]), stood))
                del left[0]
            if not left:
                break
    return found


def _not_standing(at: int, stood: Sequence[tuple[int, int]]) -> int:
    """What would be due in the instant it begins to stand still is due when it goes on."""
    for begins, ends in sorted(stood):
        if begins <= at < ends:
            at = ends
    return at


def _close_of_nth_day(start: int, days: int, stood: Sequence[tuple[int, int]], wall: Wall) -> int:
    """Close of business of the Nth working day after the day of submission.

    Submitted after close of business, or on no working day: counts as submitted on the next working day.
    A day whose close of business finds the promise standing still is not counted.
    """
    number: int | None = None
    for day, close, ever_open in wall.days_after(start):
        if not wall.is_working(day):
            continue
        if number is None:
            if day == wall.shows(start)[0] and ever_open and start >= close:
                continue
            number = 0
        elif not any(begins <= close < ends for begins, ends in stood):
            number += 1
        if number == days:
            return close
    raise LookupError("no working day for longer than a year")


# --- the reading ------------------------------------------------------------------------------------------


def read_clocks(
    events: Iterable[ContactEvent],
    terms: SlaTerms,
    walls: Mapping[str, Wall],
    queues: Mapping[QueueId, tuple[Channel, str]],
    now: datetime,
) -> dict[tuple[Measure, int], Reading]:
    """Every promise of a case by measure and cycle, knowing what was told up to ``now``.

    ``queues``: the channel and the calendar of each.  One opening must be among the events.
    """
    case, moments = _story(events, {queue: channel for queue, (channel, _) in queues.items()})
    found: dict[tuple[Measure, int], Reading] = {}
    for key, promise in _promises(case, moments).items():
        wall = walls[queues[promise.kind.queue][1]]
        row = _row_in_force(terms.policies, key[0], promise.kind, case.opened, wall)
        if row is not None:
            policy, target = row
            counting = wall if target.calendar is None else walls[target.calendar]
            found[key] = _read(promise, policy.name, target, counting, terms.warn_at, _us(now))
    return found


def _read(
    promise: _Promise, policy: str, target: SlaTarget, wall: Wall, warn_at: Sequence[float], now: int
) -> Reading:
    start, stood = promise.start, promise.stood
    fractions = sorted(set(warn_at))
    counting = None if target.counted is Counted.ELAPSED else wall
    if target.counted is Counted.WORKING_DAYS:
        due = _close_of_nth_day(start, target.working_days, stood, wall)
    else:
        (due,) = _passes([target.within // timedelta(microseconds=1)], start, stood, counting)
    stopped, since, state = None, None, ClockState.RUNNING
    if promise.ended is not None:
        how, stopped = promise.ended
        in_time = ClockState.MET if how == "stopped" else ClockState.CANCELLED
        # The case a merged one went into carries the promise on.
        state = in_time if stopped <= due or how == "merged" else ClockState.BREACHED
    else:
        since = promise.standing_since
        if since is not None and due >= since:
            state = ClockState.PAUSED
        elif now >= due:
            state = ClockState.BREACHED
    warnings: list[tuple[float, datetime]] | None = None
    if stopped is None and state is not ClockState.PAUSED:
        if target.counted is Counted.WORKING_DAYS:
            promised = _open_time(start, due, stood, wall)
        else:
            promised = target.within // timedelta(microseconds=1)
        amounts = [round(promised * Fraction(str(f))) for f in fractions] if promised else []
        passing = _passes(amounts, start, stood, counting)
        warnings = [(f, _datetime(at)) for f, at in zip(fractions, passing, strict=False) if at < due]
    return Reading(
        policy=policy,
        started_at=_datetime(start),
        due_at=_datetime(due),
        state=state,
        stopped_at=None if stopped is None else _datetime(stopped),
        paused_since=None if since is None else _datetime(since),
        warnings=None if warnings is None else tuple(warnings),
    )


def _open_time(start: int, end: int, stood: Sequence[tuple[int, int]], wall: Wall) -> int:
    """How much of [start, end) counts."""
    total = 0
    for begins, ends in _ticks(start, stood, wall):
        if begins >= end:
            break
        total += min(ends, end) - begins
    return total


def _us(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _datetime(at: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at)
