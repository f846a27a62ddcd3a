"""Campaigns, readiness and announcements in the store: kept whole, ended once, gone with time."""

from __future__ import annotations

from datetime import date, timedelta

from bot.core.campaign_readiness import ReadinessItem
from bot.core.campaigns import CampaignPlan, CampaignState, Duty, DutyHolder, Goal, GoalKind
from bot.core.contacts import ContactType
from bot.core.ids import AgentId, QueueId
from bot.core.retention import Area
from bot.store.unit_of_work import Store
from forecasting.events import Lift
from tests.support.builders import TEAM, at

PLAN = CampaignPlan(
    name="双十二",
    first_day=date(2026, 12, 12),
    last_day=date(2026, 12, 14),
    queues=(QueueId("chat"),),
    types=(ContactType.ORDER,),
    channel="harbour-standup",
    goals=tuple(Goal(kind=kind, target=20, baseline=80.5) for kind in GoalKind),
    lift=Lift(low=1.1, mid=1.2, high=1.5),
    lift_from=("promo +20%",),
    duties=(DutyHolder(duty=Duty.SYSTEM, agent=AgentId("bo")),),
    report_every=3,
)


def test_a_campaign_is_kept_whole_and_ended_once(store: Store) -> None:
    with store.unit() as uow:
        kept = uow.campaigns.add(TEAM, PLAN, by="lin", now=at(9))
        items = uow.campaigns.add_items(
            kept.number,
            [ReadinessItem(number=0, code="aim", words=""), ReadinessItem(number=0, code=None, words="line")],
        )
        uow.commit()
    with store.unit() as uow:
        assert uow.campaigns.get(kept.number) == kept
        assert uow.campaigns.planned() == uow.campaigns.all(TEAM) == [kept]
        assert uow.campaigns.items(kept.number) == items
        assert uow.campaigns.tick(kept.number, 2, by="bo", now=at(10))
        assert not uow.campaigns.tick(kept.number, 2, by="lin", now=at(10))
        assert uow.campaigns.reopen(kept.number, 2)
        assert not uow.campaigns.reopen(kept.number, 2)
        assert uow.campaigns.give(kept.number, 1, AgentId("bo"))
        assert not uow.campaigns.give(kept.number, 3, AgentId("bo"))
        assert uow.campaigns.end(kept.number, CampaignState.CLOSED, by="lin", now=at(11), causes="rain")
        assert not uow.campaigns.end(kept.number, CampaignState.CANCELLED, by="lin", now=at(11))
        uow.commit()
    with store.unit() as uow:
        assert uow.campaigns.planned() == []
        assert uow.sweeps.sweep(Area.PRESENCE, at(11) + timedelta(seconds=1), 10) == 1
        uow.commit()
    with store.read() as uow:
        assert uow.campaigns.all() == []
        assert uow.campaigns.items(kept.number) == []


def test_an_announcement_is_read_once_and_asked_for_once_a_shift(store: Store) -> None:
    parts = {"what": "a", "reason": "b", "content": "c", "effect": "d"}
    bo, chen = AgentId("bo"), AgentId("chen")
    with store.unit() as uow:
        made = uow.announcements.add(TEAM, **parts, readers=[bo, chen], by="lin", now=at(9))
        uow.commit()
    with store.unit() as uow:
        assert uow.announcements.mark_read(made.number, chen, at(10))
        assert not uow.announcements.mark_read(made.number, chen, at(10))
        assert not uow.announcements.mark_read(made.number, AgentId("lin"), at(10))
        assert [r.agent for _, r in uow.announcements.unread_since(at(8))] == [bo]
        assert uow.announcements.unread_since(at(9, 1)) == []
        again = {"shift_start": at(12), "now": at(12, 1)}
        assert uow.announcements.mark_asked(made.number, bo, **again)
        assert not uow.announcements.mark_asked(made.number, bo, **again)
        assert uow.announcements.mark_asked(made.number, bo, shift_start=at(20), now=at(20))
        assert not uow.announcements.mark_asked(made.number, chen, **again)
        assert [r.read_at for r in uow.announcements.readers(made.number)] == [None, at(10)]
        assert uow.announcements.latest(TEAM, 3) == [made]
        uow.commit()
    with store.unit() as uow:
        assert uow.sweeps.sweep(Area.PRESENCE, at(9, 1), 10) == 1
        assert uow.announcements.readers(made.number) == []
