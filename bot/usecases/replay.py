"""What a past week would have been under other rules (SCENARIOS P13).  Nothing is written.

The week's problem is made anew from what is stored (requirement, people, leave, rules), the rules are
changed, and it is solved with the seed of the solve behind its roster.  Both rosters, the one there was and
the one there would have been, are then played against the contacts that really came.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import QueueId
from bot.core.ports import RosterSolver, SolveProgress
from bot.core.replay import ReplayRules
from bot.core.rosters import RosterStatus, RosterVersion
from bot.core.settings import Settings
from bot.core.weeks import iso_week
from bot.core.what_if import Question
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases.certify import REPEATS, compared
from bot.usecases.replay_rules import under_rules
from bot.usecases.roster_problem import build_problem
from bot.usecases.staff import staffed
from bot.usecases.week_loads import WeekLoads, week_loads_within
from bot.usecases.what_if_load import refuse_unknown_queues, with_targets
from forecasting.grid import IntervalGrid
from scheduler.check.coverage import coverage
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster
from scheduler.simulation.certificate import Comparison

__all__ = ["QueueReplay", "Replay", "ReplaySide", "replay"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueReplay:
    """One queue on one side: hours needed and missing [agent-hours], by that side's own requirement.

    ``in_time`` and ``gave_up``: shares of the contacts that came, played, on both sides by the target that
    was asked; ``peaks_inside``: of the forecast's peak intervals.  None where nothing is known of what came.
    """

    queue: QueueId
    needed: float
    missing: float
    in_time: float | None = None
    gave_up: float | None = None
    peaks_inside: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySide:
    """``overtime``: paid hours beyond what contracts have in a week; ``people``: with a shift."""

    people: int
    shifts: int
    paid_hours: float
    overtime: float
    queues: tuple[QueueReplay, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replay:
    """``contacts`` came, by queue; ``unknown``: queues of which no contacts of that week are known.

    ``moved_on``: people, leave, rules or the requirement are not what they were when the roster was solved;
    None where that is not known.  ``gap``: between the solve of ``seconds`` [s] and its bound.
    """

    version: RosterVersion
    rules: ReplayRules
    before: ReplaySide
    after: ReplaySide
    contacts: dict[QueueId, int]
    unknown: tuple[QueueId, ...]
    seed: int
    seconds: float
    gap: float | None
    moved_on: bool | None
    repeats: int = REPEATS


def replay(
    store: Store,
    settings: Settings,
    solver: RosterSolver,
    first: date,
    rules: ReplayRules,
    *,
    now: datetime,
    repeats: int = REPEATS,
    on_progress: Callable[[SolveProgress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Replay:
    """Raises NotFoundError for a week without a roster; RefusedError for one that is not over, unknown
    queues, rules that leave nobody any shift, a week without forecast or without any contact known, and where
    no roster was found in the time.
    """
    with store.read() as uow:
        version = uow.rosters.latest(RosterStatus.PUBLISHED, first) or uow.rosters.latest(first=first)
        if version is None:
            week = iso_week(first)
            raise NotFoundError(
                "replay_no_roster",
                f"There is no roster of {week}; nothing was worked out.",
                week=week,
            )
        period = version.roster.period
        if period.end > now:
            raise RefusedError(
                "replay_not_over",
                f"The week of {first} is not over; nothing was worked out. For a week ahead: "
                "muster roster what-if.",
                first=first.isoformat(),
            )
        run = None if version.run is None else uow.runs.get(version.run)
        stored = build_problem(uow, settings, period)
        asked = Question(targets=rules.targets)
        refuse_unknown_queues(settings, asked)
        changed = with_targets(settings, asked)
        if rules.minimum is not None:
            staffing = replace(changed.staffing, minimum_agents=rules.minimum)
            changed = replace(changed, staffing=staffing)
        week_loads = week_loads_within(uow, changed, queues=None, first=first, days=period.days)
        true, unknown = _came(uow, week_loads.grid, week_loads)
    if not true:
        raise RefusedError(
            "replay_no_contacts",
            f"No contacts of the week of {first} are known; nothing was worked out. "
            "First: muster import volumes FILE.",
            first=first.isoformat(),
        )
    problem = under_rules(stored, rules, version.roster)
    if rules.changes_need:
        remade = {s.requirement.queue: s.requirement for s in staffed(week_loads, changed)}
        problem = replace(problem, requirements=tuple(remade.get(r.queue, r) for r in problem.requirements))
    limits = settings.roster.solve
    seed = limits.seed if run is None or run.seed is None else run.seed
    result = solver.solve(
        problem,
        seconds=limits.time_limit.total_seconds(),
        workers=limits.workers,
        seed=seed,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    if result.roster is None:
        raise RefusedError(
            "replay_no_answer",
            f"No roster was found in {result.seconds:.0f} s; nothing was changed. Give it more: --seconds.",
            seconds=round(result.seconds),
        )
    sides = [
        _side(
            by,
            roster,
            compared(
                changed, roster, week_loads.grid, week_loads.found, true, seed=limits.seed, repeats=repeats
            ),
        )
        for by, roster in ((stored, version.roster), (problem, result.roster))
    ]
    return Replay(
        version=version,
        rules=rules,
        before=sides[0],
        after=sides[1],
        contacts={QueueId(name): int(counts.sum()) for name, counts in true.items()},
        unknown=unknown,
        seed=seed,
        seconds=result.seconds,
        gap=result.gap,
        moved_on=None if run is None or run.digest is None else run.digest != stored.digest(),
        repeats=repeats,
    )


def _came(uow: ReadUnit, grid: IntervalGrid, week: WeekLoads) -> tuple[dict[str, Ints], tuple[QueueId, ...]]:
    """Contacts that came, by queue: as counted or imported, else from the contacts themselves."""
    found: dict[str, Ints] = {}
    unknown = list(week.missing)
    for load in week.found:
        name = load.queue.queue
        counts = np.zeros(grid.count, dtype=np.int64)
        history = uow.volumes.history(name, grid.zone, grid.interval, until=grid.end, start=grid.start)
        if history is not None:
            offset = (history.grid.start - grid.start) // grid.interval
            part = history.offered[: grid.count - offset]
            counts[offset : offset + part.size] = np.rint(part).astype(np.int64)
        else:
            for contact in uow.contacts.opened_between([name], grid.start, grid.end):
                counts[grid.index_of(contact.opened_at)] += 1
        if counts.any():
            found[name] = counts
        else:
            unknown.append(name)
    return found, tuple(unknown)


def _side(problem: RosterProblem, roster: Roster, played: Comparison) -> ReplaySide:
    hours = problem.grid.interval_seconds / 3600
    rows = []
    for cover in coverage(problem, roster):
        comparison = played.queues.get(cover.queue)
        rows.append(
            QueueReplay(
                queue=QueueId(cover.queue),
                needed=float(cover.required.sum()) * hours,
                missing=float(cover.under.sum()) * hours,
                in_time=None if comparison is None else _known(comparison.overall_service_level),
                gave_up=None if comparison is None else _known(comparison.overall_abandonment),
                peaks_inside=None if comparison is None else _known(comparison.peak_share_inside),
            )
        )
    most = {agent.agent: agent.contract.max_hours_per_week for agent in problem.agents}
    paid: dict[str, timedelta] = {}
    for assignment in roster.assignments:
        paid[assignment.agent] = paid.get(assignment.agent, timedelta(0)) + assignment.shift.paid_time
    weeks = max(1, round(problem.period.days / 7))
    return ReplaySide(
        people=len(paid),
        shifts=len(roster.assignments),
        paid_hours=sum(p.total_seconds() for p in paid.values()) / 3600,
        overtime=sum(
            max(0.0, p.total_seconds() / 3600 - most[agent] * weeks)
            for agent, p in paid.items()
            if agent in most
        ),
        queues=tuple(rows),
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
