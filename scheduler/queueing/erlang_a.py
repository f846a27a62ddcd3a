"""Erlang A: contacts hang up when their patience ends (M/M/n+M, exponential patience).

Exact, by positive series of the birth-death chain; the time to an agent of a contact with endless
patience has the density  lambda p(n-1) exp(lambda (1 - e^(-x/g)) g - n x / h)  with patience g and
handling time h.

Sources: C. Palm 1957; O. Garnett, A. Mandelbaum, M. Reiman, "Designing a call center with impatient
customers", M&SOM 4 (2002); S. Zeltyn, A. Mandelbaum, "Call centers with impatient customers",
Queueing Systems 51 (2005).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scheduler.errors import QueueingError
from scheduler.queueing import kernels
from scheduler.queueing.measures import ServiceMeasures, broadcast, whole


def measures(
    agents: ArrayLike,
    erlangs: ArrayLike,
    *,
    aht_seconds: ArrayLike,
    patience_seconds: ArrayLike,
    within_seconds: ArrayLike = 0.0,
) -> ServiceMeasures:
    """All measures; shapes broadcast.  The service level is a share of *offered* contacts.

    Stable at any load: in overload people leave.  Infinite patience is Erlang C, see there.

    >>> m = measures(10, 10.0, aht_seconds=180.0, patience_seconds=180.0, within_seconds=20.0)
    >>> round(float(m.abandonment), 4), round(float(m.wait_probability), 4)
    (0.1251, 0.5421)
    """
    shape, (n, a, aht, patience, within) = broadcast(
        agents=agents,
        erlangs=erlangs,
        aht_seconds=aht_seconds,
        patience_seconds=patience_seconds,
        within_seconds=within_seconds,
    )
    if np.any(patience <= 0) or np.any(np.isinf(patience)):
        raise QueueingError("patience_seconds must be positive and finite; without patience use erlang_c")
    if np.any(aht <= 0):
        raise QueueingError("aht_seconds must be positive")
    level, asa, busy, wait, abandoned = (np.empty(n.size) for _ in range(5))
    kernels.a_array(whole(n), a, aht, patience, within, level, asa, busy, wait, abandoned)
    return ServiceMeasures(
        service_level=level.reshape(shape),
        asa_seconds=asa.reshape(shape),
        occupancy=busy.reshape(shape),
        wait_probability=wait.reshape(shape),
        abandonment=abandoned.reshape(shape),
    )
