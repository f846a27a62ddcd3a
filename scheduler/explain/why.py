"""Why somebody has a shift, and why not another: the counterfactual, worked out again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from scheduler.check.wishes import ungranted
from scheduler.repair.changes import Change, RepairOption, RepairTask, kind_of
from scheduler.repair.forms import template_shifts
from scheduler.repair.live import LiveRoster
from scheduler.repair.moves import losses_of
from scheduler.repair.search import mend
from scheduler.requests.verdicts import Trade, Verdict, judge, taken_over
from scheduler.roster.roster import UncoveredInterval
from scheduler.roster.shifts import Shift
from scheduler.roster.violation import Violation
from scheduler.roster.wishes import Wish

__all__ = ["Wanted", "WhyNot", "WhyShift", "why_not", "why_shift"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyShift:
    """What a shift is for.

    ``without``: where people would be missing, or more of them, were it not there.  ``skilled``: how many can
    do its work at all, ``free``: how many of those could lawfully have this very shift as well, each by
    themselves.  ``instead``: the cheapest mending were it gone; its cost, compared with leaving the gap, says
    how easily it could be done without.  ``kept``, ``missed``: the agent's wishes of the period.
    """

    shift: Shift
    without: tuple[UncoveredInterval, ...]
    skilled: int
    free: int
    instead: RepairOption
    kept: tuple[Wish, ...]
    missed: tuple[Wish, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody would rather have on ``date``: a day off, or a shift of a template (any start)."""

    date: date
    template: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """What stands against what is wanted.

    ``change``: what it would be; None where no shift like that exists for the agent.  ``violations``: rules
    it breaks, empty where it is lawful; ``opened``: people then missing; ``cost``: how much dearer the roster
    is [paid minutes].  ``others``: what others would have to do instead; no changes where nothing helps.
    """

    wanted: Wanted
    change: Change | None
    violations: tuple[Violation, ...] = ()
    opened: tuple[UncoveredInterval, ...] = ()
    cost: float = 0.0
    others: RepairOption | None = None

    @property
    def is_possible(self) -> bool:
        """Lawful, and nobody is missed, at once or after others changed."""
        if self.change is None or self.violations:
            return False
        return not self.opened or (self.others is not None and bool(self.others.changes))


def why_shift(
    live: LiveRoster,
    task: RepairTask,
    agent: str,
    shift: Shift,
    should_stop: Callable[[], bool] = lambda: False,
) -> WhyShift:
    """Why ``agent`` works ``shift``: what happens without it, worked out by mending the roster again."""
    gone = Trade(agent=agent, gone=(shift,))
    verdict = judge(live, (gone,))
    skills = {r.skill for r in live.problem.requirements if r.queue in shift.queues}
    skilled = [a for a in live.problem.agents if skills <= set(a.skills)]
    free = 0
    for other in skilled:
        if other.agent == agent or any(s.date == shift.date for s in live.shifts.get(other.agent, ())):
            continue
        free += not live.new_violations(other.agent, (), (taken_over(live, shift, other.agent),))
    without = live.copy()
    without.change(agent, (shift,), ())
    result = mend(without, task, (shift.date,), away={agent}, should_stop=should_stop)
    own = [w for w in live.problem.wishes if w.agent == agent]
    missed = [w for w in ungranted(live.problem, live.roster()) if w.agent == agent] if own else []
    return WhyShift(
        shift=shift,
        without=verdict.opened,
        skilled=len(skilled),
        free=free,
        instead=result[0],
        kept=tuple(w for w in own if w not in missed),
        missed=tuple(missed),
    )


def why_not(
    live: LiveRoster,
    task: RepairTask,
    agent: str,
    wanted: Wanted,
    should_stop: Callable[[], bool] = lambda: False,
) -> WhyNot:
    """Why ``agent`` does not have what is ``wanted``.

    Looked at are all shifts like it: the lawful one that suits the roster best, else the one that breaks
    least, and what it would take of others.
    """
    today = tuple(s for s in live.shifts.get(agent, ()) if s.date == wanted.date)
    before = today[0] if today else None
    best: tuple[tuple[int, float], Shift | None, Verdict] | None = None
    for after in _wanted_shifts(live, task, agent, wanted):
        come = () if after is None else (after,)
        verdict = judge(live, (Trade(agent=agent, gone=today, come=come),))
        rank = (len(verdict.violations), verdict.cost)
        if best is None or rank < best[0]:
            best = rank, after, verdict
    if best is None or (best[1] is None and before is None):
        return WhyNot(wanted=wanted, change=None)
    _, after, verdict = best
    change = Change(agent=agent, kind=kind_of(before, after), before=before, after=after)
    others = None
    if not verdict.violations and verdict.opened:
        tried = live.copy()
        tried.change(agent, today, () if after is None else (after,))
        others = mend(tried, task, (wanted.date,), away={agent}, should_stop=should_stop)[0]
    return WhyNot(
        wanted=wanted,
        change=change,
        violations=verdict.violations,
        opened=verdict.opened,
        cost=verdict.cost,
        others=others,
    )


def _wanted_shifts(live: LiveRoster, task: RepairTask, agent: str, wanted: Wanted) -> list[Shift | None]:
    if wanted.template is None:
        return [None]
    person = live.agents[agent]
    allowed = person.contract.templates
    templates = [t for t in live.problem.templates if t.name == wanted.template and t.name in allowed]
    found: list[Shift | None] = []
    for requirement in live.problem.requirements:
        if requirement.skill in person.skills:
            losses = losses_of(live, agent, requirement.queue)
            found += template_shifts(
                live.problem, templates, person.zone, requirement.queue, wanted.date, losses, after=task.now
            )
    return found
