"""Leave that rules cannot grant goes before the leads (SCENARIOS P9)."""

from __future__ import annotations

from datetime import date, datetime

from bot.core.people import Agent
from bot.core.requests import Cause
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.ask_changes import Outcome
from bot.usecases.ask_leave import look
from bot.usecases.referrals import put_before_leads

__all__ = ["refer"]


def refer(store: Store, settings: Settings, agent: Agent, day: date, *, by: str, now: datetime) -> Outcome:
    """Put a day off before the leads, with the gap it would leave; no word before the shift means no.

    The lead decides about cover only.  Raises RefusedError where rules grant it anyway or no lead could
    (a rule would be broken), where it lies before them already, and where the shift begins too soon.
    """
    looked = look(store, settings, agent, day, now=now)
    verdict, trade = looked.answer.verdict, looked.answer.trade
    with store.unit() as uow:
        version = uow.rosters.published(looked.shift.start)
        assert version is not None
        uow.rosters.lock(version.roster_id)
        made = put_before_leads(
            uow,
            settings,
            agent,
            cause=Cause.LEAVE,
            roster=version.roster_id,
            trades=(trade,),
            verdict=verdict,
            by=by,
            now=now,
        )
        uow.commit()
    return Outcome(request=made, verdict=verdict)
