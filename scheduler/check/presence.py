"""People with an attribute at work, or in seats, against what a presence rule asks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster
from scheduler.roster.rules import Presence

__all__ = ["PresenceCover", "least_per_interval", "presence_cover"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PresenceCover:
    """One rule's people per interval, arrays of shape (grid.count,): at work, and in seats."""

    rule: Presence
    least: NDArray[np.int64]
    at_work: NDArray[np.int64]
    seated: NDArray[np.int64]

    @property
    def under(self) -> NDArray[np.int64]:
        """People missing."""
        missing: NDArray[np.int64] = np.maximum(self.least - self.at_work, 0)
        return missing

    @property
    def over(self) -> NDArray[np.int64]:
        """People without a seat."""
        if self.rule.most is None:
            return np.zeros_like(self.seated)
        spare: NDArray[np.int64] = np.maximum(self.seated - self.rule.most, 0)
        return spare


def least_per_interval(problem: RosterProblem, rule: Presence) -> NDArray[np.int64]:
    """How many the rule asks for in each interval; an interval counts when a span touches it."""
    grid = problem.grid
    least = np.zeros(grid.count, dtype=np.int64)
    for span in rule.spans:
        first = max(0, (span.start - grid.start) // grid.interval)
        last = min(grid.count, -((grid.start - span.end) // grid.interval))
        least[first : max(first, last)] = rule.least
    return least


def presence_cover(problem: RosterProblem, roster: Roster) -> tuple[PresenceCover, ...]:
    """Every presence rule's cover, in order.  A pause is not at work, but takes a seat."""
    rules = problem.rules.presence
    if not rules:
        return ()
    grid = problem.grid
    attributes = {a.agent: a.attributes for a in problem.agents}
    at_work = [np.zeros(grid.count, dtype=np.int64) for _ in rules]
    seated = [np.zeros(grid.count, dtype=np.int64) for _ in rules]
    for assignment in roster.assignments:
        held = attributes.get(assignment.agent, frozenset())
        for i, rule in enumerate(rules):
            if rule.attribute is not None and rule.attribute not in held:
                continue
            # A seat is taken through every interval that is touched, preparing before the phones included.
            first = (assignment.shift.start - grid.start) // grid.interval
            last = -((grid.start - assignment.shift.end) // grid.interval)
            seated[i][max(0, first) : max(0, last)] += 1
            for segment in assignment.shift.segments:
                if segment.is_work:
                    at_work[i][grid.slice_between(segment.start, segment.end)] += 1
    return tuple(
        PresenceCover(
            rule=rule, least=least_per_interval(problem, rule), at_work=at_work[i], seated=seated[i]
        )
        for i, rule in enumerate(rules)
    )
