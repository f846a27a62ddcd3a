"""Share of the day per interval, by weekday; and the level of a day whatever part of it was seen.

Shares are averaged on the square-root scale, where a Poisson count has the same variance (1/4) at every
level (Brown, Gans, Mandelbaum and others, "Statistical analysis of a telephone call center", JASA 100,
2005), so that busy and quiet intervals count alike.  Each weekday's profile is shrunk towards the common
one by as much as its own noise demands.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.day_table import DayTable

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

HALF_LIFE_DAYS = 70.0
"""Weight of a day in the profile halves every ten weeks."""
MIN_COVERED = 0.5
"""A day seen for less than half of its usual contacts gives no level."""
SMOOTHING = ((400, 0), (150, 1), (50, 2))
"""Contacts per interval of day behind the common profile, and how often it is smoothed with as many."""
MOST_SMOOTHING = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DayProfiles:
    """``share``: weekday by column; each weekday that was ever seen sums to 1, others are all zero.

    ``seen``: True where the cell was ever learned on that weekday, same shape (7, columns).
    ``level``: contacts of the whole regular day [count], NaN where too little was seen, shape (days,).
    """

    share: Floats
    seen: Mask
    level: Floats


def fit_profiles(table: DayTable, learn: Mask, like: NDArray[np.int64]) -> DayProfiles:
    """Profiles and levels from the learnable cells; ``like`` is each day's weekday pattern."""
    columns = table.counts.shape[1]
    counts = np.where(learn, table.counts, 0.0)
    mean = np.zeros((7, columns))
    seen = np.zeros((7, columns), dtype=np.bool_)
    for weekday in range(7):
        rows = like == weekday
        if rows.any():
            times = learn[rows].sum(axis=0)
            seen[weekday] = times > 0
            mean[weekday] = counts[rows].sum(axis=0) / np.maximum(times, 1)
    whole = mean.sum(axis=1)
    covered = (mean[like] * learn).sum(axis=1)
    total = counts.sum(axis=1)
    usable = (covered > MIN_COVERED * whole[like]) & (whole[like] > 0)
    level = np.where(usable, total * whole[like] / np.maximum(covered, 1e-12), np.nan)

    age = table.day_count - 1 - np.arange(table.day_count)
    weight = np.where(usable, 0.5 ** (age / HALF_LIFE_DAYS), 0.0)
    # Days without a contact have no shape; busy and quiet days count alike (a share is a share).
    weight = np.where(np.nan_to_num(level) > 0, weight, 0.0)
    root = np.sqrt(counts / np.maximum(np.nan_to_num(level), 1e-12)[:, None])
    weights: Floats = np.where(learn, weight[:, None], 0.0)
    common = _average(root, weights)
    common = _smooth(
        common, np.asarray((weights > 0).any(axis=0)), counts.sum() / max(1, int(seen.any(axis=0).sum()))
    )

    own = np.zeros((7, columns))
    amount = np.zeros((7, columns))
    guess = np.zeros((7, columns))
    within_sum, within_count = 0.0, 0.0
    for weekday in range(7):
        rows = like == weekday
        amount[weekday] = weights[rows].sum(axis=0)
        own[weekday] = _average(root[rows], weights[rows])
        held = np.where(seen[weekday], common, 0.0)
        guess[weekday] = held / max(float(np.sqrt((held**2).sum())), 1e-12)
        within_sum += float((weights[rows] * (root[rows] - own[weekday]) ** 2).sum())
        within_count += float(np.maximum(amount[weekday] - weight[rows].max(initial=0.0), 0.0).sum())
    noise = within_sum / within_count if within_count > 0 else 1.0
    known = amount > 0
    gap = float(((own - guess) ** 2)[known].sum())
    expected_gap = float((noise / np.maximum(amount, 1e-12))[known].sum())
    between = max(gap - expected_gap, 0.0) / max(1, int(known.sum()))
    shrink = float(np.clip(noise / between, 0.5, 50.0)) if between > 0 else 50.0

    blended = np.where(seen, (amount * own + shrink * guess) / (amount + shrink), 0.0)
    squared = blended**2
    sums = squared.sum(axis=1, keepdims=True)
    share = np.divide(squared, sums, out=np.zeros_like(squared), where=sums > 0)
    return DayProfiles(share=share, seen=seen, level=level)


def fill_unseen(values: Floats, seen: Mask) -> Floats:
    """Values per weekday and column with the unseen cells filled, shape (7, columns).

    A weekday never seen takes the mean of the others; a column never seen takes the nearest seen one of
    its weekday.  Nothing is known about such cells: whoever predicts there says so (``unseen hours``).
    """
    filled = values.copy()
    known = seen.copy()
    if not known.any():
        return np.zeros_like(values)
    others = known.sum(axis=0)
    mean = np.where(others > 0, (values * known).sum(axis=0) / np.maximum(others, 1), 0.0)
    for weekday in range(7):
        if not known[weekday].any():
            filled[weekday] = mean
            known[weekday] = others > 0
        columns = np.flatnonzero(known[weekday])
        missing = np.flatnonzero(~known[weekday])
        if missing.size:
            nearest = np.abs(missing[:, None] - columns[None, :]).argmin(axis=1)
            filled[weekday, missing] = filled[weekday, columns[nearest]]
    return filled


def _average(values: Floats, weights: Floats) -> Floats:
    total = weights.sum(axis=0)
    return np.asarray(
        np.divide((values * weights).sum(axis=0), total, out=np.zeros_like(total), where=total > 0)
    )


def _smooth(values: Floats, known: Mask, contacts_per_cell: float) -> Floats:
    """Average neighbours (1-2-1) as often as few contacts demand; not across closed hours."""
    passes = (
        0
        if contacts_per_cell >= 400
        else 1
        if contacts_per_cell >= 150
        else 2
        if contacts_per_cell >= 50
        else 4
    )
    smoothed = values
    for _ in range(passes):
        padded = np.pad(np.where(known, smoothed, 0.0), 1)
        present = np.pad(known.astype(np.float64), 1)
        total = padded[:-2] + 2 * padded[1:-1] + padded[2:]
        count = present[:-2] + 2 * present[1:-1] + present[2:]
        smoothed = np.where(known, total / np.maximum(count, 1e-12), 0.0)
    return smoothed
