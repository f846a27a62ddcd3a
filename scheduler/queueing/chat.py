"""Chat: one agent holds several conversations at once.

Assumption: n agents with concurrency c are n x c places, each with the handling time *as measured while
agents hold several conversations* (from pick-up to close, waiting for the customer's words included).
Where it was measured with one conversation at a time, ``slowdown`` says by what share each further
conversation lengthens all of them.  Places are pooled, so the formulas are those of Erlang C and A.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scheduler.errors import QueueingError
from scheduler.queueing import erlang_a, erlang_c
from scheduler.queueing.measures import ServiceMeasures
from scheduler.queueing.search import SEARCH_LIMIT, least_agents
from scheduler.queueing.targets import ServiceTarget


def conversation_seconds(
    aht_seconds: ArrayLike, *, concurrency: int, slowdown: float = 0.0
) -> NDArray[np.float64]:
    """Handling time [s] of a conversation among ``concurrency``, from that of a single one.

    >>> float(conversation_seconds(300.0, concurrency=3, slowdown=0.25))
    450.0
    """
    if concurrency < 1 or slowdown < 0:
        raise QueueingError(
            f"concurrency must be 1 or more and slowdown 0 or more, got {concurrency}, {slowdown}"
        )
    return np.asarray(aht_seconds, dtype=np.float64) * (1.0 + slowdown * (concurrency - 1))


def measures(
    agents: ArrayLike,
    erlangs: ArrayLike,
    *,
    concurrency: int,
    aht_seconds: ArrayLike,
    within_seconds: ArrayLike,
    patience_seconds: float | None = None,
) -> ServiceMeasures:
    """As erlang_a (with patience) or erlang_c on agents x concurrency places; occupancy is that of places."""
    places = np.asarray(agents) * concurrency
    if patience_seconds is None:
        return erlang_c.measures(places, erlangs, aht_seconds=aht_seconds, within_seconds=within_seconds)
    return erlang_a.measures(
        places,
        erlangs,
        aht_seconds=aht_seconds,
        patience_seconds=patience_seconds,
        within_seconds=within_seconds,
    )


def least_chat_agents(
    erlangs: ArrayLike,
    *,
    concurrency: int,
    aht_seconds: ArrayLike,
    target: ServiceTarget,
    patience_seconds: float | None = None,
) -> NDArray[np.int64]:
    """Fewest agents whose places meet the target.

    30 erlangs of conversations, three at a time, 80 % within 45 s at 10 minutes each:

    >>> int(least_chat_agents(30.0, concurrency=3, aht_seconds=600.0,
    ...                       target=ServiceTarget(share=0.8, within_seconds=45.0)))
    12
    """
    if concurrency < 1:
        raise QueueingError(f"concurrency must be 1 or more, got {concurrency}")
    places = least_agents(
        erlangs,
        aht_seconds=aht_seconds,
        target=target,
        patience_seconds=patience_seconds,
        limit=SEARCH_LIMIT,
    )
    return -(-places // concurrency)
