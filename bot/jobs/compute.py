"""RosterSolver in a child process: a hard stop, crash isolation, memory given back.

The child watches its pipe; a stop request, or the end of the parent, ends the search with the best roster
so far.  Only where that does not help the process is killed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from bot.core.errors import MusterError
from bot.core.ports import SolveProgress
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import RosterOutcome, RosterResult

__all__ = ["ProcessSolver"]

POLL_SECONDS = 0.2
STOP_GRACE_SECONDS = 15.0
"""How long a child may take to end after it was asked to."""
NICENESS = 10
OVERRUN_SECONDS = 60.0
"""How far a child may go beyond its time limit: building the model and handing the result over take time."""


class ProcessSolver:
    """Solves one problem at a time, each in a process of its own."""

    def __init__(self, *, start_method: str = "spawn") -> None:
        self._context: Any = multiprocessing.get_context(start_method)
        self._one_at_a_time = threading.Lock()

    def solve(
        self,
        problem: RosterProblem,
        *,
        seconds: float,
        workers: int,
        seed: int,
        on_progress: Callable[[SolveProgress], None],
        should_stop: Callable[[], bool],
    ) -> RosterResult:
        """As the port says.  Raises MusterError where the child died or had to be killed."""
        with self._one_at_a_time:
            ours, theirs = self._context.Pipe(duplex=True)
            child = self._context.Process(
                target=_work, args=(theirs, problem, seconds, workers, seed), name="muster-solve", daemon=True
            )
            child.start()
            theirs.close()
            try:
                return self._follow(ours, seconds, seed, on_progress, should_stop)
            finally:
                ours.close()
                child.join(timeout=STOP_GRACE_SECONDS)
                if child.is_alive():
                    child.kill()
                    child.join()

    def _follow(
        self,
        pipe: Connection,
        seconds: float,
        seed: int,
        on_progress: Callable[[SolveProgress], None],
        should_stop: Callable[[], bool],
    ) -> RosterResult:
        began = time.monotonic()
        deadline = began + seconds + OVERRUN_SECONDS
        stopping = False
        while True:
            if pipe.poll(POLL_SECONDS):
                try:
                    kind, value = pipe.recv()
                except EOFError:
                    raise MusterError(
                        "solver_died",
                        "The solver ended without an answer; nothing was written. Too little memory?",
                    ) from None
                if kind == "result":
                    assert isinstance(value, RosterResult)
                    return value
                if kind == "error":
                    raise value
                on_progress(value)
            if not stopping and should_stop():
                stopping = True
                deadline = time.monotonic() + STOP_GRACE_SECONDS
                pipe.send("stop")
            if time.monotonic() > deadline:
                return RosterResult(
                    outcome=RosterOutcome.NO_ANSWER,
                    roster=None,
                    terms={},
                    objective=None,
                    bound=None,
                    gap=None,
                    seconds=time.monotonic() - began,
                    seed=seed,
                )


def _work(pipe: Connection, problem: RosterProblem, seconds: float, workers: int, seed: int) -> None:
    """The child: solve, tell, answer."""
    # Ctrl-C in a terminal reaches the whole group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        # People who wait for an answer in Slack come first; where nothing else runs it costs nothing.
        os.nice(NICENESS)
    from scheduler.solve import Progress, SolveParams, solve

    required = problem.required_staff_minutes()
    stopped = False

    def should_stop() -> bool:
        nonlocal stopped
        if not stopped and pipe.poll():
            # A message is the request to stop; a closed pipe means that nobody waits any more.
            stopped = True
        return stopped

    def tell(progress: Progress) -> None:
        gap = None
        if progress.objective is not None and progress.bound is not None and required:
            gap = max(0.0, (progress.objective - progress.bound) / required)
        _send(
            pipe,
            "progress",
            SolveProgress(
                seconds=progress.seconds,
                objective=progress.objective,
                bound=progress.bound,
                gap=gap,
                solutions=progress.solutions,
            ),
        )

    try:
        result = solve(
            problem,
            SolveParams(seconds=seconds, workers=workers, seed=seed),
            on_progress=tell,
            should_stop=should_stop,
        )
    except Exception as error:  # handed to the parent, which raises it
        _send(pipe, "error", error)
    else:
        _send(pipe, "result", result)
    pipe.close()


def _send(pipe: Connection, kind: str, value: Any) -> None:
    try:
        pipe.send((kind, value))
    except (BrokenPipeError, OSError):
        return
