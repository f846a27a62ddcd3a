"""When a queue is open, in whole intervals."""

from __future__ import annotations

from datetime import datetime

from scheduler.roster.problem import RosterProblem

__all__ = ["open_spans"]


def open_spans(problem: RosterProblem, queue: str) -> tuple[tuple[datetime, datetime], ...] | None:
    """Opening spans of a queue, UTC, rounded outward to intervals and joined; None where always open."""
    rule = problem.rules.opening_hours
    if rule is None or queue not in rule.spans:
        return None
    grid = problem.grid
    joined: list[tuple[datetime, datetime]] = []
    for span in sorted(rule.spans[queue]):
        start = grid.start_of((span.start - grid.start) // grid.interval)
        end = grid.start_of(-((grid.start - span.end) // grid.interval))
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)
