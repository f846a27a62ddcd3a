"""Erlang B: the share of contacts lost where nobody can wait (M/M/n/n).

Source: A. K. Erlang 1917; recursion: D. L. Jagerman, "Some properties of the Erlang loss function",
Bell System Technical Journal 53 (1974).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scheduler.queueing import kernels
from scheduler.queueing.measures import broadcast, whole


def blocking(agents: ArrayLike, erlangs: ArrayLike) -> NDArray[np.float64]:
    """Probability that all ``agents`` are busy, B(n, a); shape: the broadcast shape of both.

    >>> round(float(blocking(10, 5.0)), 4)
    0.0184
    """
    shape, (n, a) = broadcast(agents=agents, erlangs=erlangs)
    out = np.empty(n.size)
    kernels.blocking_array(whole(n), a, out)
    return out.reshape(shape)
