"""A roster in use while changes are tried on it: cover, exact prices of changes, legality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from scheduler.check.forms import shift_violations
from scheduler.check.lines import Lines, cover_lines, marginal_prices, presence_lines
from scheduler.check.score import period_shortfalls, week_shortfalls
from scheduler.check.violations import sequence_violations
from scheduler.check.wishes import wish_terms
from scheduler.roster.errors import ProblemError
from scheduler.roster.people import RosterAgent
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Assignment, Roster
from scheduler.roster.rules import BreaksRule, TemplateRule
from scheduler.roster.shifts import Shift, ShiftTemplate
from scheduler.roster.violation import Violation

__all__ = ["Fit", "LiveRoster", "Span", "with_overtime"]

#: (line, first interval, end) in which a shift counts one person.
Span = tuple[int, int, int]
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


class Fit(StrEnum):
    """How far a new shift has to be one of the contract's.

    TEMPLATE: as a template says.  LONGER: overtime at either end.  FREE: any hours and pauses, as agreed.
    """

    TEMPLATE = "template"
    LONGER = "longer"
    FREE = "free"


def with_overtime(problem: RosterProblem, most: timedelta, left: Mapping[str, timedelta]) -> RosterProblem:
    """The problem where shifts may be longer at either end by up to ``most``, and an agent's weeks by what is
    ``left`` of overtime."""
    agents = []
    for agent in problem.agents:
        hours = left.get(agent.agent, timedelta(0)) / _HOUR
        if hours > 0:
            limit = min(168.0, agent.contract.max_hours_per_week + hours)
            agent = replace(agent, contract=replace(agent.contract, max_hours_per_week=limit))
        agents.append(agent)
    templates = tuple(_longer(t, most, problem.grid.interval) for t in problem.templates)
    return replace(problem, agents=tuple(agents), templates=templates)


def _longer(template: ShiftTemplate, most: timedelta, step: timedelta) -> ShiftTemplate:
    lengths = set(template.lengths)
    for length in template.lengths:
        for k in range(1, most // step + 1):
            longer = length + k * step
            try:
                template.breaks.pauses(longer)
            except ProblemError:
                continue
            if longer <= 24 * _HOUR:
                lengths.add(longer)
    first = template.earliest_start.hour * 60 + template.earliest_start.minute
    earlier = first - min(first // (step // _MINUTE), most // step) * (step // _MINUTE)
    return replace(
        template,
        lengths=tuple(sorted(lengths)),
        earliest_start=time(earlier // 60, earlier % 60),
        start_step=min(template.start_step, step),
    )


@dataclass(slots=True, eq=False)
class _Judged:
    """What is known of one agent's shifts ``own``: rules that changes of them break, and their terms."""

    own: tuple[Shift, ...]
    violations: dict[tuple[tuple[Shift, ...], tuple[Shift, ...], Fit], list[Violation]] = field(
        default_factory=dict
    )
    terms: float | None = None


@dataclass(slots=True, eq=False)
class LiveRoster:
    """Everybody's shifts and what they cover; ``more`` and ``fewer`` are exact prices of one person more or
    fewer, shape (line, interval).  Pairings and cover by kind of shift are not seen."""

    problem: RosterProblem
    overtime: RosterProblem
    agents: dict[str, RosterAgent]
    in_overtime: dict[str, RosterAgent]
    shifts: dict[str, tuple[Shift, ...]]
    previous: dict[str, tuple[Shift, ...]]
    lines: Lines
    at: NDArray[np.int64]
    presence: dict[str, tuple[tuple[int, ...], tuple[int, ...]]]
    more: NDArray[np.float64]
    fewer: NDArray[np.float64]
    alone: dict[str, RosterProblem] = field(default_factory=dict)
    judged: dict[str, _Judged] = field(default_factory=dict)

    @classmethod
    def of(cls, problem: RosterProblem, roster: Roster, overtime: RosterProblem) -> LiveRoster:
        """A roster of ``problem``; ``overtime``: the same problem where overtime is allowed."""
        lines, at = cover_lines(problem, roster)
        more, fewer = marginal_prices(lines, at)
        previous: dict[str, list[Shift]] = {}
        for assignment in problem.previous:
            previous.setdefault(assignment.agent, []).append(assignment.shift)
        presence = {}
        for agent in problem.agents:
            work, seats = presence_lines(problem, agent)
            presence[agent.agent] = tuple(work.tolist()), tuple(seats.tolist())
        return cls(
            problem=problem,
            overtime=overtime,
            agents={a.agent: a for a in problem.agents},
            in_overtime={a.agent: a for a in overtime.agents},
            shifts=roster.by_agent(),
            previous={a: tuple(sorted(s, key=lambda x: x.start)) for a, s in previous.items()},
            lines=lines,
            at=at,
            presence=presence,
            more=more,
            fewer=fewer,
        )

    def copy(self) -> LiveRoster:
        """The same roster, to be changed by itself."""
        return replace(self, shifts=dict(self.shifts), at=self.at.copy(), judged=dict(self.judged))

    def roster(self) -> Roster:
        """The roster as it stands."""
        made = tuple(Assignment(agent=a, shift=s) for a, own in self.shifts.items() for s in own)
        return Roster(period=self.problem.period, assignments=made)

    def spans(self, agent: str, shift: Shift) -> list[Span]:
        """Where a shift of ``agent`` counts: its queue, presence at work, seats."""
        grid = self.problem.grid
        queue_of = {q: i for i, q in enumerate(self.problem.queues)}
        work_lines, seat_lines = self.presence.get(agent, ((), ()))
        found: list[Span] = []
        for segment in shift.segments:
            if not segment.is_work:
                continue
            part = grid.slice_between(segment.start, segment.end)
            if part.stop > part.start:
                if segment.activity in queue_of:
                    found.append((queue_of[segment.activity], part.start, part.stop))
                found += [(line, part.start, part.stop) for line in work_lines]
        first = max(0, (shift.start - grid.start) // grid.interval)
        last = min(grid.count, max(0, -((grid.start - shift.end) // grid.interval)))
        return found + [(line, first, last) for line in seat_lines if last > first]

    def cover_change(self, agent: str, gone: Sequence[Shift], come: Sequence[Shift]) -> float:
        """What cover costs more when ``agent`` has ``come`` in the place of ``gone`` [paid minutes]."""
        off = self._off(agent, gone, come)
        return float(self.more[off > 0].sum() + self.fewer[off < 0].sum())

    def is_missed(self, agent: str, gone: Sequence[Shift], come: Sequence[Shift]) -> bool:
        """Whether anybody is missing where ``agent`` would be with ``come`` and is not with ``gone``."""
        return bool(((self._off(agent, gone, come) > 0) & (self.at < self.lines.required)).any())

    def _off(self, agent: str, gone: Sequence[Shift], come: Sequence[Shift]) -> NDArray[np.int8]:
        """How many more or fewer people the change means, shape (line, interval)."""
        off = np.zeros(self.at.shape, dtype=np.int8)
        for shifts, sign in ((gone, -1), (come, 1)):
            for shift in shifts:
                for line, first, last in self.spans(agent, shift):
                    off[line, first:last] += sign
        return off

    def paid_change(self, gone: Sequence[Shift], come: Sequence[Shift]) -> float:
        """Paid minutes more, weighted as the objective does."""
        minutes = sum(s.paid_time / _MINUTE for s in come) - sum(s.paid_time / _MINUTE for s in gone)
        return self.problem.weights.paid_minutes * minutes

    def after(self, agent: str, gone: Sequence[Shift], come: Sequence[Shift]) -> tuple[Shift, ...]:
        """The agent's shifts once ``gone`` are replaced by ``come``."""
        kept = [s for s in self.shifts.get(agent, ()) if s not in gone]
        return tuple(sorted((*kept, *come), key=lambda s: s.start))

    def new_violations(
        self, agent: str, gone: Sequence[Shift], come: Sequence[Shift], fit: Fit = Fit.TEMPLATE
    ) -> list[Violation]:
        """Hard rules the change would break that are not broken already."""
        held = self._judged(agent).violations
        key = (tuple(gone), tuple(come), fit)
        if key not in held:
            held[key] = self._new_violations(agent, gone, come, fit)
        # A list of its own: callers add to it.
        return list(held[key])

    def _judged(self, agent: str) -> _Judged:
        """What is known about an agent's shifts as they are."""
        own = self.shifts.get(agent, ())
        known = self.judged.get(agent)
        if known is None or known.own is not own:
            known = self.judged[agent] = _Judged(own=own)
        return known

    def _new_violations(
        self, agent: str, gone: Sequence[Shift], come: Sequence[Shift], fit: Fit
    ) -> list[Violation]:
        as_planned = fit is Fit.TEMPLATE
        problem = self.problem if as_planned else self.overtime
        person = (self.agents if as_planned else self.in_overtime)[agent]
        own = self.after(agent, gone, come)
        before = self.previous.get(agent, ())
        found = [v for shift in come for v in shift_violations(problem, person, shift)]
        if fit is Fit.FREE:
            found = [v for v in found if v.rule not in (TemplateRule.name, BreaksRule.name)]
        now = sequence_violations(problem, person, before, self.shifts.get(agent, ()))
        known = {(v.code, v.date): v.amount for v in now}
        for violation in sequence_violations(problem, person, before, own):
            if known.get((violation.code, violation.date)) != violation.amount:
                found.append(violation)
        return found

    def wishes_change(self, agent: str, gone: Sequence[Shift], come: Sequence[Shift]) -> float:
        """What the agent's own wishes, shares, soft rules and contract hours cost more [paid minutes]."""
        known = self._judged(agent)
        if known.terms is None:
            known.terms = self._own_terms(agent, known.own)
        return self._own_terms(agent, self.after(agent, gone, come)) - known.terms

    def _own_terms(self, agent: str, own: tuple[Shift, ...]) -> float:
        if agent not in self.alone:
            self.alone[agent] = replace(
                self.problem,
                agents=(self.agents[agent],),
                fixed=(),
                previous=tuple(a for a in self.problem.previous if a.agent == agent),
                wishes=tuple(w for w in self.problem.wishes if w.agent == agent),
                shift_cover=(),
                pairings=(),
            )
        problem = self.alone[agent]
        roster = Roster(
            period=problem.period, assignments=tuple(Assignment(agent=agent, shift=s) for s in own)
        )
        short = sum(week_shortfalls(problem, roster).values())
        short += sum(period_shortfalls(problem, roster).values())
        return sum(wish_terms(problem, roster).values()) + problem.weights.minimum_hours * short

    def change(self, agent: str, gone: Sequence[Shift], come: Sequence[Shift]) -> None:
        """Replace shifts of an agent."""
        for shifts, sign in ((gone, -1), (come, 1)):
            for shift in shifts:
                for line, first, last in self.spans(agent, shift):
                    self.at[line, first:last] += sign
        self.shifts[agent] = self.after(agent, gone, come)
        self.more, self.fewer = marginal_prices(self.lines, self.at)
