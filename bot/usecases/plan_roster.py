"""From requirement, people and rules to a draft roster; the checker has the last word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from importlib.metadata import version
from typing import Any

import numpy as np

from bot.core.availability import available_spans, leave_spans
from bot.core.calendar import open_periods
from bot.core.errors import MusterError, NotFoundError, RefusedError
from bot.core.ids import AgentId, QueueId, RosterId, RunId
from bot.core.people import Role
from bot.core.ports import Clock, RosterSolver, SolveProgress
from bot.core.rosters import RosterVersion
from bot.core.runs import Run, RunState
from bot.core.settings import Settings
from bot.store.failures import is_temporary
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases.workloads import grid_of
from forecasting.grid import IntervalGrid
from scheduler.check.coverage import QueueCoverage, coverage, joined_gaps, uncovered
from scheduler.check.presence import presence_cover
from scheduler.check.score import score
from scheduler.check.violations import check, unmet
from scheduler.roster.people import RosterAgent, TimeSpan
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster, RosterPeriod, RosterResult, UncoveredInterval
from scheduler.roster.rules import OpeningHours, Presence
from scheduler.roster.violation import Violation
from scheduler.staffing.requirement import Requirement

__all__ = ["KIND", "Assessment", "assess", "build_problem", "perform", "request", "stop"]

KIND = "roster"
DAY = timedelta(days=1)
BEFORE = 14 * DAY
"""How far back shifts count for rest, runs of days and shared weeks."""
LEASE = timedelta(minutes=2)
REPORT_EVERY = 1.0
LEAD = "lead"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assessment:
    """A roster as the solver-free checker sees it, whoever made it.

    ``violations`` are broken hard rules, ``unmet`` missed wishes.  ``absent`` and ``seatless`` are what
    presence rules miss, under the rule's name: people not there, people without a seat.
    ``required_known``: there is a staffing requirement of the period; without one nothing is uncovered.
    """

    version: RosterVersion
    grid: IntervalGrid
    violations: tuple[Violation, ...]
    unmet: tuple[Violation, ...]
    coverage: tuple[QueueCoverage, ...]
    uncovered: tuple[UncoveredInterval, ...]
    absent: tuple[UncoveredInterval, ...]
    seatless: tuple[UncoveredInterval, ...]
    paid_hours: float
    agents: int
    objective: float
    required_known: bool


def build_problem(
    uow: ReadUnit, settings: Settings, period: RosterPeriod, *, need_requirement: bool = True
) -> RosterProblem:
    """Everything the solver needs, read from the store.

    Availability and leave are resolved in each agent's zone; the shifts published for the days before
    count for rest and runs.  Agents without a skill any queue needs are left out.  Raises RefusedError
    where there are no agents, or no requirement (unless it is not needed).
    """
    grid = grid_of(settings, period)
    requirements, short = [], []
    for name, queue in settings.queues.items():
        rows = uow.requirements.between(name, grid.start, grid.end)
        if len(rows) == grid.count and rows[0].interval == grid.interval:
            requirements.append(
                Requirement(
                    queue=name,
                    skill=queue.skill,
                    grid=grid,
                    base_agents=np.array([r.base_agents for r in rows], dtype=np.int64),
                    shrinkage=np.array([r.shrinkage for r in rows], dtype=np.float64),
                    scheduled_agents=np.array([r.scheduled_agents for r in rows], dtype=np.int64),
                )
            )
        else:
            short.append(name)
    if not requirements and need_requirement:
        first, last = period.first.isoformat(), period.dates[-1].isoformat()
        raise RefusedError(
            "no_requirement",
            f"No staffing requirement covers {first} to {last}; nothing was solved. First: muster staffing.",
            first=first,
            last=last,
        )
    if not need_requirement:
        requirements += [_nobody(settings.queues[name].skill, name, grid) for name in short]
    skills = {r.skill for r in requirements}
    agents = _agents(uow, settings, period, skills)
    known = {a.agent for a in agents}
    earlier = uow.rosters.shifts_between(period.start - BEFORE, period.start)
    return RosterProblem(
        period=period,
        grid=grid,
        agents=tuple(agents),
        templates=tuple(settings.roster.templates.values()),
        requirements=tuple(requirements),
        rules=replace(
            settings.roster.rules,
            opening_hours=OpeningHours(
                spans={r.queue: _opening(settings, QueueId(r.queue), period) for r in requirements}
            ),
            presence=_presence(settings, period),
        ),
        previous=tuple(a for a in earlier if a.agent in known and a.shift.start < period.start),
    )


def _nobody(skill: str, queue: QueueId, grid: IntervalGrid) -> Requirement:
    none = np.zeros(grid.count, dtype=np.int64)
    return Requirement(
        queue=queue,
        skill=skill,
        grid=grid,
        base_agents=none,
        shrinkage=np.zeros(grid.count),
        scheduled_agents=none,
    )


def _agents(uow: ReadUnit, settings: Settings, period: RosterPeriod, skills: set[str]) -> list[RosterAgent]:
    people = [a for a in uow.people.all() if skills & set(a.skills)]
    if not people:
        raise RefusedError(
            "no_agents",
            f"There are no agents with a skill that is needed ({', '.join(sorted(skills))}); nothing was "
            "solved. First: muster import agents FILE.",
            skills=", ".join(sorted(skills)),
        )
    # A day more on both sides: the agent's zone can be a day off the roster's.
    first, last = period.first - DAY, period.dates[-1] + DAY
    ids = [a.agent for a in people]
    available, leave = defaultdict(list), defaultdict(list)
    for entry in uow.people.availability(ids, first, last):
        available[entry.agent].append(entry)
    for away in uow.people.leave(ids, first, last):
        leave[away.agent].append(away)
    found = []
    for agent in people:
        contract = settings.roster.contracts.get(agent.contract)
        if contract is None:
            names = ", ".join(settings.roster.contracts)
            raise RefusedError(
                "contract_gone",
                f"Agent {agent.agent!r} has the contract {agent.contract!r}, which app.yaml no longer has; "
                f"nothing was solved. There are: {names}.",
                agent=agent.agent,
                contract=agent.contract,
                contracts=names,
            )
        found.append(
            RosterAgent(
                agent=agent.agent,
                skills=agent.skills,
                contract=contract,
                zone=agent.zone,
                available=available_spans(available[agent.agent], agent.zone, first=first, last=last),
                leave=leave_spans(leave[agent.agent], agent.zone),
                attributes=frozenset()
                if settings.roles.role_of(agent.email, agent.role) is Role.AGENT
                else frozenset({LEAD}),
            )
        )
    return found


def _presence(settings: Settings, period: RosterPeriod) -> tuple[Presence, ...]:
    """The presence rules with the opening spans of their queues, or of all."""
    found = []
    for rule in settings.roster.presence:
        queues = rule.queues or tuple(settings.queues)
        spans = sorted({span for q in queues for span in _opening(settings, QueueId(q), period)})
        inside = tuple(s for s in spans if s.end > period.start and s.start < period.end)
        found.append(
            Presence(
                name=rule.name,
                attribute=rule.attribute,
                least=rule.least if inside else 0,
                most=rule.most,
                weight=rule.weight,
                spans=inside,
            )
        )
    return tuple(found)


def _opening(settings: Settings, queue: QueueId, period: RosterPeriod) -> tuple[TimeSpan, ...]:
    calendar = settings.calendars[settings.queues[queue].calendar]
    found: list[TimeSpan] = []
    day = period.first - DAY
    while day <= period.dates[-1] + DAY:
        found += [TimeSpan(start=start, end=end) for start, end in open_periods(calendar, day)]
        day += DAY
    return tuple(found)


def request(
    store: Store,
    settings: Settings,
    *,
    first: date,
    days: int,
    by: str,
    now: datetime,
    claim: bool = False,
) -> RunId:
    """Queue a solve of a period.  Raises RefusedError where it could not even begin.

    ``claim``: the caller performs it at once (``perform(..., claimed=True)``), so that a service on the
    same database does not take it up meanwhile.
    """
    period = RosterPeriod(first=first, days=days, zone=settings.zone)
    with store.unit() as uow:
        build_problem(uow, settings, period)
        run = uow.runs.add(
            KIND,
            {"first": first.isoformat(), "days": days, "zone": settings.zone},
            by=by,
            now=now,
            seed=settings.roster.solve.seed,
        )
        if claim:
            uow.runs.claim(run, now=now, lease_until=now + LEASE)
        uow.commit()
    return run


def stop(store: Store, run: RunId) -> bool:
    """Ask a run to stop; the best roster so far is kept.  False where it is over or unknown."""
    with store.unit() as uow:
        found = uow.runs.request_stop(run)
        uow.commit()
    return found


def perform(
    store: Store,
    settings: Settings,
    solver: RosterSolver,
    run: RunId,
    *,
    now: Clock,
    on_progress: Callable[[SolveProgress], None] | None = None,
    claimed: bool = False,
) -> RosterVersion:
    """Solve a queued run (or one ``claimed`` by its own request) and keep the roster as a draft.

    Progress and the stop request travel through the run's row.  A roster that the checker finds illegal,
    or whose objective is not the solver's, is an error of ours: it is not kept.  Raises RefusedError where
    another process has the run, and where no roster was found in time.
    """
    with store.unit() as uow:
        held = uow.runs.get(run)
        if held is None or held.kind != KIND:
            raise NotFoundError("no_run", f"There is no roster run {run}.", run=run)
        if not claimed and not uow.runs.claim(run, now=now(), lease_until=now() + LEASE):
            raise RefusedError(
                "run_taken", f"Run {run} is {held.state.value}; it was not started again.", run=run
            )
        uow.commit()
    try:
        return _perform(store, settings, solver, held, now, on_progress)
    except BaseException as error:
        # The row must not look alive when nobody works on it any more.
        kind = error.kind if isinstance(error, MusterError) else type(error).__name__
        with store.unit() as uow:
            after = uow.runs.get(run)
            if after is not None and after.state is RunState.RUNNING:
                uow.runs.finish(run, RunState.FAILED, now=now(), result={}, error=kind)
                uow.commit()
        raise


def _perform(
    store: Store,
    settings: Settings,
    solver: RosterSolver,
    run: Run,
    now: Clock,
    on_progress: Callable[[SolveProgress], None] | None,
) -> RosterVersion:
    period = _period_of(run)
    limits = settings.roster.solve
    seed = limits.seed if run.seed is None else run.seed
    with store.unit() as uow:
        problem = build_problem(uow, settings, period)
        digest = problem.digest()
        uow.runs.describe(run.run, digest=digest, seed=seed)
        uow.commit()
    row = _RunRow(store, run.run, now)

    def told(progress: SolveProgress) -> None:
        row.progress = progress
        if on_progress is not None:
            on_progress(progress)

    result = solver.solve(
        problem,
        seconds=limits.time_limit.total_seconds(),
        workers=limits.workers,
        seed=seed,
        on_progress=told,
        should_stop=row.stop_requested,
    )
    if result.roster is None or (row.stopped and not result.roster.assignments):
        # Stopped before anybody was given a shift: an empty roster would hide the one there was.
        _end_without(store, run.run, result, now, row.stopped)
    assert result.roster is not None
    broken = check(problem, result.roster)
    _refuse_mismatch(problem, result, broken)
    with store.unit() as uow:
        roster = uow.rosters.save_draft(
            result.roster, made_at=now(), run=run.run, outcome=result.outcome.value, gap=result.gap
        )
        uow.runs.finish(
            run.run,
            RunState.DONE,
            now=now(),
            result=_result(result, roster, digest, broken, limits.workers),
        )
        uow.commit()
        version = uow.rosters.get(roster)
    assert version is not None
    return version


class _RunRow:
    """The run's row as seen from the solver; read and written at most once a second."""

    def __init__(self, store: Store, run: RunId, now: Clock) -> None:
        self._store, self._run, self._now = store, run, now
        self._last: datetime | None = None
        self.progress: SolveProgress | None = None
        self.stopped = False

    def stop_requested(self) -> bool:
        now = self._now()
        if self.stopped or (self._last is not None and (now - self._last).total_seconds() < REPORT_EVERY):
            return self.stopped
        self._last = now
        told = self.progress
        try:
            with self._store.unit() as uow:
                self.stopped = uow.runs.report(
                    self._run, {} if told is None else _progress(told), lease_until=now + LEASE
                )
                uow.commit()
        except Exception as error:
            # A database that is busy for a moment must not end a solve.
            if not is_temporary(error):
                raise
        return self.stopped


def _progress(told: SolveProgress) -> dict[str, Any]:
    return {
        "seconds": told.seconds,
        "objective": told.objective,
        "bound": told.bound,
        "gap": told.gap,
        "solutions": told.solutions,
    }


def _period_of(run: Run) -> RosterPeriod:
    return RosterPeriod(
        first=date.fromisoformat(str(run.parameters["first"])),
        days=int(str(run.parameters["days"])),
        zone=str(run.parameters["zone"]),
    )


def _end_without(store: Store, run: RunId, result: RosterResult, now: Clock, stopped: bool) -> None:
    state, kind = (RunState.CANCELLED, "stopped") if stopped else (RunState.FAILED, "no_answer")
    with store.unit() as uow:
        uow.runs.finish(run, state, now=now(), result={"seconds": result.seconds}, error=kind)
        uow.commit()
    if stopped:
        raise RefusedError(
            "stopped",
            "Stopped before a roster was found; nothing was written.",
            seconds=round(result.seconds),
        )
    raise RefusedError(
        "no_answer",
        f"No roster was found in {result.seconds:.0f} s; nothing was written. Raise roster.solve.time_limit.",
        seconds=round(result.seconds),
    )


def _refuse_mismatch(problem: RosterProblem, result: RosterResult, broken: tuple[Violation, ...]) -> None:
    assert result.roster is not None
    allowed = {(v.rule, v.agent, v.date) for v in result.explanation.conflicts}
    new = [v for v in broken if (v.rule, v.agent, v.date) not in allowed]
    recomputed = score(problem, result.roster).objective
    if new or result.objective is None or abs(recomputed - result.objective) > 0.5:
        raise MusterError(
            "solver_mismatch",
            f"The checker disagrees with the solver ({len(new)} broken rules, objective {result.objective} "
            f"against {recomputed}); the roster was not kept. This is an error of Muster.",
            rules=len(new),
            objective=result.objective,
            recomputed=recomputed,
        )


def _result(
    result: RosterResult, roster: RosterId, digest: str, broken: tuple[Violation, ...], workers: int
) -> Mapping[str, Any]:
    """What a roster of three months ago can be accounted for with."""
    return {
        "roster": roster,
        "outcome": result.outcome.value,
        "objective": result.objective,
        "bound": result.bound,
        "gap": result.gap,
        "terms": dict(result.terms),
        "seconds": result.seconds,
        "seed": result.seed,
        "workers": workers,
        "digest": digest,
        "violations": len(broken),
        "versions": {"muster": version("muster"), "ortools": version("ortools")},
    }


def assess(store: Store, settings: Settings, roster: RosterId) -> Assessment:
    """Check a stored roster against today's people, rules and requirement.  Raises NotFoundError."""
    with store.read() as uow:
        return assess_within(uow, settings, roster)


def assess_within(uow: ReadUnit, settings: Settings, roster: RosterId) -> Assessment:
    """As ``assess``, inside a unit of work that is already open."""
    version = uow.rosters.get(roster)
    if version is None:
        raise NotFoundError("no_roster", f"There is no roster {roster}.", roster=roster)
    period = version.roster.period
    problem = build_problem(uow, settings, period, need_requirement=False)
    known = any(r.scheduled_agents.any() for r in problem.requirements)
    return assessment(problem, version, required_known=known)


def assessment(problem: RosterProblem, version: RosterVersion, *, required_known: bool) -> Assessment:
    """What the checker says about a roster of this problem."""
    roster: Roster = version.roster
    present = presence_cover(problem, roster)
    return Assessment(
        version=version,
        grid=problem.grid,
        violations=check(problem, roster),
        unmet=unmet(problem, roster),
        coverage=coverage(problem, roster),
        uncovered=uncovered(problem, roster) if required_known else (),
        absent=tuple(gap for c in present for gap in joined_gaps(problem.grid, c.rule.name, c.under)),
        seatless=tuple(gap for c in present for gap in joined_gaps(problem.grid, c.rule.name, c.over)),
        paid_hours=sum(a.shift.paid_time.total_seconds() for a in roster.assignments) / 3600,
        agents=len({AgentId(a.agent) for a in roster.assignments}),
        objective=score(problem, roster).objective,
        required_known=required_known,
    )
