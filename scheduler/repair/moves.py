"""Every change of one person that could close a gap, cheapest first; legality is asked for one by one."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from scheduler.check.forms import template_of
from scheduler.repair.changes import Change, ChangeKind, RepairTask
from scheduler.repair.forms import longer_shift, pauses_elsewhere, template_shifts
from scheduler.repair.live import Fit, LiveRoster
from scheduler.roster.people import RosterAgent
from scheduler.roster.shifts import BREAK, LUNCH, Shift

__all__ = ["Move", "Moves", "Window", "change_price", "find_moves", "losses_of"]

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Where to mend: ``dates`` and, shape (line, interval), the people missing there and in the future."""

    dates: tuple[date, ...]
    missing: NDArray[np.int64]

    @property
    def is_closed(self) -> bool:
        """Nobody is missing."""
        return not self.missing.any()


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One person's change; ``cost`` is exact [paid minutes], below 0 where it pays.

    ``covers``: what of it is better cover, above 0 where it is worse.
    """

    change: Change
    cost: float
    covers: float

    @property
    def gone(self) -> tuple[Shift, ...]:
        return tuple(s for s in (self.change.before, self.change.dropped) if s is not None)

    @property
    def come(self) -> tuple[Shift, ...]:
        return () if self.change.after is None else (self.change.after,)


@dataclass(frozen=True, slots=True)
class _Estimate:
    """A move before it is looked at closely; ``fills`` is what its new hours alone do to cover."""

    kind: ChangeKind
    cost: float
    fills: float
    agent: str
    gone: tuple[Shift, ...]
    after: Shift


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Moves that put people where some are missing, as a roster stands; not yet asked whether lawful."""

    live: LiveRoster
    task: RepairTask
    estimates: tuple[_Estimate, ...]

    def legal(
        self, kinds: Set[ChangeKind], *, by_fill: bool = False, most_checks: int = 300
    ) -> Iterator[Move]:
        """Lawful moves of these kinds, the cheapest estimate first; only those whose estimate pays.

        ``by_fill``: those that fill the gap best first, whatever they open elsewhere.  Gives up after
        ``most_checks`` that were looked at.
        """
        chosen = [e for e in self.estimates if e.kind in kinds and (by_fill or e.cost < 0)]
        chosen.sort(
            key=lambda e: (e.fills if by_fill else e.cost, e.cost, e.agent, e.after.start, e.after.end)
        )
        for estimate in chosen[:most_checks]:
            move = self._checked(estimate)
            if move is not None:
                yield move

    def _checked(self, estimate: _Estimate) -> Move | None:
        live, task, kind = self.live, self.task, estimate.kind
        agent, gone, after = estimate.agent, estimate.gone, estimate.after
        if kind is ChangeKind.MOVE:
            after = self._with_best_pauses(agent, gone, after)
        come = (after,)
        fit = Fit.LONGER if kind is ChangeKind.LENGTHEN else Fit.TEMPLATE
        if live.new_violations(agent, gone, come, fit):
            return None
        same_day = next((s for s in gone if s.date == after.date), None)
        change = Change(
            agent=agent,
            kind=kind,
            before=same_day,
            after=after,
            dropped=next((s for s in gone if s is not same_day), None),
            needs_consent=_needs_consent(task, kind, (*gone, *come)),
        )
        covers = live.cover_change(agent, gone, come)
        cost = covers + live.paid_change(gone, come) + change_price(task, kind, gone, come)
        return Move(change=change, cost=cost + live.wishes_change(agent, gone, come), covers=covers)

    def _with_best_pauses(self, agent: str, gone: tuple[Shift, ...], after: Shift) -> Shift:
        """Estimates place pauses as if what is given up were still worked."""
        template = next(t for t in self.live.problem.templates if t.name == after.template)
        losses = losses_of(self.live, agent, after.queues[0], gone)
        return pauses_elsewhere(self.live.problem, template, after, losses, after=self.task.now) or after


def find_moves(
    live: LiveRoster,
    task: RepairTask,
    window: Window,
    *,
    kinds: Set[ChangeKind],
    untouched: Collection[str] = (),
    most: int = 300,
) -> Moves:
    """Every change of one person of these kinds that helps in ``window``, priced but for their own wishes.

    ``untouched``: agents to leave alone.  Of people alike the ``most`` cheapest, and as many that fill best.
    """
    found: list[_Estimate] = []
    agents = [a for a in live.problem.agents if a.agent not in untouched]
    for day in window.dates:
        if kinds & {ChangeKind.MOVE, ChangeKind.CALL_IN}:
            found += _other_shifts(live, task, window, day, agents, kinds, most)
        if ChangeKind.LENGTHEN in kinds:
            found += _longer_shifts(live, task, window, day, agents, most)
        if ChangeKind.MOVE_PAUSES in kinds:
            found += _moved_pauses(live, task, window, day, agents)
    return Moves(live=live, task=task, estimates=tuple(found))


def _needs_consent(task: RepairTask, kind: ChangeKind, shifts: Sequence[Shift]) -> bool:
    """Overtime always does; a pause moved inside its own rules never."""
    if kind is ChangeKind.MOVE_PAUSES:
        return False
    return kind is ChangeKind.LENGTHEN or min(s.start for s in shifts) < task.now + task.notice


def change_price(task: RepairTask, kind: ChangeKind, gone: Sequence[Shift], come: Sequence[Shift]) -> float:
    prices = task.prices
    if kind is ChangeKind.MOVE_PAUSES:
        return prices.pauses
    price = prices.shift
    if min(s.start for s in (*gone, *come)) < task.now + task.notice:
        price += prices.consent
    if kind is ChangeKind.LENGTHEN:
        longer = come[0].paid_time - gone[0].paid_time
        price += prices.overtime * (longer / _MINUTE)
    return price


def _is_free(live: LiveRoster, task: RepairTask, agent: str, shift: Shift) -> bool:
    """Whether a shift may still become another one."""
    return shift.start > task.now + task.begun and not _is_fixed(live, agent, shift)


def _is_fixed(live: LiveRoster, agent: str, shift: Shift) -> bool:
    return any(a.agent == agent and a.shift == shift for a in live.problem.fixed)


def _changeable(live: LiveRoster, task: RepairTask, agent: str, day: date) -> list[Shift]:
    """Shifts of ``day`` of which a part is still to come and may be worked otherwise."""
    soon = task.now + task.begun
    return [
        s
        for s in live.shifts.get(agent, ())
        if s.date == day and s.end > soon and not _is_fixed(live, agent, s)
    ]


@dataclass(slots=True)
class _Group:
    """Agents who could work the same shifts, and count in the same lines."""

    agents: list[RosterAgent]
    queues: tuple[str, ...]


def _other_shifts(
    live: LiveRoster,
    task: RepairTask,
    window: Window,
    day: date,
    agents: Sequence[RosterAgent],
    kinds: Set[ChangeKind],
    most: int,
) -> list[_Estimate]:
    """Shifts of templates on ``day`` for those who work another one then, or none; the best of people alike.

    The price of every shift for every agent is one product of matrices: what covering costs, plus what
    leaving costs, less what the two share.
    """
    groups: dict[tuple[object, ...], _Group] = {}
    queue_of = {r.queue: r.skill for r in live.problem.requirements}
    for agent in agents:
        queues = tuple(q for q, skill in queue_of.items() if skill in agent.skills)
        key = (agent.zone, agent.contract.templates, queues, live.presence[agent.agent])
        groups.setdefault(key, _Group(agents=[], queues=queues)).agents.append(agent)
    found: list[_Estimate] = []
    for group in groups.values():
        shifts = _shifts_over(live, task, window, day, group)
        people = [p for a in group.agents for p in _people(live, task, a.agent, day, kinds)] if shifts else []
        if people:
            found += _priced(live, task, group.agents[0].agent, shifts, people, most)
    return found


def _shifts_over(live: LiveRoster, task: RepairTask, window: Window, day: date, group: _Group) -> list[Shift]:
    """Shifts of the group's templates that are at work where somebody is missing."""
    first = group.agents[0]
    templates = [t for t in live.problem.templates if t.name in first.contract.templates]
    found: list[Shift] = []
    for queue in group.queues:
        losses = losses_of(live, first.agent, queue)
        for shift in template_shifts(
            live.problem, templates, first.zone, queue, day, losses, after=task.now + task.begun
        ):
            if any(window.missing[line, a:b].any() for line, a, b in live.spans(first.agent, shift)):
                found.append(shift)
    return found


@dataclass(frozen=True, slots=True)
class _Person:
    """An agent, the shift held that day, and what else would be given up for another, at what price."""

    kind: ChangeKind
    agent: str
    held: Shift | None
    drop: float
    dropped: tuple[Shift, ...]

    @property
    def gone(self) -> tuple[Shift, ...]:
        return (*self.dropped, *(() if self.held is None else (self.held,)))


def _people(
    live: LiveRoster, task: RepairTask, agent: str, day: date, kinds: Set[ChangeKind]
) -> Iterator[_Person]:
    """How the agent could take another shift that day: for the one held, as one more, or for one of another
    day of that week, the one that is missed least."""
    today = [s for s in live.shifts.get(agent, ()) if s.date == day]
    if not today and ChangeKind.CALL_IN in kinds:
        yield _Person(ChangeKind.CALL_IN, agent, None, 0.0, ())
    if ChangeKind.MOVE not in kinds or len(today) > 1:
        return
    if today:
        if _is_free(live, task, agent, today[0]):
            yield _Person(ChangeKind.MOVE, agent, today[0], 0.0, ())
        return
    week = day.isocalendar()[:2]
    drops = [
        (live.cover_change(agent, (shift,), ()), shift)
        for shift in live.shifts.get(agent, ())
        if shift.date.isocalendar()[:2] == week and _is_free(live, task, agent, shift)
    ]
    if drops:
        drop, shift = min(drops, key=lambda d: d[0] + live.paid_change((d[1],), ()))
        yield _Person(ChangeKind.MOVE, agent, None, drop, (shift,))


def _priced(
    live: LiveRoster,
    task: RepairTask,
    like: str,
    shifts: Sequence[Shift],
    people: Sequence[_Person],
    most: int,
) -> list[_Estimate]:
    """Pairs of a shift and a person: the ``most`` cheapest that pay, and as many that fill the gap best."""
    cover, fills = _cover_matrix(live, like, shifts, [(p.agent, p.held) for p in people])
    paid = np.array([live.paid_change((), (s,)) for s in shifts])
    limit = task.now + task.notice
    soon = np.array([s.start < limit for s in shifts])
    gone_soon = np.array([any(s.start < limit for s in p.gone) for p in people])
    cost = cover + paid[:, None] + task.prices.shift
    cost += task.prices.consent * (soon[:, None] | gone_soon[None, :])
    cost += np.array([p.drop + live.paid_change(p.gone, ()) for p in people])[None, :]
    flat = cost.ravel()
    # What fills best may cost: that is for chains, in which the cost falls elsewhere.
    fill = (np.broadcast_to(fills[:, None], cost.shape) + 1e-6 * cost).ravel()
    good = {*_lowest(flat, most), *_lowest(fill, most)}
    found: list[_Estimate] = []
    for index in sorted(good):
        row, column = divmod(index, len(people))
        shift, person = shifts[row], people[column]
        held = person.held
        if held is not None and (held.start, held.end, held.queues) == (shift.start, shift.end, shift.queues):
            continue
        found.append(
            _Estimate(person.kind, float(flat[index]), float(fill[index]), person.agent, person.gone, shift)
        )
    return found


def _lowest(values: NDArray[np.float64], most: int) -> list[int]:
    """Places of the ``most`` lowest of the values below 0."""
    below = np.flatnonzero(values < 0)
    if len(below) > most:
        below = below[np.argpartition(values[below], most)[:most]]
    found: list[int] = below.tolist()
    return found


def _cover_matrix(
    live: LiveRoster, like: str, shifts: Sequence[Shift], held: Sequence[tuple[str, Shift | None]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What cover costs more, shape (shift, agent), when the agent works the shift instead of what is held;
    and by the shift alone, shape (shift,)."""
    rows = [live.spans(like, s) for s in shifts]
    columns = [[] if s is None else live.spans(agent, s) for agent, s in held]
    spans = [span for of in (*rows, *columns) for span in of]
    lines = sorted({line for line, _, _ in spans})
    place = {line: i for i, line in enumerate(lines)}
    low, high = min(a for _, a, _ in spans), max(b for _, _, b in spans)
    width = high - low

    def vectors(of: Sequence[Sequence[tuple[int, int, int]]]) -> NDArray[np.float64]:
        made = np.zeros((len(of), len(lines), width))
        for i, own in enumerate(of):
            for line, a, b in own:
                made[i, place[line], a - low : b - low] = 1.0
        return made.reshape(len(of), -1)

    come, gone = vectors(rows), vectors(columns)
    more, fewer = live.more[lines, low:high].ravel(), live.fewer[lines, low:high].ravel()
    fills = come @ more
    return fills[:, None] + (gone @ fewer)[None, :] - (come * (more + fewer)) @ gone.T, fills


def losses_of(live: LiveRoster, agent: str, queue: str, without: Sequence[Shift] = ()) -> list[float]:
    """Running sum over the intervals of what is lost where ``agent`` is not at work on ``queue``.

    ``without``: shifts of the agent that are given up; their hours count as not worked.
    """
    lines = [live.problem.queues.index(queue), *live.presence[agent][0]]
    worth = -live.more[lines]
    place = {line: i for i, line in enumerate(lines)}
    for shift in without:
        for line, first, last in live.spans(agent, shift):
            if line in place:
                worth[place[line], first:last] = live.fewer[line, first:last]
    return [0.0, *np.cumsum(worth.sum(axis=0)).tolist()]


def _moved_pauses(
    live: LiveRoster, task: RepairTask, window: Window, day: date, agents: Sequence[RosterAgent]
) -> list[_Estimate]:
    """Shifts of ``day`` with pauses elsewhere, where a pause lies in the gap and moving it helps."""
    found: list[_Estimate] = []
    templates = {t.name: t for t in live.problem.templates}
    soon = task.now + task.begun
    for agent in agents:
        for shift in _changeable(live, task, agent.agent, day):
            if not _pauses_miss(live, window, shift, soon):
                continue
            template = templates.get(template_of(live.problem, agent, shift))
            if template is None:
                continue
            losses = losses_of(live, agent.agent, shift.queues[0], (shift,))
            after = pauses_elsewhere(live.problem, template, shift, losses, after=soon)
            if after is None:
                continue
            fills = live.cover_change(agent.agent, (shift,), (after,))
            if fills < 0:
                kind = ChangeKind.MOVE_PAUSES
                cost = fills + change_price(task, kind, (shift,), (after,))
                found.append(_Estimate(kind, cost, fills, agent.agent, (shift,), after))
    return found


def _pauses_miss(live: LiveRoster, window: Window, shift: Shift, soon: datetime) -> bool:
    """Whether a pause still to come lies where somebody is missing on the shift's queue."""
    if len(shift.queues) != 1 or shift.queues[0] not in live.problem.queues:
        return False
    line = live.problem.queues.index(shift.queues[0])
    grid = live.problem.grid
    return any(
        window.missing[line, grid.slice_between(s.start, s.end)].any()
        for s in shift.segments
        if s.activity in (LUNCH, BREAK) and s.start >= soon
    )


def _longer_shifts(
    live: LiveRoster, task: RepairTask, window: Window, day: date, agents: Sequence[RosterAgent], most: int
) -> list[_Estimate]:
    """Shifts of ``day`` made longer at either end into a gap, where cover is worth more than pay."""
    queue_of = {q: i for i, q in enumerate(live.problem.queues)}
    grid, soon = live.problem.grid, task.now + task.begun
    longer = _Longer.of(live, task, window)
    found: list[tuple[float, float, str, Shift, int]] = []
    for agent in agents:
        work, seats = live.presence[agent.agent]
        for shift in _changeable(live, task, agent.agent, day):
            for segment, edge, way in (
                (shift.segments[-1], shift.end, 1),
                (shift.segments[0], shift.start, -1),
            ):
                if segment.activity not in queue_of or (way < 0 and edge <= soon):
                    continue
                lines = (queue_of[segment.activity], *work, *seats)
                place = (edge - grid.start) // grid.interval
                reach = task.most_overtime if way > 0 else min(task.most_overtime, edge - soon)
                price = change_price(task, ChangeKind.MOVE, (shift,), (shift,))
                for k, fills, cost in longer.worth(lines, place, way):
                    if k * grid.interval < reach or way > 0:
                        found.append((cost + price, fills, agent.agent, shift, way * k))
    made: list[_Estimate] = []
    for cost, fills, name, shift, k in heapq.nsmallest(most, found, key=lambda f: (f[0], f[2], f[4])):
        after = longer_shift(live.problem, shift, k)
        if after is not None:
            made.append(_Estimate(ChangeKind.LENGTHEN, cost, fills, name, (shift,), after))
    return made


@dataclass(slots=True)
class _Longer:
    """What more time at an edge of a shift is worth, from running sums of one person more on each line."""

    live: LiveRoster
    task: RepairTask
    sums: NDArray[np.float64]
    missing: NDArray[np.int64]
    known: dict[tuple[tuple[int, ...], int, int], list[tuple[int, float, float]]]

    @classmethod
    def of(cls, live: LiveRoster, task: RepairTask, window: Window) -> _Longer:
        zero = np.zeros((live.more.shape[0], 1))
        return cls(
            live=live,
            task=task,
            sums=np.concatenate([zero, np.cumsum(live.more, axis=1)], axis=1),
            missing=np.concatenate([zero.astype(np.int64), np.cumsum(window.missing, axis=1)], axis=1),
            known={},
        )

    def worth(self, lines: tuple[int, ...], place: int, way: int) -> list[tuple[int, float, float]]:
        """(intervals, cover, cover and pay) of every lengthening into the gap that pays but for its price."""
        key = lines, place, way
        if key in self.known:
            return self.known[key]
        problem = self.live.problem
        minute_price = problem.weights.paid_minutes + self.task.prices.overtime
        found: list[tuple[int, float, float]] = []
        for k in range(1, self.task.most_overtime // problem.grid.interval + 1):
            low, high = sorted((place, place + way * k))
            if low < 0 or high > problem.grid.count:
                break
            fills = float((self.sums[lines, high] - self.sums[lines, low]).sum())
            gap = (self.missing[lines, high] - self.missing[lines, low]).any()
            cost = fills + k * problem.interval_minutes * minute_price
            if gap and cost < 0:
                found.append((k, fills, cost))
        self.known[key] = found
        return found
