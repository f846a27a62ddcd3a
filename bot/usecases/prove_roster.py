"""Solve, certify, and solve again with what the certificate found missing, until it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from bot.core.errors import RefusedError
from bot.core.ids import QueueId, RunId
from bot.core.ports import Clock, RosterSolver, SolveProgress
from bot.core.requirements import RequirementInterval
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases import certify, plan_roster
from bot.usecases.certify import Certified
from bot.usecases.plan_roster import Assessment
from forecasting.grid import IntervalGrid
from scheduler.simulation.feedback import raises

__all__ = ["Ended", "Proven", "Raised", "Round", "prove"]

ROUNDS = 3
Ints = NDArray[np.int64]


class Ended(Enum):
    """Why there was no further round."""

    HOLDS = "holds"
    NOBODY_LEFT = "nobody_left"
    ROUNDS = "rounds"
    STOPPED = "stopped"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """The requirement of some queue and interval, before and after."""

    queue: QueueId
    interval: RequirementInterval
    scheduled_before: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Round:
    """One roster and what its certificate said; ``raised``: what the next round was asked for."""

    number: int
    assessment: Assessment
    certified: Certified
    raised: tuple[Raised, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proven:
    """All rounds in order; every roster of them is kept as a draft with its certificate."""

    rounds: tuple[Round, ...]
    ended: Ended

    @property
    def best(self) -> Round:
        """The round whose weakest peak is most likely to hold, the earlier of equals."""
        return max(self.rounds, key=lambda r: (r.certified.stored.weakest, -r.number))


def prove(
    store: Store,
    settings: Settings,
    solver: RosterSolver,
    *,
    first: date,
    days: int,
    by: str,
    rounds: int = ROUNDS,
    now: Clock,
    on_progress: Callable[[SolveProgress], None] | None = None,
    on_run: Callable[[RunId], None] | None = None,
    on_round: Callable[[Round], None] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Proven:
    """Up to ``rounds`` solves of the period, each as long as ``roster.solve`` allows.

    Peaks that fail although everybody required is there raise the stored requirement, in the audit log with
    the roster that asked for it, and ``muster staffing`` makes it anew.  Ends when the certificate holds,
    when nobody is left who could be added, or after the last round.  Raises what ``plan_roster`` and
    ``certify`` raise; a later round without a roster ends with those there are.  ``on_run`` is told the run
    of each solve as it begins, so that it can be stopped.  ``should_stop`` is asked after each round.
    """
    done: list[Round] = []
    while True:
        run = plan_roster.request(store, settings, first=first, days=days, by=by, now=now(), claim=True)
        if on_run is not None:
            on_run(run)
        try:
            version = plan_roster.perform(
                store, settings, solver, run, now=now, on_progress=on_progress, claimed=True
            )
        except RefusedError as error:
            if not done:
                raise
            ended = Ended.STOPPED if error.kind == "stopped" else Ended.NO_ANSWER
            return Proven(rounds=tuple(done), ended=ended)
        certified = certify.certify(
            store,
            settings,
            version.roster_id,
            seed=settings.roster.solve.seed,
            paths=settings.roster.publish.paths,
            now=now(),
        )
        assessment = plan_roster.assess(store, settings, version.roster_id)
        more = raises(
            certified.certificate,
            {c.queue: c.required for c in assessment.coverage},
            {c.queue: c.at_work for c in assessment.coverage},
        )
        over = _over(certified, more, last=len(done) + 1 >= rounds, stop=should_stop())
        raised = () if over is not None else _raise(store, assessment, more, by=by, now=now)
        held = Round(number=len(done) + 1, assessment=assessment, certified=certified, raised=raised)
        done.append(held)
        if on_round is not None:
            on_round(held)
        if over is not None:
            return Proven(rounds=tuple(done), ended=over)


def _over(certified: Certified, more: Mapping[str, Ints], *, last: bool, stop: bool) -> Ended | None:
    if certified.certificate.passed:
        return Ended.HOLDS
    if not more:
        return Ended.NOBODY_LEFT
    if stop:
        return Ended.STOPPED
    return Ended.ROUNDS if last else None


def _raise(
    store: Store, assessment: Assessment, more: Mapping[str, Ints], *, by: str, now: Clock
) -> tuple[Raised, ...]:
    grid: IntervalGrid = assessment.grid
    roster = assessment.version.roster_id
    raised: list[Raised] = []
    with store.unit() as uow:
        for name, added in more.items():
            queue = QueueId(name)
            stored = uow.requirements.between(queue, grid.start, grid.end)
            changed = []
            for index, row in enumerate(stored):
                extra = int(added[index])
                after = row
                if extra:
                    after = RequirementInterval(
                        queue=queue,
                        start=row.start,
                        interval=row.interval,
                        base_agents=row.base_agents + extra,
                        scheduled_agents=row.scheduled_agents + extra,
                        shrinkage=row.shrinkage,
                        forecast=row.forecast,
                    )
                    raised.append(Raised(queue=queue, interval=after, scheduled_before=row.scheduled_agents))
                changed.append(after)
            uow.requirements.replace(
                queue,
                grid.start,
                grid.end,
                changed,
                made_at=now(),
                forecast=stored[0].forecast,
            )
            uow.audit.add(
                by,
                "requirement.raised",
                f"roster:{roster}",
                {"queue": name, "intervals": int(np.count_nonzero(added)), "agents": int(added.sum())},
                now(),
            )
        uow.commit()
    return tuple(raised)
