"""A verdict on any exchange of shifts: every rule, and the cover of every day it touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from scheduler.check.coverage import joined_gaps
from scheduler.check.forms import template_of
from scheduler.repair.live import Fit, LiveRoster
from scheduler.roster.roster import UncoveredInterval
from scheduler.roster.shifts import BREAK, LUNCH, SESSION_KINDS, Segment, SessionKind, Shift
from scheduler.roster.violation import Violation

__all__ = ["Trade", "Verdict", "cut", "joined", "judge", "line_names", "opens", "taken_over"]

_NOT_ALONE = frozenset({LUNCH, BREAK, *SESSION_KINDS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """What one person gives up and gets; ``fit``: how far what is got has to be a shift of the contract."""

    agent: str
    gone: tuple[Shift, ...] = ()
    come: tuple[Shift, ...] = ()
    fit: Fit = Fit.TEMPLATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether an exchange may be.

    ``violations``: hard rules it would break that are not broken already.  ``opened``: where more people are
    missing than before, by queue or by the name of a presence rule; ``missing`` counts those only.
    ``cost``: what the roster then costs more, wishes included [paid minutes].
    """

    violations: tuple[Violation, ...]
    opened: tuple[UncoveredInterval, ...]
    cost: float

    @property
    def is_approved(self) -> bool:
        """No rule is broken, and nobody is missed who was not missed before."""
        return not self.violations and not self.opened


def judge(live: LiveRoster, trades: Sequence[Trade]) -> Verdict:
    """The verdict on all ``trades`` together.  ``live`` is left as it was.

    Rules are asked of everybody's shifts as they would be; cover of all intervals, before and after.
    """
    violations: list[Violation] = []
    wishes = 0.0
    for trade in trades:
        violations += live.new_violations(trade.agent, trade.gone, trade.come, trade.fit)
        wishes += live.wishes_change(trade.agent, trade.gone, trade.come)
    before = np.maximum(live.lines.required - live.at, 0)
    tried = live.copy()
    cover = paid = 0.0
    for trade in trades:
        cover += tried.cover_change(trade.agent, trade.gone, trade.come)
        paid += tried.paid_change(trade.gone, trade.come)
        tried.change(trade.agent, trade.gone, trade.come)
    more = np.maximum(np.maximum(live.lines.required - tried.at, 0) - before, 0)
    opened: list[UncoveredInterval] = []
    for line, name in enumerate(line_names(live)):
        if more[line].any():
            opened += joined_gaps(live.problem.grid, name, more[line])
    ordered = sorted(violations, key=lambda v: (v.agent, v.date, v.rule, v.code))
    return Verdict(violations=tuple(ordered), opened=tuple(opened), cost=cover + paid + wishes)


def opens(live: LiveRoster, trade: Trade) -> bool:
    """Whether people are then missing who were not, as `judge` finds it, at a small part of its work."""
    off = np.zeros(live.at.shape, dtype=np.int64)
    for shifts, sign in ((trade.gone, -1), (trade.come, 1)):
        for shift in shifts:
            for line, first, last in live.spans(trade.agent, shift):
                off[line, first:last] += sign
    short = live.lines.required - live.at
    return bool(np.any((off < 0) & (short >= 0) & (live.lines.required > 0)))


def line_names(live: LiveRoster) -> list[str]:
    """Queues, then the names of presence rules as their lines come."""
    names = list(live.problem.queues)
    for rule in live.problem.rules.presence:
        names += [rule.name] * (int(bool(rule.least)) + int(rule.most is not None))
    return names


def taken_over(live: LiveRoster, shift: Shift, taker: str) -> Shift:
    """The same hours as ``taker``'s shift: of the same template where the contract has it, else of any.

    A training or a talk was the giver's own: the taker works then.
    """
    shift = _without_personal(shift)
    allowed = live.agents[taker].contract.templates
    if shift.template in allowed:
        return shift
    bare = replace(shift, template="")
    return replace(bare, template=template_of(live.problem, live.agents[taker], bare))


def _without_personal(shift: Shift) -> Shift:
    """The shift with work in place of sessions that are for one person."""
    segments: list[Segment] = []
    queue = shift.queues[0] if shift.queues else None
    for segment in shift.segments:
        if segment.is_work:
            queue = segment.activity
        elif queue and segment.activity in SESSION_KINDS and SessionKind(segment.activity).is_personal:
            segment = replace(segment, activity=queue)
        last = segments[-1] if segments else None
        if last and segment.is_work and _goes_on(last, segment):
            segments[-1] = replace(last, end=segment.end)
        else:
            segments.append(segment)
    return replace(shift, segments=tuple(segments))


def _goes_on(last: Segment, then: Segment) -> bool:
    """Whether two segments are one."""
    return (last.activity, last.paid, last.end) == (then.activity, then.paid, then.start)


def cut(shift: Shift, start: datetime, end: datetime) -> Shift | None:
    """The part of a shift in [start, end); None where nobody would be at work in it.

    A pause or a session at the seam goes: nobody comes for a break, or for half a meeting.
    """
    segments = [
        replace(s, start=max(s.start, start), end=min(s.end, end))
        for s in shift.segments
        if s.start < end and s.end > start
    ]
    while segments and segments[0].activity in _NOT_ALONE:
        segments.pop(0)
    while segments and segments[-1].activity in _NOT_ALONE:
        segments.pop()
    if not any(s.is_work for s in segments):
        return None
    return replace(shift, start=segments[0].start, end=segments[-1].end, segments=tuple(segments))


def joined(first: Shift, second: Shift) -> Shift | None:
    """One shift of two that touch, neighbouring work on one queue as one segment; None where they do not."""
    if first.start > second.start:
        first, second = second, first
    if first.end != second.start or first.date != second.date:
        return None
    last, then = first.segments[-1], second.segments[0]
    middle = [last, then]
    if _goes_on(last, then):
        middle = [replace(last, end=then.end)]
    segments = (*first.segments[:-1], *middle, *second.segments[1:])
    return replace(first, end=second.end, segments=segments)
