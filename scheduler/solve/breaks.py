"""From counts to shifts: the k-th shift of a family gets the k-th of each pause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from ortools.sat.python import cp_model

from scheduler.roster.problem import RosterProblem
from scheduler.roster.shifts import LUNCH, PREPARE, Segment, Shift
from scheduler.solve.candidates import Family
from scheduler.solve.variables import FamilyVariables, RosterModel

__all__ = ["PauseTimes", "make_shift", "pause_times"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseTimes:
    """Family number to, for each of its pauses, the sorted starts of all of them."""

    starts: Mapping[int, tuple[tuple[int, ...], ...]]


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


def make_shift(problem: RosterProblem, family: Family, start: int, pauses: tuple[int, ...]) -> Shift:
    """One shift of a family from its start and the starts of its pauses, both in intervals."""
    grid = problem.grid
    segments: list[Segment] = []

    def add(activity: str, first: int, last: int, *, paid: bool) -> None:
        if last > first:
            segments.append(
                Segment(activity=activity, start=grid.start_of(first), end=grid.start_of(last), paid=paid)
            )

    begins = grid.start_of(start) - timedelta(minutes=family.prepare)
    if family.prepare:
        segments.append(Segment(activity=PREPARE, start=begins, end=grid.start_of(start), paid=True))
    away = [
        (begin, begin + pause.length, pause.activity, pause.activity != LUNCH or family.paid_lunch)
        for pause, begin in zip(family.pauses, pauses, strict=True)
    ]
    away += [
        (first, last, problem.sessions[number].kind.value, True)
        for number, (first, last) in zip(family.sessions, family.blocks, strict=True)
    ]
    now = start
    for first, last, activity, paid in sorted(away):
        add(family.queue, now, first, paid=True)
        add(activity, first, last, paid=paid)
        now = last
    end = start + family.length
    add(family.queue, now, end, paid=True)
    return Shift(
        date=problem.period.first + timedelta(days=family.day),
        start=begins,
        end=grid.start_of(end),
        segments=tuple(segments),
        template=family.template,
    )
