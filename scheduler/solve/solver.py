"""solve: from a problem to a roster with a bound.

Stages, each with the best roster so far kept outside the solver: a first roster from the linear
relaxation; counts per group with pauses (a relaxation, hence the bound), handed out to agents; improvement by
exact models of some days or agents, and of all where they are few.  Small teams are improved before
the counts, which then mostly serve the bound.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from scheduler.check.score import score
from scheduler.check.violations import check
from scheduler.errors import SolveError
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster, RosterOutcome, RosterResult
from scheduler.roster.violation import Violation
from scheduler.solve.assign import hand_out
from scheduler.solve.candidates import Candidates, find_candidates
from scheduler.solve.explain import conflicts_of_fixed, explain
from scheduler.solve.groups import Group, group_agents, one_by_one
from scheduler.solve.handout import hand_out_all
from scheduler.solve.incumbent import Incumbent, from_solution, hint
from scheduler.solve.model import build_model, given_roster
from scheduler.solve.neighbourhoods import (
    SIZES,
    Neighbourhood,
    days_can_be_freed,
    free_agents,
    free_days,
)
from scheduler.solve.objective import value_of
from scheduler.solve.params import Progress, SolveParams
from scheduler.solve.relax import keep_near, relax
from scheduler.solve.search import Run, Search
from scheduler.solve.variables import RosterModel

__all__ = ["Progress", "SolveParams", "solve"]

#: Shares of the budget for the first relaxation, for placing pauses, for the counts (where they are a
#: relaxation) and for one neighbourhood; how the first relaxation is rounded.
_START_SHARE = 0.2
_START_THRESHOLDS = (0.4, 0.5, 0.6)
_START_EVENNESS = 3.0
_PAUSES_SHARE = 0.08
_NEAR_SHARE = 0.2
_COUNTS_SHARE = 0.35
_NEIGHBOURHOOD_SHARE = 0.1
#: Seconds a neighbourhood may go without a better roster.
_NEIGHBOURHOOD_PATIENCE = 2.0
#: Largest exact model of all agents at once, in yes-or-no questions.
_WHOLE_LIMIT = 30_000
#: Up to this many, agents are decided one by one from the start; counts then only serve the bound.
_SMALL_TEAM = 8_000
_SMALL_TEAM_IMPROVES_UNTIL = 0.7
_ROUNDS_WITHOUT_GAIN = 60


def solve(
    problem: RosterProblem,
    params: SolveParams | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> RosterResult:
    """The best roster found within the limits, what it costs and what is proven.

    ``should_stop`` is asked about ten times a second from another thread; after a yes the best roster so far
    comes back.  Fixed assignments that break rules are kept; the outcome is then INFEASIBLE, and the roster
    the best one round them.  Raises SolveError only for errors of this program or senseless parameters.
    """
    params = params if params is not None else SolveParams()
    search = Search(params=params, on_progress=on_progress, should_stop=should_stop)
    stages = _Stages(
        problem=problem,
        candidates=find_candidates(problem),
        conflicts=conflicts_of_fixed(problem),
        search=search,
    )
    stages.run()
    return stages.result()


@dataclass(slots=True)
class _Stages:
    problem: RosterProblem
    candidates: Candidates
    conflicts: tuple[Violation, ...]
    search: Search
    best: Incumbent | None = None

    def run(self) -> None:
        singles = one_by_one(self.problem, self.candidates)
        groups = group_agents(self.problem, self.candidates)
        questions = sum(len(g.cells) for g in singles)
        whole = questions <= _WHOLE_LIMIT
        alike = any(g.size > 1 for g in groups)
        small = questions <= _SMALL_TEAM
        self.start(singles if small else groups)
        if small:
            self.improve(singles, until=_SMALL_TEAM_IMPROVES_UNTIL if alike else 1 - _COUNTS_SHARE)
        if alike and not self.is_done():
            self.solve_counts(groups)
        elif whole and not self.is_done():
            self.solve_whole(singles, share=_COUNTS_SHARE)
        self.improve(singles)
        if whole and not self.is_done():
            self.solve_whole(singles, share=1.0)

    @property
    def gap_minutes(self) -> float:
        """The absolute gap at which to stop."""
        return self.search.params.gap * self.problem.required_staff_minutes()

    def is_done(self) -> bool:
        """Cancelled, out of budget, or near enough to the bound."""
        if self.search.stop_wanted() or self.search.share_left() <= 0:
            return True
        if self.best is None or self.search.bound is None:
            return False
        return self.best.objective - self.search.bound <= max(self.gap_minutes, 1e-6)

    def take(self, incumbent: Incumbent) -> bool:
        """Keep a roster where it is better; whether it was."""
        if self.best is not None and incumbent.objective >= self.best.objective - 1e-6:
            return False
        self.best = incumbent
        self.search.take_objective(incumbent.objective)
        return True

    def start(self, groups: tuple[Group, ...]) -> None:
        """A bound and a first roster soon: the relaxation rounded, handed out, pauses placed."""
        model = build_model(self.problem, self.candidates, groups)
        relaxed = relax(model, self.search.seconds_for(_START_SHARE))
        if relaxed is None:
            return
        self.search.raise_bound(relaxed.bound)
        everyone = tuple(m for g in groups for m in g.members)
        team = Group(members=everyone, cells=tuple(range(len(self.candidates.cells))))
        tries = [
            hand_out(
                self.problem,
                self.candidates,
                team,
                relaxed.rounded(model, threshold),
                evenness=_START_EVENNESS,
            )
            for threshold in _START_THRESHOLDS
        ]
        self.place_pauses(min(tries, key=lambda t: t[1].total())[0])
        if not self.is_done() and any(g.size > 1 for g in groups):
            keep_near(model, relaxed)
            run = self.search.run(model.model, share=_NEAR_SHARE, gap=self.gap_minutes, may_be_empty=True)
            self.take_counts(groups, model, run)

    def solve_counts(self, groups: tuple[Group, ...]) -> None:
        model = build_model(self.problem, self.candidates, groups)
        if self.best is not None:
            hint(model, self.best)
        run = self.search.run(model.model, share=_COUNTS_SHARE, gap=self.gap_minutes / 2, bounds=True)
        self.take_counts(groups, model, run)

    def take_counts(self, groups: tuple[Group, ...], model: RosterModel, run: Run) -> None:
        """Hand out a solution of counts and keep the roster where it is better."""
        if not run.found:
            return
        counts = _counts(model, run)
        chosen, left = hand_out_all(self.problem, self.candidates, groups, counts, self.search)
        if left:
            self.place_pauses(chosen)
        else:
            self.take(from_solution(self.problem, self.candidates, chosen, model, run.solver, claimed=None))

    def place_pauses(self, chosen: dict[str, tuple[int, ...]]) -> None:
        """Pauses anew where the shifts are no longer those of the counts."""
        frozen = Counter(c for cells in chosen.values() for c in cells)
        model = build_model(self.problem, self.candidates, (), frozen=frozen)
        run = self.search.run(model.model, share=_PAUSES_SHARE)
        if run.found:
            self.take(from_solution(self.problem, self.candidates, chosen, model, run.solver, claimed=None))

    def solve_whole(self, singles: tuple[Group, ...], *, share: float) -> None:
        """All agents in one exact model, from the best roster so far."""
        model = build_model(self.problem, self.candidates, singles)
        if self.best is not None:
            hint(model, self.best)
        run = self.search.run(model.model, share=share, gap=self.gap_minutes, exact=True, bounds=True)
        if run.found:
            self.take_solution(Neighbourhood(problem=self.problem, model=model, kept={}), run)

    def improve(self, singles: tuple[Group, ...], *, until: float = 1.0) -> None:
        """Decide parts anew, days and agents in turn, until nothing more is gained.

        ``until``: share of the whole budget at which it ends at the latest.
        """
        chance = random.Random(self.search.params.seed)  # noqa: S311 - repeatable, not secret
        if self.best is None:
            self.place_pauses({})
        idle = turn = 0
        days_fit = days_can_be_freed(self.candidates)
        while self.best is not None and idle < _ROUNDS_WITHOUT_GAIN and not self.is_done():
            if 1 - self.search.share_left() >= until:
                return
            size = chance.choice(SIZES)
            turn += 1
            if turn % 2 or not days_fit:
                part = free_agents(self.problem, self.candidates, singles, self.best, chance, size=size)
            else:
                part = free_days(self.problem, self.candidates, self.best, chance, size=size)
            hint(part.model, self.best)
            run = self.search.run(
                part.model.model, share=_NEIGHBOURHOOD_SHARE, exact=True, patience=_NEIGHBOURHOOD_PATIENCE
            )
            idle = 0 if run.found and self.take_solution(part, run) else idle + 1

    def take_solution(self, part: Neighbourhood, run: Run) -> bool:
        """Decode an exact model's solution and keep it where it is better."""
        chosen = dict(part.kept)
        for group, taken in zip(part.model.groups, part.model.taken, strict=True):
            agent = group.members[0].agent
            new = tuple(c for c, v in taken.items() if run.solver.value(v))
            chosen[agent] = tuple(sorted((*part.kept.get(agent, ()), *new)))
        return self.take(
            from_solution(
                self.problem,
                self.candidates,
                chosen,
                part.model,
                run.solver,
                claimed=value_of(part.model, run.solver),
                before=self.best,
            )
        )

    def result(self) -> RosterResult:
        problem, search = self.problem, self.search
        roster = self.best.roster if self.best is not None else None
        if roster is None and (self.conflicts or search.cancelled):
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
        _refuse_new_violations(problem, roster, self.conflicts)
        recomputed = score(problem, roster)
        bound = min(search.bound, recomputed.objective) if search.bound is not None else None
        return RosterResult(
            outcome=self.outcome(recomputed.objective, bound),
            roster=roster,
            terms=recomputed.terms,
            objective=recomputed.objective,
            bound=bound,
            gap=_gap(recomputed.objective, bound, recomputed.required_minutes),
            seconds=search.seconds,
            seed=search.params.seed,
            explanation=explain(problem, roster, self.conflicts),
        )

    def outcome(self, objective: float, bound: float | None) -> RosterOutcome:
        if self.conflicts:
            return RosterOutcome.INFEASIBLE
        # All prices are whole numbers, so a bound less than one below the objective proves it.
        if bound is not None and objective - bound < 1 - 1e-6:
            return RosterOutcome.OPTIMAL
        return RosterOutcome.CANCELLED if self.search.cancelled else RosterOutcome.FEASIBLE


def _counts(model: RosterModel, run: Run) -> list[dict[int, int]]:
    """Per group, how many take each cell."""
    return [
        {c: run.solver.value(v) for c, v in taken.items() if run.solver.value(v)} for taken in model.taken
    ]


def _gap(objective: float, bound: float | None, required: float) -> float | None:
    if bound is None:
        return None
    if objective - bound < 1e-6:
        return 0.0
    return (objective - bound) / required if required else None


def _refuse_new_violations(problem: RosterProblem, roster: Roster, conflicts: tuple[Violation, ...]) -> None:
    """The checker has the last word: nothing may be broken but what fixed assignments break anyway."""
    allowed = {(v.rule, v.agent, v.date) for v in conflicts}
    new = [v for v in check(problem, roster) if (v.rule, v.agent, v.date) not in allowed]
    if new:
        raise SolveError(
            f"the roster found breaks {new[0].rule} for agent {new[0].agent} on {new[0].date} "
            f"({len(new)} in all); it was not kept."
            " This is an error of the program, please report the problem"
        )
