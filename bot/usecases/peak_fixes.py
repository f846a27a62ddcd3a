"""The cheapest fix of each peak a certificate found too weak, on the roster as it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from bot.core.break_moves import spare_at
from bot.core.ids import QueueId, RosterId
from bot.core.peak_fixes import PeakFix, cheapest_fix
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit
from bot.usecases.find_cause import break_rules, work_on
from bot.usecases.roster_problem import build_problem
from scheduler.check.coverage import coverage
from scheduler.simulation.certificate import PeakJudgement

__all__ = ["fix_json", "fixes"]


def fixes(
    uow: ReadUnit,
    settings: Settings,
    roster: RosterId,
    judgements: Sequence[PeakJudgement],
    *,
    now: datetime,
) -> dict[PeakJudgement, PeakFix]:
    """For each of ``judgements`` the cheapest change that puts one more person there.

    Peaks judged together may lie apart; the fix is for the stretch of them with the fewest people to spare.
    """
    version = uow.rosters.get(roster)
    if version is None or not judgements:
        return {}
    problem = build_problem(uow, settings, version.roster.period, need_requirement=False)
    rules = break_rules(uow, settings)
    cover = {c.queue: c for c in coverage(problem, version.roster)}
    grid = problem.grid
    found = {}
    for judgement in judgements:
        queue = QueueId(judgement.queue)
        need = cover[queue].required
        spare = cover[queue].at_work - need
        at = np.array(judgement.intervals)
        runs = np.split(at, np.flatnonzero(np.diff(at) > 1) + 1)
        run = min(runs, key=lambda r: int(spare[r].min()))
        found[judgement] = cheapest_fix(
            problem,
            version.roster,
            rules,
            queue,
            spare_at(
                [
                    (start, start + grid.interval, int(n))
                    for start, n in zip(grid.starts(), need.tolist(), strict=True)
                ],
                work_on(version.roster.assignments, queue),
            ),
            start=grid.start_of(int(run[0])),
            end=grid.start_of(int(run[-1])) + grid.interval,
            now=now,
        )
    return found


def fix_json(fix: PeakFix) -> Mapping[str, Any]:
    """Plain JSON, times in UTC."""
    return {
        "kind": fix.kind.value,
        "agent": fix.agent,
        "before": None if fix.before is None else fix.before.isoformat(),
        "start": fix.start.isoformat(),
        "end": fix.end.isoformat(),
        "paid_minutes": fix.paid_minutes,
    }
