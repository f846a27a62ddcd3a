"""The checked tree as core objects.  What core types refuse becomes a problem at the key that caused it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from bot.config.activities_part import build_activities
from bot.config.alerts_part import build_alerts
from bot.config.care_part import build_care
from bot.config.connectors_part import connector_settings
from bot.config.document import Document, KeyPath
from bot.config.fields import OpeningWindow, Promised, WorkingDays, parse_duration, parse_weekdays
from bot.config.holiday_years import CountryDays
from bot.config.incidents_part import build_incidents
from bot.config.knowledge_part import build_knowledge
from bot.config.kpis_part import build_goals, build_kpis, build_monthly, build_weekly, pack_channels
from bot.config.labour_part import build_labour
from bot.config.model import (
    AppFile,
    CalendarPart,
    PolicyPart,
    PresencePart,
    QueuePart,
    RosterPart,
    RulesPart,
    TeamPart,
    TemplatePart,
)
from bot.config.on_shift_part import build_groups
from bot.config.privacy_part import build_privacy
from bot.config.problems import Problem
from bot.config.promises_part import build_promises
from bot.config.records_part import departments, record_settings
from bot.config.reviews_part import build_reviews
from bot.config.rhythm_part import build_review
from bot.config.shrinkage_part import build_shrinkage
from bot.config.surveys_part import build_surveys
from bot.config.watch_part import build_watch
from bot.core.calendar import BusinessCalendar, Period, SpecialDay
from bot.core.courses import Measure
from bot.core.escalation import SUPERVISOR_SKILL, EscalationChain, EscalationStep
from bot.core.fairness import FairnessSettings
from bot.core.ids import QueueId, TeamId
from bot.core.people import Role, RoleList, StandUp, Team
from bot.core.queues import Queue
from bot.core.retention import Retention
from bot.core.settings import (
    STANDARD_HANDLING_TIMES,
    ChangeSettings,
    PresenceSettings,
    PublishSettings,
    RosterSettings,
    Settings,
    SolveSettings,
    StaffingSettings,
    Timetable,
)
from bot.core.sla import Counted, SlaPolicy, SlaTarget
from bot.core.wishes import WishSettings
from forecasting.standard_handling_time import Standard
from scheduler.errors import SchedulerError
from scheduler.queueing.targets import ServiceTarget
from scheduler.roster.people import Contract, ShiftLimit, TimeSpan, skill_attribute
from scheduler.roster.rules import (
    ForbiddenSuccessions,
    MaxConsecutiveDays,
    MinimumRest,
    Presence,
    RosterRules,
    SteadyStarts,
    WeeklyRestDays,
)
from scheduler.roster.shifts import BreakRule, ShiftTemplate

__all__ = ["build_settings"]

_T = TypeVar("_T")
_HOUR = timedelta(hours=1)
_ZERO = timedelta(0)


def build_settings(
    tree: AppFile, document: Document, days: Mapping[str, CountryDays]
) -> tuple[Settings | None, list[Problem]]:
    """Core settings, or None with the problems.  ``days``: public holidays by country."""
    problems: list[Problem] = []

    def attempt(path: KeyPath, make: Callable[[], _T]) -> _T | None:
        try:
            return make()
        except SchedulerError as error:
            problems.append(document.problem("cannot_be", path, reason=str(error)))
            return None

    templates = {
        name: attempt(("roster", "templates", name), lambda n=name, p=part: _template(n, p))  # type: ignore[misc]
        for name, part in tree.roster.templates.items()
    }
    contracts = {
        name: attempt(
            ("roster", "contracts", name),
            lambda n=name, p=part: Contract(  # type: ignore[misc]
                name=n,
                min_hours_per_week=p.hours.least,
                max_hours_per_week=p.hours.most,
                max_days_per_week=p.days,
                templates=tuple(p.templates),
                max_consecutive_days=p.days_in_a_row,
                min_consecutive_days=p.least_days_in_a_row,
                min_consecutive_days_off=p.least_days_off_in_a_row,
                max_weekends=p.weekends,
                complete_weekends=p.complete_weekends,
                weekend_rotation=p.every_nth_weekend,
                shift_limits=tuple(
                    ShiftLimit(templates=tuple(m.templates), most=m.most) for m in p.most_shifts
                ),
            ),
        )
        for name, part in tree.roster.contracts.items()
    }
    rules = attempt(("roster", "rules"), lambda: _rules(tree.roster.rules))
    if problems or rules is None:
        return None, problems
    return _settings(
        tree,
        calendars={n: _calendar(n, p, days) for n, p in tree.calendars.items()},
        roster=_roster(
            tree.roster,
            {n: t for n, t in templates.items() if t is not None},
            {n: c for n, c in contracts.items() if c is not None},
            rules,
        ),
        beside=document.file.parent,
    ), []


def _settings(
    tree: AppFile, calendars: Mapping[str, BusinessCalendar], roster: RosterSettings, beside: Path
) -> Settings:
    return Settings(
        locale=tree.language,
        zone=tree.zone,
        roles=_roles(tree),
        calendars=calendars,
        teams={TeamId(n): _team(n, p, tree) for n, p in tree.teams.items()},
        queues={QueueId(n): _queue(n, p, tree) for n, p in tree.queues.items()},
        policies=tuple(_policy(p) for p in tree.sla.policies),
        warn_at=tuple(sorted(set(tree.sla.warn_at))),
        chains={
            name: EscalationChain(
                name=name,
                steps=tuple(
                    EscalationStep(
                        after=s.after,
                        notify=s.notify,
                        email=s.email,
                        channel=s.channel,
                        skill=s.skill or SUPERVISOR_SKILL,
                        emails=tuple(s.emails),
                    )
                    for s in part.steps
                ),
                last_resort=part.last_resort,
            )
            for name, part in tree.escalation.items()
        },
        staffing=StaffingSettings(
            interval=parse_duration(tree.staffing.interval),
            targets={
                name: ServiceTarget(
                    share=part.share,
                    within_seconds=part.within.total_seconds(),
                    max_occupancy=part.max_occupancy,
                    max_abandonment=part.max_abandonment,
                )
                for name, part in tree.staffing.targets.items()
            },
            probability=tree.staffing.probability,
            shrinkage=build_shrinkage(tree.staffing.shrinkage),
            late_start=tree.staffing.late_start,
            volume_error=tree.staffing.volume_error,
            minimum_agents=tree.staffing.minimum_agents,
            extra_models=tuple(dict.fromkeys(tree.staffing.extra_models)),
            handling_times={
                **STANDARD_HANDLING_TIMES,
                **{
                    kind: Standard(low=held.low.total_seconds(), high=held.high.total_seconds())
                    for kind, held in tree.staffing.handling_times.items()
                },
            },
        ),
        roster=roster,
        timetable=Timetable(
            forecast=tree.timetable.forecast,
            retention=tree.timetable.retention,
            orphans=tree.timetable.orphans,
            drift=tree.timetable.drift,
            evening=tree.timetable.evening,
        ),
        retention=Retention(**tree.retention.model_dump()),
        records=record_settings(tree.records),
        connectors=connector_settings(tree.connectors),
        departments=departments(tree.departments),
        watch=build_watch(tree.watch),
        privacy=build_privacy(tree.privacy),
        promises=build_promises(tree.promises),
        alerts=build_alerts(tree.alerts),
        knowledge=build_knowledge(tree.knowledge, beside),
        kpis=build_kpis(tree.kpis),
        reviews=build_reviews(tree.reviews),
        care=build_care(tree.care),
        surveys=build_surveys(tree.surveys),
        incidents=build_incidents(tree.incidents, beside),
    )


def _roles(tree: AppFile) -> RoleList:
    people, groups = tree.people, tree.people.slack_user_groups
    by_email = dict.fromkeys(people.leads, Role.LEAD)
    by_email |= dict.fromkeys(people.planners, Role.PLANNER)
    by_email |= dict.fromkeys(people.admins, Role.ADMIN)
    by_group = {Role.LEAD: groups.lead, Role.PLANNER: groups.planner, Role.ADMIN: groups.admin}
    return RoleList(
        by_email=by_email,
        by_user_group={group: role for role, group in by_group.items() if group is not None},
    )


def _calendar(name: str, part: CalendarPart, days: Mapping[str, CountryDays]) -> BusinessCalendar:
    public = days[part.holidays] if part.holidays is not None else CountryDays()
    worked = days[part.worked_holidays] if part.worked_holidays is not None else CountryDays()
    return BusinessCalendar(
        name=name,
        zone=part.zone,
        weekly=_by_weekday(part.hours),
        working_weekdays=part.working_days,
        holidays=public.holidays,
        makeup_workdays=public.makeup_workdays,
        worked_holidays=worked.holidays,
        special_days={
            day: SpecialDay(
                name=special.name,
                periods=tuple(sorted((w.start, w.end) for w in special.hours)),
                working=special.working,
            )
            for day, special in part.days.items()
        },
    )


def _by_weekday(hours: Mapping[str, Sequence[OpeningWindow]]) -> dict[int, tuple[Period, ...]]:
    weekly: dict[int, tuple[Period, ...]] = {}
    for key, windows in hours.items():
        periods = tuple(sorted((w.start, w.end) for w in windows))
        weekly |= {weekday: periods for weekday in parse_weekdays(key) if periods}
    return weekly


def _team(name: str, part: TeamPart, tree: AppFile) -> Team:
    meeting = part.stand_up
    return Team(
        team=TeamId(name),
        zone=part.zone or tree.zone,
        locale=part.language or tree.language,
        calendar=part.calendar,
        escalation=part.escalation,
        channels={
            "alerts": part.channels.alerts,
            "standup": part.channels.standup,
            **({} if part.board is None else {"board": part.board.channel}),
            **pack_channels(part.weekly_pack, part.monthly_pack),
        },
        board_every=None if part.board is None else part.board.every,
        on_shift_groups=build_groups(part.on_shift),
        on_shift_topic=None if part.on_shift is None else part.on_shift.topic,
        review=build_review(part.review),
        answer_ideas_within=part.answer_ideas_within,
        goals=build_goals(part.goals),
        weekly_pack=build_weekly(part.weekly_pack),
        monthly_pack=build_monthly(part.monthly_pack),
        counselling=None if part.counselling is None else part.counselling.strip(),
        stand_up=None
        if meeting is None
        else StandUp(
            at=meeting.at,
            digest_before=meeting.digest_before,
            length=meeting.length,
            weekdays=meeting.days,
            remote_at=None if meeting.remote is None else meeting.remote.at,
        ),
    )


def _queue(name: str, part: QueuePart, tree: AppFile) -> Queue:
    return Queue(
        queue=QueueId(name),
        team=TeamId(part.team),
        channel=part.channel,
        skill=part.skill or name,
        calendar=part.calendar or tree.teams[part.team].calendar,
        target=part.target,
        aht_seconds=part.aht.total_seconds(),
        patience_seconds=None if part.patience is None else part.patience.total_seconds(),
        concurrency=part.concurrency,
        self_service=part.self_service,
        peaks=_by_weekday(part.peaks),
    )


def _policy(part: PolicyPart) -> SlaPolicy:
    return SlaPolicy(
        name=part.name,
        channels=frozenset(part.channel),
        types=frozenset(part.type),
        priorities=frozenset(part.priority),
        tiers=frozenset(part.tier),
        tags=frozenset(part.tag),
        days=part.days,
        hours=None if part.hours is None else (part.hours.start, part.hours.end),
        targets=tuple(
            _target(measure, promise, part)
            for measure in Measure
            if (promise := getattr(part, measure.value)) is not None
        ),
    )


def _target(measure: Measure, promise: Promised | WorkingDays, part: PolicyPart) -> SlaTarget:
    if isinstance(promise, WorkingDays):
        return SlaTarget(
            measure=measure,
            counted=Counted.WORKING_DAYS,
            working_days=promise.days,
            calendar=part.calendar,
        )
    counted = Counted(promise.counted or part.counted)
    return SlaTarget(measure=measure, counted=counted, within=promise.within, calendar=part.calendar)


def _template(name: str, part: TemplatePart) -> ShiftTemplate:
    lunch, breaks = part.lunch, part.breaks
    return ShiftTemplate(
        name=name,
        earliest_start=part.start.earliest,
        latest_start=part.start.latest,
        start_step=part.step,
        lengths=tuple(part.lengths),
        breaks=BreakRule(
            lunch=lunch.length if lunch else _ZERO,
            lunch_earliest=lunch.after if lunch else _ZERO,
            lunch_latest=lunch.before if lunch else _ZERO,
            break_length=breaks.length if breaks else _ZERO,
            break_count=breaks.count if breaks else 0,
            min_spacing=breaks.spacing if breaks else _ZERO,
        ),
        paid_lunch=lunch is not None and lunch.paid,
        prepare=part.prepare,
    )


def _rules(part: RulesPart) -> RosterRules:
    RosterRules(presence=tuple(_at_some_time(p) for p in part.presence))
    return RosterRules(
        rest=None if part.rest is None else MinimumRest(hours=part.rest / _HOUR),
        consecutive_days=None if part.days_in_a_row is None else MaxConsecutiveDays(days=part.days_in_a_row),
        weekly_rest=None if part.rest_days_per_week is None else WeeklyRestDays(days=part.rest_days_per_week),
        successions=ForbiddenSuccessions(
            pairs=frozenset((p.after, name) for p in part.never_after for name in p.never)
        )
        if part.never_after
        else None,
        steady_starts=None
        if part.steady_starts is None
        else SteadyStarts(hours=part.steady_starts.within / _HOUR, weight=part.steady_starts.price),
        soft=part.soft,
    )


def _counted(part: PresencePart) -> str | None:
    return part.attribute if part.skill is None else skill_attribute(part.skill)


def _at_some_time(part: PresencePart) -> Presence:
    """The rule with a span made up, so that its numbers are checked; real spans come with a period."""
    midnight = datetime(2026, 1, 1, tzinfo=UTC)
    return Presence(
        name=part.name,
        attribute=_counted(part),
        least=part.least,
        most=part.most,
        weight=part.price,
        spans=(TimeSpan(start=midnight, end=midnight + _HOUR),),
    )


def _presence(part: PresencePart) -> PresenceSettings:
    return PresenceSettings(
        name=part.name,
        attribute=_counted(part),
        least=part.least,
        most=part.most,
        weight=part.price,
        queues=tuple(QueueId(q) for q in part.queues),
    )


def _roster(
    part: RosterPart,
    templates: Mapping[str, ShiftTemplate],
    contracts: Mapping[str, Contract],
    rules: RosterRules,
) -> RosterSettings:
    return RosterSettings(
        templates=templates,
        contracts=contracts,
        rules=rules,
        solve=SolveSettings(
            time_limit=part.solve.time_limit, workers=part.solve.workers, seed=part.solve.seed
        ),
        publish=PublishSettings(
            notice=part.publish.notice, certificate=part.publish.certificate, paths=part.publish.paths
        ),
        changes=ChangeSettings(
            answer_within=part.changes.answer_within,
            most_people=part.changes.most_people,
            most_overtime=part.changes.most_overtime,
            overtime_per_week=part.changes.overtime_per_week,
        ),
        wishes=WishSettings(
            weight=part.wishes.price,
            early=part.wishes.early,
            late=part.wishes.late,
            most=part.wishes.most,
        ),
        fairness=None
        if part.fairness is None
        else FairnessSettings(weeks=part.fairness.weeks, weight=part.fairness.price),
        labour=build_labour(part.labour, contracts),
        presence=tuple(_presence(p) for p in part.rules.presence),
        activities=build_activities(part.activities),
        checklist=None if part.checklist is None else tuple(part.checklist),
    )
