"""Leave asked for: yes, or what could be had instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

import numpy as np

from scheduler.repair.changes import ChangeKind, RepairTask
from scheduler.repair.live import Fit, LiveRoster
from scheduler.repair.moves import Move, Window, find_moves
from scheduler.requests.verdicts import Trade, Verdict, cut, judge, opens
from scheduler.roster.shifts import Shift

__all__ = ["LeaveAnswer", "PartOfDay", "answer_leave"]

_DAY = timedelta(days=1)
#: Days before and after that are looked at for another date.
_NEAR = 14
_HELPERS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOfDay:
    """``agent`` could be off in [start, end) of the day: the rest of the shift is still worked."""

    start: datetime
    end: datetime
    trade: Trade


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveAnswer:
    """``verdict`` on the leave as asked, ``trade`` what it takes away (nothing on days off).

    Where that is not approved: ``parts`` of the day that could be had (the longest at either end), the
    nearest ``other_dates`` on which all of the day could, and ``helpers``, single changes of colleagues that
    would each close the gap.  All empty means there is nothing until ``searched_until``.
    """

    trade: Trade
    verdict: Verdict
    parts: tuple[PartOfDay, ...] = ()
    other_dates: tuple[date, ...] = ()
    helpers: tuple[Move, ...] = ()
    searched_until: date | None = None

    @property
    def is_approved(self) -> bool:
        return self.verdict.is_approved


def answer_leave(live: LiveRoster, task: RepairTask, agent: str, dates: Iterable[date]) -> LeaveAnswer:
    """Leave of ``agent`` on ``dates`` against rules and cover, with counter-offers where the answer is no.

    ``task`` says what colleagues may be asked: times, notice, overtime.
    """
    asked = tuple(sorted(set(dates)))
    gone = tuple(s for s in live.shifts.get(agent, ()) if s.date in asked)
    trade = Trade(agent=agent, gone=gone)
    verdict = judge(live, (trade,))
    if verdict.is_approved or not gone:
        return LeaveAnswer(trade=trade, verdict=verdict)
    parts = tuple(p for shift in gone for p in _parts(live, agent, shift)) if len(gone) == 1 else ()
    others, until = _other_dates(live, task, agent, asked)
    return LeaveAnswer(
        trade=trade,
        verdict=verdict,
        parts=parts,
        other_dates=others,
        helpers=_helpers(live, task, trade),
        searched_until=until,
    )


def _parts(live: LiveRoster, agent: str, shift: Shift) -> list[PartOfDay]:
    """The earliest time to leave, and the latest to come, that opens no gap; an hour of work at least."""
    step = live.problem.grid.interval
    hour = timedelta(hours=1)
    found: list[PartOfDay] = []
    times = [shift.start + k * step for k in range(1, (shift.end - shift.start) // step)]
    ends = [(t, shift.end) for t in times if t - shift.start >= hour]
    starts = [(shift.start, t) for t in reversed(times) if shift.end - t >= hour]
    for spans in (ends, starts):
        for off_from, off_until in spans:
            if off_until == shift.end:
                kept = cut(shift, shift.start, off_from)
            else:
                kept = cut(shift, off_until, shift.end)
            if kept is None:
                continue
            trade = Trade(agent=agent, gone=(shift,), come=(kept,), fit=Fit.FREE)
            if not opens(live, trade):
                found.append(PartOfDay(start=off_from, end=off_until, trade=trade))
                break
    return found


def _other_dates(
    live: LiveRoster, task: RepairTask, agent: str, asked: tuple[date, ...]
) -> tuple[tuple[date, ...], date]:
    """The two nearest dates on which a shift of the agent is not needed, and how far was looked."""
    last = min(live.problem.period.dates[-1], asked[-1] + _NEAR * _DAY)
    first = max(task.problem.period.date_of(task.now), asked[0] - _NEAR * _DAY)
    shifts = [
        s
        for s in live.shifts.get(agent, ())
        if first <= s.date <= last and s.date not in asked and s.start > task.now
    ]
    shifts.sort(key=lambda s: (min(abs(s.date - d) for d in asked), s.date))
    good = (s.date for s in shifts if judge(live, (Trade(agent=agent, gone=(s,)),)).is_approved)
    return tuple(islice(good, 2)), last


def _helpers(live: LiveRoster, task: RepairTask, trade: Trade) -> tuple[Move, ...]:
    """Single changes of others that leave nobody missing who was not missing before."""
    before = np.maximum(live.lines.required - live.at, 0)
    without = live.copy()
    without.change(trade.agent, trade.gone, ())
    missing = np.maximum(np.maximum(live.lines.required - without.at, 0) - before, 0)
    window = Window(dates=tuple(sorted({s.date for s in trade.gone})), missing=missing)
    found: dict[str, Move] = {}
    kinds = frozenset({ChangeKind.LENGTHEN, ChangeKind.MOVE, ChangeKind.CALL_IN, ChangeKind.MOVE_PAUSES})
    for move in find_moves(without, task, window, kinds=kinds, untouched={trade.agent}).legal(
        kinds, by_fill=True
    ):
        if move.change.agent in found:
            continue
        after = without.copy()
        after.change(move.change.agent, move.gone, move.come)
        if not np.any(np.maximum(live.lines.required - after.at, 0) > before):
            found[move.change.agent] = move
        if len(found) == _HELPERS:
            break
    return tuple(sorted(found.values(), key=lambda m: m.cost))
