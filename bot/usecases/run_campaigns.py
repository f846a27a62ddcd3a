"""While campaigns come and run: what is not ready is said, and reports are made (CA3, CA7, CA15)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.calendar import open_periods
from bot.core.campaign_figures import CampaignFigures, GoalResult, results, suggestions
from bot.core.campaign_messages import (
    CampaignIssues,
    CampaignReport,
    CampaignStart,
    GoalLine,
    OpenLine,
    TypeLine,
)
from bot.core.campaign_readiness import ReadinessItem, open_items
from bot.core.campaigns import Campaign, own_tag, report_days
from bot.core.messages import Message, Outgoing, Recipient, RecipientKind, Urgency
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store, UnitOfWork
from bot.usecases.plan_campaign import figures_between
from forecasting.grid import local_midnight

__all__ = [
    "BEFORE",
    "channel_of",
    "goal_lines",
    "open_lines",
    "report_so_far",
    "starts_at",
    "tick",
    "whole_figures",
]

BEFORE = timedelta(hours=24)
"""How long before the start open items are named."""
GRACE = timedelta(hours=12)
"""A report that could not be made for so long is left out; the next has its figures."""
_DAY = timedelta(days=1)


def tick(store: Store, settings: Settings, *, now: datetime) -> int:
    """Write what is due of every campaign; returns how many messages.

    The slot is the campaign and the occasion, or the day, so replicas and restarts make no second one.
    """
    with store.read() as look:
        campaigns = look.campaigns.planned()
    written = 0
    for campaign in campaigns:
        if campaign.team not in settings.teams:
            continue
        for job, slot, kind in _due(settings, campaign, now):
            with store.unit() as uow:
                if uow.job_slots.take(job, slot, now):
                    written += _write(uow, settings, campaign, kind, slot, now)
                    uow.commit()
    return written


def starts_at(settings: Settings, campaign: Campaign) -> datetime:
    """When the first of its queues opens on its first day; midnight where none does."""
    plan = campaign.plan
    openings = [
        periods[0][0]
        for queue in plan.queues
        if queue in settings.queues
        and (periods := open_periods(settings.calendars[settings.queues[queue].calendar], plan.first_day))
    ]
    return min(openings, default=local_midnight(plan.first_day, settings.teams[campaign.team].zone))


def _due(settings: Settings, campaign: Campaign, now: datetime) -> Iterator[tuple[str, str, str]]:
    """(job, slot, kind) of what is due; whether it was done, the slot knows."""
    start = starts_at(settings, campaign)
    number = campaign.number
    if start - BEFORE <= now < start:
        yield f"campaign_start:{number}", f"before {start.isoformat()}", "before"
    elif start <= now < start + GRACE:
        yield f"campaign_start:{number}", f"at {start.isoformat()}", "begun"
    for day in report_days(campaign.plan):
        if timedelta(0) <= now - _evening(settings, campaign, day) < GRACE:
            yield f"campaign_report:{number}", day.isoformat(), "report"
    department = campaign.plan.department
    if department is not None and department in settings.departments:
        today = now.astimezone(ZoneInfo(settings.teams[campaign.team].zone)).date()
        for day in (today - _DAY, today):
            if campaign.runs_on(day) and timedelta(0) <= now - _evening(settings, campaign, day) < GRACE:
                yield f"campaign_issues:{number}", day.isoformat(), "issues"


def _evening(settings: Settings, campaign: Campaign, day: date) -> datetime:
    """When the day's figures are told: at the time of the evening card, on the team's wall."""
    zone = settings.teams[campaign.team].zone
    return datetime.combine(day, settings.timetable.evening, ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))


def _write(
    uow: UnitOfWork, settings: Settings, campaign: Campaign, kind: str, slot: str, now: datetime
) -> int:
    number, thread_of = campaign.number, None
    message: Message
    recipient = channel_of(campaign)
    if kind in ("before", "begun"):
        items = uow.campaigns.items(number)
        lines = open_lines(open_items(items))
        if not lines and kind == "before":
            return 0
        message = CampaignStart(
            campaign=number,
            name=campaign.plan.name,
            starts_at=starts_at(settings, campaign),
            lines=lines,
            total=len(items),
            begun=kind == "begun",
        )
    elif kind == "report":
        message = report_so_far(uow, settings, campaign, date.fromisoformat(slot), now)
    else:
        day = date.fromisoformat(slot)
        zone = settings.teams[campaign.team].zone
        start = local_midnight(day, zone)
        end = local_midnight(day + _DAY, zone)
        found = figures_between(
            uow, campaign.plan.queues, campaign.plan.types, start, end, tag=own_tag(number)
        )
        assert campaign.plan.department is not None  # only then it is due
        recipient = Recipient(
            kind=RecipientKind.CHANNEL,
            name=settings.departments[campaign.plan.department].channel,
            team=campaign.team,
        )
        # One thread for the whole campaign, under its first day.
        first = f"campaign_issues:{number}:{campaign.plan.first_day.isoformat()}"
        thread_of = first if uow.outbox.by_key(first) is not None else None
        message = CampaignIssues(
            campaign=number,
            name=campaign.plan.name,
            day=day,
            contacts=found.contacts,
            top_types=_types(found),
            questions=found.questions,
            complaints=found.complaints,
            wishes=found.wishes,
        )
    job = {"before": "campaign_start", "begun": "campaign_start", "report": "campaign_report"}.get(
        kind, "campaign_issues"
    )
    put = Outgoing(
        recipient=recipient,
        message=message,
        dedupe_key=f"{job}:{number}:{slot}",
        urgency=Urgency.DIGEST,
        not_before=now,
        thread_of=thread_of,
    )
    return int(uow.outbox.put(put, now))


def channel_of(campaign: Campaign) -> Recipient:
    return Recipient(kind=RecipientKind.CHANNEL, name=campaign.plan.channel, team=campaign.team)


def open_lines(items: tuple[ReadinessItem, ...]) -> tuple[OpenLine, ...]:
    return tuple(OpenLine(item=i.number, code=i.code, words=i.words, owner=i.owner) for i in items)


def goal_lines(found: tuple[GoalResult, ...]) -> tuple[GoalLine, ...]:
    return tuple(
        GoalLine(kind=r.goal.kind.value, target=r.goal.target, baseline=r.goal.baseline, actual=r.actual)
        for r in found
    )


def whole_figures(
    uow: ReadUnit, settings: Settings, campaign: Campaign, through: date, now: datetime
) -> CampaignFigures:
    """From the first day to the end of ``through``, or to now."""
    zone, plan = settings.teams[campaign.team].zone, campaign.plan
    start = local_midnight(plan.first_day, zone)
    end = min(local_midnight(min(through, plan.last_day) + _DAY, zone), now)
    if end <= start:
        return CampaignFigures()
    return figures_between(uow, plan.queues, plan.types, start, end, tag=own_tag(campaign.number))


def report_so_far(
    uow: ReadUnit, settings: Settings, campaign: Campaign, day: date, now: datetime
) -> CampaignReport:
    """Figures against goals from the first day through ``day``, with what they suggest."""
    plan = campaign.plan
    found = whole_figures(uow, settings, campaign, day, now)
    reached = results(plan.goals, found)
    return CampaignReport(
        campaign=campaign.number,
        name=plan.name,
        day=day,
        of_days=(plan.last_day - plan.first_day).days + 1,
        through=(day - plan.first_day).days + 1,
        contacts=found.contacts,
        goals=goal_lines(reached),
        top_types=_types(found),
        questions=found.questions,
        complaints=found.complaints,
        wishes=found.wishes,
        rated=found.rated,
        suggestions=suggestions(found, reached, expected=_expected(uow, settings, campaign, day)),
        mean_response_seconds=found.mean_response_seconds,
    )


def _expected(uow: ReadUnit, settings: Settings, campaign: Campaign, day: date) -> float | None:
    """Contacts at the upper end of the lift: what the same days of the week before brought, times it.

    None where nothing came then.
    """
    zone, plan = settings.teams[campaign.team].zone, campaign.plan
    weeks = -(-((plan.last_day - plan.first_day).days + 1) // 7)
    back = timedelta(days=7 * weeks)
    start = local_midnight(plan.first_day - back, zone)
    end = local_midnight(day + _DAY - back, zone)
    usual = figures_between(uow, plan.queues, plan.types, start, end).contacts
    return usual * plan.lift.high if usual else None


def _types(found: CampaignFigures) -> tuple[TypeLine, ...]:
    return tuple(TypeLine(type=kind, count=count) for kind, count in found.by_type)
