"""Running CP-SAT: limits, the stop request, progress.  One Search per solve, several runs in it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ortools.sat.python import cp_model

from scheduler.errors import SolveError
from scheduler.solve.params import Progress, SolveParams

__all__ = ["Run", "Search"]

_POLL_SECONDS = 0.1


@dataclass(slots=True)
class Run:
    """One finished run; ``found`` says whether ``solver`` holds a solution."""

    solver: cp_model.CpSolver
    found: bool
    optimal: bool
    bound: float | None


@dataclass(slots=True)
class Search:
    """The budget and the contact to the outside for a whole solve.

    ``objective`` and ``bound`` are the best known so far, ``cancelled`` is set once ``should_stop`` said so.
    """

    params: SolveParams
    on_progress: Callable[[Progress], None] | None
    should_stop: Callable[[], bool] | None
    started: float = field(default_factory=time.monotonic)
    work: float = 0.0
    objective: float | None = None
    bound: float | None = None
    solutions: int = 0
    cancelled: bool = False
    told: float = 0.0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def spent(self) -> float:
        """What has been used of the budget: seconds, or deterministic work."""
        return self.seconds if self.params.deterministic_limit is None else self.work

    @property
    def budget(self) -> float:
        """The whole budget, in the unit of ``spent``."""
        limit = self.params.deterministic_limit
        return self.params.seconds if limit is None else limit

    @property
    def share_used(self) -> float:
        """Part of the budget that is used, from 0 on."""
        return self.spent / self.budget

    def share_left(self) -> float:
        """Part of the budget that is left, 0 to 1."""
        return max(0.0, 1.0 - self.share_used)

    def seconds_for(self, share: float) -> float:
        """Wall clock of a share of the budget; without end where only deterministic work counts."""
        if self.params.deterministic_limit is not None:
            return float("inf")
        return min(share, self.share_left()) * self.params.seconds

    def stop_wanted(self) -> bool:
        """Ask the outside, and remember a yes."""
        if not self.cancelled and self.should_stop is not None and self.should_stop():
            self.cancelled = True
        return self.cancelled

    def is_over(self) -> bool:
        """Stopped from outside, or out of budget."""
        return self.stop_wanted() or self.share_left() <= 0

    def raise_bound(self, bound: float) -> None:
        """Take a proven bound; bounds only grow."""
        if self.bound is None or bound > self.bound:
            self.bound = bound

    def take_objective(self, objective: float) -> None:
        """Take a roster's objective where it is better, and tell."""
        if self.objective is None or objective < self.objective:
            self.objective = objective
            self.solutions += 1
        self.tell()

    def tell(self) -> None:
        """Report the state."""
        self.told = self.seconds
        if self.on_progress is not None:
            self.on_progress(
                Progress(
                    objective=self.objective,
                    bound=self.bound,
                    seconds=self.seconds,
                    solutions=self.solutions,
                )
            )

    def run(
        self,
        model: cp_model.CpModel,
        *,
        share: float,
        gap: float = 0.0,
        bounds: bool = False,
        may_be_empty: bool = False,
    ) -> Run:
        """Solve within ``share`` of the whole budget (and what is left of it).

        ``gap`` is absolute.  ``bounds``: its bound holds for the whole problem.
        ``may_be_empty``: no solution is an answer.
        """
        solver = cp_model.CpSolver()
        parameters = solver.parameters
        parameters.num_workers = self.params.workers
        parameters.random_seed = self.params.seed
        parameters.absolute_gap_limit = gap
        # Lazily added rows made the first bounds ten times slower on cover rows.
        parameters.add_lp_constraints_lazily = False
        share = min(share, self.share_left())
        if self.params.deterministic_limit is not None:
            parameters.max_deterministic_time = max(0.01, share * self.params.deterministic_limit)
        else:
            parameters.max_time_in_seconds = max(0.05, share * self.params.seconds)
        teller = _Teller(self, solver, bounds=bounds)
        watcher = _Watcher(solver, self)
        if bounds:
            solver.best_bound_callback = teller.on_bound
        with watcher:
            status = solver.solve(model, teller)
        self.work += solver.response_proto.deterministic_time
        if teller.error is not None:
            raise teller.error
        if status == cp_model.MODEL_INVALID or (status == cp_model.INFEASIBLE and not may_be_empty):
            # The empty roster satisfies every model built here, so this can only be our mistake.
            raise SolveError(f"the roster model is {solver.status_name(status)}; please report this problem")
        found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
        bound = solver.best_objective_bound if found or status == cp_model.UNKNOWN else None
        if bounds and bound is not None and bound > float("-inf"):
            self.raise_bound(bound)
        return Run(solver=solver, found=found, optimal=status == cp_model.OPTIMAL, bound=bound)


class _Teller(cp_model.CpSolverSolutionCallback):
    """Turns solutions into progress; an exception of the listener is kept and raised after the solve."""

    def __init__(self, search: Search, solver: cp_model.CpSolver, *, bounds: bool) -> None:
        super().__init__()
        self._search = search
        self._solver = solver
        self._bounds = bounds
        self.error: BaseException | None = None

    def on_solution_callback(self) -> None:
        if self.error is not None:
            return
        try:
            if self._bounds:
                self._search.raise_bound(self.best_objective_bound)
            self._search.tell()
        except BaseException as error:  # the solver's thread must not carry it
            self.error = error
            self._solver.stop_search()

    def on_bound(self, bound: float) -> None:
        """A new bound; bounds come by the dozen, so they are told once a second."""
        if self.error is not None:
            return
        try:
            self._search.raise_bound(bound)
            if self._search.seconds - self._search.told >= 1.0:
                self._search.tell()
        except BaseException as error:  # the solver's thread must not carry it
            self.error = error
            self._solver.stop_search()


class _Watcher:
    """Polls the stop request beside a solve and stops it, again and again until it ends.

    A stop before the solver has begun is ignored by it, hence the repetition.
    """

    def __init__(self, solver: cp_model.CpSolver, search: Search) -> None:
        self._solver = solver
        self._search = search
        self._ended = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._watch, name="roster-stop-watch", daemon=True)

    def __enter__(self) -> None:
        if self._search.should_stop is not None:
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._error is not None:
            raise self._error

    def _watch(self) -> None:
        while not self._ended.wait(_POLL_SECONDS):
            try:
                stop = self._search.stop_wanted()
            except BaseException as error:  # raised in the caller's thread instead
                self._error = error
                stop = True
            if stop:
                self._solver.stop_search()
