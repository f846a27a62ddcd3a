"""ServiceMeasures: what a queue is like with a given number of agents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scheduler.errors import QueueingError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ServiceMeasures:
    """Steady-state measures; all arrays have one shape, the broadcast shape of the arguments.

    ``service_level``: share of *offered* contacts answered within the time; the abandoned count as missed.
    ``asa_seconds``: mean wait of the answered [s], those who did not wait included; inf in overload.
    ``occupancy``: share of their time agents are busy.
    ``wait_probability``: share of offered contacts that do not get an agent at once.
    ``abandonment``: share of offered contacts that hang up before they are answered.

    Without load nothing goes wrong: 1, 0 s, 0, 0, 0.  With load and no agents, or in overload without
    abandonment, nothing goes right: 0, inf, 1, 1 and (with patience) 1.
    """

    service_level: Floats
    asa_seconds: Floats
    occupancy: Floats
    wait_probability: Floats
    abandonment: Floats


def broadcast(**arguments: ArrayLike) -> tuple[tuple[int, ...], list[Floats]]:
    """The common shape and the arguments as flat float arrays of it; refuses NaN and negative values."""
    arrays = []
    for name, value in arguments.items():
        array = np.asarray(value, dtype=np.float64)
        if np.any(np.isnan(array)) or np.any(array < 0):
            raise QueueingError(f"{name} must be numbers and not negative")
        arrays.append(array)
    try:
        shaped = np.broadcast_arrays(*arrays)
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in zip(arguments, arrays, strict=True))
        raise QueueingError(f"shapes do not go together: {shapes}") from None
    return shaped[0].shape, [np.ascontiguousarray(array).reshape(-1) for array in shaped]


def whole(agents: Floats) -> NDArray[np.int64]:
    """Agents as whole numbers; part of a person cannot answer."""
    if np.any(agents != np.floor(agents)):
        raise QueueingError("agents must be whole numbers")
    return agents.astype(np.int64)
