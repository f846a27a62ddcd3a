"""Shifts that could be worked: from a template with the best pauses, longer, or with pauses elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.check.opening import open_spans
from scheduler.roster.problem import RosterProblem
from scheduler.roster.shifts import (
    BREAK,
    LUNCH,
    PREPARE,
    SESSION_KINDS,
    PauseWindow,
    Segment,
    Shift,
    ShiftTemplate,
)

__all__ = ["longer_shift", "pauses_elsewhere", "template_shifts"]

_DAY = timedelta(days=1)


def template_shifts(
    problem: RosterProblem,
    templates: Sequence[ShiftTemplate],
    zone: str,
    queue: str,
    day: date,
    losses: Sequence[float],
    *,
    after: datetime,
) -> Iterator[Shift]:
    """Every shift of the templates on ``queue`` that begins on ``day`` of the roster, after ``after``.

    ``losses``, shape (grid.count + 1,): running sum of what one person not at work costs on the queue;
    pauses lie where they lose least.
    """
    spans = open_spans(problem, queue)
    tz = ZoneInfo(zone)
    for template in templates:
        for offset in (-1, 0, 1):
            for moment in template.starts():
                local = datetime.combine(day + offset * _DAY, moment, tzinfo=tz)
                start = local.astimezone(UTC)
                begins = start - template.prepare
                exists = start.astimezone(tz).replace(tzinfo=None) == local.replace(tzinfo=None)
                if not exists or begins <= after or problem.period.date_of(begins) != day:
                    continue
                for length in template.lengths:
                    end = start + length
                    if spans is not None and not any(a <= start and end <= b for a, b in spans):
                        continue
                    shift = _made(problem, template, queue, day, start, length, losses)
                    if shift is not None:
                        yield shift


def _made(
    problem: RosterProblem,
    template: ShiftTemplate,
    queue: str,
    day: date,
    start: datetime,
    length: timedelta,
    losses: Sequence[float],
) -> Shift | None:
    interval = problem.grid.interval
    first = (start - problem.grid.start) // interval
    windows = template.breaks.pauses(length) if problem.rules.breaks is not None else ()
    bounds = [(first + w.earliest // interval, first + w.latest // interval) for w in windows]
    at = _best_places(windows, bounds, template.breaks.min_spacing // interval, interval, losses)
    if at is None:
        return None
    return Shift(
        date=day,
        start=start - template.prepare,
        end=start + length,
        segments=_segments(problem, template, queue, start, start + length, windows, at),
        template=template.name,
    )


def _segments(
    problem: RosterProblem,
    template: ShiftTemplate,
    queue: str,
    start: datetime,
    end: datetime,
    windows: Sequence[PauseWindow],
    at: Sequence[int],
    sessions: Sequence[Segment] = (),
) -> tuple[Segment, ...]:
    grid = problem.grid
    found: list[Segment] = []
    if template.prepare:
        found.append(Segment(activity=PREPARE, start=start - template.prepare, end=start, paid=True))
    away = list(sessions)
    for window, place in zip(windows, at, strict=True):
        begins = grid.start_of(place)
        paid = window.activity != LUNCH or template.paid_lunch
        away.append(Segment(activity=window.activity, start=begins, end=begins + window.length, paid=paid))
    now = start
    for segment in sorted(away, key=lambda s: s.start):
        if segment.start > now:
            found.append(Segment(activity=queue, start=now, end=segment.start, paid=True))
        found.append(segment)
        now = segment.end
    if end > now:
        found.append(Segment(activity=queue, start=now, end=end, paid=True))
    return tuple(found)


def _best_places(
    windows: Sequence[PauseWindow],
    bounds: Sequence[tuple[int, int]],
    spacing: int,
    interval: timedelta,
    losses: Sequence[float],
    taken: Sequence[tuple[int, int]] = (),
) -> tuple[int, ...] | None:
    """Starts of pauses, in intervals, with the least loss; None where they do not fit.

    ``taken``: first intervals and ends of what pauses must not touch.

    One pause after another: the best up to each place is the best of the pause before, ended early enough,
    plus the pause's own loss there.
    """
    last = len(losses) - 1
    ways: list[dict[int, tuple[float, int]]] = []
    for j, (window, (low, high)) in enumerate(zip(windows, bounds, strict=True)):
        length = window.length // interval
        reach = 0 if j == 0 else windows[j - 1].length // interval + spacing
        before = sorted(ways[-1]) if ways else []
        held, best, came = 0, 0.0 if j == 0 else float("inf"), low
        here: dict[int, tuple[float, int]] = {}
        for place in range(low, high + 1):
            while held < len(before) and before[held] + reach <= place:
                if ways[-1][before[held]][0] < best:
                    best, came = ways[-1][before[held]][0], before[held]
                held += 1
            touches = any(place < end and begin < place + length for begin, end in taken)
            if best < float("inf") and not touches:
                own = losses[_inside(place + length, last)] - losses[_inside(place, last)]
                here[place] = (best + own, came)
        if not here:
            return None
        ways.append(here)
    found: list[int] = []
    came = -1
    for here in reversed(ways):
        if came < 0:
            came = min(here, key=lambda p: here[p][0])
        found.append(came)
        came = here[came][1]
    return tuple(reversed(found))


def _inside(place: int, last: int) -> int:
    return min(max(place, 0), last)


def longer_shift(problem: RosterProblem, shift: Shift, intervals: int) -> Shift | None:
    """The shift ended later by ``intervals``, or begun earlier where they are negative.

    None where it does not end (or begin) at work, or would begin on another day.
    """
    more = abs(intervals) * problem.grid.interval
    first, last = shift.segments[0], shift.segments[-1]
    if intervals > 0:
        if not last.is_work:
            return None
        end = shift.end + more
        return replace(shift, end=end, segments=(*shift.segments[:-1], replace(last, end=end)))
    start = shift.start - more
    if not first.is_work or problem.period.date_of(start) != shift.date:
        return None
    return replace(shift, start=start, segments=(replace(first, start=start), *shift.segments[1:]))


def pauses_elsewhere(
    problem: RosterProblem,
    template: ShiftTemplate,
    shift: Shift,
    losses: Sequence[float],
    *,
    after: datetime,
) -> Shift | None:
    """The shift with its pauses where they lose least; none that begins before ``after`` moves, nor to there,
    nor into one of the shift's sessions.

    None where nothing can move, or the shift's pauses are not those of the template.
    """
    if len(shift.queues) != 1:
        return None
    grid, interval = problem.grid, problem.grid.interval
    start = shift.start + template.prepare
    held = [s for s in shift.segments if s.activity in (LUNCH, BREAK)]
    windows = template.breaks.pauses(shift.end - start)
    if [s.activity for s in held] != [w.activity for w in windows]:
        return None
    first = (start - grid.start) // interval
    soonest = -((grid.start - after) // interval)
    bounds: list[tuple[int, int]] = []
    for segment, window in zip(held, windows, strict=True):
        place = (segment.start - grid.start) // interval
        if segment.start < after:
            bounds.append((place, place))
        else:
            low = max(first + window.earliest // interval, soonest)
            bounds.append((low, first + window.latest // interval))
    sessions = [s for s in shift.segments if s.activity in SESSION_KINDS]
    taken = [grid.edges(s.start, s.end) for s in sessions]
    spacing = template.breaks.min_spacing // interval
    at = _best_places(windows, bounds, spacing, interval, losses, taken)
    if at is None:
        return None
    segments = _segments(problem, template, shift.queues[0], start, shift.end, windows, at, sessions)
    moved = replace(shift, segments=segments)
    return None if moved == shift else moved
