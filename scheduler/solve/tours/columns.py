"""Column generation: a bound, and rosters from it by diving.

Each round solves the master, prices one tour per class, and adds those that could lower it.  Prices are
smoothed towards those of the best bound, which settles them several times sooner (Wentges 1997).
"""

from __future__ import annotations

import math
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from scheduler.solve.search import Search
from scheduler.solve.tours.cheapest import WORK_PER_TOUR, Prices, Tour, Workspace, find_tour, least_price
from scheduler.solve.tours.classes import classes_of
from scheduler.solve.tours.lagrange import best_flat_prices, cover_bound
from scheduler.solve.tours.master import Master
from scheduler.solve.tours.roster import TourRoster
from scheduler.solve.tours.space import TourSpace

__all__ = ["ColumnSearch", "work_of"]

_SMOOTHING = 0.7
#: Shares of the best bound's prices tried in one round, where a round's program is so much dearer than its
#: tour searches.
_MANY_SHARES = (0.9, 0.75, 0.5, 0.25, 0.0)
_DEAR = 2.0
#: Columns per row that one round may add at most with so many prices.
_FLOOD = 0.25
#: Share of the budget for flat prices; they are all that is proven until the programs' prices have settled.
_FLAT_SHARE = 0.02
#: Columns kept per row of the master when it is pruned.
_COLUMNS_PER_ROW = 3
#: How far prices nearby are off, as a share of what there is to gain.
_NOISE = 0.15
_TINY = 1e-6
#: A share of a column from which on it is as good as taken.
_NEARLY_WHOLE = 0.97
#: Steps of one dive taken back at most (limited discrepancy).
_RETURNS = 4
#: Deterministic work of one simplex iteration per row, in the solver's units (about seconds).
_WORK_PER_ITERATION = 5e-7


@dataclass(slots=True, eq=False)
class ColumnSearch:
    """Column generation on one space.  ``bound`` is proven for it; ``converged`` says it will not rise.
    ``floor`` is proven otherwise: by flat prices (``flat``, with what they prove), or whole numbers over all
    tours that matter.

    ``only``: the intervals of lines that are looked at, where what the others cost is left out of everything.
    ``grain``: objectives are multiples of it, so bounds round up.  ``enough``: the distance of a program's
    value to the bound that is as good as none.  ``until``: the share of the whole budget at which to end.
    Close it after use: it holds threads.
    """

    space: TourSpace
    search: Search
    grain: float
    noise: np.random.Generator
    enough: float = 0.0
    until: float = 1.0
    only: NDArray[np.bool_] | None = None
    master: Master = field(init=False)
    bound: float = -math.inf
    floor: float = -math.inf
    stable: Prices | None = None
    flat: tuple[Prices, float] | None = None
    converged: bool = False
    class_of: dict[int, int] = field(init=False)
    lp_work: float = 0.0
    _pool: ThreadPoolExecutor = field(init=False)
    _work: list[Workspace] = field(init=False)

    def __post_init__(self) -> None:
        self.master = Master.of(self.space, classes_of(self.space), places=self.only)
        self.class_of = {number: i for i, c in enumerate(self.master.classes) for number in c}
        workers = self.search.params.workers
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="tours")
        self._work = [Workspace.of(self.space) for _ in range(workers)]

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def is_over(self) -> bool:
        """Stopped from outside, or the budget used up as far as it is ours."""
        return self.search.is_over() or self.search.share_used >= self.until

    @property
    def scratch(self) -> Workspace:
        """Scratch arrays for whoever searches beside no other thread."""
        return self._work[0]

    @property
    def is_dear(self) -> bool:
        """Whether a round's program costs much more than searching a tour for every class."""
        return self.lp_work > _DEAR * len(self.master.classes) * WORK_PER_TOUR

    @property
    def rounded_bound(self) -> float:
        """The best bound, rounded up to what an objective can be."""
        return self.round_up(max(self.bound, self.floor))

    def round_up(self, value: float) -> float:
        """The least objective that is not below ``value``."""
        if self.grain <= 0 or not math.isfinite(value):
            return value
        return math.ceil(value / self.grain - 1e-7 - 1e-6 / self.grain) * self.grain

    def start_from(self, roster: TourRoster) -> None:
        """Columns of a roster of everybody, so that the master has an answer."""
        for of, numbers in enumerate(self.master.classes):
            for number in numbers:
                tour = roster.tours[number]
                if tour is not None:
                    self.master.add(of, tour)

    def cheapest(self, prices: Prices, of: list[int]) -> list[tuple[int, Tour, float]]:
        """The cheapest tour of each of some classes."""
        workers = min(self.search.params.workers, len(of))

        def work(share: int) -> list[tuple[int, Tour, float]]:
            found: list[tuple[int, Tour, float]] = []
            for i in of[share::workers]:
                tour = find_tour(
                    self.space, self.space.agents[self.master.classes[i][0]], prices, self._work[share]
                )
                # Every agent here has a tour: laying out made lenient those whose fixed shifts leave none.
                assert tour is not None
                found.append((i, *tour))
            return found

        self.search.work += len(of) * WORK_PER_TOUR
        if workers <= 1:
            return work(0) if of else []
        return [one for part in self._pool.map(work, range(workers)) for one in part]

    def program(self) -> float | None:
        """Solve the master; None where time is up."""
        value = self.master.solve(self.search.seconds_for(self.until - self.search.share_used))
        if value is None and not self.is_over():
            # Warm starts can end in numerical trouble that only a fresh program gets out of.
            self.master = self.master.with_columns(list(range(len(self.master.columns))))
            value = self.master.solve(self.search.seconds_for(self.until - self.search.share_used))
        self.lp_work = work_of(self.master)
        self.search.work += self.lp_work
        return value

    def generate(self, *, rounds: int, of: list[int] | None = None) -> float | None:
        """Add columns until none can lower the master (``converged``), or for so many rounds.

        ``of``: classes that may change; the bound is raised only where all may.  Returns the value of the
        master, which is solved with all its columns; None where time was up.
        """
        everyone = of is None
        classes = list(range(len(self.master.classes))) if of is None else of
        sizes = [len(c) for c in self.master.classes]
        self.converged = False
        stable = self.stable if everyone else None
        best_here = -math.inf
        value = self.program()
        for _ in range(rounds):
            if value is None or self.is_over():
                return value
            duals = self.master.prices()
            rows = self.master.row_prices()
            limits = self.master.class_prices()
            added = False
            # Where the program is dear beside tour searches, more prices on the way are worth their tours,
            # unless they flood it.
            dear = self.is_dear and len(_MANY_SHARES) * len(classes) <= _FLOOD * len(rows)
            shares = (0.0,) if stable is None else _MANY_SHARES if dear else (_SMOOTHING, 0.0)
            centre = stable
            for share in shares:
                prices = duals if centre is None else _blend(centre, duals, share)
                total = 0.0
                for i, tour, price in self.cheapest(prices, classes):
                    total += price * sizes[i]
                    if self.master.reduced_cost(i, tour, rows, limits[i]) < -_TINY:
                        added |= self.master.add_new(i, tour)
                bound = total + self._cover_bound(prices) if everyone else total
                if bound > best_here:
                    best_here, stable = bound, prices
                if everyone and bound > self.bound:
                    self.bound, self.stable = bound, prices
                if added and not dear:
                    break
            if not added or (everyone and value - max(self.bound, self.floor) <= max(self.enough, _TINY)):
                self.converged = True
                return self.program() if added else value
            value = self.program()
        return value

    def more_near(self, of: list[int], room: float, times: int) -> list[int]:
        """Numbers of new columns of some classes that whole numbers could take at a loss of at most ``room``.

        Column generation ends with what a linear program needs; the best whole numbers often take tours next
        to those.  They are the cheapest at prices a little off: by days, normally distributed, a share of
        ``room``.  The master must be solved; its answer stays as it is.
        """
        master = self.master
        duals, rows, limits = master.prices(), master.row_prices(), master.class_prices()
        day_of = np.searchsorted(np.array(self.space.day_start), np.arange(duals.lines.shape[1]), "right") - 1
        found: list[int] = []
        for _ in range(times):
            off = self.noise.normal(0.0, _NOISE * room, (len(duals.lines), len(self.space.day_start)))
            prices = Prices(
                lines=np.where(master.line_rows >= 0, duals.lines + off[:, np.maximum(day_of, 0)], 0.0),
                kinds=np.where(
                    master.kind_rows >= 0,
                    duals.kinds + self.noise.normal(0.0, _NOISE * room, duals.kinds.shape),
                    0.0,
                ),
            )
            for i, tour, _ in self.cheapest(prices, of):
                if master.reduced_cost(i, tour, rows, limits[i]) <= room + _TINY and master.add_new(i, tour):
                    found.append(len(master.columns) - 1)
        return found

    def start_bound(self) -> None:
        """Set ``floor``, ``flat`` and ``stable`` by the best flat prices, one for each week of a line.

        What contracts promise is paid anyway, and where it is more than is asked for, the price of the first
        one too many is what nearly all places cost in the end: often that is the whole bound, before any
        program.  The programs' first prices are wild and prove less.
        """
        until = self.search.share_used + _FLAT_SHARE
        prices, self.floor = best_flat_prices(
            self.space, self.flat_bound, is_over=lambda: self.is_over() or self.search.share_used > until
        )
        self.flat = prices, self.floor
        if self.stable is None:
            self.stable = prices

    def flat_bound(self, prices: Prices) -> float:
        """Lagrange's bound of flat prices, or a little less: tours are long to find under them."""
        classes = self.master.classes
        workers = len(self._work)

        def work(share: int) -> float:
            return sum(
                len(numbers)
                * least_price(self.space, self.space.agents[numbers[0]], prices, self._work[share])
                for numbers in classes[share::workers]
            )

        self.search.work += len(classes) * WORK_PER_TOUR
        paid = sum(self._pool.map(work, range(workers)))
        return paid + self._cover_bound(prices)

    def bound_of(self, prices: Prices) -> float:
        """Lagrange's bound of some prices."""
        classes = self.master.classes
        found = self.cheapest(prices, list(range(len(classes))))
        paid = sum(price * len(classes[i]) for i, _, price in found)
        return paid + self._cover_bound(prices)

    def _cover_bound(self, prices: Prices) -> float:
        return cover_bound(self.space, self.master.places, prices, elsewhere=self.only is None)

    def prune(self) -> None:
        """Forget columns far from being worth having, where there are many; the master must be solved."""
        master = self.master
        most = _COLUMNS_PER_ROW * (len(master.rows) + len(master.classes))
        if len(master.columns) <= 2 * most:
            return
        order = np.argsort(master.reduced_costs(), kind="stable")[:most]
        self.master = master.with_columns(sorted(order.tolist()))

    def dive(
        self,
        chance: random.Random,
        *,
        greed: float,
        rounds: int,
        below: float = math.inf,
        given: NDArray[np.int64] | None = None,
    ) -> TourRoster | None:
        """A roster by fixing, again and again, what the master is surest of; columns go on being added.

        ``greed``: share of the open members fixed at a time at most, besides what is nearly whole anyway;
        ``rounds`` of columns in between.  Where the program is not ``below`` an objective any more, the last
        step is taken back and what it was surest of barred, a few times over.  ``given``: members per column
        that have their tours already.  Where its own time is up first, whoever has no tour takes the cheapest
        beside the others.  None where the whole budget is used up, or nothing came below.
        """
        sizes = [len(c) for c in self.master.classes]
        kept = [0] * len(sizes)
        self.free_all()
        for n, count in enumerate([] if given is None else given.tolist()):
            self.master.keep(n, count)
            kept[self.master.columns[n].of] += count
        steps: list[list[tuple[int, int]]] = []
        returns = _RETURNS
        try:
            while True:
                open_classes = [i for i, size in enumerate(sizes) if kept[i] < size]
                if not open_classes:
                    least = [c.least for c in self.master.columns]
                    return self.as_roster(np.array(least, dtype=np.int64))
                value = self.generate(rounds=rounds, of=open_classes)
                if self.is_over():
                    return None if self.search.is_over() else self._completed()
                if value is None:
                    return None
                if self.round_up(value) >= below - _TINY:
                    if not steps or not returns:
                        return None
                    returns -= 1
                    for n, step in steps[-1]:
                        self.master.keep(n, self.master.columns[n].least - step)
                        kept[self.master.columns[n].of] -= step
                    self.master.bar(steps.pop()[0][0])
                    continue
                steps.append(self._surest(chance, greed, sizes, kept))
                for n, step in steps[-1]:
                    self.master.keep(n, self.master.columns[n].least + step)
                    kept[self.master.columns[n].of] += step
        finally:
            self.free_all()

    def _surest(
        self, chance: random.Random, greed: float, sizes: list[int], kept: list[int]
    ) -> list[tuple[int, int]]:
        """(column, members) to fix next, the surest first."""
        master = self.master
        part = master.values() - np.array([c.least for c in master.columns])
        order = np.argsort(-part - 0.02 * np.array([chance.random() for _ in part]))
        room = [size - k for size, k in zip(sizes, kept, strict=True)]
        quota = max(1, int(greed * sum(room)))
        found: list[tuple[int, int]] = []
        for n in order.tolist():
            share, of = float(part[n]), master.columns[n].of
            if share < _TINY or (share < _NEARLY_WHOLE and len(found) >= quota):
                continue
            step = min(max(1, math.floor(share + 1 - _NEARLY_WHOLE)), room[of])
            if step > 0:
                found.append((n, step))
                room[of] -= step
        return found

    def _completed(self) -> TourRoster:
        """The roster with what has to be taken of columns, and the cheapest tours of everybody else."""
        roster = self.as_roster(np.array([c.least for c in self.master.columns], dtype=np.int64))
        for number, tour in enumerate(roster.tours):
            if tour is None:
                roster.improve(number)
        return roster

    def rounded(self) -> TourRoster | None:
        """The roster nearest to the master's shares; None where the master has no answer.

        Each class's members go to its columns by largest remainders.  No dive, but there at once.
        """
        master = self.master
        if not master.columns or self.program() is None:
            return None
        values = self.master.values()
        counts = np.zeros(len(self.master.columns), dtype=np.int64)
        for of, members in enumerate(self.master.classes):
            own = np.array(self.master.of_class[of], dtype=np.int64)
            share = np.maximum(values[own], 0.0)
            whole = np.floor(share + 1e-9).astype(np.int64)
            left = len(members) - int(whole.sum())
            for place in np.argsort(whole - share, kind="stable")[: max(0, left)].tolist():
                whole[place] += 1
            counts[own] += whole
        return self.as_roster(counts)

    def free_all(self) -> None:
        """No column has to be taken any more, and none is barred."""
        for number, column in enumerate(self.master.columns):
            if column.least:
                self.master.keep(number, 0)
            if column.barred:
                self.master.bar(number, barred=False)

    def as_roster(self, counts: NDArray[np.int64]) -> TourRoster:
        """The roster with so many members on each column; members of a class in order."""
        roster = TourRoster.empty(self.space)
        waiting = [list(c) for c in self.master.classes]
        for column, count in zip(self.master.columns, counts.tolist(), strict=True):
            for _ in range(count):
                roster.give(waiting[column.of].pop(0), column.tour)
        return roster

    def counts_of(self, roster: TourRoster) -> NDArray[np.int64]:
        """Members per column of a roster of everybody; columns are made where they are new."""
        numbers = []
        for number, tour in enumerate(roster.tours):
            assert tour is not None
            numbers.append(self.master.add(self.class_of[number], tour))
        counts = np.zeros(len(self.master.columns), dtype=np.int64)
        np.add.at(counts, numbers, 1)
        return counts


def work_of(master: Master) -> float:
    """Deterministic work of a program's last solve, in CP-SAT's units."""
    rows = len(master.rows) + len(master.classes)
    return float(master.solver.iterations() * rows * _WORK_PER_ITERATION)


def _blend(stable: Prices, duals: Prices, share: float) -> Prices:
    return Prices(
        lines=share * stable.lines + (1 - share) * duals.lines,
        kinds=share * stable.kinds + (1 - share) * duals.kinds,
    )
