"""Erlang C: contacts wait as long as it takes (M/M/n).

With load a, n agents, mean handling time h and Erlang B's B(n, a):

    C = n B / (n - a (1 - B)),  service level = 1 - C exp(-(n - a) T / h),  ASA = C h / (n - a)

Source: A. K. Erlang 1917; R. B. Cooper, Introduction to Queueing Theory (1981), section 3.4.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scheduler.queueing import kernels
from scheduler.queueing.measures import ServiceMeasures, broadcast, whole


def measures(
    agents: ArrayLike, erlangs: ArrayLike, *, aht_seconds: ArrayLike = 1.0, within_seconds: ArrayLike = 0.0
) -> ServiceMeasures:
    """All measures; shapes broadcast.  With ``agents`` <= ``erlangs`` the queue grows without end.

    100 calls in 30 minutes at 180 s are 10 erlangs; 14 agents answer 89 % within 20 s:

    >>> m = measures(14, 10.0, aht_seconds=180.0, within_seconds=20.0)
    >>> round(float(m.service_level), 4), round(float(m.asa_seconds), 2), round(float(m.occupancy), 3)
    (0.8884, 7.84, 0.714)
    """
    shape, (n, a, aht, within) = broadcast(
        agents=agents, erlangs=erlangs, aht_seconds=aht_seconds, within_seconds=within_seconds
    )
    level, asa, busy, wait = (np.empty(n.size) for _ in range(4))
    kernels.c_array(whole(n), a, aht, within, level, asa, busy, wait)
    return ServiceMeasures(
        service_level=level.reshape(shape),
        asa_seconds=asa.reshape(shape),
        occupancy=busy.reshape(shape),
        wait_probability=wait.reshape(shape),
        abandonment=np.zeros(shape),
    )


def wait_probability(agents: ArrayLike, erlangs: ArrayLike) -> NDArray[np.float64]:
    """C(n, a), the share of contacts that wait at all.

    >>> round(float(wait_probability(7, 5.0)), 4)
    0.3241
    """
    return measures(agents, erlangs).wait_probability


def service_level(
    agents: ArrayLike, erlangs: ArrayLike, *, aht_seconds: ArrayLike, within_seconds: ArrayLike
) -> NDArray[np.float64]:
    """Share of contacts answered within ``within_seconds``."""
    return measures(agents, erlangs, aht_seconds=aht_seconds, within_seconds=within_seconds).service_level


def asa_seconds(agents: ArrayLike, erlangs: ArrayLike, *, aht_seconds: ArrayLike) -> NDArray[np.float64]:
    """Mean wait of all contacts [s]; inf in overload."""
    return measures(agents, erlangs, aht_seconds=aht_seconds).asa_seconds
