"""From counts to shifts: the k-th shift of a family gets the k-th of each pause."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import timedelta

from ortools.sat.python import cp_model

from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Assignment, Roster
from scheduler.roster.shifts import LUNCH, Segment, Shift
from scheduler.solve.candidates import Candidates, Family
from scheduler.solve.variables import FamilyVariables, RosterModel

__all__ = ["PauseTimes", "decode", "pause_times"]

_Times = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseTimes:
    """Family number to, for each of its pauses, the sorted starts of all of them."""

    starts: Mapping[int, _Times]

    def of(
        self, candidates: Candidates, chosen: Mapping[str, tuple[int, ...]], agents: Container[str]
    ) -> PauseTimes:
        """The pauses of some of the agents who chose: those that ``decode`` would give them."""
        found: dict[int, _Times] = {}
        for f, shifts in _takers(candidates, chosen).items():
            own = [k for k, (_, agent) in enumerate(shifts) if agent in agents]
            found[f] = tuple(tuple(times[k] for k in own) for times in self.starts[f])
        return PauseTimes(starts=found)

    def with_more(self, more: PauseTimes) -> PauseTimes:
        """Both together.  Rules on pauses are linear in counts, so what holds for each holds for both."""
        found = dict(self.starts)
        for f, added in more.starts.items():
            held = found.get(f, tuple(() for _ in added))
            found[f] = tuple(tuple(sorted((*a, *b))) for a, b in zip(held, added, strict=True))
        return PauseTimes(starts=found)


def pause_times(roster: RosterModel, solver: cp_model.CpSolver) -> PauseTimes:
    """Read the pauses of every family from a solution."""
    return PauseTimes(starts={v.number: _times(v, solver) for v in roster.families})


def _times(variables: FamilyVariables, solver: cp_model.CpSolver) -> tuple[tuple[int, ...], ...]:
    total = solver.value(variables.started[-1])
    found: list[tuple[int, ...]] = []
    for j, counts in enumerate(variables.paused):
        starts: list[int] = []
        for k, count in enumerate(counts):
            starts += [variables.first_pause[j] + k] * (solver.value(count) - len(starts))
        starts += [variables.first_pause[j] + len(counts)] * (total - len(starts))
        found.append(tuple(starts))
    return tuple(found)


def decode(
    problem: RosterProblem, candidates: Candidates, chosen: Mapping[str, tuple[int, ...]], pauses: PauseTimes
) -> Roster:
    """The roster of ``chosen`` cells per agent, with pauses, and the fixed assignments."""
    assignments = list(problem.fixed)
    for f, shifts in _takers(candidates, chosen).items():
        family = candidates.families[f]
        for k, (start, agent) in enumerate(shifts):
            own = tuple(times[k] for times in pauses.starts[f])
            assignments.append(Assignment(agent=agent, shift=_shift(problem, family, start, own)))
    return Roster(period=problem.period, assignments=tuple(assignments))


def _takers(
    candidates: Candidates, chosen: Mapping[str, tuple[int, ...]]
) -> dict[int, list[tuple[int, str]]]:
    """Family to the (start, agent) of its shifts, in the order in which they get their pauses."""
    takers: dict[int, list[tuple[int, str]]] = {}
    for agent, cells in chosen.items():
        for c in cells:
            cell = candidates.cells[c]
            takers.setdefault(cell.family, []).append((cell.start, agent))
    return {f: sorted(shifts) for f, shifts in takers.items()}


def _shift(problem: RosterProblem, family: Family, start: int, pauses: tuple[int, ...]) -> Shift:
    grid = problem.grid
    segments: list[Segment] = []

    def add(activity: str, first: int, last: int, *, paid: bool) -> None:
        if last > first:
            segments.append(
                Segment(activity=activity, start=grid.start_of(first), end=grid.start_of(last), paid=paid)
            )

    now = start
    for pause, begin in zip(family.pauses, pauses, strict=True):
        add(family.queue, now, begin, paid=True)
        now = begin + pause.length
        add(pause.activity, begin, now, paid=pause.activity != LUNCH or family.paid_lunch)
    end = start + family.length
    add(family.queue, now, end, paid=True)
    return Shift(
        date=problem.period.first + timedelta(days=family.day),
        start=grid.start_of(start),
        end=grid.start_of(end),
        segments=tuple(segments),
    )
