"""solve: from a problem to a roster with a bound.

Everybody's days are one tour, priced against what the others leave uncovered.  Column generation gives the
bound and, by dives and by deciding parts anew, the roster.  Long problems with many places to cover are swept
as a whole at softened prices, and then decided anew day by day; their bound comes from flat prices and from
groups of agents.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from scheduler.check.score import score
from scheduler.check.violations import check
from scheduler.errors import SolveError
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import RosterOutcome, RosterResult
from scheduler.roster.violation import Violation
from scheduler.solve.candidates import Candidates, find_candidates
from scheduler.solve.explain import explain
from scheduler.solve.groups import group_agents
from scheduler.solve.model import build_model, given_roster
from scheduler.solve.params import Progress, SolveParams
from scheduler.solve.relax import relax
from scheduler.solve.search import Search
from scheduler.solve.sessions import set_sessions
from scheduler.solve.tours.cheapest import Prices, Workspace, find_tour
from scheduler.solve.tours.classes import classes_of
from scheduler.solve.tours.days import improve_by_days
from scheduler.solve.tours.engine import quick_roster, solve_tours
from scheduler.solve.tours.grain import grain_of
from scheduler.solve.tours.lagrange import best_flat_prices, lagrange_bound
from scheduler.solve.tours.roster import TourRoster
from scheduler.solve.tours.soften import soft_sweeps
from scheduler.solve.tours.space import TourSpace, lay_out

__all__ = ["Progress", "SolveParams", "solve"]

#: Up to this many places with a price, one master holds the whole period.
_WHOLE_PLACES = 900
#: Shares of the budget for the bound of groups: as a linear program, and in whole numbers.
_GROUPS_SHARE = 0.25
_COUNTS_SHARE = 0.1
#: Soft sweeps: people averaged over at first, sweeps at most, and their share of the time that is left.
_FIRST_PEOPLE, _MOST_SWEEPS, _SOFT_SHARE = 3.0, 80, 0.4
#: Passes of single days without gain before they end.
_IDLE_PASSES = 3
#: Share of the time left for the bound of groups after sweeps.
_LATE_SHARE = 0.8
#: With more counts than that, their linear program takes longer than a bound from prices and proves less.
_MOST_COUNTS = 40_000
#: So many agents per group make counts worth having.
_ALIKE = 8
_TINY = 1e-6


def solve(
    problem: RosterProblem,
    params: SolveParams | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> RosterResult:
    """The best roster found within the limits, what it costs and what is proven.

    Sessions for the problem's activities are set first, off the peaks of a first roster; objective and bound
    are those of the problem with the result's ``sessions`` in it.

    ``should_stop`` is asked between the steps of the search, and about ten times a second while CP-SAT
    runs; after a yes the best roster so far comes back.  Fixed assignments that break rules are kept; the
    outcome is then INFEASIBLE, and the roster the best one round them.  Raises SolveError only for errors of
    this program or senseless parameters.
    """
    params = params if params is not None else SolveParams()
    search = Search(params=params, on_progress=on_progress, should_stop=should_stop)
    candidates = find_candidates(problem)
    if problem.activities and not search.stop_wanted():
        space, _ = _lay_out(problem, candidates)
        first = quick_roster(space).roster()
        sessions = (*problem.sessions, *set_sessions(problem, candidates, first))
        problem = replace(problem, activities=(), sessions=sessions)
        candidates = find_candidates(problem)
    stages = _Stages(problem=problem, candidates=candidates, search=search)
    stages.run()
    return stages.result()


@dataclass(slots=True)
class _Stages:
    problem: RosterProblem
    candidates: Candidates
    search: Search
    lenient: frozenset[str] = frozenset()
    best: TourRoster | None = None
    constant: float = 0.0

    def run(self) -> None:
        space, self.lenient = _lay_out(self.problem, self.candidates)
        if self.search.stop_wanted():
            return
        if places_of(space) > _WHOLE_PLACES and len(self.problem.period.weeks()) > 1:
            self.solve_by_days(space)
        else:
            self.bound_by_groups(space, _GROUPS_SHARE)
            self.solve_whole(space)

    @property
    def enough(self) -> float:
        """The distance to the bound at which to stop."""
        return self.search.params.gap * self.problem.required_staff_minutes()

    def bound_by_groups(self, space: TourSpace, share: float) -> None:
        """A bound from counts per group of agents alike, which every roster obeys.

        Whole numbers of many alike are quickly found and prove more than any linear program; where agents
        differ, or intervals are many, the linear program has to do, within ``share`` of the budget.
        """
        groups = group_agents(self.problem, self.candidates)
        many = places_of(space) > _WHOLE_PLACES
        alike = len(groups) * _ALIKE <= len(space.agents)
        if not (self.lenient or many or alike):
            return
        model = build_model(self.problem, self.candidates, groups)
        if many or not alike:
            if len(model.model.proto.variables) > _MOST_COUNTS:
                return
            bound = relax(model, self.search.seconds_for(share))
            if bound is not None:
                self.search.raise_bound(bound)
        else:
            self.search.run(model.model, share=_COUNTS_SHARE, gap=self.enough / 4, bounds=True)

    def take(self, roster: TourRoster) -> None:
        """Keep a roster where it is better, and tell."""
        if self.best is None:
            # What fixed shifts and days cost anyway is in the score alone.
            self.constant = score(self.problem, roster.roster()).objective - roster.objective
        elif roster.objective >= self.best.objective - _TINY:
            return
        self.best = roster.copy()
        self.search.take_objective(roster.objective + self.constant)

    def take_bound(self, bound: float) -> None:
        """A bound of the tours' own objective; it proves nothing where rules are bent for fixed shifts."""
        if math.isfinite(bound) and not self.lenient:
            self.search.raise_bound(bound + self.constant)
            self.search.tell()

    def known_bound(self) -> float:
        """The best bound so far, as tours count."""
        return -math.inf if self.search.bound is None else self.search.bound - self.constant

    def solve_whole(self, space: TourSpace) -> None:
        bound = solve_tours(
            space,
            self.search,
            seed=self.search.params.seed,
            grain=grain_of(self.problem),
            enough=self.enough,
            on_roster=self.take,
            on_bound=self.take_bound,
            known_bound=self.known_bound,
        )
        self.take_bound(bound)

    def solve_by_days(self, space: TourSpace) -> None:
        """Everybody over the whole period at once, then day by day."""
        best = quick_roster(space)
        self.take(best)
        classes = classes_of(space)
        self.take_bound(best_flat_prices(space, lambda prices: self.bound_of(space, classes, prices))[1])
        if self.is_done():
            return
        chance = random.Random(self.search.params.seed)  # noqa: S311 - repeatable, not secret
        until = self.search.share_used + _SOFT_SHARE * self.search.share_left()
        swept = soft_sweeps(best, self.search, chance, people=_FIRST_PEOPLE, most=_MOST_SWEEPS, until=until)
        self.take(swept)
        if not self.is_done():
            # After the first rosters: it takes long, and nothing comes of it where it is cut off.
            self.bound_by_groups(space, _LATE_SHARE * self.search.share_left())
        assert self.best is not None
        improve_by_days(
            self.best,
            self.search,
            chance,
            np.random.default_rng(self.search.params.seed),
            idle_passes=_IDLE_PASSES,
            is_over=self.is_done,
            on_roster=self.take,
        )

    def bound_of(self, space: TourSpace, classes: tuple[tuple[int, ...], ...], prices: Prices) -> float:
        """Lagrange's bound of prices for the whole period; nothing where that was stopped."""
        bound = lagrange_bound(
            space, classes, prices, workers=self.search.params.workers, is_over=self.search.stop_wanted
        )
        return -math.inf if bound is None else bound

    def is_done(self) -> bool:
        """Stopped, out of budget, or near enough to the bound."""
        if self.search.is_over():
            return True
        if self.best is None or self.search.bound is None:
            return False
        return self.best.objective + self.constant - self.search.bound <= max(self.enough, _TINY)

    def result(self) -> RosterResult:
        problem, search = self.problem, self.search
        roster = self.best.roster() if self.best is not None else None
        if roster is None and search.cancelled:
            roster = given_roster(problem)
        if roster is None:
            return RosterResult(
                outcome=RosterOutcome.NO_ANSWER,
                roster=None,
                terms={},
                objective=None,
                bound=search.bound,
                gap=None,
                seconds=search.seconds,
                seed=search.params.seed,
            )
        conflicts = check(problem, roster)
        known = {(v.rule, v.agent, v.date) for v in check(problem, given_roster(problem))}
        new = [v for v in conflicts if v.agent not in self.lenient and (v.rule, v.agent, v.date) not in known]
        _refuse_violations(new)
        recomputed = score(problem, roster)
        if self.best is not None:
            _refuse_difference(self.best.objective + self.constant, recomputed.objective)
        bound = min(search.bound, recomputed.objective) if search.bound is not None else None
        return RosterResult(
            outcome=self.outcome(recomputed.objective, bound, conflicts),
            roster=roster,
            terms=recomputed.terms,
            objective=recomputed.objective,
            bound=bound,
            gap=_gap(recomputed.objective, bound, recomputed.required_minutes),
            seconds=search.seconds,
            seed=search.params.seed,
            explanation=explain(problem, roster, conflicts),
            sessions=problem.sessions,
        )

    def outcome(
        self, objective: float, bound: float | None, conflicts: tuple[Violation, ...]
    ) -> RosterOutcome:
        if conflicts:
            return RosterOutcome.INFEASIBLE
        # All prices are whole numbers, so a bound less than one below the objective proves it.
        if bound is not None and objective - bound < 1 - 1e-6:
            return RosterOutcome.OPTIMAL
        return RosterOutcome.CANCELLED if self.search.cancelled else RosterOutcome.FEASIBLE


def places_of(space: TourSpace) -> int:
    """Intervals of lines and kinds of shift that have a price."""
    lines = space.lines
    asked = lines.required > 0
    priced = asked | (np.any(lines.over, axis=1)[:, None] & np.any(asked, axis=0)[None, :])
    return int(priced.sum() + ((space.kind_under > 0) | (space.kind_over > 0)).sum())


def _lay_out(problem: RosterProblem, candidates: Candidates) -> tuple[TourSpace, frozenset[str]]:
    """The problem in arrays, and the agents whose fixed or previous shifts leave no tour within the rules."""
    space = lay_out(problem, candidates, lenient=frozenset())
    nothing = Prices(lines=np.zeros(space.at.shape), kinds=np.zeros(space.kinds.shape))
    work = Workspace.of(space)
    held = {a.agent for a in (*problem.fixed, *problem.previous)}
    lenient = frozenset(
        a.agent for a in space.agents if a.agent in held and find_tour(space, a, nothing, work) is None
    )
    if lenient:
        space = lay_out(problem, candidates, lenient=lenient)
    return space, lenient


def _gap(objective: float, bound: float | None, required: float) -> float | None:
    if bound is None:
        return None
    if objective - bound < 1e-6:
        return 0.0
    return (objective - bound) / required if required else None


def _refuse_difference(claimed: float, recomputed: float) -> None:
    if abs(claimed - recomputed) > 0.5:
        raise SolveError(
            f"the solver's objective {claimed:g} differs from the recomputed score {recomputed:g}; "
            "no roster was kept. This is an error of the program, please report the problem"
        )


def _refuse_violations(new: list[Violation]) -> None:
    """The checker has the last word: nothing may be broken but what fixed assignments break anyway."""
    if new:
        raise SolveError(
            f"the roster found breaks {new[0].rule} for agent {new[0].agent} on {new[0].date} "
            f"({len(new)} in all); it was not kept."
            " This is an error of the program, please report the problem"
        )
