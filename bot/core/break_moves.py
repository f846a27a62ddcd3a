"""Breaks that could lie elsewhere: what moving one would change, and whether the contract allows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.ids import QueueId
from scheduler.check.forms import break_faults
from scheduler.roster.roster import Assignment
from scheduler.roster.shifts import BREAK, LUNCH, Segment, Shift, ShiftTemplate

__all__ = ["BreakMove", "BreakRules", "Moved", "cheapest", "possible", "spare_at"]

_PAUSES = frozenset({BREAK, LUNCH})
NOTICE = timedelta(minutes=5)
"""A pause that begins sooner than this is as good as begun."""

Spare = Callable[[datetime, datetime], int | None]
"""People more than needed, at the worst moment of [start, end); None where the need is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakMove:
    """``agent``'s ``activity`` (lunch or break) of ``minutes`` from ``start`` could begin at ``to``."""

    agent: str
    activity: str
    start: datetime
    to: datetime
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakRules:
    """What one agent's contract says about pauses: the templates it allows, local to ``zone``."""

    templates: tuple[ShiftTemplate, ...]
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A move with the shift it makes."""

    move: BreakMove
    shift: Shift


def possible(
    assignments: Iterable[Assignment],
    rules: Mapping[str, BreakRules],
    queue: QueueId,
    *,
    now: datetime,
    start: datetime,
    end: datetime,
    step: timedelta,
) -> Iterator[Moved]:
    """Every allowed move that takes a pause at ``queue`` out of [start, end), nearest new time first.

    A pause stays between its neighbours, and the shift that results has no fault under the agent's rules
    (`scheduler.check`).  Nothing that begins within five minutes is touched; where no template of the
    contract fits the shift, nothing can be shown to be allowed and nothing is offered.
    """
    soon = now + NOTICE
    for assignment in assignments:
        rule = rules.get(assignment.agent)
        if rule is None:
            continue
        segments = assignment.shift.segments
        for index in range(1, len(segments) - 1):
            before, pause, after = segments[index - 1 : index + 2]
            touched = pause.start < end and pause.end > start
            if pause.activity not in _PAUSES or not touched or pause.start < soon:
                continue
            if not (before.activity == after.activity == queue):
                continue
            for to in _elsewhere(before.start, pause, after.end, step):
                if to < soon or (to < end and to + pause.duration > start):
                    continue
                shift = _with_pause_at(assignment.shift, index, to)
                if break_faults(rule.templates, shift, rule.zone) == []:
                    move = BreakMove(
                        agent=assignment.agent,
                        activity=pause.activity,
                        start=pause.start,
                        to=to,
                        minutes=int(pause.duration / timedelta(minutes=1)),
                    )
                    yield Moved(move=move, shift=shift)


def cheapest(found: Iterable[Moved], spare: Spare, *, most: int) -> tuple[BreakMove, ...]:
    """The moves that cost nobody anything: one per agent, to where somebody can be spared, least far first.

    Two moves never share a new time: the second would take the person the first had counted on.
    """
    free = [m.move for m in found if (spare(m.move.to, _ends(m.move)) or 0) >= 1]
    free.sort(key=lambda m: (abs(m.to - m.start), m.minutes, m.agent, m.to))
    taken: list[BreakMove] = []
    for move in free:
        if len(taken) == most:
            break
        clash = any(m.agent == move.agent or (m.to < _ends(move) and move.to < _ends(m)) for m in taken)
        if not clash:
            taken.append(move)
    return tuple(taken)


def spare_at(
    required: Sequence[tuple[datetime, datetime, int]], at_work: Sequence[tuple[datetime, datetime]]
) -> Spare:
    """Spare people by the roster: ``required`` [start, end) of each interval with its people."""

    def spare(start: datetime, end: datetime) -> int | None:
        touched = [(s, e, n) for s, e, n in required if s < end and e > start]
        if not touched or touched[0][0] > start or touched[-1][1] < end:
            return None
        edges = {start, *(t for span in at_work for t in span if start < t < end)}
        edges |= {s for s, _, _ in touched if start < s < end}
        return min(
            sum(s <= edge < e for s, e in at_work) - next(n for s, e, n in touched if s <= edge < e)
            for edge in edges
        )

    return spare


def _ends(move: BreakMove) -> datetime:
    return move.to + timedelta(minutes=move.minutes)


def _elsewhere(first: datetime, pause: Segment, last: datetime, step: timedelta) -> Iterator[datetime]:
    """New starts between ``first`` and ``last``, nearest to the old one first, later before earlier."""
    away = step
    while pause.start - away >= first or pause.end + away <= last:
        if pause.end + away <= last:
            yield pause.start + away
        if pause.start - away >= first:
            yield pause.start - away
        away += step


def _with_pause_at(shift: Shift, index: int, to: datetime) -> Shift:
    before, pause, after = shift.segments[index - 1 : index + 2]
    parts = [
        replace(before, end=to) if to > before.start else None,
        replace(pause, start=to, end=to + pause.duration),
        replace(after, start=to + pause.duration) if to + pause.duration < after.end else None,
    ]
    segments = [*shift.segments[: index - 1], *(p for p in parts if p), *shift.segments[index + 2 :]]
    return replace(shift, segments=tuple(segments))
