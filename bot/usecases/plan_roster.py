"""From requirement, people and rules to a draft roster; the checker has the last word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from importlib.metadata import version
from typing import Any

from bot.core.errors import MusterError, NotFoundError, RefusedError
from bot.core.ids import AgentId, RosterId, RunId
from bot.core.messages import Recipient
from bot.core.ports import Clock, RosterSolver, SolveProgress
from bot.core.rosters import RosterVersion
from bot.core.runs import Run, RunState
from bot.core.settings import Settings
from bot.store.failures import is_temporary
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases import run_posts, solve_cards
from bot.usecases.roster_problem import build_problem
from forecasting.grid import IntervalGrid
from scheduler.check.coverage import QueueCoverage, coverage, joined_gaps, uncovered
from scheduler.check.presence import presence_cover
from scheduler.check.score import score
from scheduler.check.sessions import missed
from scheduler.check.violations import check, unmet
from scheduler.explain.blocked import blocked
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster, RosterOutcome, RosterPeriod, RosterResult, UncoveredInterval
from scheduler.roster.violation import Violation

__all__ = ["KIND", "Assessment", "assess", "perform", "request", "stop"]

KIND = "roster"
LEASE = timedelta(minutes=2)
REPORT_EVERY = 1.0


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


def request(
    store: Store,
    settings: Settings,
    *,
    first: date,
    days: int,
    by: str,
    now: datetime,
    claim: bool = False,
    tell: Recipient | None = None,
) -> RunId:
    """Queue a solve of a period.  Raises RefusedError where it could not even begin, and
    ``solve_under_way`` (``run`` in its data) where somebody solves days of it already.

    ``claim``: the caller performs it at once (``perform(..., claimed=True)``), so that a service on the
    same database does not take it up meanwhile.  ``tell``: who is shown how it goes, in one message.
    """
    period = RosterPeriod(first=first, days=days, zone=settings.zone)
    with store.unit() as uow:
        uow.job_slots.hold("solve", "ask", now)
        _refuse_second(uow, period, now=now, claim=claim)
        build_problem(uow, settings, period)
        run = uow.runs.add(
            KIND,
            {
                "first": first.isoformat(),
                "days": days,
                "zone": settings.zone,
                **run_posts.parameters(tell, limit=settings.roster.solve.time_limit.total_seconds()),
            },
            by=by,
            now=now,
            seed=settings.roster.solve.seed,
        )
        if claim:
            uow.runs.claim(run, now=now, lease_until=now + LEASE)
        solve_cards.stands(uow, run, now=now)
        uow.commit()
    return run


def _refuse_second(uow: ReadUnit, period: RosterPeriod, *, now: datetime, claim: bool) -> None:
    """Two solves of the same days would only take each other's processors."""
    for other in uow.runs.unfinished(KIND):
        theirs = _period_of(other)
        worked_on = other.lease_until is not None and other.lease_until >= now
        # Whoever solves here and now need not wait for what no service may ever take up.
        if (worked_on or not claim) and theirs.start < period.end and period.start < theirs.end:
            raise RefusedError(
                "solve_under_way",
                f"Run {other.run} of {other.requested_by} solves these days since "
                f"{other.requested_at:%Y-%m-%d %H:%M} UTC; nothing was begun. Wait for it, or stop it.",
                run=other.run,
                by=other.requested_by,
                since=f"{other.requested_at:%Y-%m-%d %H:%M}",
            )


def stop(store: Store, run: RunId, *, now: datetime | None = None) -> bool:
    """Ask a run to stop; the best roster so far is kept.  False where it is over or unknown.

    With ``now`` a run that nobody has begun ends at once, and whoever is told of it is told.
    """
    with store.unit() as uow:
        dropped = now is not None and uow.runs.drop_queued(run, now=now, error="stopped")
        found = dropped or uow.runs.request_stop(run)
        if found and now is not None:
            solve_cards.stands(uow, run, now=now)
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
        solve_cards.stands(uow, run, now=now())
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
                solve_cards.stands(uow, run, now=now(), why=error)
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
    row = _RunRow(store, run, now)

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
    # Neither who asked nor the time limit ended it: the service itself stops.
    interrupted = result.outcome is RosterOutcome.CANCELLED and not row.stopped
    if result.roster is None or ((row.stopped or interrupted) and not result.roster.assignments):
        # Stopped before anybody was given a shift: an empty roster would hide the one there was.
        _end_without(store, run.run, result, now, stopped=row.stopped, interrupted=interrupted)
    assert result.roster is not None
    problem = replace(problem, activities=(), sessions=result.sessions)
    broken = check(problem, result.roster)
    _refuse_mismatch(problem, result, broken)
    held_open = blocked(problem, result.roster, most=solve_cards.GAPS) if run_posts.told(run) else ()
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
        version = uow.rosters.get(roster)
        assert version is not None
        if run_posts.told(run):
            found = assessment(problem, version, required_known=True)
            solve_cards.done(uow, run.run, found, held_open, interrupted=interrupted, now=now())
        uow.commit()
    return version


class _RunRow:
    """The run's row as seen from the solver; read and written at most once a second."""

    def __init__(self, store: Store, run: Run, now: Clock) -> None:
        self._store, self._run, self._now = store, run.run, now
        self._teller = solve_cards.Teller(run)
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
                self._teller.tell(uow, now=now)
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


def _end_without(
    store: Store, run: RunId, result: RosterResult, now: Clock, *, stopped: bool, interrupted: bool
) -> None:
    if interrupted:
        with store.unit() as uow:
            uow.runs.give_back(run)
            solve_cards.stands(uow, run, now=now(), again=True)
            uow.commit()
        raise RefusedError(
            "interrupted", "The service stops; nothing was written. The solve begins again with it.", run=run
        )
    if stopped:
        state, why = (
            RunState.CANCELLED,
            RefusedError(
                "stopped",
                "Stopped before a roster was found; nothing was written.",
                seconds=round(result.seconds),
            ),
        )
    else:
        state, why = (
            RunState.FAILED,
            RefusedError(
                "no_answer",
                f"No roster was found in {result.seconds:.0f} s; nothing was written. "
                "Raise roster.solve.time_limit.",
                seconds=round(result.seconds),
            ),
        )
    with store.unit() as uow:
        uow.runs.finish(run, state, now=now(), result={"seconds": result.seconds}, error=why.kind)
        solve_cards.stands(uow, run, now=now(), why=why)
        uow.commit()
    raise why


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
        "sessions": _sessions(result),
        "versions": {"muster": version("muster"), "ortools": version("ortools")},
    }


def _sessions(result: RosterResult) -> list[dict[str, Any]]:
    """The sessions that were set, and who cannot be there."""
    assert result.roster is not None
    absent = missed(result.sessions, result.roster)
    return [
        {
            "activity": session.activity,
            "kind": session.kind,
            "start": session.start.isoformat(),
            "end": session.end.isoformat(),
            "invited": len(session.agents),
            "missing": [agent for held, agent in absent if held == session],
        }
        for session in result.sessions
    ]


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
