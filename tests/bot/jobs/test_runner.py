"""The timetable ticks on, whatever one tick does."""

from __future__ import annotations

import sys
import threading
import time
from datetime import timedelta

from bot.core.errors import UnavailableError
from bot.jobs.runner import SPREAD_SECONDS, Runner
from bot.jobs.timetable import Tick

FAST = timedelta(seconds=0.05)
SLOW = timedelta(hours=1)


def wait_until(look, seconds: float = 3.0) -> None:
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def test_a_failing_tick_goes_on_and_is_reported() -> None:
    count = 0

    def work() -> None:
        nonlocal count
        count += 1
        if count <= 3:
            raise UnavailableError("database_unavailable", "no")

    runner = Runner([Tick(name="a", every=FAST)], {"a": work})
    assert runner.failures() == {"a": None}
    runner.start()
    try:
        wait_until(lambda: count >= 1)
        wait_until(lambda: runner.failures()["a"] == "database_unavailable")
        wait_until(lambda: runner.failures()["a"] is None)
    finally:
        assert runner.stop(timedelta(seconds=2)) == []


def test_a_tick_never_overlaps_itself_and_a_wake_meanwhile_is_not_lost() -> None:
    inside = peak = runs = 0
    lock = threading.Lock()
    gate = threading.Event()

    def work() -> None:
        nonlocal inside, peak, runs
        with lock:
            inside += 1
            runs += 1
            peak = max(peak, inside)
        gate.wait(2)
        with lock:
            inside -= 1

    runner = Runner([Tick(name="a", every=SLOW)], {"a": work})
    runner.start()
    try:
        wait_until(lambda: runs == 1)
        for _ in range(20):
            runner.wake("a")
        time.sleep(0.2)
        assert runs == 1
        gate.set()
        wait_until(lambda: runs == 2)
        assert peak == 1
    finally:
        runner.stop(timedelta(seconds=2))


def test_waking_is_at_once() -> None:
    called: list[float] = []
    runner = Runner([Tick(name="a", every=SLOW)], {"a": lambda: called.append(time.monotonic())})
    runner.start()
    try:
        wait_until(lambda: len(called) == 1)
        before = time.monotonic()
        runner.wake("a")
        wait_until(lambda: len(called) == 2)
        assert called[1] - before < 0.5
    finally:
        runner.stop(timedelta(seconds=2))
    runner.wake("a")
    time.sleep(0.1)
    assert len(called) == 2


def test_stop_names_what_did_not_end() -> None:
    gate = threading.Event()
    runner = Runner(
        [Tick(name="stuck", every=SLOW), Tick(name="good", every=FAST)],
        {"stuck": lambda: gate.wait(5), "good": lambda: None},
    )
    runner.start()
    time.sleep(0.2)
    began = time.monotonic()
    assert runner.stop(timedelta(seconds=0.3)) == ["stuck"]
    assert time.monotonic() - began < 1
    gate.set()


def test_waking_later_is_at_that_time_and_the_last_one_asked_for_counts() -> None:
    called: list[float] = []
    runner = Runner([Tick(name="a", every=SLOW)], {"a": lambda: called.append(time.monotonic())})
    runner.start()
    try:
        wait_until(lambda: len(called) == 1)
        before = time.monotonic()
        runner.wake("a", after=timedelta(seconds=30))
        runner.wake("a", after=timedelta(seconds=0.3))
        wait_until(lambda: len(called) == 2)
        assert 0.25 < called[1] - before < 2
        time.sleep(0.2)
        assert len(called) == 2
    finally:
        runner.stop(timedelta(seconds=2))


def test_woken_again_and_again_a_tick_runs_now_and_then_and_once_after_the_last() -> None:
    called: list[float] = []
    runner = Runner([Tick(name="a", every=SLOW)], {"a": lambda: called.append(time.monotonic())})
    runner.start()
    try:
        wait_until(lambda: len(called) == 1)
        begun = time.monotonic()
        last = begun
        while last - begun < 0.8:
            last = time.monotonic()  # before it: the run it asks for may begin at once
            runner.wake("a")
            time.sleep(0.002)
        wait_until(lambda: called[-1] >= last)
        assert 3 <= len(called) <= 10
    finally:
        runner.stop(timedelta(seconds=2))


def test_running_now_beside_a_run_under_way_runs_after_it() -> None:
    """Whoever turns the clock by hand must find the work done for the new time, not for the old one."""
    time_now = 0
    seen: list[int] = []

    def work() -> None:
        looked = time_now
        time.sleep(0.0005)
        seen.append(looked)

    runner = Runner([Tick(name="a", every=SLOW)], {"a": work})
    runner.start()
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(400):
            time_now += 1
            runner.wake("a")
            time.sleep(0.0002 * (time_now % 5))
            time_now += 1
            runner.run_now("a")
            assert seen[-1] == time_now
    finally:
        sys.setswitchinterval(before)
        runner.stop(timedelta(seconds=2))


def test_all_ticks_run_at_the_start_and_then_not_all_at_once() -> None:
    ran: dict[str, list[float]] = {name: [] for name in ("fast", "a", "b", "c")}
    pace = timedelta(seconds=0.4)
    ticks = [Tick(name=name, every=FAST if name == "fast" else pace) for name in ran]
    start = time.monotonic()
    runner = Runner(
        ticks, {name: lambda called=called: called.append(time.monotonic()) for name, called in ran.items()}
    )
    runner.start()
    try:
        wait_until(lambda: all(len(called) >= 2 for called in ran.values()))
        # Never before its turn, however slow the machine.
        for place, name in enumerate("abc", start=1):
            assert ran[name][1] - start >= 0.4 + place * SPREAD_SECONDS - 0.02
    finally:
        runner.stop(timedelta(seconds=2))
