"""What may go wrong between the app and Slack, as data: a queue of faults per method."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock


class FaultKind(StrEnum):
    RATE_LIMITED = "rate_limited"  # 429 with Retry-After; not accepted
    SERVER_ERROR = "server_error"  # HTTP 500; not accepted
    HTML = "html"  # a page instead of JSON, as from a proxy or during an outage; not accepted
    SLACK_ERROR = "slack_error"  # ok: false with `error`; not accepted
    DROP_BEFORE = "drop_before"  # connection cut; not accepted
    DROP_AFTER = "drop_after"  # accepted, then the connection is cut
    ERROR_AFTER = "error_after"  # accepted, then HTTP 500
    HANG_BEFORE = "hang_before"  # waits, then processes the call if the caller is still there
    HANG_AFTER = "hang_after"  # accepted at once, answered only after waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault for one call. `seconds` [s, real time] for hangs, `retry_after` [s] for RATE_LIMITED."""

    kind: FaultKind
    retry_after: int = 1
    seconds: float = 0.0
    error: str = "internal_error"


class Faults:
    """Faults waiting to happen, first in first out, by method name or `*` for any method. Thread-safe."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[Fault]] = {}
        self._lock = Lock()

    def add(self, method: str, *faults: Fault, times: int = 1) -> None:
        """Queue these faults, the whole series `times` over, for the next calls of `method`."""
        with self._lock:
            self._queues.setdefault(method, deque()).extend(faults * times)

    def take(self, method: str) -> Fault | None:
        """The fault for this call, if one waits: the method's own first, then one for any method."""
        with self._lock:
            for name in (method, "*"):
                queue = self._queues.get(name)
                if queue:
                    return queue.popleft()
        return None

    def waiting(self) -> int:
        with self._lock:
            return sum(len(queue) for queue in self._queues.values())

    def clear(self) -> None:
        with self._lock:
            self._queues.clear()
