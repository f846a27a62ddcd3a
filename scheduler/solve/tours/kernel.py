"""The loops behind tours, compiled: prices of places and of cells with their pauses."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = [
    "FORBIDDEN",
    "cover_change",
    "line_cost",
    "marginal_prices",
    "place_pauses",
    "price_cells",
    "soft_prices",
    "work_prices",
]

#: Price of what a hard rule forbids.
FORBIDDEN = 1e15
#: Gain of a pause that cannot be placed.
_NOWHERE = -1e300


@njit(cache=True, nogil=True)
def _step_weight(
    tops: NDArray[np.int64],
    weights: NDArray[np.float64],
    amount: int,
) -> float:
    """Weight of the ``amount``-th staff off (from 1) in steps that hold up to ``tops`` in all."""
    for k in range(tops.shape[0]):
        if amount <= tops[k]:
            return float(weights[k])
    return float(weights[weights.shape[0] - 1])


@njit(cache=True, nogil=True)
def marginal_prices(
    at: NDArray[np.int64],
    required: NDArray[np.int64],
    under_tops: NDArray[np.int64],
    under: NDArray[np.float64],
    over_tops: NDArray[np.int64],
    over: NDArray[np.float64],
    prices: NDArray[np.float64],
) -> None:
    """``prices[l, t]`` of one more person on line l in interval t, where ``at`` are there already."""
    for line in range(at.shape[0]):
        for t in range(at.shape[1]):
            missing = required[line, t] - at[line, t]
            if missing > 0:
                prices[line, t] = -_step_weight(under_tops[line, t], under[line], missing)
            else:
                prices[line, t] = _step_weight(over_tops[line, t], over[line], 1 - missing)


@njit(cache=True, nogil=True)
def soft_prices(
    at: NDArray[np.int64],
    seen: NDArray[np.int64],
    required: NDArray[np.int64],
    under_tops: NDArray[np.int64],
    under: NDArray[np.float64],
    over_tops: NDArray[np.int64],
    over: NDArray[np.float64],
    shares: NDArray[np.float64],
    prices: NDArray[np.float64],
) -> None:
    """Marginal prices averaged over some people more or fewer; ``shares`` are of as many fewer as more.

    Only places where ``seen`` is not what it was are done again.
    """
    most = shares.shape[0] // 2
    for line in range(at.shape[0]):
        for t in range(at.shape[1]):
            if at[line, t] == seen[line, t]:
                continue
            seen[line, t] = at[line, t]
            total = 0.0
            for k in range(shares.shape[0]):
                missing = required[line, t] - at[line, t] - (k - most)
                if missing > 0:
                    total -= shares[k] * _step_weight(under_tops[line, t], under[line], missing)
                else:
                    total += shares[k] * _step_weight(over_tops[line, t], over[line], 1 - missing)
            prices[line, t] = total


@njit(cache=True, nogil=True)
def line_cost(
    at: NDArray[np.int64],
    required: NDArray[np.int64],
    under_tops: NDArray[np.int64],
    under: NDArray[np.float64],
    over_tops: NDArray[np.int64],
    over: NDArray[np.float64],
) -> float:
    """What all lines cost as they are."""
    total = 0.0
    for line in range(at.shape[0]):
        for t in range(at.shape[1]):
            off = required[line, t] - at[line, t]
            for m in range(1, off + 1):
                total += _step_weight(under_tops[line, t], under[line], m)
            for m in range(1, -off + 1):
                total += _step_weight(over_tops[line, t], over[line], m)
    return total


@njit(cache=True, nogil=True)
def cover_change(
    at: NDArray[np.int64],
    required: NDArray[np.int64],
    under_tops: NDArray[np.int64],
    under: NDArray[np.float64],
    over_tops: NDArray[np.int64],
    over: NDArray[np.float64],
    line: int,
    first: int,
    last: int,
    sign: int,
) -> float:
    """Add (or take, ``sign`` -1) one person on a line in [first, last); what that costs."""
    change = 0.0
    for t in range(max(0, first), min(last, at.shape[1])):
        if sign > 0:
            missing = required[line, t] - at[line, t]
            if missing > 0:
                change -= _step_weight(under_tops[line, t], under[line], missing)
            else:
                change += _step_weight(over_tops[line, t], over[line], 1 - missing)
            at[line, t] += 1
        else:
            at[line, t] -= 1
            missing = required[line, t] - at[line, t]
            if missing > 0:
                change += _step_weight(under_tops[line, t], under[line], missing)
            else:
                change -= _step_weight(over_tops[line, t], over[line], 1 - missing)
    return change


@njit(cache=True, nogil=True)
def work_prices(
    prices: NDArray[np.float64],
    queues: int,
    work_lines: NDArray[np.int32],
    seat_lines: NDArray[np.int32],
    sums: NDArray[np.float64],
    seat_sums: NDArray[np.float64],
) -> None:
    """Running sums, from 0 at the first interval, of what working on each queue and taking a seat costs."""
    count = prices.shape[1]
    for q in range(queues):
        total = 0.0
        for t in range(count):
            total += prices[q, t]
            for k in range(work_lines.shape[0]):
                total += prices[work_lines[k], t]
            sums[q, t + 1] = total
        for t in range(count + 1, sums.shape[1]):
            sums[q, t] = total
    total = 0.0
    for t in range(count):
        for k in range(seat_lines.shape[0]):
            total += prices[seat_lines[k], t]
        seat_sums[t + 1] = total
    for t in range(count + 1, seat_sums.shape[0]):
        seat_sums[t] = total


@njit(cache=True, nogil=True)
def place_pauses(
    sums: NDArray[np.float64],
    start: int,
    length: int,
    spacing: int,
    pause_length: NDArray[np.int32],
    pause_first: NDArray[np.int32],
    pause_last: NDArray[np.int32],
    first: int,
    count: int,
    block_first: NDArray[np.int32],
    block_last: NDArray[np.int32],
    first_block: int,
    blocks: int,
    found: NDArray[np.int32],
) -> float:
    """The cheapest pauses of one shift; ``found`` gets their starts.  Returns what the shift's work costs.

    ``sums`` are running sums of work prices; pauses ``first`` to ``first + count`` of the arrays are this
    shift's, in order, with windows after the start.  Blocks ``first_block`` to ``first_block + blocks`` are
    its sessions, from their first interval to their end: no work, and no pauses.  FORBIDDEN where the pauses
    do not fit beside them.
    """
    total = float(sums[start + length] - sums[start])
    for b in range(first_block, first_block + blocks):
        total -= float(sums[block_last[b]] - sums[block_first[b]])
    if count == 0:
        return total
    most = 0
    for j in range(count):
        most = max(most, pause_last[first + j] - pause_first[first + j] + 1)
    best = np.empty((count, most))
    came = np.empty((count, most), dtype=np.int32)
    for j in range(count):
        p = first + j
        here = pause_length[p]
        width = pause_last[p] - pause_first[p] + 1
        running = _NOWHERE
        running_at = -1
        behind = 0
        for k in range(width):
            begin = start + pause_first[p] + k
            saved = sums[begin + here] - sums[begin]
            for b in range(first_block, first_block + blocks):
                if begin < block_last[b] and block_first[b] < begin + here:
                    saved = _NOWHERE
            if j == 0 or saved <= _NOWHERE:
                best[j, k] = saved
                came[j, k] = -1
            else:
                before = p - 1
                latest = pause_first[p] + k - spacing - pause_length[before] - pause_first[before]
                widest = pause_last[before] - pause_first[before]
                while behind <= min(latest, widest):
                    if best[j - 1, behind] > running:
                        running = best[j - 1, behind]
                        running_at = behind
                    behind += 1
                best[j, k] = saved + running
                came[j, k] = running_at
    last = first + count - 1
    at = 0
    for k in range(pause_last[last] - pause_first[last] + 1):
        if best[count - 1, k] > best[count - 1, at]:
            at = k
    saved = best[count - 1, at]
    if saved < 0.5 * _NOWHERE:
        return FORBIDDEN
    for j in range(count - 1, -1, -1):
        found[j] = start + pause_first[first + j] + at
        at = came[j, at]
    return float(total - saved)


@njit(cache=True, nogil=True)
def price_cells(
    cells: NDArray[np.int32],
    static: NDArray[np.float64],
    cell_slot: NDArray[np.int32],
    cell_family: NDArray[np.int32],
    cell_start: NDArray[np.int32],
    cell_begin: NDArray[np.int32],
    family_day: NDArray[np.int32],
    family_queue: NDArray[np.int32],
    family_length: NDArray[np.int32],
    family_spacing: NDArray[np.int32],
    family_template: NDArray[np.int32],
    family_pause: NDArray[np.int32],
    family_pauses: NDArray[np.int32],
    pause_length: NDArray[np.int32],
    pause_first: NDArray[np.int32],
    pause_last: NDArray[np.int32],
    family_block: NDArray[np.int32],
    family_blocks: NDArray[np.int32],
    block_first: NDArray[np.int32],
    block_last: NDArray[np.int32],
    sums: NDArray[np.float64],
    seat_sums: NDArray[np.float64],
    kind_prices: NDArray[np.float64],
    found: NDArray[np.int32],
    best: NDArray[np.float64],
    best_cell: NDArray[np.int32],
) -> None:
    """``best[day, slot]``: the cheapest of an agent's cells in each slot, and which it is.

    ``found`` is scratch room for the pauses of one shift.
    """
    best[:, :] = FORBIDDEN
    best_cell[:, :] = -1
    for i in range(cells.shape[0]):
        c = cells[i]
        f = cell_family[c]
        day = family_day[f]
        price = static[i] + kind_prices[day, family_template[f]]
        price += seat_sums[cell_start[c] + family_length[f]] - seat_sums[max(0, cell_begin[c])]
        price += place_pauses(
            sums[family_queue[f]],
            cell_start[c],
            family_length[f],
            family_spacing[f],
            pause_length,
            pause_first,
            pause_last,
            family_pause[f],
            family_pauses[f],
            block_first,
            block_last,
            family_block[f],
            family_blocks[f],
            found,
        )
        s = cell_slot[i]
        if price < best[day, s]:
            best[day, s] = price
            best_cell[day, s] = c
