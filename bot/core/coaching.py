"""A talk put into two shifts as they are: where it could be, and the shifts with it and without (TI7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.core.errors import RefusedError
from scheduler.roster.shifts import Segment, SessionKind, Shift

__all__ = ["DEFAULT", "common_starts", "minutes_meant", "with_talk", "without_talk"]

DEFAULT: Final = timedelta(minutes=30)
_SHORTEST, _LONGEST, _GRAIN = 10, 120, 5
_MINUTE: Final = timedelta(minutes=1)


def minutes_meant(text: str) -> timedelta:
    """``45``, ``45 min``; half an hour where nothing is said.  Raises RefusedError.

    >>> str(minutes_meant("45m")), str(minutes_meant(""))
    ('0:45:00', '0:30:00')
    """
    word = text.strip().casefold()
    for unit in ("minutes", "min", "m", "分钟", "分鐘", "分"):
        word = word.removesuffix(unit).strip()
    if not word and not text.strip():
        return DEFAULT
    minutes = int(word) if word.isascii() and word.isdigit() and len(word) < 4 else 0
    if not _SHORTEST <= minutes <= _LONGEST or minutes % _GRAIN:
        raise RefusedError(
            "coach_minutes",
            f"Write {_SHORTEST} to {_LONGEST} minutes in steps of {_GRAIN}, as in /muster coach @name 30; "
            "nothing was booked.",
            least=_SHORTEST,
            most=_LONGEST,
            step=_GRAIN,
        )
    return minutes * _MINUTE


def common_starts(
    one: Shift, other: Shift, length: timedelta, step: timedelta, *, after: datetime
) -> Iterator[datetime]:
    """Starts on the grid of ``step``, not before ``after``, at which both are at a queue all the time."""
    for first in one.segments:
        for second in other.segments:
            if not (first.is_work and second.is_work):
                continue
            start = _rounded_up(max(first.start, second.start, after), step)
            while start + length <= min(first.end, second.end):
                yield start
                start += step


def _rounded_up(at: datetime, step: timedelta) -> datetime:
    midnight = datetime(at.year, at.month, at.day, tzinfo=UTC)
    return midnight + -((midnight - at) // step) * step


def with_talk(shift: Shift, start: datetime, end: datetime) -> Shift | None:
    """The shift with a paid talk in the place of work; None where it is not all work at one queue then."""
    for index, work in enumerate(shift.segments):
        if not work.is_work or not (work.start <= start and end <= work.end):
            continue
        parts = [
            replace(work, end=start) if start > work.start else None,
            Segment(activity=SessionKind.ONE_TO_ONE.value, start=start, end=end, paid=True),
            replace(work, start=end) if end < work.end else None,
        ]
        segments = (*shift.segments[:index], *(p for p in parts if p), *shift.segments[index + 1 :])
        return replace(shift, segments=segments)
    return None


def without_talk(shift: Shift, start: datetime, end: datetime) -> Shift | None:
    """The shift with work at the queue beside it in the place of the talk; None where it has no such talk."""
    talk = next(
        (
            s
            for s in shift.segments
            if s.activity == SessionKind.ONE_TO_ONE and (s.start, s.end) == (start, end)
        ),
        None,
    )
    if talk is None:
        return None
    work = [s for s in shift.segments if s.is_work]
    near = min(work, key=lambda s: min(abs(s.end - start), abs(s.start - end)), default=None)
    if near is None:
        return None
    merged: list[Segment] = []
    for segment in shift.segments:
        if segment is talk:
            segment = replace(near, start=start, end=end)
        last = merged[-1] if merged else None
        if last is not None and segment.is_work and _goes_on(last, segment):
            merged[-1] = replace(last, end=segment.end)
        else:
            merged.append(segment)
    return replace(shift, segments=tuple(merged))


def _goes_on(last: Segment, then: Segment) -> bool:
    return (last.activity, last.paid, last.end) == (then.activity, then.paid, then.start)
