"""Days in a row."""

from __future__ import annotations

from scheduler.solve.variables import RosterModel

__all__ = ["add_sequences"]


def add_sequences(roster: RosterModel) -> None:
    """At most ``days`` days of work in any ``days + 1`` days, given days before and inside included."""
    rule = roster.problem.rules.consecutive_days
    if rule is None:
        return
    for g, group in enumerate(roster.groups):
        for first in range(-rule.days, roster.problem.period.days - rule.days):
            window = range(first, first + rule.days + 1)
            free = [roster.working[g][day] for day in window if day in roster.working[g]]
            # Given days alone may already be too many; that conflict is reported, not solved.
            left = [max(0, rule.days - sum(1 for day in window if day in m.worked)) for m in group.members]
            if free and sum(left) < len(free) * group.size:
                roster.model.add(sum(free) <= sum(left))
