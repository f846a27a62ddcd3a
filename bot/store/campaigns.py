"""Campaigns and their readiness lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.core.campaign_readiness import ReadinessItem
from bot.core.campaigns import Campaign, CampaignPlan, CampaignState, Duty, DutyHolder, Goal, GoalKind
from bot.core.contacts import ContactType
from bot.core.ids import AgentId, CampaignId, QueueId, TeamId
from bot.store.tables import CampaignItemRow, CampaignRow
from forecasting.events import Lift

__all__ = ["Campaigns"]


class Campaigns:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, team: TeamId, plan: CampaignPlan, *, by: str, now: datetime) -> Campaign:
        row = CampaignRow(
            team=team, state=CampaignState.PLANNED.value, made_at=now, made_by=by, causes="", **_columns(plan)
        )
        self._session.add(row)
        self._session.flush()
        return _campaign(row)

    def change(self, number: CampaignId, plan: CampaignPlan) -> None:
        self._session.execute(update(CampaignRow).where(CampaignRow.id == number).values(**_columns(plan)))

    def get(self, number: CampaignId) -> Campaign | None:
        row = self._session.get(CampaignRow, number, populate_existing=True)
        return None if row is None else _campaign(row)

    def planned(self, team: TeamId | None = None) -> list[Campaign]:
        """Those nobody has ended, in order of time; of every team without one."""
        return self._found(team, CampaignState.PLANNED)

    def all(self, team: TeamId | None = None) -> list[Campaign]:
        return self._found(team, None)

    def end(
        self, number: CampaignId, state: CampaignState, *, by: str, now: datetime, causes: str = ""
    ) -> bool:
        """Closed or cancelled; False where it had ended already."""
        done = self._session.execute(
            update(CampaignRow)
            .where(CampaignRow.id == number, CampaignRow.state == CampaignState.PLANNED.value)
            .values(state=state.value, ended_at=now, ended_by=by, causes=causes)
            .returning(CampaignRow.id)
        )
        return len(done.all()) == 1

    # -- what has to be ready -------------------------------------------------------------------------------

    def items(self, number: CampaignId) -> list[ReadinessItem]:
        query = (
            select(CampaignItemRow)
            .where(CampaignItemRow.campaign_id == number)
            .order_by(CampaignItemRow.number)
        )
        return [_item(row) for row in self._session.scalars(query)]

    def add_items(self, number: CampaignId, items: Sequence[ReadinessItem]) -> list[ReadinessItem]:
        """Behind those that stand; their numbers are given here."""
        # One after the other: numbers of a campaign's items are given once.
        self._session.execute(select(CampaignRow.id).where(CampaignRow.id == number).with_for_update())
        query = select(func.max(CampaignItemRow.number)).where(CampaignItemRow.campaign_id == number)
        last = self._session.scalar(query) or 0
        kept = [replace(item, number=last + n) for n, item in enumerate(items, start=1)]
        self._session.add_all(
            CampaignItemRow(campaign_id=number, number=i.number, code=i.code, words=i.words, owner=i.owner)
            for i in kept
        )
        self._session.flush()
        return kept

    def tick(self, number: CampaignId, item: int, *, by: str, now: datetime) -> bool:
        """Done; False where it was, or there is no such item."""
        done = self._session.execute(
            update(CampaignItemRow)
            .where(
                CampaignItemRow.campaign_id == number,
                CampaignItemRow.number == item,
                CampaignItemRow.done_at.is_(None),
            )
            .values(done_at=now, done_by=by)
            .returning(CampaignItemRow.number)
        )
        return len(done.all()) == 1

    def reopen(self, number: CampaignId, item: int) -> bool:
        done = self._session.execute(
            update(CampaignItemRow)
            .where(
                CampaignItemRow.campaign_id == number,
                CampaignItemRow.number == item,
                CampaignItemRow.done_at.is_not(None),
            )
            .values(done_at=None, done_by=None)
            .returning(CampaignItemRow.number)
        )
        return len(done.all()) == 1

    def give(self, number: CampaignId, item: int, owner: AgentId) -> bool:
        done = self._session.execute(
            update(CampaignItemRow)
            .where(CampaignItemRow.campaign_id == number, CampaignItemRow.number == item)
            .values(owner=owner)
            .returning(CampaignItemRow.number)
        )
        return len(done.all()) == 1

    def _found(self, team: TeamId | None, state: CampaignState | None) -> list[Campaign]:
        query = select(CampaignRow).order_by(CampaignRow.first_day, CampaignRow.id)
        if team is not None:
            query = query.where(CampaignRow.team == team)
        if state is not None:
            query = query.where(CampaignRow.state == state.value)
        return [_campaign(row) for row in self._session.scalars(query)]


def _columns(plan: CampaignPlan) -> dict[str, Any]:
    return {
        "name": plan.name,
        "first_day": plan.first_day,
        "last_day": plan.last_day,
        "queues": list(plan.queues),
        "types": [t.value for t in plan.types],
        "channel": plan.channel,
        "department": plan.department,
        "goals": [[g.kind.value, g.target, g.baseline] for g in plan.goals],
        "lift_low": plan.lift.low,
        "lift_mid": plan.lift.mid,
        "lift_high": plan.lift.high,
        "lift_from": list(plan.lift_from),
        "duties": [[d.duty.value, d.agent] for d in plan.duties],
        "report_every": plan.report_every,
    }


def _campaign(row: CampaignRow) -> Campaign:
    return Campaign(
        number=CampaignId(row.id),
        team=TeamId(row.team),
        plan=CampaignPlan(
            name=row.name,
            first_day=row.first_day,
            last_day=row.last_day,
            queues=tuple(QueueId(q) for q in row.queues),
            types=tuple(ContactType(t) for t in row.types),
            channel=row.channel,
            department=row.department,
            goals=tuple(
                Goal(kind=GoalKind(kind), target=target, baseline=base) for kind, target, base in row.goals
            ),
            lift=Lift(low=row.lift_low, mid=row.lift_mid, high=row.lift_high),
            lift_from=tuple(row.lift_from),
            duties=tuple(DutyHolder(duty=Duty(d), agent=AgentId(a)) for d, a in row.duties),
            report_every=row.report_every,
        ),
        made_at=row.made_at,
        made_by=row.made_by,
        state=CampaignState(row.state),
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        causes=row.causes,
    )


def _item(row: CampaignItemRow) -> ReadinessItem:
    return ReadinessItem(
        number=row.number,
        code=row.code,
        words=row.words,
        owner=None if row.owner is None else AgentId(row.owner),
        done_at=row.done_at,
        done_by=row.done_by,
    )
