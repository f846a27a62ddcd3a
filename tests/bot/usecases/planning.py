"""A small team to plan for: six people on phone and chat, two months of history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from bot.core.calendar import BusinessCalendar
from bot.core.ids import AgentId, QueueId
from bot.core.people import Agent
from bot.core.queues import Queue
from bot.core.settings import PublishSettings, RosterSettings, Settings, SolveSettings, StaffingSettings
from bot.store.unit_of_work import Store
from bot.store.volumes import VolumeCount, VolumeSource
from scheduler.queueing.targets import ServiceTarget
from scheduler.roster.people import Contract
from scheduler.roster.rules import RosterRules
from scheduler.roster.shifts import BreakRule, ShiftTemplate
from scheduler.staffing.shrinkage import ShrinkagePlan
from tests.support.builders import CHAT, PHONE, SHANGHAI, TEAM, agent, settings

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
WEEK = date(2026, 11, 23)
HALF_HOUR = timedelta(minutes=30)
PEOPLE = ("ann", "bo", "cy", "dee", "eve", "flo")


def planning_settings(*, certificate: float = 0.0, paths: int = 8) -> Settings:
    """Phone and chat, open Monday to Friday 09:00 to 17:00 in Shanghai; half-hours; shifts of eight hours."""
    base = settings(warn_at=())
    office = BusinessCalendar(
        name="office", zone=SHANGHAI, weekly={day: ((time(9), time(17)),) for day in range(5)}
    )
    queues: dict[QueueId, Queue] = {
        q: replace(base.queues[q], calendar="office", aht_seconds=300.0, patience_seconds=240.0)
        for q in (PHONE, CHAT)
    }
    queues[CHAT] = replace(queues[CHAT], concurrency=2)
    day = ShiftTemplate(
        name="day",
        earliest_start=time(9),
        latest_start=time(9),
        start_step=HALF_HOUR,
        lengths=(timedelta(hours=8),),
        breaks=BreakRule(lunch=HALF_HOUR, lunch_earliest=timedelta(hours=2), lunch_latest=timedelta(hours=5)),
    )
    return replace(
        base,
        calendars={**base.calendars, "office": office},
        queues=queues,
        staffing=StaffingSettings(
            interval=HALF_HOUR,
            targets={"standard": ServiceTarget(share=0.8, within_seconds=30.0)},
            shrinkage=ShrinkagePlan.flat(0.05),
            minimum_agents=1,
        ),
        roster=RosterSettings(
            templates={"day": day},
            contracts={
                "full-time": Contract(
                    name="full-time",
                    min_hours_per_week=0,
                    max_hours_per_week=40,
                    max_days_per_week=5,
                    templates=("day",),
                )
            },
            rules=RosterRules(),
            solve=SolveSettings(time_limit=timedelta(seconds=8), workers=1, seed=1),
            publish=PublishSettings(notice=timedelta(hours=24), certificate=certificate, paths=paths),
        ),
    )


def people() -> list[Agent]:
    return [
        agent(name, skills={PHONE: 1.0} if i % 2 else {PHONE: 1.0, CHAT: 1.0})
        for i, name in enumerate(PEOPLE)
    ]


def history(weeks: int = 8, until: date = date(2026, 11, 21)) -> list[VolumeCount]:
    """Half-hours of phone and chat on working days up to ``until``; busier on Mondays and before noon."""
    rows: list[VolumeCount] = []
    day = until - timedelta(weeks=weeks)
    while day <= until:
        if day.weekday() < 5:
            for i in range(16):
                start = datetime(day.year, day.month, day.day, 1, tzinfo=UTC) + i * HALF_HOUR
                level = (
                    (6 if i < 8 else 4) + (2 if day.weekday() == 0 else 0) + (day.toordinal() * 5 + i * 3) % 3
                )
                rows.append(
                    VolumeCount(
                        queue=PHONE, start=start, interval=HALF_HOUR, contacts=level, aht_seconds=280.0
                    )
                )
                rows.append(VolumeCount(queue=CHAT, start=start, interval=HALF_HOUR, contacts=level // 2))
        day += timedelta(days=1)
    return rows


def fill(store: Store, *, agents: bool = True, weeks: int = 8) -> None:
    with store.unit() as uow:
        uow.volumes.save(history(weeks), source=VolumeSource.VOLUMES)
        if agents:
            for one in people():
                uow.people.upsert(one)
        uow.commit()


__all__ = ["NOW", "PEOPLE", "TEAM", "WEEK", "AgentId", "fill", "history", "people", "planning_settings"]
