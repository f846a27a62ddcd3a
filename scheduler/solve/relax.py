"""The linear relaxation of the counts: a bound at once, and shifts to start from.

Windows, spacing and cumulative counts only say that one variable is at most another plus a whole number.
Rounding all cumulative counts at one threshold keeps every such row, so the rounded shifts have pauses.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from scheduler.solve.variables import RosterModel

__all__ = ["Relaxed", "keep_near", "relax"]

_FREE = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxed:
    """``bound`` holds for every roster of the model; ``values`` are the relaxed variables by index."""

    bound: float
    values: tuple[float, ...]

    def rounded(self, model: RosterModel, threshold: float) -> dict[int, int]:
        """Takers per cell when cumulative counts are rounded up from ``threshold`` on."""
        counts: dict[int, int] = {}
        for variables in model.families:
            before = 0
            for i, started in enumerate(variables.started):
                total = max(before, math.floor(self.values[started.index] + 1 - threshold + 1e-9))
                if total > before:
                    counts[variables.family.first_cell + i] = total - before
                before = total
        return counts


def keep_near(model: RosterModel, relaxed: Relaxed) -> None:
    """Leave every count only the whole numbers next to its relaxed value.

    A small part of all rosters, mostly with very good ones in it; it may also be empty.
    """
    counts = [v for taken in model.taken for v in taken.values()]
    for family in model.families:
        counts += family.started
        counts += [v for paused in family.paused for v in paused]
    for variable in counts:
        value = relaxed.values[variable.index]
        model.model.add(variable >= math.floor(value + 1e-6))
        model.model.add(variable <= math.ceil(value - 1e-6))


def relax(model: RosterModel, seconds: float) -> Relaxed | None:
    """Solve the relaxation; None where that takes longer than ``seconds``."""
    proto = model.model.proto
    rows: list[int] = []
    columns: list[int] = []
    coefficients: list[int] = []
    limits: list[float] = []

    def add_row(sign: int, limit: int, variables: Iterable[int], factors: Iterable[int]) -> None:
        before = len(columns)
        columns.extend(variables)
        coefficients.extend(sign * c for c in factors)
        rows.extend([len(limits)] * (len(columns) - before))
        limits.append(sign * limit)

    for constraint in proto.constraints:
        linear = constraint.linear
        low, high = linear.domain[0], linear.domain[len(linear.domain) - 1]
        if high < _FREE:
            add_row(1, high, linear.vars, linear.coeffs)
        if low > -_FREE:
            add_row(-1, low, linear.vars, linear.coeffs)
    bounds = [(v.domain[0], v.domain[len(v.domain) - 1]) for v in proto.variables]
    prices = np.zeros(len(bounds))
    for variable, price in zip(proto.objective.vars, proto.objective.coeffs, strict=True):
        prices[variable] += price
    matrix = csr_array((coefficients, (rows, columns)), shape=(len(limits), len(bounds)))
    solved = linprog(prices, A_ub=matrix, b_ub=limits, bounds=bounds, options={"time_limit": seconds})
    if solved.status != 0:
        return None
    value = float(solved.fun) + proto.objective.offset
    # Room for the LP's tolerances, so that the bound is one.
    return Relaxed(bound=value - 1e-6 * abs(value), values=tuple(float(x) for x in solved.x))
