"""A second reading of every promise, slow and simple: it walks minutes and looks at the clock on the wall.

Written from the specification in words (FEATURES SP1-SP20, T1-T4; decision 5; the docstrings), to find out
whether `bot.core.{calendar,case_history,courses,sla}` is right.  It shares nothing with them but the types
in which a case and its promises are written down, so it never asks them what a word means.

A minute in which something happens is cut there, so seconds are exact.  Instants are whole microseconds
since 1970, days are ordinals of the local date.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

from bot.core.contacts import ContactEvent, EventKind
from bot.core.courses import Measure
from bot.core.ids import QueueId
from bot.core.queues import Channel
from bot.core.sla import ClockState, Counted, Days, SlaPolicy, SlaTarget, SlaTerms
from tests.support.clock_oracle_story import Case, CaseClass, Moment, story
from tests.support.clock_oracle_wall import DAY, LONGEST_DAYS, MINUTE, Wall, as_datetime, microseconds

__all__ = ["Reading", "Wall", "read_clocks"]


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


@dataclass(slots=True)
class _Promise:
    """``stood``: [from, until) in which it stood still; ``ended``: the word for how, and when."""

    start: int
    kind: CaseClass
    stood: list[tuple[int, int]] = field(default_factory=list)
    standing_since: int | None = None
    ended: tuple[str, int] | None = None


_ANSWER = (EventKind.RESPONDED, EventKind.RESOLVED)


def _from_opening(
    case: Case, moments: Sequence[Moment], stops: Sequence[EventKind], *, solving: bool, waiting: bool
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
    moments: Sequence[Moment], starts: EventKind, stops: Sequence[EventKind], *, once_answered: bool
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


def _promises(case: Case, moments: Sequence[Moment]) -> dict[tuple[Measure, int], _Promise]:
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
    rows: Sequence[SlaPolicy], measure: Measure, kind: CaseClass, opened: int, wall: Wall
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
    at, last = start, start + LONGEST_DAYS * DAY
    while at < last:
        utc_day = at // DAY
        opening = b"\1" * 1440 if wall is None else wall.open_minutes(utc_day)
        midnight = (utc_day + 1) * DAY
        if not any(opening) and (not edges or edges[0] >= midnight):
            at = midnight  # no minute of it is open
        while at < midnight:
            until = at - at % MINUTE + MINUTE
            if edges and edges[0] < until:
                until = edges[0]
            if not standing and opening[at % DAY // MINUTE]:
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
    case, moments = story(events, {queue: channel for queue, (channel, _) in queues.items()})
    found: dict[tuple[Measure, int], Reading] = {}
    for key, promise in _promises(case, moments).items():
        wall = walls[queues[promise.kind.queue][1]]
        row = _row_in_force(terms.policies, key[0], promise.kind, case.opened, wall)
        if row is not None:
            policy, target = row
            counting = wall if target.calendar is None else walls[target.calendar]
            found[key] = _read(promise, policy.name, target, counting, terms.warn_at, microseconds(now))
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
        warnings = [(f, as_datetime(at)) for f, at in zip(fractions, passing, strict=False) if at < due]
    return Reading(
        policy=policy,
        started_at=as_datetime(start),
        due_at=as_datetime(due),
        state=state,
        stopped_at=None if stopped is None else as_datetime(stopped),
        paused_since=None if since is None else as_datetime(since),
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
