"""Runner: the timetable ticking.  APScheduler is only the clock; it owns no state."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic, perf_counter

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.core.errors import MusterError
from bot.jobs.timetable import Tick
from bot.store.failures import as_muster_error

__all__ = ["Runner"]

_log = structlog.get_logger("bot.jobs")

SLOW_SECONDS = 5.0
CALM_SECONDS = 0.1
PATIENCE_SECONDS = 60.0
SPREAD_SECONDS = 0.1
"""Between ticks that are not the quickest, after their first run: they are not to meet each half minute."""
MANY = 1000
"""More runs of one job at once than there can be: whoever meets a run under way leaves at once, and a run
that the clock drops for being one too many would be a waking that is lost."""


class _Ticking:
    """One tick's work.  Never overlaps itself: woken while it runs, it runs once more."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self.name = name
        self.failure: str | None = None
        self._work = work
        self._running = threading.Lock()
        self._again = threading.Event()
        self._waking = threading.Lock()
        self._asked = False
        self._begun_at = 0.0

    def run(self, patience: float = 0.0) -> None:
        """Do the work, or leave it to whoever does it at this moment; with ``patience`` [s] it is done."""
        with self._waking:
            self._asked = False
            self._begun_at = monotonic()
        self._again.set()
        while self._again.is_set():
            if not self._running.acquire(timeout=patience):
                return  # whoever runs sees the flag
            try:
                if not self._again.is_set():
                    return  # it was begun anew while we waited, and is done
                self._again.clear()
                self._once()
            finally:
                self._running.release()

    def until_woken(self) -> float | None:
        """The seconds until a waking asked for now; None where one is on its way already."""
        with self._waking:
            if self._asked:
                return None
            self._asked = True
            return max(0.0, self._begun_at + CALM_SECONDS - monotonic())

    def wait(self, seconds: float) -> bool:
        """Whether the work under way ended in time."""
        if not self._running.acquire(timeout=max(0.0, seconds)):
            return False
        self._running.release()
        return True

    def _once(self) -> None:
        started = perf_counter()
        try:
            self._work()
        except Exception as error:
            known = error if isinstance(error, MusterError) else as_muster_error(error)
            kind = type(error).__name__ if known is None else known.kind
            if known is not None:
                _log.warning("tick_failed", job=self.name, kind=kind)
            elif self.failure != kind:
                _log.exception("tick_failed", job=self.name, kind=kind)
            else:
                # The same failure each second: the trace was logged once.
                _log.error("tick_failed", job=self.name, kind=kind)
            self.failure = kind
            return
        self.failure = None
        seconds = perf_counter() - started
        if seconds > SLOW_SECONDS:
            _log.warning("tick_slow", job=self.name, seconds=round(seconds, 1))


class Runner:
    """Runs each tick at its pace, and earlier when woken.  A failed tick is logged; the next one goes on."""

    def __init__(self, ticks: Sequence[Tick], work: Mapping[str, Callable[[], None]]) -> None:
        # APScheduler says at each tick that it ticked.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._ticking = {tick.name: _Ticking(tick.name, work[tick.name]) for tick in ticks}
        self._stopped = False
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(len(self._ticking) + 2)},
            # Its own default drops a job that is a second late.
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": MANY},
        )
        later = timedelta(0)
        quickest = min((tick.every for tick in ticks), default=timedelta(0))
        for tick in ticks:
            if tick.every > quickest:
                later += timedelta(seconds=SPREAD_SECONDS)
            ticking = self._ticking[tick.name]
            self._scheduler.add_job(ticking.run, id=f"{tick.name}:first")
            self._scheduler.add_job(
                ticking.run,
                IntervalTrigger(seconds=tick.every.total_seconds(), timezone=UTC),
                id=tick.name,
                next_run_time=datetime.now(UTC) + tick.every + later,
            )

    def start(self) -> None:
        self._scheduler.start()

    def wake(self, *names: str, after: timedelta = timedelta(0)) -> None:
        """Run these ticks now, or ``after`` so long; from any thread, and nothing happens once stopped.

        Woken again and again, a tick runs every CALM_SECONDS.  Of several later wakings the one asked for
        last counts.
        """
        if self._stopped or not self._scheduler.running:
            return
        for name in names:
            ticking = self._ticking[name]
            pause = after.total_seconds() if after else ticking.until_woken()
            if pause is None:
                continue
            # modify_job would postpone the next regular tick; a job of its own does not.
            self._scheduler.add_job(
                ticking.run,
                id=f"{name}:later" if after else f"{name}:woken",
                replace_existing=True,
                next_run_time=datetime.now(UTC) + timedelta(seconds=pause),
            )

    def run_now(self, *names: str) -> None:
        """Run these ticks in the caller's thread, one after the other; returns when they are done.

        For whoever moves the clock by hand: the demo and the stories.
        """
        for name in names:
            self._ticking[name].run(patience=PATIENCE_SECONDS)

    def failures(self) -> dict[str, str | None]:
        """Tick to the kind of its latest failure, None where its latest run was good."""
        return {name: ticking.failure for name, ticking in self._ticking.items()}

    def stop(self, timeout: timedelta) -> list[str]:
        """Start nothing more and wait for what runs; returns the ticks that did not end in time."""
        self._stopped = True
        if self._scheduler.running:
            # Stopped in the middle of its look at the jobs, it stumbles over one it has just run.
            self._scheduler.pause()
            self._scheduler.get_jobs()
            self._scheduler.shutdown(wait=False)
        deadline = monotonic() + timeout.total_seconds()
        return [name for name, ticking in self._ticking.items() if not ticking.wait(deadline - monotonic())]
