"""The formulas as compiled loops over flat arrays; the modules named after them are their public face.

Here: plain numbers only.  ``erlangs`` is arrival rate x mean handling time, times are in seconds.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from scheduler.queueing.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_RESCALE_ABOVE = 1e270
_RESCALE_LOG = math.log(_RESCALE_ABOVE)
_SMALLEST_TERM = 1e-17


@compiled
def blocking(agents: int, erlangs: float) -> float:
    """Erlang B by its recursion B(k) = a B(k-1) / (k + a B(k-1)), B(0) = 1: only positive terms."""
    b = 1.0
    for k in range(1, agents + 1):
        b = erlangs * b / (k + erlangs * b)
    return b


@compiled
def blocking_array(agents: Ints, erlangs: Floats, out: Floats) -> None:
    for i in range(out.size):
        out[i] = blocking(agents[i], erlangs[i])


@compiled
def _c_point(agents: int, erlangs: float, aht: float, within: float) -> tuple[float, float, float, float]:
    """Erlang C: (service level, ASA, occupancy, wait probability)."""
    if erlangs <= 0.0:
        return 1.0, 0.0, 0.0, 0.0
    if agents <= erlangs:
        return 0.0, math.inf, 1.0, 1.0
    b = blocking(agents, erlangs)
    wait = agents * b / (agents - erlangs * (1.0 - b))
    spare = agents - erlangs
    return 1.0 - wait * math.exp(-spare * within / aht), wait * aht / spare, erlangs / agents, wait


@compiled
def c_array(
    agents: Ints,
    erlangs: Floats,
    aht: Floats,
    within: Floats,
    level: Floats,
    asa: Floats,
    busy: Floats,
    wait: Floats,
) -> None:
    for i in range(level.size):
        level[i], asa[i], busy[i], wait[i] = _c_point(agents[i], erlangs[i], aht[i], within[i])


@compiled
def _least_c(
    erlangs: float, aht: float, within: float, share: float, max_occupancy: float, limit: int
) -> int:
    if erlangs <= 0.0:
        return 0
    least = max(math.floor(erlangs) + 1.0, math.ceil(erlangs / max_occupancy - 1e-9))
    if least > limit:
        return -1
    n = int(least)
    b = blocking(n, erlangs)
    while n <= limit:
        wait = n * b / (n - erlangs * (1.0 - b))
        if 1.0 - wait * math.exp(-(n - erlangs) * within / aht) >= share:
            return n
        n += 1
        b = erlangs * b / (n + erlangs * b)
    return -1


@compiled
def least_c_array(
    erlangs: Floats, aht: Floats, within: float, share: float, max_occupancy: float, limit: int, out: Ints
) -> None:
    for i in range(out.size):
        out[i] = _least_c(erlangs[i], aht[i], within, share, max_occupancy, limit)


@compiled
def _series(a: float, y: float) -> tuple[float, float, float]:
    """S = sum of y^k / (a (a+1) ... (a+k)); H, each term times (1/a + ... + 1/(a+k)); a log scale of both.

    e^-y y^a S(a, y) is the lower incomplete gamma function; H is -dS/da.  Terms are positive, so nothing
    cancels; where they outgrow a double, all are divided by a common factor whose logarithm is returned.
    """
    term = 1.0 / a
    inverse = term
    total = term
    weighted = term * inverse
    log_scale = 0.0
    k = 1.0
    while True:
        step = 1.0 / (a + k)
        ratio = y * step
        term *= ratio
        inverse += step
        total += term
        weighted += term * inverse
        # Past the largest term the rest is below term / (1 - ratio).
        if ratio < 1.0 and term <= _SMALLEST_TERM * total * (1.0 - ratio):
            return total, weighted, log_scale
        if total > _RESCALE_ABOVE:
            term /= _RESCALE_ABOVE
            total /= _RESCALE_ABOVE
            weighted /= _RESCALE_ABOVE
            log_scale += _RESCALE_LOG
        k += 1.0


@compiled
def _a_point(
    agents: int, erlangs: float, aht: float, patience: float, within: float
) -> tuple[float, float, float, float, float]:
    """Erlang A: (service level, ASA of the answered, occupancy, wait probability, abandonment).

    In units of the probability that exactly n-1 agents are busy, with eta = patience x arrival rate and
    A = n x patience / AHT: nobody waits 1/B(n-1); waits eta S(A, eta); waits and is answered
    eta S(A+1, eta); of these after more than T: eta S(A+1, eta e^(-T/patience)) e^E.
    """
    if erlangs <= 0.0:
        return 1.0, 0.0, 0.0, 0.0, 0.0
    if agents <= 0:
        return 0.0, math.inf, 1.0, 1.0, 1.0
    b = blocking(agents - 1, erlangs)
    eta = erlangs / aht * patience
    a = agents * patience / aht
    if b <= 0.0:
        return 1.0, 0.0, erlangs / agents, 0.0, 0.0
    answered, weighted, scale = _series(a + 1.0, eta)
    log_unit = math.log(b) + math.log(eta)
    log_answered = log_unit + math.log(answered) + scale
    # S(A, y) = (1 + y S(A+1, y)) / A
    log_waiting = log_unit - math.log(a) + math.log(math.exp(-scale) + eta * answered) + scale
    top = max(0.0, log_waiting)
    alone = math.exp(-top)
    total = alone + math.exp(log_waiting - top)
    answered_late = 0.0
    if math.isfinite(within):
        decay = within / patience
        y = eta * math.exp(-decay)
        late, _, late_scale = _series(a + 1.0, y)
        exponent = -eta * math.expm1(-decay) - decay * (a + 1.0)
        answered_late = math.exp(log_unit + math.log(late) + late_scale + exponent - top)
    served = (alone + math.exp(log_answered - top)) / total
    level = (alone + math.exp(log_answered - top) - answered_late) / total
    asa = patience * math.exp(log_unit + math.log(weighted) + scale - top) / total / served
    return (
        min(max(level, 0.0), 1.0),
        asa,
        # Rounding may leave a hair more than all of their time.
        min(served * erlangs / agents, 1.0),
        math.exp(log_waiting - top) / total,
        1.0 - served,
    )


@compiled
def a_array(
    agents: Ints,
    erlangs: Floats,
    aht: Floats,
    patience: Floats,
    within: Floats,
    level: Floats,
    asa: Floats,
    busy: Floats,
    wait: Floats,
    abandoned: Floats,
) -> None:
    for i in range(level.size):
        level[i], asa[i], busy[i], wait[i], abandoned[i] = _a_point(
            agents[i], erlangs[i], aht[i], patience[i], within[i]
        )


@compiled
def least_a_array(
    erlangs: Floats,
    aht: Floats,
    patience: float,
    within: float,
    share: float,
    max_occupancy: float,
    max_abandonment: float,
    limit: int,
    out: Ints,
) -> None:
    """All three conditions are monotone in the agents, so: step up until they hold, then bisect."""
    for i in range(out.size):
        load = erlangs[i]
        if load <= 0.0:
            out[i] = 0
            continue
        # No more than agents / load of the contacts can be served at all.
        if share * load > limit:
            out[i] = -1
            continue
        fails = max(0, math.ceil(share * load) - 1)
        step = 1 + int(math.sqrt(load))
        holds = -1
        n = max(fails + 1, int(load))
        while holds < 0 and fails < limit:
            n = min(n, limit)
            level, _, busy, _, abandoned = _a_point(n, load, aht[i], patience, within)
            if level >= share and busy <= max_occupancy and abandoned <= max_abandonment:
                holds = n
            else:
                fails = n
                n += step
                step *= 2
        if holds < 0:
            out[i] = -1
            continue
        while holds - fails > 1:
            n = (holds + fails) // 2
            level, _, busy, _, abandoned = _a_point(n, load, aht[i], patience, within)
            if level >= share and busy <= max_occupancy and abandoned <= max_abandonment:
                holds = n
            else:
                fails = n
        out[i] = holds
