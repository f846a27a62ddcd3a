"""The one message in which somebody who asked for a solve sees it work and end (SCENARIOS P4).

It is written in the transaction that moves the run, so that it says what the run's row says whatever stops
the process in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, cast

from bot.core.ids import RunId
from bot.core.planner_messages import BrokenRule, OpenGap, SolveCard
from bot.core.runs import Run, RunState
from bot.store.unit_of_work import UnitOfWork
from bot.usecases import run_posts

if TYPE_CHECKING:
    from bot.usecases.plan_roster import Assessment
    from scheduler.explain.blocked import Blocked

__all__ = ["GAPS", "Teller", "done", "stands"]

GAPS: Final = 3
"""So many gaps are named, with what keeps them open."""
BROKEN: Final = 5
EVERY: Final = timedelta(seconds=3)
SHARE: Final = 0.05
"""A long solve is told of less often: not before this share of the time so far has passed."""


def stands(
    uow: UnitOfWork, run: RunId, *, now: datetime, why: BaseException | None = None, again: bool = False
) -> None:
    """Write the message, or its next state, from the run's row; ``why`` it ended without a roster."""
    held = uow.runs.get(run)
    if held is None or run_posts.told(held) is None:
        return
    card = replace(_card(held), again=again, details=run_posts.details(why))
    run_posts.write(uow, held, card, now=now)


def done(
    uow: UnitOfWork,
    run: RunId,
    found: Assessment,
    held_open: Sequence[Blocked],
    *,
    interrupted: bool,
    now: datetime,
) -> None:
    """Write what came of a solve: the draft as the checker sees it."""
    held = uow.runs.get(run)
    assert held is not None
    version = found.version
    hours = sum(u.missing * (u.end - u.start).total_seconds() / 3600 for u in found.uncovered)
    card = replace(
        _card(held),
        roster=int(version.roster_id),
        outcome=version.outcome,
        interrupted=interrupted,
        agents=found.agents,
        shifts=len(version.roster.assignments),
        paid_hours=found.paid_hours,
        violations=len(found.violations),
        broken=tuple(
            BrokenRule(rule=v.rule, agent=v.agent, day=v.date, amount=float(v.amount), limit=float(v.limit))
            for v in found.violations[:BROKEN]
        ),
        unmet=len(found.unmet),
        uncovered=len(found.uncovered),
        missing_hours=hours,
        gaps=tuple(_gap(one) for one in held_open),
    )
    run_posts.write(uow, held, card, now=now)


class Teller:
    """Tells of a run's progress, not more often than it is worth an edit."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._last: datetime | None = None
        self._stopping = False

    def tell(self, uow: UnitOfWork, *, now: datetime) -> None:
        """To be called after each report of the run's progress, in its unit."""
        if run_posts.told(self._run) is None:
            return
        held = uow.runs.get(self._run.run)
        if held is None or not held.progress:
            return
        begun = held.started_at or held.requested_at
        pause = max(EVERY, (now - begun) * SHARE)
        if self._last is not None and now - self._last < pause and held.stop_requested == self._stopping:
            return
        self._last, self._stopping = now, held.stop_requested
        run_posts.write(uow, held, _card(held), now=now)


def _card(run: Run) -> SolveCard:
    figures = {**run.progress, **run.result}
    return SolveCard(
        run=int(run.run),
        first=date.fromisoformat(str(run.parameters["first"])),
        days=int(str(run.parameters["days"])),
        state=run.state.value,
        limit_seconds=float(cast(float, run.parameters.get("limit", 0.0))),
        seconds=_number(figures.get("seconds")),
        objective=_number(figures.get("objective")),
        bound=_number(figures.get("bound")),
        gap=_number(figures.get("gap")),
        solutions=int(cast(int, run.progress.get("solutions", 0))),
        stopping=run.stop_requested and run.state in (RunState.QUEUED, RunState.RUNNING),
        error=run.error,
    )


def _gap(held: Blocked) -> OpenGap:
    return OpenGap(
        queue=held.gap.queue,
        start=held.gap.start,
        end=held.gap.end,
        missing=held.gap.missing,
        skilled=held.skilled,
        at_work=held.at_work,
        rules=held.conflict,
        free=bool(held.reliefs) and not held.conflict,
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
