"""How finely objectives are spaced: bounds round up to the next one."""

from __future__ import annotations

import math

from scheduler.check.weeks import minimum_minutes
from scheduler.check.wishes import slowness
from scheduler.roster.problem import RosterProblem

__all__ = ["grain_of"]


def grain_of(problem: RosterProblem) -> float:
    """The greatest number all differences of objectives are multiples of; 1 where prices share nothing."""
    weights, rules = problem.weights, problem.rules
    minutes = problem.interval_minutes
    paid = [
        int(t.paid(length).total_seconds() // 60) * weights.paid_minutes
        for t in problem.templates
        for length in t.lengths
    ]
    parts = [*paid, *(s.weight * minutes for s in (*weights.under_cover, *weights.over_cover))]
    parts += [r.weight * minutes for r in rules.presence]
    parts += [w.weight for w in problem.wishes]
    parts += [n for c in problem.shift_cover for n in (c.under_weight, c.over_weight)]
    parts += [p.weight for p in problem.pairings]
    parts += [s.weight for a in problem.agents for s in a.fair_shares]
    parts += [price for a in problem.agents for price in slowness(problem, a).values()]
    parts += [s.price for s in problem.sessions]
    parts += list(rules.soft.values())
    if rules.steady_starts is not None:
        parts.append(rules.steady_starts.weight)
    if rules.minimum_hours is not None and weights.minimum_hours:
        weeks = problem.period.weeks().values()
        least = [minimum_minutes(a, days) for a in problem.agents for days in weeks]
        least += [math.floor(a.contract.min_hours_per_period * 60 + 1e-6) for a in problem.agents]
        worked = [int(t.paid(n).total_seconds() // 60) for t in problem.templates for n in t.lengths]
        worked += [int(a.shift.paid_time.total_seconds() // 60) for a in (*problem.fixed, *problem.previous)]
        parts.append(weights.minimum_hours * math.gcd(*least, *worked))
    return float(math.gcd(*parts) or 1)
