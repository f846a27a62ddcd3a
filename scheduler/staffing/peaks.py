"""Peak intervals, and which of them are judged together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from forecasting.grid import IntervalGrid

PEAK_SHARE = 0.25
"""The busiest share of a week's open intervals that is its peak, where the operator names no windows."""

JUDGED_TOGETHER_BELOW = 30.0
"""Peak intervals that expect fewer contacts are judged with their neighbours: one of four calls is 25 %."""


def peak_intervals(
    contacts: NDArray[np.float64], open_: NDArray[np.bool_], grid: IntervalGrid
) -> NDArray[np.bool_]:
    """The top quarter, by expected contacts, of each local week's open intervals that expect any.

    All arrays have shape (grid.count,).  Of equals the earlier is taken, so the number is always a quarter,
    rounded up.
    """
    weeks: dict[tuple[int, int], list[int]] = {}
    for index, day in enumerate(grid.local_dates()):
        if open_[index] and contacts[index] > 0:
            weeks.setdefault(day.isocalendar()[:2], []).append(index)
    peak = np.zeros(grid.count, dtype=np.bool_)
    for indices in weeks.values():
        busiest = sorted(indices, key=lambda i: (-contacts[i], i))
        peak[busiest[: math.ceil(PEAK_SHARE * len(indices))]] = True
    return peak


def judged_together(
    contacts: NDArray[np.float64], peak: NDArray[np.bool_], dates: Sequence[date]
) -> tuple[tuple[int, ...], ...]:
    """Peak intervals in order, in groups that expect at least 30 contacts where the period has as many.

    What is left at the end of a day joins that day's last group, or else the next day's first.

    >>> monday = date(2026, 11, 23)
    >>> judged_together(np.array([40.0, 10, 15, 20, 5]), np.ones(5, dtype=bool), [monday] * 5)
    ((0,), (1, 2, 3, 4))
    """
    groups: list[list[int]] = []
    current: list[int] = []

    def expected(group: list[int]) -> float:
        return float(contacts[group].sum())

    for index in np.flatnonzero(peak).tolist():
        new_day = bool(current) and dates[current[-1]] != dates[index]
        if new_day and groups and dates[groups[-1][-1]] == dates[current[-1]]:
            groups[-1] += current
            current = []
        current.append(index)
        if expected(current) >= JUDGED_TOGETHER_BELOW:
            groups.append(current)
            current = []
    if current and groups:
        groups[-1] += current
    elif current:
        groups.append(current)
    return tuple(tuple(group) for group in groups)
