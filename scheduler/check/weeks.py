"""Weekly accounts of an agent: what the contract asks of a part week, a week with leave, a shared week."""

from __future__ import annotations

from datetime import date, timedelta

from forecasting.grid import local_midnight
from scheduler.roster.people import RosterAgent

__all__ = ["leave_days", "maximum_minutes", "minimum_minutes"]

#: This much leave within a local day counts as a whole day of leave.
LEAVE_DAY = timedelta(hours=8)


def leave_days(agent: RosterAgent, days: tuple[date, ...]) -> float:
    """Days of leave among local days in the agent's zone; eight hours of leave make a day."""
    total = 0.0
    if not agent.leave:
        return total
    for day in days:
        start = local_midnight(day, agent.zone)
        end = local_midnight(day + timedelta(days=1), agent.zone)
        away = timedelta(0)
        for span in agent.leave:
            away += max(timedelta(0), min(span.end, end) - max(span.start, start))
        total += min(1.0, away / LEAVE_DAY)
    return total


def minimum_minutes(agent: RosterAgent, days: tuple[date, ...]) -> int:
    """Paid minutes the contract asks for in the part of an ISO week given by ``days``.

    A part week counts with its share of seven days; a day of leave takes off one of the contract's days.
    """
    share = len(days) / 7
    expected_days = agent.contract.max_days_per_week * share
    present = max(0.0, 1.0 - leave_days(agent, days) / expected_days)
    return int(agent.contract.min_hours_per_week * 60 * share * present + 1e-6)


def maximum_minutes(agent: RosterAgent) -> int:
    """Paid minutes the contract allows in an ISO week."""
    return int(agent.contract.max_hours_per_week * 60 + 1e-6)
