"""A small service team as core objects: what the tests say "the settings" to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from bot.core.alert_settings import AlertSettings
from bot.core.calendar import BusinessCalendar
from bot.core.contacts import Contact, ContactEvent, ContactStatus, ContactType, EventKind, Priority
from bot.core.courses import Measure
from bot.core.escalation import EscalationChain, EscalationStep, Notify
from bot.core.ids import AgentId, ContactRef, QueueId, TeamId
from bot.core.people import Agent, Role, RoleList, StandUp, Team
from bot.core.queues import Channel, Queue
from bot.core.retention import Retention
from bot.core.settings import (
    PublishSettings,
    RosterSettings,
    Settings,
    SolveSettings,
    StaffingSettings,
    Timetable,
)
from bot.core.sla import Counted, SlaPolicy, SlaTarget
from scheduler.queueing.targets import ServiceTarget
from scheduler.roster.rules import RosterRules
from scheduler.staffing.shrinkage import ShrinkagePlan

TEAM = TeamId("harbour")
PHONE, CHAT, EMAIL = QueueId("phone"), QueueId("chat"), QueueId("email")
SHANGHAI = "Asia/Shanghai"

HOURS = BusinessCalendar(
    name="harbour-hours",
    zone=SHANGHAI,
    weekly={day: ((time(8), time(22)),) for day in range(7)},
)
OFFICE = BusinessCalendar(
    name="office",
    zone=SHANGHAI,
    weekly={day: ((time(9), time(18)),) for day in range(5)},
)


def at(hour: int, minute: int = 0, second: int = 0, *, day: date = date(2026, 11, 24)) -> datetime:
    """A time on the wall in Shanghai, as UTC; the day is a Tuesday unless given."""
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=UTC) - timedelta(hours=8)


def response(minutes: float, counted: Counted = Counted.ELAPSED) -> SlaTarget:
    return SlaTarget(measure=Measure.FIRST_RESPONSE, counted=counted, within=timedelta(minutes=minutes))


def resolution(hours: float) -> SlaTarget:
    return SlaTarget(measure=Measure.RESOLUTION, counted=Counted.ELAPSED, within=timedelta(hours=hours))


def working_days(days: int) -> SlaTarget:
    return SlaTarget(measure=Measure.RESOLUTION, counted=Counted.WORKING_DAYS, working_days=days)


def only(*priorities: Priority) -> frozenset[Priority]:
    return frozenset(priorities)


POLICIES = (
    SlaPolicy(name="urgent", priorities=only(Priority.URGENT), targets=(response(5), resolution(2))),
    SlaPolicy(name="high", priorities=only(Priority.HIGH), targets=(response(10), resolution(24))),
    SlaPolicy(name="standard", targets=(response(30, Counted.BUSINESS), working_days(3))),
    SlaPolicy(
        name="email",
        channels=frozenset({Channel.EMAIL}),
        priorities=only(Priority.MEDIUM, Priority.LOW),
        targets=(response(180, Counted.BUSINESS), working_days(3)),
    ),
    SlaPolicy(
        name="urgent-call",
        channels=frozenset({Channel.PHONE}),
        priorities=only(Priority.URGENT),
        targets=(response(1), resolution(2)),
    ),
)

CHAIN = EscalationChain(
    name="harbour",
    steps=(
        EscalationStep(after=timedelta(0), notify=Notify.CHANNEL),
        EscalationStep(after=timedelta(minutes=10), notify=Notify.LEAD_ON_DUTY),
    ),
    last_resort="ada@harbour.example",
)


def settings(
    *,
    warn_at: tuple[float, ...] = (0.5, 0.8),
    chain: EscalationChain = CHAIN,
    policies: tuple[SlaPolicy, ...] = POLICIES,
    zone: str = SHANGHAI,
    retention: Retention | None = None,
    roles: Mapping[str, Role] | None = None,
    alerts: AlertSettings | None = None,
) -> Settings:
    """The team Harbour: three queues, one calendar 08:00-22:00, alerts to #harbour-alerts."""
    return Settings(
        locale="en",
        zone=zone,
        roles=RoleList(
            by_email={"ada@harbour.example": Role.ADMIN, "lin@harbour.example": Role.LEAD}
            if roles is None
            else roles
        ),
        calendars={HOURS.name: HOURS},
        teams={
            TEAM: Team(
                team=TEAM,
                zone=zone,
                locale="zh-Hans",
                calendar=HOURS.name,
                escalation=chain.name,
                channels={"alerts": "harbour-alerts", "standup": "harbour-standup"},
                stand_up=StandUp(
                    at=time(9, 30),
                    digest_before=timedelta(minutes=10),
                    length=timedelta(minutes=15),
                    weekdays=frozenset(range(5)),
                ),
            )
        },
        queues={
            q: Queue(
                queue=q,
                team=TEAM,
                channel=Channel(q),
                skill=q,
                calendar=HOURS.name,
                target="standard",
                aht_seconds=240.0,
            )
            for q in (PHONE, CHAT, EMAIL)
        },
        policies=policies,
        warn_at=warn_at,
        chains={chain.name: chain},
        staffing=StaffingSettings(
            interval=timedelta(minutes=15),
            targets={"standard": ServiceTarget()},
            shrinkage=ShrinkagePlan.flat(0.08),
            minimum_agents=1,
        ),
        roster=RosterSettings(
            templates={},
            contracts={},
            rules=RosterRules(),
            solve=SolveSettings(time_limit=timedelta(seconds=60), workers=2, seed=1),
            publish=PublishSettings(notice=timedelta(hours=24), certificate=0.85, paths=100),
        ),
        timetable=Timetable(forecast=time(2, 10), retention=time(3, 40)),
        # Cases without an owner alarm only those tests that are about them.
        alerts=alerts or AlertSettings(ownerless_after=None),
        retention=retention or Retention(contacts=timedelta(days=730), messages=timedelta(days=90)),
    )


def agent(name: str, *, role: Role = Role.AGENT, slack_user: str | None = None, **fields: object) -> Agent:
    values: dict[str, object] = {
        "agent": AgentId(name),
        "name": name.title(),
        "email": f"{name}@harbour.example",
        "team": TEAM,
        "skills": {CHAT: 1.0},
        "contract": "full-time",
        "zone": SHANGHAI,
        "role": role,
        "slack_user": slack_user,
        **fields,
    }
    return Agent(**values)  # type: ignore[arg-type]


def contact(ref: str = "GD20261124001", **fields: object) -> Contact:
    values: dict[str, object] = {
        "ref": ContactRef(ref),
        "queue": CHAT,
        "channel": Channel.CHAT,
        "type": ContactType.CONSULT,
        "priority": Priority.HIGH,
        "tier": "",
        "status": ContactStatus.NEW,
        "opened_at": at(10),
        **fields,
    }
    return Contact(**values)  # type: ignore[arg-type]


def event(kind: EventKind, when: datetime, ref: str = "GD20261124001", **fields: object) -> ContactEvent:
    """An event of source "test"; OPENED is a high-priority chat unless told otherwise."""
    values: dict[str, object] = {
        "ref": ContactRef(ref),
        "kind": kind,
        "at": when,
        "source": "test",
        "source_event_id": f"{ref}:{kind.value}:{when.isoformat()}",
    }
    if kind is EventKind.OPENED:
        values |= {"queue": CHAT, "priority": Priority.HIGH, "type": ContactType.CONSULT, "tier": "standard"}
    return ContactEvent(**{**values, **fields})  # type: ignore[arg-type]
