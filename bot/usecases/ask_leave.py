"""Leave asked for in Slack: granted by rules, or answered with what could be had (SCENARIOS A9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bot.core.errors import RefusedError
from bot.core.ids import AgentId
from bot.core.people import Agent
from bot.core.requests import Cause
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.ask_changes import Outcome, request
from bot.usecases.change_shifts import trade_of
from bot.usecases.live_rosters import Standing, standing
from bot.usecases.referrals import Standpoint, referral
from bot.usecases.swap_shifts import own_shift
from scheduler.requests.leave import LeaveAnswer, answer_leave
from scheduler.requests.verdicts import Trade
from scheduler.roster.shifts import Shift

__all__ = ["Looked", "ask_colleague", "look", "take", "take_part"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What there is to say about a day off.  ``older``: requests of the agent's that wait already.

    ``lead``: whether a lead may be asked.
    """

    day: date
    shift: Shift
    answer: LeaveAnswer
    lead: Standpoint
    older: tuple[int, ...] = ()


def look(store: Store, settings: Settings, agent: Agent, day: date, *, now: datetime) -> Looked:
    """Could the agent be off on ``day``, and if not, what else?  Nothing is changed."""
    with store.read() as uow:
        shift = own_shift(uow, agent, day, now)
        stands = standing(uow, settings, shift.date, now=now)
        older = tuple(r.request for r in uow.requests.open_of(agent.agent) if r.asker == agent.agent)
        answer = _answer(stands, agent, shift)
        lead = referral(uow, settings, agent, answer.verdict, (answer.trade,), now=now)
        return Looked(day=day, shift=shift, answer=answer, lead=lead, older=older)


def take(store: Store, settings: Settings, agent: Agent, day: date, *, by: str, now: datetime) -> Outcome:
    """Take the day off, where rules and cover allow it.  Raises RefusedError where they do not (any more)."""
    looked = look(store, settings, agent, day, now=now)
    if not looked.answer.is_approved:
        raise _not_any_more()
    return _grant(store, settings, agent, looked.answer.trade, by=by, now=now)


def take_part(
    store: Store, settings: Settings, agent: Agent, day: date, off_from: datetime, *, by: str, now: datetime
) -> Outcome:
    """Take the part of the day that begins at ``off_from``, as it was offered."""
    looked = look(store, settings, agent, day, now=now)
    part = next((p for p in looked.answer.parts if p.start == off_from), None)
    if part is None:
        raise _not_any_more()
    return _grant(store, settings, agent, part.trade, by=by, now=now)


def ask_colleague(
    store: Store, settings: Settings, agent: Agent, day: date, colleague: AgentId, *, by: str, now: datetime
) -> Outcome:
    """Ask a colleague to make the day possible, as it was offered."""
    looked = look(store, settings, agent, day, now=now)
    helper = next((m for m in looked.answer.helpers if m.change.agent == colleague), None)
    if helper is None:
        raise _not_any_more()
    return request(
        store,
        settings,
        (looked.answer.trade, trade_of(helper.change)),
        cause=Cause.LEAVE,
        asker=agent.agent,
        asked=[colleague],
        by=by,
        now=now,
    )


def _grant(
    store: Store, settings: Settings, agent: Agent, trade: Trade, *, by: str, now: datetime
) -> Outcome:
    return request(store, settings, (trade,), cause=Cause.LEAVE, asker=agent.agent, asked=(), by=by, now=now)


def _answer(stands: Standing, agent: Agent, shift: Shift) -> LeaveAnswer:
    return answer_leave(stands.live, stands.task, agent.agent, (shift.date,))


def _not_any_more() -> RefusedError:
    return RefusedError(
        "leave_not_possible",
        "That is not possible (any more): somebody else may have been quicker. Nothing was changed. "
        "Look again: /muster off.",
    )
