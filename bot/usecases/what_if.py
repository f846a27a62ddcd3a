"""What a roster would be without some people, with other targets or another volume (SCENARIOS P6).

Nothing is written.  The requirement is that of `muster staffing` (`bot.usecases.staff.staffed`) and the
chances are those of `muster roster certify` (`bot.usecases.certify.played`), both of the changed week.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId, QueueId, RosterId
from bot.core.near_names import nearest
from bot.core.people import Agent
from bot.core.rosters import RosterVersion
from bot.core.settings import Settings
from bot.core.what_if import Question
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases.certify import played
from bot.usecases.roster_problem import build_problem
from bot.usecases.staff import staffed
from bot.usecases.week_loads import WeekLoads, week_loads_within
from bot.usecases.what_if_load import CampaignActs, factors, refuse_unknown_queues, under, with_targets
from bot.usecases.workloads import QueueLoad
from scheduler.check.coverage import QueueCoverage, coverage, joined_gaps
from scheduler.queueing.targets import ServiceTarget
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster, UncoveredInterval
from scheduler.simulation.certificate import Certificate, PeakJudgement
from scheduler.staffing.requirement import Requirement

__all__ = ["Chances", "PeakChance", "QueueEffect", "Side", "WhatIf", "chances", "person_named", "work_out"]

WEAKEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One queue on one side of the question: hours needed and hours of them missing [agent-hours].

    ``target`` and ``contacts`` [count] are None where no forecast covers the days.
    """

    needed: float
    missing: float
    target: ServiceTarget | None = None
    contacts: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEffect:
    """``remade``: the requirement was made anew for the question, on both sides; else it is the stored one.
    ``stale``: the stored requirement of the queue is another than its newest forecast asks for."""

    queue: QueueId
    before: Side
    after: Side
    remade: bool = False
    stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WhatIf:
    """``shifts`` of ``hours`` paid hours fall away; nobody takes them.

    ``opened``: the gaps that are new or larger than before, the largest first, with all who are missing then.
    ``without_forecast``: queues of which none covers the days; what was asked does not reach them.
    ``required_known``: there is a requirement at all.
    """

    version: RosterVersion
    question: Question
    shifts: int
    hours: float
    effects: tuple[QueueEffect, ...]
    opened: tuple[UncoveredInterval, ...]
    campaigns: tuple[CampaignActs, ...]
    without_forecast: tuple[QueueId, ...]
    required_known: bool
    settings: Settings
    roster: Roster
    week: WeekLoads | None
    loads: tuple[QueueLoad, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakChance:
    """A peak as it would be judged, and the chance it has now.

    With another volume other intervals are judged together: ``before`` is the lowest chance of the peaks that
    share an interval with it, None where none of it is a peak now.
    """

    judged: PeakJudgement
    before: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chances:
    """Both sides played against the same number of weeks, from the same seed.

    ``weakest``: the weakest peaks as they would be.
    """

    before: Certificate
    after: Certificate
    weakest: tuple[PeakChance, ...]


def work_out(store: Store, settings: Settings, roster: RosterId, question: Question) -> WhatIf:
    """The roster as it stands against the week as it would be.

    Queues that the question does not touch keep their stored requirement.  Raises NotFoundError for an
    unknown roster or event, and RefusedError where nothing is asked, for unknown queues, people without a
    shift, days outside the roster, and where no forecast covers a queue that was named.
    """
    if question.empty:
        raise RefusedError(
            "what_if_usage", "Nothing was asked; nothing was worked out.", usage="muster roster what-if"
        )
    refuse_unknown_queues(settings, question)
    with store.read() as uow:
        version = uow.rosters.get(roster)
        if version is None:
            raise NotFoundError("no_roster", f"There is no roster {roster}.", roster=roster)
        problem = build_problem(uow, settings, version.roster.period, need_requirement=False)
        week = _week(uow, settings, version, question)
        events = uow.queue_events.all() if question.campaigns else []
    kept, gone = _without(version, question.minus)
    by, campaigns = (
        ({}, ()) if week is None else factors(settings, question, version.roster.period, week.found, events)
    )
    changed = with_targets(settings, question)
    loads, before, after = [], dict[str, Requirement](), dict[str, Requirement]()
    for load in () if week is None else week.found:
        then, touched = under(changed, load, by.get(load.queue.queue), question)
        loads.append(then)
        if touched and week is not None:
            for side, one in ((before, load), (after, then)):
                [made] = staffed(replace(week, found=(one,)), settings)
                side[one.workload.queue] = made.requirement
    now, then_ = _covered(problem, version.roster, before), _covered(problem, kept, after)
    stored = {r.queue: r for r in problem.requirements}
    effects = []
    for was, would in zip(now, then_, strict=True):
        name = QueueId(was.queue)
        effects.append(
            QueueEffect(
                queue=name,
                before=_side(problem, was, _load(() if week is None else week.found, name)),
                after=_side(problem, would, _load(loads, name)),
                remade=name in before,
                stale=name in before
                and bool(stored[name].scheduled_agents.any())
                and not np.array_equal(stored[name].scheduled_agents, before[name].scheduled_agents),
            )
        )
    return WhatIf(
        version=version,
        question=question,
        shifts=gone[0],
        hours=gone[1],
        effects=tuple(effects),
        opened=_opened(problem, now, then_),
        campaigns=tuple(campaigns),
        without_forecast=() if week is None else week.missing,
        required_known=any(e.before.needed or e.after.needed for e in effects),
        settings=changed,
        roster=kept,
        week=week,
        loads=tuple(loads),
    )


def chances(
    found: WhatIf,
    settings: Settings,
    *,
    seed: int,
    paths: int,
    on_progress: Callable[[int, int], None] | None = None,
) -> Chances:
    """Play the roster as it stands and as it would be; nothing is stored.

    ``settings``: those as they are.  Raises RefusedError where no forecast covers the days.
    """
    week = found.week
    if week is None:
        period = found.version.roster.period
        first, last = period.first.isoformat(), period.dates[-1].isoformat()
        raise RefusedError(
            "no_forecast",
            f"No forecast covers {first} to {last}; the roster was not played. First: muster forecast.",
            first=first,
            last=last,
        )

    def told(done: int) -> Callable[[int, int], None]:
        def report(now: int, of: int) -> None:
            if on_progress is not None:
                on_progress(done * of + now, 2 * of)

        return report

    sides = []
    for i, (within, roster, loads) in enumerate(
        (
            (settings, found.version.roster, week.found),
            (found.settings, found.roster, found.loads),
        )
    ):
        # As certify does: promised work is no contact that somebody waits with.
        bare = [replace(load, workload=replace(load.workload, promised=())) for load in loads]
        sides.append(played(within, roster, week.grid, bare, seed=seed, paths=paths, on_progress=told(i)))
    before, after = sides
    return Chances(
        before=before,
        after=after,
        weakest=tuple(PeakChance(judged=j, before=_now(before, j)) for j in after.weakest[:WEAKEST]),
    )


def _now(before: Certificate, judged: PeakJudgement) -> float | None:
    shared = set(judged.intervals)
    return min(
        (j.probability for j in before.judgements if j.queue == judged.queue and shared & set(j.intervals)),
        default=None,
    )


def person_named(people: Sequence[Agent], word: str) -> Agent:
    """By id or name.  Raises RefusedError for nobody and for a name that several bear."""
    wanted = word.strip().removeprefix("@").casefold()
    exact = [p for p in people if p.agent.casefold() == wanted]
    found = exact or [p for p in people if p.name.casefold() == wanted]
    if len(found) == 1:
        return found[0]
    near = "" if found else nearest(word, [*(p.agent for p in people), *(p.name for p in people)])
    raise RefusedError(
        "what_if_who",
        f"{word!r} names no agent, or several; nothing was worked out.",
        value=word,
        near=near,
        **({"variant": "near"} if near else {}),
    )


def _week(uow: ReadUnit, settings: Settings, version: RosterVersion, question: Question) -> WeekLoads | None:
    """The loads of the roster's days; None where there are none and the question does without."""
    period = version.roster.period
    try:
        week = week_loads_within(uow, settings, queues=None, first=period.first, days=period.days)
    except RefusedError:
        if question.changes_load:
            raise
        return None
    named = {*(t.queue for t in question.targets), *(v.queue for v in question.volumes if v.queue)}
    for queue in week.missing:
        if queue in named:
            raise RefusedError(
                "what_if_no_forecast",
                f"No forecast of {queue} covers {period.first} to {period.dates[-1]}; nothing was worked "
                "out. First: muster forecast.",
                queue=queue,
                first=period.first.isoformat(),
                last=period.dates[-1].isoformat(),
            )
    return week


def _without(version: RosterVersion, minus: Sequence[AgentId]) -> tuple[Roster, tuple[int, float]]:
    gone = [a for a in version.roster.assignments if a.agent in minus]
    if minus and not gone:
        raise RefusedError(
            "what_if_nobody",
            f"None of them has a shift on roster {version.roster_id}; nothing was worked out.",
            roster=version.roster_id,
        )
    kept = tuple(a for a in version.roster.assignments if a.agent not in minus)
    hours = sum(a.shift.paid_time.total_seconds() for a in gone) / 3600
    return replace(version.roster, assignments=kept), (len(gone), hours)


def _covered(
    problem: RosterProblem, roster: Roster, remade: dict[str, Requirement]
) -> tuple[QueueCoverage, ...]:
    requirements = tuple(remade.get(r.queue, r) for r in problem.requirements)
    return coverage(replace(problem, requirements=requirements), roster)


def _side(problem: RosterProblem, cover: QueueCoverage, load: QueueLoad | None) -> Side:
    hours = problem.grid.interval_seconds / 3600
    return Side(
        needed=float(cover.required.sum()) * hours,
        missing=float(cover.under.sum()) * hours,
        target=None if load is None else load.target,
        contacts=None if load is None else float(load.workload.contacts.sum()),
    )


def _load(loads: Sequence[QueueLoad], queue: QueueId) -> QueueLoad | None:
    return next((load for load in loads if load.queue.queue == queue), None)


def _opened(
    problem: RosterProblem, before: Sequence[QueueCoverage], after: Sequence[QueueCoverage]
) -> tuple[UncoveredInterval, ...]:
    found: list[UncoveredInterval] = []
    for was, would in zip(before, after, strict=True):
        worse = np.where(would.under > was.under, would.under, 0)
        found += joined_gaps(problem.grid, would.queue, worse)
    return tuple(sorted(found, key=lambda u: (-u.missing, u.start)))
