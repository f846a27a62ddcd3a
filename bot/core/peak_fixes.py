"""The cheapest way to put one more person into a weak peak: a pause moved, a longer shift, a call-in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from bot.core.break_moves import BreakRules, Spare, cheapest, possible
from bot.core.ids import QueueId
from scheduler.check.violations import check
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Assignment, Roster
from scheduler.roster.shifts import Shift

__all__ = ["FixKind", "PeakFix", "cheapest_fix"]

MINUTE = timedelta(minutes=1)
LONGEST_EXTENSION = timedelta(hours=2)


class FixKind(Enum):
    """What is changed, cheapest kinds first."""

    MOVE_PAUSE = "move_pause"
    EXTEND = "extend"
    CALL_IN = "call_in"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakFix:
    """One change to a roster that puts ``agent`` at the queue through the peak.

    MOVE_PAUSE: the pause from ``before`` begins at ``start`` instead and ends at ``end``.  EXTEND: the shift
    that was ``before`` long stretches from ``start`` to ``end``.  CALL_IN: a shift more, from ``start`` to
    ``end``.  NOBODY: no change of one shift is allowed; the times are the peak's.  ``paid_minutes`` more.
    """

    kind: FixKind
    start: datetime
    end: datetime
    agent: str | None = None
    before: datetime | None = None
    paid_minutes: int = 0


def cheapest_fix(
    problem: RosterProblem,
    roster: Roster,
    rules: Mapping[str, BreakRules],
    queue: QueueId,
    spare: Spare,
    *,
    start: datetime,
    end: datetime,
    now: datetime,
) -> PeakFix:
    """The change with the fewest paid minutes that adds a person to ``queue`` through all of [start, end).

    A pause is moved only to where the roster can spare somebody.  Every other change leaves the agent's
    shifts legal by the solver-free checker, and nothing that has begun is touched.
    """
    found = possible(
        roster.assignments, rules, queue, now=now, start=start, end=end, step=problem.grid.interval
    )
    moves = cheapest(found, spare, most=1)
    if moves:
        move = moves[0]
        return PeakFix(
            kind=FixKind.MOVE_PAUSE,
            agent=move.agent,
            before=move.start,
            start=move.to,
            end=move.to + move.minutes * MINUTE,
        )
    own = roster.by_agent()
    legal = [
        fix
        for fix, shifts in (
            *_extensions(roster, own, queue, start, end),
            *_calls(problem, roster, own, queue, start, end),
        )
        if fix.start > now and not _broken(problem, fix.agent, shifts)
    ]
    if not legal:
        return PeakFix(kind=FixKind.NOBODY, start=start, end=end)
    return min(legal, key=lambda f: (f.paid_minutes, f.kind is FixKind.CALL_IN, str(f.agent)))


def _extensions(
    roster: Roster,
    own: Mapping[str, Sequence[Shift]],
    queue: QueueId,
    start: datetime,
    end: datetime,
) -> Iterator[tuple[PeakFix, list[Shift]]]:
    """Shifts that end too early or begin too late, stretched over the peak, with all shifts of the agent."""
    for assignment in roster.assignments:
        shift = assignment.shift
        first, last = shift.segments[0], shift.segments[-1]
        longer: Shift | None = None
        if last.activity == queue and last.start <= start <= last.end < end <= last.end + LONGEST_EXTENSION:
            longer = replace(shift, end=end, segments=(*shift.segments[:-1], replace(last, end=end)))
        elif (
            first.activity == queue
            and first.start - LONGEST_EXTENSION <= start < first.start <= end <= first.end
        ):
            longer = replace(shift, start=start, segments=(replace(first, start=start), *shift.segments[1:]))
        if longer is None:
            continue
        fix = PeakFix(
            kind=FixKind.EXTEND,
            agent=assignment.agent,
            before=shift.start if longer.start != shift.start else shift.end,
            start=longer.start,
            end=longer.end,
            paid_minutes=int((longer.paid_time - shift.paid_time) / MINUTE),
        )
        yield fix, [longer if s is shift else s for s in own[assignment.agent]]


def _calls(
    problem: RosterProblem,
    roster: Roster,
    own: Mapping[str, Sequence[Shift]],
    queue: QueueId,
    start: datetime,
    end: datetime,
) -> Iterator[tuple[PeakFix, list[Shift]]]:
    """Shifts like one of that day, for agents with the skill who are free then."""
    skill = next(r.skill for r in problem.requirements if r.queue == queue)
    patterns = {
        tuple((s.activity, s.start, s.end) for s in a.shift.segments): a.shift
        for a in roster.assignments
        if _works_through(a, queue, start, end)
    }
    for agent in problem.agents:
        if skill not in agent.skills:
            continue
        shifts = own.get(agent.agent, ())
        for pattern in patterns.values():
            if any(s.date == pattern.date for s in shifts):
                continue
            fix = PeakFix(
                kind=FixKind.CALL_IN,
                agent=agent.agent,
                start=pattern.start,
                end=pattern.end,
                paid_minutes=int(pattern.paid_time / MINUTE),
            )
            yield fix, sorted((*shifts, pattern), key=lambda s: s.start)


def _works_through(assignment: Assignment, queue: QueueId, start: datetime, end: datetime) -> bool:
    return any(s.activity == queue and s.start <= start and end <= s.end for s in assignment.shift.segments)


def _broken(problem: RosterProblem, agent: str | None, shifts: Sequence[Shift]) -> bool:
    assert agent is not None
    alone = Roster(period=problem.period, assignments=tuple(Assignment(agent=agent, shift=s) for s in shifts))
    return bool(check(problem, alone))
