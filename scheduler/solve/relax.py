"""The linear relaxation of the counts: a bound at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from scheduler.solve.variables import RosterModel

__all__ = ["relax"]

_FREE = 2**62


def relax(model: RosterModel, seconds: float) -> float | None:
    """A bound that holds for every roster of the model; None where that takes longer than ``seconds``."""
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
    return value - 1e-6 * abs(value)
