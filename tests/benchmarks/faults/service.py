"""The service under test: the real Application in a process of its own, on a clock that runs fast.

Processes are forked from a server that has imported everything, so that a start costs a tenth of a second.
What is bound to real time in the service (its ticks, the patience with Slack) runs as fast as its clock;
otherwise a lease would end before a call that hangs.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import structlog

from bot.app import Application
from bot.config.environment import Environment
from bot.core.settings import Settings
from bot.jobs.timetable import TICKS, Tick
from bot.slack.web_api import TIMEOUT_SECONDS
from bot.store.engine import make_engine
from bot.store.unit_of_work import Store
from tests.benchmarks.faults.clock import FastClock

__all__ = ["Spec", "Started", "prepare", "started"]

FASTEST_TICK_SECONDS = 0.05
SHORTEST_PATIENCE_SECONDS = 0.4


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What a process is started with.  ``log``: a file for its log; none is kept without."""

    database_url: str
    settings: Settings
    environment: Mapping[str, str]
    clock: FastClock
    log: str | None = None

    @property
    def patience(self) -> float:
        """Real seconds the service waits for an answer of Slack."""
        return max(SHORTEST_PATIENCE_SECONDS, self.clock.real(TIMEOUT_SECONDS))


@dataclass(frozen=True, kw_only=True)
class Started:
    """A running process and where it takes events."""

    process: ForkServerProcess
    url: str

    def kill(self) -> None:
        """As a power cut does: nothing is ended in order."""
        self.process.kill()
        self.process.join(timeout=10)

    def stop(self) -> None:
        """As an operator does; killed where that takes longer than it may."""
        if self.process.is_alive():
            self.process.terminate()
            self.process.join(timeout=12)
        if self.process.is_alive():
            self.kill()


_LIFE_LINES: list[Connection] = []
_FORKS = multiprocessing.get_context("forkserver")


def prepare() -> None:
    """Have the server import everything before it is asked; call once, before the first start."""
    _FORKS.set_forkserver_preload([__name__])


def begin(spec: Spec) -> tuple[ForkServerProcess, Connection]:
    """A process that is starting, and where it will say its address."""
    here, there = _FORKS.Pipe(duplex=False)
    line, held = _FORKS.Pipe(duplex=False)
    _LIFE_LINES.append(held)
    process = _FORKS.Process(target=_serve, args=(spec, there, line))
    process.start()
    there.close()
    line.close()
    return process, here


def ready(process: ForkServerProcess, here: Connection, *, seconds: float = 120.0) -> Started:
    """The process once it serves.  Raises RuntimeError where it does not come up."""
    with here:
        if not here.poll(seconds):
            process.kill()
            raise RuntimeError("the service did not start in time")
        try:
            url = here.recv()
        except EOFError:
            process.join(timeout=5)
            raise RuntimeError(f"the service ended at its start ({process.exitcode})") from None
    return Started(process=process, url=url)


@contextmanager
def started(spec: Spec) -> Iterator[Started]:
    running = ready(*begin(spec))
    try:
        yield running
    finally:
        running.stop()


def _serve(spec: Spec, there: Connection, line: Connection) -> None:
    _log_to(spec.log)
    threading.Thread(target=_end_with, args=(line,), daemon=True).start()
    asyncio.run(_run(spec, there))


def _end_with(line: Connection) -> None:
    """A benchmark that is killed leaves no service behind."""
    with contextlib.suppress(EOFError, OSError):
        line.recv()
    os._exit(1)


async def _run(spec: Spec, there: Connection) -> None:
    store = Store(make_engine(spec.database_url))
    environment = Environment.read(spec.environment)
    speed = spec.clock.speed
    application = Application(
        settings=spec.settings,
        environment=environment,
        store=store,
        clock=spec.clock,
        ticks=[_faster(tick, speed) for tick in TICKS],
        slack_patience=spec.patience,
    )
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await application.start()
    there.send(application.http_url)
    there.close()
    await stop.wait()
    await application.stop()


def _faster(tick: Tick, speed: float) -> Tick:
    seconds = max(FASTEST_TICK_SECONDS, tick.every.total_seconds() / speed)
    return replace(tick, every=type(tick.every)(seconds=seconds))


def _log_to(path: str | None) -> None:
    if path is None:
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        logging.disable(logging.CRITICAL)
    else:
        file = Path(path).open("a", buffering=1, encoding="utf-8")  # noqa: SIM115 - until the process ends
        structlog.configure(logger_factory=structlog.WriteLoggerFactory(file))
