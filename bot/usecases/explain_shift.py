"""Why somebody has a shift, or not another: worked out again on the published roster (SCENARIOS A7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from bot.core.people import Agent
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.live_rosters import standing
from bot.usecases.swap_shifts import own_shift
from scheduler.explain.why import Wanted, WhyNot, WhyShift, why_not, why_shift

__all__ = ["Reasons", "reasons", "reasons_against"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """Why a shift is as it is.  ``agents``: how many people the roster has."""

    why: WhyShift
    agents: int


def reasons(
    store: Store,
    settings: Settings,
    agent: Agent,
    day: date,
    *,
    now: datetime,
    should_stop: Callable[[], bool] = lambda: False,
) -> Reasons:
    """Why the agent works on ``day`` (the agent's own date).  Raises RefusedError without a shift ahead.

    Once ``should_stop`` says so the best mending so far is taken; here and in `reasons_against`.
    """
    with store.read() as uow:
        shift = own_shift(uow, agent, day, now)
        stands = standing(uow, settings, shift.date, now=now)
    why = why_shift(stands.live, stands.task, agent.agent, shift, should_stop)
    return Reasons(why=why, agents=len(stands.problem.agents))


def reasons_against(
    store: Store,
    settings: Settings,
    agent: Agent,
    day: date,
    template: str | None,
    *,
    now: datetime,
    should_stop: Callable[[], bool] = lambda: False,
) -> WhyNot:
    """Why the agent does not have a shift of ``template`` on ``day`` instead, or the day off (None)."""
    with store.read() as uow:
        stands = standing(uow, settings, day, now=now)
    return why_not(stands.live, stands.task, agent.agent, Wanted(date=day, template=template), should_stop)
