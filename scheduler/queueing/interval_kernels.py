"""The share in time of a *single* interval, compiled: mean, variance, and the chance that it is enough.

Plain numbers only.  ``erlangs`` is arrival rate x mean handling time, times are in seconds; ``patience`` may
be infinite, and then the queue must be stable (agents > erlangs).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from scheduler.queueing.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NEGLIGIBLE = 1e-12
_NEVER_WAITS = 1e250
_LONGEST_QUEUE = 100_000
_NODES = 8
_STEP = 0.4
_WARM_UP = 3


@compiled
def share_of_interval(
    agents: int, erlangs: float, aht: float, patience: float, within: float, length: float
) -> tuple[float, float]:
    """Mean and variance of the share in time among the arrivals of ``length`` seconds in steady state.

    f(i), the chance that a contact which finds i in the system is answered in time, is 1 below n agents.
    With m = i - n waiting before it, X = e^(-W/g) of its wait W is Beta(A, m + 1), A = n g / h, so

        f = A / (A + m + 1) P(Beta(A + 1, m + 1) >= e^(-T/g)),      without patience P(Erlang(m + 1) <= T)

    With s the mean of f over the stationary p and d(i) = -sum_(j <= i) p(j) (f(j) - s) / p(i), the step of
    what solves Poisson's equation (a step down from i + 1 is made as often as one up from i):

        Var = sum_i p(i) [ (d(i) + f(i) - s)^2 + d(i)^2 + f(i) (1 - f(i)) ] / (rate length)
    """
    if erlangs <= 0.0:
        return 1.0, 0.0
    endless = math.isinf(patience)
    if agents <= 0 or (endless and agents <= erlangs):
        return 0.0, 0.0
    # Everything in units of p(n - 1); the sum of p below n is then 1 / B(n - 1).
    below = 1.0
    for i in range(1, agents):
        below = 1.0 + i / erlangs * below
        if below > _NEVER_WAITS:
            return 1.0, 0.0
    if endless and (1.0 - erlangs / agents) * _LONGEST_QUEUE < 30.0:
        # So near to overload that the tail cannot be summed: Erlang C, and an interval all or nothing.
        b = erlangs / (agents * below + erlangs)
        wait = agents * b / (agents - erlangs * (1.0 - b))
        s = 1.0 - wait * math.exp(-(agents - erlangs) * within / aht)
        return s, s * (1.0 - s)
    answered = 0.0
    waiting = 0.0
    s = 0.0
    variance = 0.0
    depth = 0
    # First the mean, then, with it known, the variance; f is the same in both.
    for second in range(2):
        p = 1.0
        late = 0.0
        partial = 0.0
        if second == 1:
            s = (below + answered) / (below + waiting)
            miss = 1.0 - s
            inverse_b = below
            q = 1.0
            for i in range(agents - 1, -1, -1):
                d = -miss * inverse_b
                variance += q * ((d + miss) ** 2 + d * d)
                inverse_b = (inverse_b - 1.0) * erlangs / max(i, 1)
                q *= i / erlangs
                if q * max(inverse_b, 1.0) ** 2 < _NEGLIGIBLE * below:
                    break
            partial = below * miss
        if endless:
            log_term = -agents * within / aht
        else:
            a = agents * patience / aht
            log_term = -(a + 1.0) * within / patience
            log_rest = math.log(max(-math.expm1(-within / patience), 1e-300))
        m = 0
        while m < _LONGEST_QUEUE:
            late = min(1.0, late + math.exp(log_term))
            if endless:
                p *= erlangs / agents
                f = 1.0 - late
                log_term += math.log(max(agents * within / aht, 1e-300) / (m + 1.0))
            else:
                p *= erlangs / (agents + m * aht / patience)
                f = a / (a + m + 1.0) * (1.0 - late)
                log_term += math.log((a + m + 1.0) / (m + 1.0)) + log_rest
            if second == 0:
                waiting += p
                answered += p * f
                m += 1
                falling = endless or agents + m * aht / patience > erlangs
                if falling and p < _NEGLIGIBLE * (below + waiting):
                    depth = m
                    break
                depth = m
            else:
                partial += p * (f - s)
                d = -partial / p
                variance += p * ((d + f - s) ** 2 + d * d + f * (1.0 - f))
                m += 1
                if m == depth:
                    break
    return s, variance / (below + waiting) / (erlangs / aht * length)


@compiled
def _beta_above(a: float, b: float, x: float) -> float:
    """P(Beta(a, b) > x) by Lentz's continued fraction (Press et al., Numerical Recipes, section 6.4)."""
    if x <= 0.0:
        return 1.0
    if x >= 1.0:
        return 0.0
    swap = x > (a + 1.0) / (a + b + 2.0)
    if swap:
        a, b, x = b, a, 1.0 - x
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(1.0 - x)
    )
    c = 1.0
    d = 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > 1e-300 else 1e-300)
    h = d
    for m in range(1, 300):
        e = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        d = 1.0 + e * d
        d = 1.0 / (d if abs(d) > 1e-300 else 1e-300)
        c = 1.0 + e / c
        c = c if abs(c) > 1e-300 else 1e-300
        h *= d * c
        e = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        d = 1.0 + e * d
        d = 1.0 / (d if abs(d) > 1e-300 else 1e-300)
        c = 1.0 + e / c
        c = c if abs(c) > 1e-300 else 1e-300
        h *= d * c
        if abs(d * c - 1.0) < 1e-10:
            break
    under = front * h / a
    return under if swap else 1.0 - under


@compiled
def chance_at_load(
    agents: int, erlangs: float, aht: float, patience: float, within: float, share: float, length: float
) -> float:
    """Chance that the share in time of an interval is at least ``share``; its distribution taken as beta."""
    mean, variance = share_of_interval(agents, erlangs, aht, patience, within, length)
    if mean <= 0.0:
        return 0.0
    if mean >= 1.0 - 1e-12 or variance <= 1e-14:
        return 1.0 if mean >= share else 0.0
    size = mean * (1.0 - mean) / variance - 1.0
    if size <= 0.05:
        # As scattered as a share can be: all or nothing.
        return mean
    return _beta_above(mean * size, (1.0 - mean) * size, share)


@compiled
def over_loads(
    agents: int,
    erlangs: float,
    log_sd: float,
    aht: float,
    patience: float,
    within: float,
    share: float,
    length: float,
    expected: bool,
) -> float:
    """Over a lognormal load of mean ``erlangs``: the chance that the share in time is enough, or, with
    ``expected``, the share in time of all contacts together, in which busy intervals weigh more.
    """
    if log_sd <= 0.0:
        if expected:
            return share_of_interval(agents, erlangs, aht, patience, within, length)[0]
        return chance_at_load(agents, erlangs, aht, patience, within, share, length)
    total = 0.0
    weights = 0.0
    # The trapezoidal rule converges exponentially for a smooth function under a normal density.
    for k in range(-_NODES, _NODES + 1):
        z = k * _STEP
        factor = math.exp(log_sd * z - 0.5 * log_sd * log_sd)
        weight = math.exp(-0.5 * z * z)
        if expected:
            weight *= factor
            held = share_of_interval(agents, erlangs * factor, aht, patience, within, length)[0]
        else:
            held = chance_at_load(agents, erlangs * factor, aht, patience, within, share, length)
        total += weight * held
        weights += weight
    return total / weights


@compiled
def over_loads_array(
    agents: Ints,
    erlangs: Floats,
    log_sd: Floats,
    aht: Floats,
    patience: float,
    within: float,
    share: float,
    length: Floats,
    expected: bool,
    out: Floats,
) -> None:
    for i in range(out.size):
        out[i] = over_loads(
            agents[i], erlangs[i], log_sd[i], aht[i], patience, within, share, length[i], expected
        )


@compiled
def least_over_loads_array(
    erlangs: Floats,
    log_sd: Floats,
    aht: Floats,
    patience: float,
    within: float,
    share: float,
    length: Floats,
    wanted: Floats,
    expected: bool,
    limit: int,
    out: Ints,
) -> None:
    """Fewest agents with which ``over_loads`` reaches ``wanted``; -1 where more than ``limit`` are needed.

    It is monotone in the agents, so: step up until it holds, then bisect.
    """
    for i in range(out.size):
        if erlangs[i] <= 0.0:
            out[i] = 0
            continue
        fails = 0
        holds = -1
        n = max(1, int(erlangs[i]))
        step = 1 + int(0.5 * math.sqrt(erlangs[i]))
        while holds < 0 and fails < limit:
            n = min(n, limit)
            reached = over_loads(
                n, erlangs[i], log_sd[i], aht[i], patience, within, share, length[i], expected
            )
            if reached >= wanted[i]:
                holds = n
            else:
                fails = n
                n += step
                step *= 2
        while holds - fails > 1:
            n = (holds + fails) // 2
            reached = over_loads(
                n, erlangs[i], log_sd[i], aht[i], patience, within, share, length[i], expected
            )
            if reached >= wanted[i]:
                holds = n
            else:
                fails = n
        out[i] = holds


@compiled
def _chances_in_time(agents: int, aht: float, patience: float, within: float, out: Floats) -> None:
    """Chance to be answered in time of a contact that finds i in the system: f of ``share_of_interval``."""
    endless = math.isinf(patience)
    a = 0.0
    log_rest = 0.0
    if endless:
        log_term = -agents * within / aht
    else:
        a = agents * patience / aht
        log_term = -(a + 1.0) * within / patience
        log_rest = math.log(max(-math.expm1(-within / patience), 1e-300))
    late = 0.0
    m = 0
    for i in range(out.size):
        if i < agents:
            out[i] = 1.0
            continue
        late = min(1.0, late + math.exp(log_term))
        if endless:
            out[i] = 1.0 - late
            log_term += math.log(max(agents * within / aht, 1e-300) / (m + 1.0))
        else:
            out[i] = a / (a + m + 1.0) * (1.0 - late)
            log_term += math.log((a + m + 1.0) / (m + 1.0)) + log_rest
        m += 1
    if agents <= 0:
        out[:] = 0.0


@compiled
def shares_in_turn(
    erlangs: Floats,
    aht: Floats,
    open_: NDArray[np.bool_],
    agents: Ints,
    patience: float,
    within: float,
    length: float,
    states: Floats,
    later: Floats,
    chances: Floats,
    out: Floats,
) -> None:
    """Share in time of each interval when each begins with the contacts the one before left behind.

    The birth-death chain of Erlang A or C in steps of one over its greatest rate; ``states`` (its size is
    the most contacts in the system that are looked at), ``later`` and ``chances`` are work space.  Closing
    time empties the system.  1 where nothing arrives.  A queue open at the start was as busy before.
    """
    size = states.size
    states[:] = 0.0
    states[0] = 1.0
    handling = 1.0
    staff = 0
    for turn in range(out.size + _WARM_UP):
        k = max(0, turn - _WARM_UP)
        out[k] = 1.0
        if not open_[k]:
            states[:] = 0.0
            states[0] = 1.0
            staff = 0
            continue
        if erlangs[k] > 0.0:
            handling = aht[k]
        n = agents[k]
        if n < staff:
            # Whoever leaves takes along the contact he is busy with, and finishes it elsewhere.
            later[:] = 0.0
            for i in range(size):
                later[i - round((staff - n) * min(i, staff) / staff)] += states[i]
            states[:] = later
        staff = n
        rate = erlangs[k] / handling
        _chances_in_time(n, handling, patience, within, chances)
        fastest = rate + n / handling
        if not math.isinf(patience):
            fastest += max(0, size - 1 - n) / patience
        if fastest <= 0.0:
            continue
        steps = max(1, math.ceil(length * fastest))
        step = length / steps
        share = 0.0
        for _ in range(steps):
            held = 0.0
            for i in range(size):
                p = states[i]
                held += p * chances[i]
                up = rate * step if i < size - 1 else 0.0
                down = min(i, n) / handling * step
                if i > n and not math.isinf(patience):
                    down += (i - n) / patience * step
                later[i] = p * (1.0 - up - down)
            for i in range(size - 1):
                later[i + 1] += states[i] * rate * step
                down = min(i + 1, n) / handling * step
                if i + 1 > n and not math.isinf(patience):
                    down += (i + 1 - n) / patience * step
                later[i] += states[i + 1] * down
            states[:] = later
            share += held
        if rate > 0.0:
            out[k] = share / steps
