"""The load generator: a process of its own, plain sockets that are kept open, bounded in every way.

``python -m tests.benchmarks.load.generator`` reads a JSON order from its input and writes a JSON answer.  An
HTTP client library would need more of the machine than the service it measures.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

LONGEST_SECONDS = 120.0


@dataclass(kw_only=True)
class Figures:
    """``late``: seconds from the instant a request was due to its answer."""

    done: int = 0
    failed: int = 0
    late: list[float] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)


class Line:
    """One connection that is kept."""

    def __init__(self, host: str, port: int, token: str) -> None:
        self._where = (host, port)
        self._token = token
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, body: bytes) -> int:
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._where)
        reader, writer = self._streams
        head = (
            f"POST /v1/contact-events HTTP/1.1\r\nHost: load\r\nAuthorization: Bearer {self._token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        try:
            status = await reader.readline()
            length = 0
            while (line := await reader.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            await reader.readexactly(length)
            return int(status.split()[1])
        except (OSError, IndexError, asyncio.IncompleteReadError):
            writer.close()
            self._streams = None
            return 0

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()


def event(name: str, number: int) -> dict[str, Any]:
    return {
        "contact": f"{name}-{number}",
        "kind": "opened",
        "at": datetime.now(UTC).isoformat(),
        "source": "load",
        "event_id": f"{name}-{number}",
        "queue": "chat",
        "priority": "medium",
        "type": "consult",
    }


async def lists(order: dict[str, Any]) -> Figures:
    """Closed loop: each connection sends a list as soon as the one before was answered."""
    figures, size = Figures(), int(order["size"])
    end = time.monotonic() + min(float(order["seconds"]), LONGEST_SECONDS)
    numbers = iter(range(10**9))

    async def one() -> None:
        line = Line(order["host"], order["port"], order["token"])
        while time.monotonic() < end:
            body = json.dumps([event(order["name"], next(numbers)) for _ in range(size)]).encode()
            begun = time.monotonic()
            _note(figures, await line.post(body), size, time.monotonic() - begun)
        line.close()

    await asyncio.gather(*(one() for _ in range(int(order["connections"]))))
    return figures


async def singles(order: dict[str, Any]) -> Figures:
    """Open loop: requests are due at a steady rate, whether or not those before were answered."""
    figures = Figures()
    rate, seconds = float(order["rate"]), min(float(order["seconds"]), LONGEST_SECONDS)
    total = int(rate * seconds)
    begun = time.monotonic() + 0.2
    numbers = iter(range(total))

    async def one() -> None:
        line = Line(order["host"], order["port"], order["token"])
        for number in numbers:
            due = begun + number / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            body = json.dumps(event(order["name"], number)).encode()
            _note(figures, await line.post(body), 1, time.monotonic() - due)
        line.close()

    await asyncio.gather(*(one() for _ in range(int(order["connections"]))))
    return figures


def _note(figures: Figures, status: int, events: int, seconds: float) -> None:
    figures.codes[str(status)] = figures.codes.get(str(status), 0) + 1
    figures.late.append(seconds)
    if status == 202:
        figures.done += events
    else:
        figures.failed += events


def main() -> None:
    order = json.load(sys.stdin)
    begun = time.monotonic()
    figures = asyncio.run({"lists": lists, "singles": singles}[order["what"]](order))
    seconds = time.monotonic() - begun
    late = sorted(figures.late)

    def share(part: float) -> float:
        return round(late[min(len(late) - 1, int(len(late) * part))] * 1000, 1) if late else 0.0

    answer = {
        "events": figures.done,
        "failed": figures.failed,
        "seconds": round(seconds, 2),
        "events_per_second": round(figures.done / seconds, 1),
        "p50_ms": share(0.5),
        "p99_ms": share(0.99),
        "worst_ms": share(1.0),
        "answers": figures.codes,
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
