"""Campaigns: planned, changed, cancelled; the expected lift goes into the forecast as an event (CA1, FP5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.campaign_figures import CampaignFigures, figures
from bot.core.campaign_lift import MOST_SIMILAR, expected_lift, measured_factor
from bot.core.campaign_readiness import DEFAULT_ITEMS, ReadinessItem
from bot.core.campaigns import (
    Campaign,
    CampaignPlan,
    CampaignState,
    DutyHolder,
    Goal,
    GoalKind,
    check_plan,
    event_kind,
    read_goal,
)
from bot.core.contacts import ContactType
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import CampaignId, QueueId, TeamId
from bot.core.privacy import refuse_personal
from bot.core.queue_events import QueueEvent, read_lift
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store, UnitOfWork
from bot.usecases.departments import department_of
from forecasting.events import DatedEvent, EventNature, Lift
from forecasting.grid import local_midnight

__all__ = [
    "BASELINE_DAYS",
    "CampaignEntry",
    "cancel",
    "change",
    "figures_between",
    "held",
    "new",
    "put_events",
]

BASELINE_DAYS = 28
_DAY = timedelta(days=1)
_HISTORY = timedelta(days=35)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignEntry:
    """What somebody typed.  ``goals``: texts as `read_goal` reads them; a missing baseline is measured.

    ``lift``: as `read_lift` reads it; empty: from similar earlier campaigns.  ``channel`` empty: the team's
    stand-up channel.
    """

    name: str
    first_day: date
    last_day: date
    queues: tuple[QueueId, ...]
    goals: Mapping[GoalKind, str]
    types: tuple[ContactType, ...] = ()
    channel: str = ""
    lift: str = ""
    duties: tuple[DutyHolder, ...] = ()
    report_every: int = 1
    department: str = ""


def new(
    store: Store, settings: Settings, team: TeamId, entry: CampaignEntry, *, by: str, now: datetime
) -> Campaign:
    """Keep a campaign with its default readiness list, and put its lift into the forecast.

    Raises RefusedError, with nothing saved, where a goal is missing, a baseline is neither given nor can be
    measured, the lift is neither given nor known from earlier campaigns, and as `check_plan`.
    """
    with store.unit() as uow:
        plan = _plan(uow, settings, team, entry, now)
        campaign = uow.campaigns.add(team, plan, by=by, now=now)
        uow.campaigns.add_items(
            campaign.number,
            [
                ReadinessItem(number=0, code=code, words="", owner=plan.holder(duty))
                for code, duty in DEFAULT_ITEMS
            ],
        )
        put_events(uow, campaign, by=by, now=now)
        uow.audit.add(by, "campaign_planned", f"campaign:{campaign.number}", _detail(plan), now)
        uow.commit()
    return campaign


def change(
    store: Store, settings: Settings, number: CampaignId, entry: CampaignEntry, *, by: str, now: datetime
) -> Campaign:
    """Replace what was entered; the readiness list stays, items nobody owns go to the new holders of duties.

    Raises as `new`, NotFoundError, and RefusedError where it has ended.
    """
    with store.unit() as uow:
        before = held(uow, number)
        plan = _plan(uow, settings, before.team, entry, now)
        uow.campaigns.change(number, plan)
        after = replace(before, plan=plan)
        duties = dict(DEFAULT_ITEMS)
        for item in uow.campaigns.items(number):
            if item.owner is None and item.code in duties:
                owner = plan.holder(duties[item.code])
                if owner is not None:
                    uow.campaigns.give(number, item.number, owner)
        put_events(uow, after, by=by, now=now)
        uow.audit.add(by, "campaign_changed", f"campaign:{number}", _detail(plan), now)
        uow.commit()
    return after


def cancel(store: Store, number: CampaignId, *, by: str, now: datetime) -> Campaign:
    """It does not take place: its lift leaves the forecast.  Raises NotFoundError, RefusedError."""
    with store.unit() as uow:
        campaign = held(uow, number)
        uow.campaigns.end(number, CampaignState.CANCELLED, by=by, now=now)
        _take_events(uow, number)
        uow.audit.add(by, "campaign_cancelled", f"campaign:{number}", _detail(campaign.plan), now)
        uow.commit()
    return campaign


def held(uow: ReadUnit, number: CampaignId) -> Campaign:
    """The campaign, not ended.  Raises NotFoundError and RefusedError."""
    found = uow.campaigns.get(number)
    if found is None:
        raise NotFoundError(
            "no_campaign",
            f"There is no campaign {number}; nothing was changed. See: /muster campaign",
            number=number,
        )
    if found.state is not CampaignState.PLANNED:
        raise RefusedError(
            "campaign_over",
            f"Campaign {number} is {found.state.value} already; nothing was changed.",
            variant=found.state.value,
            number=number,
        )
    return found


def figures_between(
    uow: ReadUnit,
    queues: Sequence[QueueId],
    types: Sequence[ContactType],
    start: datetime,
    end: datetime,
    *,
    tag: str | None = None,
) -> CampaignFigures:
    """Of the contacts of these queues and types (all where empty), or with ``tag``, of [start, end)."""
    contacts = [
        c
        for c in uow.contacts.opened_between(queues, start, end)
        if not types or c.type in types or tag in c.tags
    ]
    return figures(contacts, uow.surveys.said_of([c.ref for c in contacts]))


def put_events(uow: UnitOfWork, campaign: Campaign, *, by: str, now: datetime, learned: bool = False) -> None:
    """The campaign as dated events of its queues; ``learned``: without a lift of their own, as what came
    teaches it."""
    _take_events(uow, campaign.number)
    plan = campaign.plan
    uow.queue_events.save(
        [
            QueueEvent(
                queue=queue,
                event=DatedEvent(
                    kind=event_kind(campaign.number),
                    first_day=plan.first_day,
                    last_day=plan.last_day,
                    name=plan.name,
                    nature=EventNature.CAMPAIGN,
                    lift=None if learned else plan.lift,
                ),
                added_by=by,
                added_at=now,
            )
            for queue in plan.queues
        ]
    )


def _take_events(uow: UnitOfWork, number: CampaignId) -> None:
    for event in uow.queue_events.all():
        if event.event.kind == event_kind(number) and event.number is not None:
            uow.queue_events.remove(event.number)


def _plan(
    uow: ReadUnit, settings: Settings, team: TeamId, entry: CampaignEntry, now: datetime
) -> CampaignPlan:
    own = settings.teams[team]
    today = now.astimezone(ZoneInfo(own.zone)).date()
    name = " ".join(entry.name.split())
    refuse_personal(name)
    bare = CampaignPlan(
        name=name,
        first_day=entry.first_day,
        last_day=entry.last_day,
        queues=tuple(dict.fromkeys(entry.queues)),
        types=tuple(dict.fromkeys(entry.types)),
        channel=entry.channel.strip().lstrip("#") or own.channels["standup"],
        goals=tuple(Goal(kind=kind, target=1, baseline=1) for kind in GoalKind),
        lift=Lift(low=1, mid=1, high=1),
        duties=entry.duties,
        report_every=entry.report_every,
        department=department_of(settings, entry.department).department if entry.department.strip() else None,
    )
    mine = [q.queue for q in settings.queues.values() if q.team == team]
    check_plan(bare, queues=mine, today=today)
    read = {kind: read_goal(entry.goals.get(kind, ""), kind) for kind in GoalKind}
    lift, lift_from = _lift(uow, bare, entry.lift, own.zone, today)
    if all(baseline is not None for _, baseline in read.values()):
        measured = CampaignFigures()
    else:
        until = local_midnight(min(today, entry.first_day), own.zone)
        measured = figures_between(uow, bare.queues, bare.types, until - BASELINE_DAYS * _DAY, until)
    goals = tuple(
        Goal(kind=kind, target=target, baseline=_baseline(kind, baseline, measured))
        for kind, (target, baseline) in read.items()
    )
    return replace(bare, goals=goals, lift=lift, lift_from=lift_from)


def _baseline(kind: GoalKind, given: float | None, measured: CampaignFigures) -> float:
    if given is not None:
        return given
    found = {
        GoalKind.RESPONSE: measured.mean_response_seconds,
        GoalKind.SATISFACTION: measured.satisfaction,
        GoalKind.FEEDBACK: measured.positive,
    }[kind]
    if found is None or (kind is GoalKind.RESPONSE and found <= 0):
        example = "20% from 90s" if kind is GoalKind.RESPONSE else "85% from 80%"
        raise RefusedError(
            "campaign_baseline",
            f"The last {BASELINE_DAYS} days say nothing of the baseline of {kind.value!r}; nothing was "
            f"saved. Write it behind the goal: {example}.",
            variant=kind.value,
            days=BASELINE_DAYS,
            example=example,
        )
    return round(found, 1)


def _lift(
    uow: ReadUnit, plan: CampaignPlan, text: str, zone: str, today: date
) -> tuple[Lift, tuple[str, ...]]:
    """What was entered, else what similar earlier campaigns did, with their names."""
    if text.strip():
        entered = read_lift(text)
        if entered is None:
            raise RefusedError(
                "campaign_lift",
                "The expected lift was not understood; nothing was saved. Write it in per cent, as a range: "
                "10%..30%.",
                variant="read",
            )
        return entered, ()
    found = _similar(uow, plan, zone, today)
    lift = expected_lift([factor for _, factor in found])
    if lift is None:
        raise RefusedError(
            "campaign_lift",
            "No earlier campaign of these queues has its days and volumes stored, so nothing is known of the "
            "lift; nothing was saved. Give it in per cent, as a range: 10%..30%.",
            variant="unknown",
        )
    return lift, tuple(f"{name} {100 * (factor - 1):+.0f}%" for name, factor in found)


def _similar(uow: ReadUnit, plan: CampaignPlan, zone: str, today: date) -> list[tuple[str, float]]:
    """Earlier campaigns of the same queues and what they brought, the latest first."""
    past = [
        e
        for e in uow.queue_events.all()
        if e.event.nature is EventNature.CAMPAIGN
        and e.event.last_day < today
        and (e.queue is None or e.queue in plan.queues)
    ]
    found: list[tuple[str, float]] = []
    for event in sorted(past, key=lambda e: e.event.first_day, reverse=True):
        if len(found) == MOST_SIMILAR:
            break
        first, last = event.event.first_day, event.event.last_day
        days: dict[date, float] = {}
        for queue in plan.queues if event.queue is None else (event.queue,):
            for day, came in _days(uow, queue, zone, first, last).items():
                days[day] = days.get(day, 0.0) + came
        factor = measured_factor(days, first, last)
        if factor is not None:
            found.append((f"{event.event.name or event.event.kind} {first.isoformat()}", factor))
    return found


def _days(uow: ReadUnit, queue: QueueId, zone: str, first: date, last: date) -> dict[date, float]:
    """Contacts of each local day from five weeks before to the last; days nothing is known of are absent."""
    history = uow.volumes.history(
        queue,
        zone,
        timedelta(hours=1),
        until=local_midnight(last + _DAY, zone),
        start=local_midnight(first, zone) - _HISTORY,
    )
    if history is None:
        return {}
    return {
        day: float(history.offered[part].sum())
        for day, part in history.grid.days().items()
        if history.observed[part].any()
    }


def _detail(plan: CampaignPlan) -> dict[str, object]:
    return {
        "first_day": plan.first_day.isoformat(),
        "last_day": plan.last_day.isoformat(),
        "queues": list(plan.queues),
        "goals": {g.kind.value: [g.target, g.baseline] for g in plan.goals},
        "lift": [plan.lift.low, plan.lift.mid, plan.lift.high],
    }
