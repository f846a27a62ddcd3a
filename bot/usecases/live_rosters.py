"""A published roster as it stands, ready for trying changes on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np

from bot.core.errors import NotFoundError
from bot.core.rosters import RosterVersion
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit
from bot.usecases.labour_receipts import overtime_left
from bot.usecases.roster_problem import build_problem
from forecasting.grid import IntervalGrid
from scheduler.labour.overtime import OvertimeEntry
from scheduler.repair.changes import Absence, RepairTask
from scheduler.repair.live import LiveRoster, with_overtime
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Assignment, Roster, RosterPeriod
from scheduler.staffing.requirement import Requirement

__all__ = ["Standing", "standing"]

DAY = timedelta(days=1)
AFTER = 5
"""Days after the roster whose shifts count for rest and runs; so few that no further weekend comes in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The published version that has a day, and everything that changes of it are judged by.

    ``roster`` are its shifts and those published for the days after it, which ``task`` leaves alone.
    ``overtime``: each agent's month with the least overtime left, where a labour pack limits it.
    """

    version: RosterVersion
    task: RepairTask
    live: LiveRoster
    overtime: Mapping[str, OvertimeEntry]

    @property
    def problem(self) -> RosterProblem:
        return self.task.problem

    @property
    def roster(self) -> Roster:
        return self.task.roster

    def task_with(self, absence: Absence) -> RepairTask:
        """The task where somebody is absent besides."""
        return replace(self.task, absences=(*self.task.absences, absence))


def standing(
    uow: ReadUnit,
    settings: Settings,
    day: date,
    *,
    now: datetime,
    absences: tuple[Absence, ...] = (),
    dates: tuple[date, ...] = (),
) -> Standing:
    """The published roster of ``day`` (a date of the roster's zone).  Raises NotFoundError without one."""
    version = None
    for period in uow.rosters.published_periods(day, day + DAY):
        version = uow.rosters.published_for(period)
    if version is None:
        raise NotFoundError(
            "no_published_roster",
            f"No roster is published for {day.isoformat()}; nothing was changed. "
            "First: muster roster publish.",
            day=day.isoformat(),
        )
    period = version.roster.period
    problem = build_problem(uow, settings, period, need_requirement=False)
    known = {a.agent for a in problem.agents}
    end = period.end + AFTER * DAY
    later = tuple(
        a
        for a in uow.rosters.shifts_between(period.end, end)
        if a.agent in known and period.end <= a.shift.start < end
    )
    own = tuple(a for a in version.roster.assignments if a.agent in known)
    months = overtime_left(uow, settings, version, problem)
    if later:
        problem = _extended(problem, later)
    roster = Roster(period=problem.period, assignments=(*own, *later))
    changes = settings.roster.changes
    left = dict.fromkeys(known, changes.overtime_per_week)
    for name, entry in months.items():
        left[name] = min(left[name], timedelta(hours=max(0.0, entry.left or 0.0)))
    task = RepairTask(
        problem=problem,
        roster=roster,
        now=now,
        absences=absences,
        dates=dates,
        notice=settings.roster.publish.notice,
        most_overtime=changes.most_overtime,
        overtime_left=left,
        most_changes=changes.most_people,
    )
    overtime = with_overtime(problem, changes.most_overtime, left)
    return Standing(
        version=version, task=task, live=LiveRoster.of(problem, roster, overtime), overtime=months
    )


def _extended(problem: RosterProblem, later: tuple[Assignment, ...]) -> RosterProblem:
    """The problem with days after it, on which nobody is needed and everything is fixed."""
    period = RosterPeriod(
        first=problem.period.first, days=problem.period.days + AFTER, zone=problem.period.zone
    )
    grid = IntervalGrid.for_days(
        first=period.first, days=period.days, interval=problem.grid.interval, zone=period.zone
    )

    def padded(requirement: Requirement) -> Requirement:
        more = grid.count - problem.grid.count
        return replace(
            requirement,
            grid=grid,
            base_agents=np.pad(requirement.base_agents, (0, more)),
            shrinkage=np.pad(requirement.shrinkage, (0, more)),
            scheduled_agents=np.pad(requirement.scheduled_agents, (0, more)),
        )

    return replace(
        problem,
        period=period,
        grid=grid,
        requirements=tuple(padded(r) for r in problem.requirements),
        fixed=(*problem.fixed, *later),
    )
