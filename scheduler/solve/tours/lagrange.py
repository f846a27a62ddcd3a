"""Lagrange's bound: any prices of cover prove that no roster is cheaper than this."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from scheduler.solve.tours.cheapest import Prices, Workspace, find_tour
from scheduler.solve.tours.space import TourSpace

__all__ = ["best_flat_prices", "cover_bound", "lagrange_bound", "priced_places", "stepped"]


def lagrange_bound(
    space: TourSpace,
    classes: Sequence[Sequence[int]],
    prices: Prices,
    *,
    workers: int,
    is_over: Callable[[], bool] = lambda: False,
) -> float | None:
    """Cheapest tours of everybody under prices, plus for each place the least of cost minus price.

    It holds for every roster of the space, whatever the prices; those of a linear program's optimum make it
    the best.  ``classes``: agents alike.  None where ``is_over`` came first, or somebody has no tour.
    """

    def work(share: int) -> float | None:
        own = Workspace.of(space)
        total = 0.0
        for members in classes[share::workers]:
            found = None if is_over() else find_tour(space, space.agents[members[0]], prices, own)
            if found is None:
                return None
            total += len(members) * found[1]
        return total

    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="bound") as pool:
        parts = list(pool.map(work, range(workers)))
    known = [p for p in parts if p is not None]
    if len(known) < len(parts):
        return None
    return sum(known) + cover_bound(space, priced_places(space), prices)


def best_flat_prices(
    space: TourSpace, bound: Callable[[Prices], float], *, is_over: Callable[[], bool] = lambda: False
) -> tuple[Prices, float]:
    """The best of a few prices that are the same all along a week of a line, and its bound.

    ``bound``: Lagrange's bound of prices; ``is_over``: what was tried so far will do.  Tried are no prices,
    those of the first one too many and of the first one too few, and what working a little longer costs:
    everywhere, then week by week, then line by line of each week.
    """
    lines = space.lines
    places = priced_places(space)
    kinds = np.zeros(space.kinds.shape)
    starts = [start for day, start in enumerate(space.day_start) if day and space.week_ends[day - 1]]
    week_of = np.searchsorted(starts, np.arange(places.shape[1]), side="right")
    weeks = len(starts) + 1
    steps = (np.zeros(lines.count), _first(lines.over), -_paid(space), -_first(lines.under))

    def made(levels: NDArray[np.float64]) -> Prices:
        return Prices(lines=np.where(places, levels[:, week_of], 0.0), kinds=kinds)

    tried = [np.repeat(step[:, None], weeks, axis=1) for step in steps]
    best, levels = bound(made(tried[0])), tried[0]
    for one in tried[1:]:
        if not is_over() and (found := bound(made(one))) > best:
            best, levels = found, one
    parts = [(slice(None), week) for week in range(weeks) if weeks > 1]
    parts += [
        (slice(line, line + 1), week)
        for line in range(lines.count)
        for week in range(weeks)
        if lines.count > 1
    ]
    for of, week in parts:
        for step in steps:
            if is_over() or np.array_equal(step[of], levels[of, week]):
                continue
            changed = levels.copy()
            changed[of, week] = step[of]
            found = bound(made(changed))
            if found > best:
                best, levels = found, changed
    return made(levels), best


def _first(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each line's price of the first one too many, or too few."""
    return weights[:, 0] if weights.shape[1] else np.zeros(weights.shape[0])


def _paid(space: TourSpace) -> NDArray[np.float64]:
    """Each line's least price of an interval at work, by what shifts are paid for; 0 for presence."""
    found = np.zeros(space.lines.count)
    cells, families = space.candidates.cells, space.candidates.families
    for cell in cells:
        family = families[cell.family]
        away = sum(p.length for p in family.pauses) + sum(last - first for first, last in family.blocks)
        queue = int(space.family_queue[cell.family])
        price = space.problem.weights.paid_minutes * cell.paid_minutes / max(1, family.length - away)
        found[queue] = min(found[queue], price) if found[queue] else price
    return found


def priced_places(space: TourSpace) -> NDArray[np.bool_]:
    """Where cover has a price, shape (line, interval): somebody is asked for, or can be too many."""
    lines = space.lines
    reached = _reached(space)
    asked = (lines.required > 0) & np.any(lines.under, axis=1)[:, None]
    found: NDArray[np.bool_] = asked | (reached[None, :] & np.any(lines.over, axis=1)[:, None])
    return found


def cover_bound(
    space: TourSpace, places: NDArray[np.bool_], prices: Prices, *, elsewhere: bool = True
) -> float:
    """Σ over places of the least of (cost of cover z - price · z), z from nobody to everybody.

    Other intervals cost what they cost with nobody in addition; nothing where ``elsewhere`` does not count.
    """
    lines = space.lines
    everyone = len(space.agents)
    total = 0.0
    for line in range(lines.count):
        held = places[line]
        base, need = space.at[line], lines.required[line]
        tops_under, tops_over = lines.under_tops[line], lines.over_tops[line]
        corners = [base, base + everyone, need]
        corners += [need - tops_under[:, k] for k in range(tops_under.shape[1])]
        corners += [need + tops_over[:, k] for k in range(tops_over.shape[1])]
        least = np.full(base.shape, np.inf)
        for corner in corners:
            x = np.clip(corner, base, base + everyone)
            cost = stepped(need - x, tops_under, lines.under[line]) + stepped(
                x - need, tops_over, lines.over[line]
            )
            least = np.minimum(least, cost - prices.lines[line] * (x - base))
        free = stepped(need - base, tops_under, lines.under[line]) + stepped(
            base - need, tops_over, lines.over[line]
        )
        total += float(np.where(held, least, free if elsewhere else 0.0).sum())
    base, need = space.kinds, space.kind_required
    low = None
    for corner in (base, base + everyone, need):
        x = np.clip(corner, base, base + everyone)
        cost = space.kind_under * np.maximum(0, need - x) + space.kind_over * np.maximum(0, x - need)
        value = cost - prices.kinds * (x - base)
        low = value if low is None else np.minimum(low, value)
    return total + float(low.sum()) if low is not None else total


def stepped(
    off: NDArray[np.int64], tops: NDArray[np.int64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Price of ``off`` staff (0 where negative) in convex steps."""
    total = np.zeros(off.shape)
    below = np.zeros(off.shape, dtype=np.int64)
    for k in range(tops.shape[1]):
        total += weights[k] * np.clip(off - below, 0, tops[:, k] - below)
        below = tops[:, k]
    return total


def _reached(space: TourSpace) -> NDArray[np.bool_]:
    """Intervals any cell covers."""
    reached = np.zeros(space.at.shape[1], dtype=np.bool_)
    for cell in range(len(space.cell_start)):
        start = int(space.cell_start[cell])
        end = start + int(space.family_length[space.cell_family[cell]])
        reached[max(0, int(space.cell_begin[cell])) : end] = True
    return reached
