"""Minimum rest between two free shifts of one agent; rest towards given shifts is settled in candidates."""

from __future__ import annotations

from datetime import timedelta

from scheduler.solve.variables import RosterModel

__all__ = ["add_rest"]


def add_rest(roster: RosterModel) -> None:
    """No agent starts within the rest after a shift.

    For each end of a shift: those who end then or later and those who start before that end plus rest are
    different people, so together at most the group.  Exact for a group of one, necessary for more.
    """
    rule = roster.problem.rules.rest
    hours = rule.hours if rule is not None else 0.0
    rest = -(-timedelta(hours=hours) // roster.problem.grid.interval) if hours else 0
    cells = roster.candidates.cells
    for g, group in enumerate(roster.groups):
        by_day: dict[int, list[int]] = {}
        for c in group.cells:
            by_day.setdefault(cells[c].day, []).append(c)
        for day, today in by_day.items():
            last_end = max(cells[c].end for c in today)
            for later in sorted(d for d in by_day if d > day):
                if min(cells[c].begin for c in by_day[later]) >= last_end + rest:
                    break
                _separate(roster, g, today, by_day[later], rest)


def _separate(roster: RosterModel, g: int, today: list[int], later: list[int], rest: int) -> None:
    cells = roster.candidates.cells
    taken = roster.taken[g]
    too_soon_before: int | None = None
    for end in sorted({cells[c].end for c in today}):
        too_soon = [c for c in later if cells[c].begin < end + rest]
        if not too_soon or len(too_soon) == too_soon_before:
            # The same starts with more ends were limited by the round before.
            continue
        too_soon_before = len(too_soon)
        late = [c for c in today if cells[c].end >= end]
        roster.model.add(sum(taken[c] for c in (*late, *too_soon)) <= roster.groups[g].size)
