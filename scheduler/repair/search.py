"""repair: a published roster mended with as few changes as pay, as ranked options."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from scheduler.check.coverage import joined_gaps
from scheduler.repair.changes import (
    Absence,
    Change,
    ChangeKind,
    RepairOption,
    RepairResult,
    RepairTask,
    kind_of,
)
from scheduler.repair.live import LiveRoster, with_overtime
from scheduler.repair.moves import Move, Moves, Window, find_moves
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import UncoveredInterval
from scheduler.roster.shifts import Shift

__all__ = ["mend", "repair", "without_absent"]

_MINUTE = timedelta(minutes=1)
_TINY = 1e-6
#: Ways tried, mildest first: each may use these kinds of change only.
_WAYS: tuple[frozenset[ChangeKind], ...] = (
    frozenset({ChangeKind.MOVE_PAUSES}),
    frozenset({ChangeKind.LENGTHEN}),
    frozenset({ChangeKind.MOVE}),
    frozenset({ChangeKind.CALL_IN}),
    frozenset({ChangeKind.MOVE_PAUSES, ChangeKind.LENGTHEN, ChangeKind.MOVE, ChangeKind.CALL_IN}),
)
#: Legal moves looked at for each step.
_LOOK = 20
#: Other first changes that are followed: so many that pay, and so many that fill the gap whatever they open.
_OTHERS = 4
_CHAINS = 6


def repair(
    task: RepairTask, should_stop: Callable[[], bool] = lambda: False, *, seconds: float = 0.6
) -> RepairResult:
    """Options for mending a roster, the cheapest first; no one's shifts break a hard rule more than before.

    Each option changes the fewest people that pay for themselves: a change has a price, and every change is
    the best one person can make beside all others; where a gap can only be covered by a chain (one covers the
    gap, another covers for that one), chains are followed too.  Options are compared by what the roster then
    costs.  No new chain is begun after ``seconds`` or a yes of ``should_stop``; the best so far comes back.
    """
    begun = time.monotonic()
    problem = _with_absences(task.problem, task.absences)
    overtime = with_overtime(problem, task.most_overtime, task.overtime_left)
    live = LiveRoster.of(problem, task.roster, overtime)
    gone = without_absent(task)
    event = 0.0
    for change in gone:
        shifts = () if change.after is None else (change.after,)
        assert change.before is not None
        event += live.cover_change(change.agent, (change.before,), shifts)
        live.change(change.agent, (change.before,), shifts)
    dates = tuple(sorted({*(c.date for c in gone), *task.dates})) or (problem.period.date_of(task.now),)
    away = {a.agent for a in task.absences}
    opened = _Mending.of(live, task, dates, away).uncovered(live)
    options = mend(live, task, dates, away=away, event=event, should_stop=should_stop, seconds=seconds)
    return RepairResult(
        gone=gone, opened=opened, options=options, dates=dates, seconds=time.monotonic() - begun
    )


def mend(
    live: LiveRoster,
    task: RepairTask,
    dates: tuple[date, ...],
    *,
    away: set[str],
    event: float = 0.0,
    should_stop: Callable[[], bool] = lambda: False,
    seconds: float = 0.6,
) -> tuple[RepairOption, ...]:
    """Ranked options that close the gaps of ``dates`` without the agents ``away``; ``live`` stays as it is.

    ``event`` is added to every option's cost: what the gaps cost more than what was before.
    """
    begun = time.monotonic()
    work = _Mending.of(live, task, dates, away)
    first = work.moves(live, _WAYS[-1], set())
    options = [work.option((), live, event)]

    def is_over() -> bool:
        return should_stop() or time.monotonic() - begun > seconds

    for kinds in _WAYS:
        moves, after = work.greedy(live, kinds, task.most_changes, set(), first)
        if moves:
            options.append(work.option(moves, after, event))
    if min(options, key=lambda o: o.cost).uncovered and task.most_changes > 1:
        for moves, after in work.chains(live, first, is_over):
            options.append(work.option(moves, after, event))
    return _ranked(options)


def without_absent(task: RepairTask) -> tuple[Change, ...]:
    """What the absences take away: shifts not begun go whole, those under way end as it begins."""
    found: list[Change] = []
    for absence in task.absences:
        span = absence.span
        for shift in task.roster.by_agent().get(absence.agent, ()):
            if not span.overlaps(shift.start, shift.end):
                continue
            after = _until(shift, span.start) if shift.start < span.start else None
            found.append(Change(agent=absence.agent, kind=kind_of(shift, after), before=shift, after=after))
    return tuple(found)


def _until(shift: Shift, end: datetime) -> Shift:
    segments = tuple(replace(s, end=min(s.end, end)) for s in shift.segments if s.start < end)
    return replace(shift, end=end, segments=segments)


def _with_absences(problem: RosterProblem, absences: tuple[Absence, ...]) -> RosterProblem:
    if not absences:
        return problem
    away: dict[str, list[Absence]] = {}
    for absence in absences:
        away.setdefault(absence.agent, []).append(absence)
    agents = tuple(
        replace(a, leave=(*a.leave, *(x.span for x in away[a.agent]))) if a.agent in away else a
        for a in problem.agents
    )
    return replace(problem, agents=agents)


@dataclass(slots=True)
class _Mending:
    task: RepairTask
    start: LiveRoster
    dates: tuple[date, ...]
    away: set[str]
    seen: NDArray[np.bool_]

    @classmethod
    def of(cls, live: LiveRoster, task: RepairTask, dates: tuple[date, ...], away: set[str]) -> _Mending:
        return cls(task=task, start=live, dates=dates, away=away, seen=_seen(task, dates))

    def window(self, live: LiveRoster) -> Window:
        """People missing from now on, on the days touched and the nights that follow from them."""
        missing = np.maximum(live.lines.required - live.at, 0)
        return Window(dates=self.dates, missing=np.where(self.seen, missing, 0))

    def uncovered(self, live: LiveRoster) -> tuple[UncoveredInterval, ...]:
        missing = self.window(live).missing
        found: list[UncoveredInterval] = []
        for line, queue in enumerate(live.problem.queues):
            found += joined_gaps(live.problem.grid, queue, missing[line])
        return tuple(found)

    def option(self, moves: tuple[Move, ...], after: LiveRoster, event: float) -> RepairOption:
        changes = tuple(m.change for m in moves)
        longer = [c for c in changes if c.kind is ChangeKind.LENGTHEN]
        return RepairOption(
            changes=changes,
            cost=event + sum(m.cost for m in moves),
            uncovered=self.uncovered(after),
            paid_minutes=sum(c.paid_minutes for c in changes),
            overtime_minutes=sum(c.paid_minutes for c in longer),
        )

    def moves(self, live: LiveRoster, kinds: frozenset[ChangeKind], changed: set[str]) -> Moves:
        return find_moves(live, self.task, self.window(live), kinds=kinds, untouched=self.away | changed)

    def greedy(
        self,
        live: LiveRoster,
        kinds: frozenset[ChangeKind],
        most: int,
        changed: set[str],
        first: Moves | None = None,
    ) -> tuple[tuple[Move, ...], LiveRoster]:
        """The best change that pays, one after another; then without those that later ones made needless.

        ``first``: moves as ``live`` stands, where they are known.
        """
        now = live.copy()
        taken: list[Move] = []
        while len(taken) < most:
            found = first
            if found is None or taken:
                if self.window(now).is_closed:
                    break
                found = self.moves(now, kinds, changed | {m.change.agent for m in taken})
            best: Move | None = None
            # They come in the order of estimates, which leave out wishes and hours of contracts.
            for move in islice(found.legal(kinds), _LOOK):
                if best is None or move.cost < best.cost:
                    best = move
            if best is None or best.cost >= -_TINY:
                break
            now.change(best.change.agent, best.gone, best.come)
            taken.append(best)
        return self._needed(live, taken)

    def _needed(self, live: LiveRoster, taken: list[Move]) -> tuple[tuple[Move, ...], LiveRoster]:
        """Moves without those that cost more than they bring beside all others, priced in order."""
        kept = list(taken)
        while len(kept) > 1:
            total = sum(m.cost for m in self._priced(live, kept)[0])
            shorter = [[m for m in kept if m is not gone] for gone in kept]
            sums = [sum(m.cost for m in self._priced(live, some)[0]) for some in shorter]
            least = min(range(len(sums)), key=lambda i: sums[i])
            if sums[least] > total + _TINY:
                break
            kept = shorter[least]
        return self._priced(live, kept)

    def _priced(self, live: LiveRoster, moves: list[Move]) -> tuple[tuple[Move, ...], LiveRoster]:
        """The same moves, each priced after those before it, and the roster after them."""
        now = live.copy()
        found = []
        for move in moves:
            covers = now.cover_change(move.change.agent, move.gone, move.come)
            found.append(replace(move, cost=move.cost - move.covers + covers, covers=covers))
            now.change(move.change.agent, move.gone, move.come)
        return tuple(found), now

    def chains(
        self, live: LiveRoster, first: Moves, is_over: Callable[[], bool]
    ) -> Iterator[tuple[tuple[Move, ...], LiveRoster]]:
        """Other beginnings: what pays next best, and who fills the gap best; then who covers for them."""
        paying = islice(first.legal(_WAYS[-1]), _LOOK)
        filling = first.legal(frozenset({ChangeKind.MOVE, ChangeKind.LENGTHEN}), by_fill=True, most_checks=60)
        for source, most in ((paying, _OTHERS), (filling, _CHAINS)):
            begun: set[str] = set()
            for move in source:
                if is_over():
                    return
                if len(begun) == most:
                    break
                if move.change.agent in begun:
                    continue
                begun.add(move.change.agent)
                now = live.copy()
                now.change(move.change.agent, move.gone, move.come)
                dates = tuple(sorted({*self.dates, *(s.date for s in (*move.gone, *move.come))}))
                wider = replace(self, dates=dates, seen=_seen(self.task, dates))
                more, _ = wider.greedy(now, _WAYS[-1], self.task.most_changes - 1, {move.change.agent})
                if more:
                    yield self._needed(live, [move, *more])


def _seen(task: RepairTask, dates: tuple[date, ...]) -> NDArray[np.bool_]:
    """The intervals of days and of their shifts' nights, from now on; shape (grid.count,)."""
    grid = task.problem.grid
    held = [a.shift for a in task.roster.assignments if a.shift.date in dates]
    seen = np.zeros(grid.count, dtype=bool)
    for day, part in grid.days().items():
        if day in dates:
            seen[part] = True
    if held:
        seen[grid.slice_between(max(grid.start, min(s.start for s in held)), max(s.end for s in held))] = True
    begun = -((grid.start - task.now) // grid.interval)
    seen[: max(0, min(begun, grid.count))] = False
    return seen


def _ranked(options: list[RepairOption]) -> tuple[RepairOption, ...]:
    """By cost, the best of each way to change the same people; with the same cost fewer people come first."""
    ordered = sorted(options, key=lambda o: (o.cost, len(o.changes), len(o.consent)))
    found: dict[frozenset[tuple[str, date, ChangeKind]], RepairOption] = {}
    for option in ordered:
        found.setdefault(frozenset((c.agent, c.date, c.kind) for c in option.changes), option)
    return tuple(found.values())
