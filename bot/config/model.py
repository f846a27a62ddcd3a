"""The tree of app.yaml, in the order of the file.  Unknown keys are refused.

Meaning stands here, secrets and addresses in `bot.config.environment`.  Every field is explained in
`bot/docs/configure.md` (a test keeps it complete).  References between parts are checked in `check`.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from bot.config.activities_part import ActivityPart
from bot.config.alerts_part import AlertsPart
from bot.config.care_part import CarePart
from bot.config.connectors_part import ConnectorPart
from bot.config.fields import (
    WEEKDAYS,
    Country,
    DayKey,
    Duration,
    DurationOrNone,
    Email,
    LocalTime,
    LocalWindow,
    Name,
    NoneWord,
    Number,
    OneOrMore,
    OpeningWindow,
    PositiveDuration,
    PositiveRange,
    Promise,
    SlackChannel,
    Starts,
    WeekdaySet,
    WeeklyHours,
    Whole,
    Zone,
    parse_weekdays,
)
from bot.config.incidents_part import IncidentsPart
from bot.config.knowledge_part import KnowledgePart
from bot.config.kpis_part import GoalPart, KpisPart, MonthlyPackPart, WeeklyPackPart
from bot.config.labour_part import LabourPart
from bot.config.on_shift_part import OnShiftPart
from bot.config.privacy_part import PrivacyPart
from bot.config.promises_part import PromisesPart
from bot.config.records_part import DepartmentPart, RecordsPart
from bot.config.reviews_part import ReviewsPart
from bot.config.rhythm_part import RemotePart, ReviewPart
from bot.config.shrinkage_part import Shrinkage
from bot.config.surveys_part import SurveysPart
from bot.config.watch_part import WatchPart
from bot.core.contacts import ContactType, Priority
from bot.core.courses import Measure
from bot.core.escalation import Notify
from bot.core.ideas import ANSWER_WITHIN
from bot.core.queues import Channel
from bot.core.sla import Days

__all__ = ["AppFile", "Part"]

Language = Literal["en", "zh-Hans", "zh-Hant"]
_WORKWEEK = frozenset({0, 1, 2, 3, 4})


class Part(BaseModel):
    """Base of every part of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SlackUserGroups(Part):
    admin: str | None = None
    planner: str | None = None
    lead: str | None = None


class PeoplePart(Part):
    admins: Annotated[list[Email], Field(min_length=1)]
    planners: list[Email] = []
    leads: list[Email] = []
    slack_user_groups: SlackUserGroups = SlackUserGroups()


class DayPart(Part):
    name: str
    hours: list[OpeningWindow] = []
    working: bool = False

    _sorted = field_validator("hours")(lambda windows: _without_overlap(windows))


def _each_weekday_once(hours: dict[str, list[Any]]) -> dict[str, list[Any]]:
    seen: set[int] = set()
    for key, windows in hours.items():
        days = parse_weekdays(key)
        if days & seen:
            twice = ", ".join(WEEKDAYS[d] for d in sorted(days & seen))
            raise PydanticCustomError("weekday_twice", "twice", {"days": twice})
        seen |= days
        _without_overlap(windows)
    return hours


class CalendarPart(Part):
    """``hours``: weekdays (a set each) to windows; a weekday stands in one entry only."""

    zone: Zone
    hours: dict[str, list[OpeningWindow]]
    working_days: WeekdaySet = _WORKWEEK
    holidays: Country = None
    worked_holidays: Country = None
    days: dict[DayKey, DayPart] = {}

    @field_validator("hours")
    @classmethod
    def _check_hours(cls, hours: dict[str, list[Any]]) -> dict[str, list[Any]]:
        return _each_weekday_once(hours)


class ChannelsPart(Part):
    alerts: SlackChannel
    standup: SlackChannel


class StandUpPart(Part):
    at: LocalTime
    digest_before: Duration
    length: PositiveDuration
    days: WeekdaySet = _WORKWEEK
    remote: RemotePart | None = None


class BoardPart(Part):
    """``every`` is bounded, because each change may be an edit in Slack."""

    channel: SlackChannel
    every: PositiveDuration = Field(default="1m", validate_default=True)

    @field_validator("every")
    @classmethod
    def _bounded(cls, every: timedelta) -> timedelta:
        given = f"{every.total_seconds():g}s"
        if every < timedelta(seconds=30):
            raise PydanticCustomError("at_least", "too often", {"value": given, "bound": "30s"})
        if every > timedelta(hours=1):
            raise PydanticCustomError("at_most", "too seldom", {"value": given, "bound": "1h"})
        return every


class TeamPart(Part):
    """``zone`` and ``language`` default to those of the file."""

    zone: Zone | None = None
    language: Language | None = None
    calendar: str
    channels: ChannelsPart
    escalation: str
    stand_up: StandUpPart | None = None
    board: BoardPart | None = None
    on_shift: OnShiftPart | None = None
    review: ReviewPart | None = None
    answer_ideas_within: PositiveDuration = ANSWER_WITHIN
    goals: list[GoalPart] = []
    weekly_pack: WeeklyPackPart | None = None
    monthly_pack: MonthlyPackPart | None = None
    counselling: Annotated[str, Field(min_length=1, max_length=300)] | None = None


class QueuePart(Part):
    """``skill`` defaults to the queue's name, ``calendar`` to the team's."""

    team: str
    channel: Channel
    skill: str | None = None
    calendar: str | None = None
    target: str
    aht: PositiveDuration
    patience: DurationOrNone = None
    concurrency: Annotated[Whole, Field(ge=1, le=20)] = 1
    self_service: Annotated[float, Field(gt=0, lt=1)] = 0.1
    peaks: dict[str, Annotated[list[OpeningWindow], OneOrMore]] = {}

    @field_validator("peaks")
    @classmethod
    def _check_peaks(cls, peaks: dict[str, list[Any]]) -> dict[str, list[Any]]:
        return _each_weekday_once(peaks)


class PolicyPart(Part):
    """Conditions first, then what is promised; ``counted`` holds for promises without a unit of their own."""

    name: str
    channel: Annotated[list[Channel], OneOrMore] = []
    type: Annotated[list[ContactType], OneOrMore] = []
    priority: Annotated[list[Priority], OneOrMore] = []
    tier: Annotated[list[str], OneOrMore] = []
    tag: Annotated[list[str], OneOrMore] = []
    days: Days | None = None
    hours: LocalWindow | None = None
    first_response: Promise | None = None
    next_response: Promise | None = None
    resolution: Promise | None = None
    hand_over: Promise | None = None
    call_back: Promise | None = None
    progress: Promise | None = None
    plan: Promise | None = None
    examination: Promise | None = None
    counted: Literal["elapsed", "business"] = "business"
    calendar: str | None = None

    @model_validator(mode="after")
    def _promises_something(self) -> Self:
        if all(getattr(self, measure.value) is None for measure in Measure):
            raise PydanticCustomError("no_promise", "promises nothing")
        return self


class SlaPart(Part):
    warn_at: list[Annotated[Number, Field(gt=0, lt=1)]] = [0.5, 0.8]
    policies: list[PolicyPart] = []


class StepPart(Part):
    after: Duration
    notify: Notify
    email: Email | None = None
    channel: SlackChannel | None = None
    skill: str | None = None
    emails: list[Email] = []

    @model_validator(mode="after")
    def _person_has_address(self) -> Self:
        if (self.notify is Notify.PERSON) != (self.email is not None):
            raise PydanticCustomError("step_email", "email and notify: person belong together")
        if self.channel is not None and self.notify is not Notify.DEPARTMENT:
            raise PydanticCustomError("step_channel", "channel goes with notify: department")
        if (self.skill is not None or self.emails) and self.notify is not Notify.SUPERVISOR:
            raise PydanticCustomError("step_supervisor", "skill and emails go with notify: supervisor")
        return self


class ChainPart(Part):
    steps: Annotated[list[StepPart], Field(min_length=1)]
    last_resort: Email

    @field_validator("steps")
    @classmethod
    def _in_order(cls, steps: list[StepPart]) -> list[StepPart]:
        if any(later.after <= earlier.after for earlier, later in pairwise(steps)):
            raise PydanticCustomError("steps_order", "each step must come later than the one before")
        return steps


class TargetPart(Part):
    share: Annotated[Number, Field(gt=0, lt=1)]
    within: Duration
    max_occupancy: Annotated[Number, Field(gt=0, le=1)] | None = None
    max_abandonment: Annotated[Number, Field(gt=0, lt=1)] | None = None


class StaffingPart(Part):
    interval: Literal["5m", "10m", "15m", "30m", "60m"] = "15m"
    targets: dict[Name, TargetPart]
    probability: Annotated[Number, Field(ge=0.5, lt=1)] = 0.9
    shrinkage: Shrinkage = 0.0
    late_start: Duration = Field(default="0m", validate_default=True)
    volume_error: Annotated[Number, Field(ge=0, le=1)] = 0.0
    minimum_agents: Annotated[Whole, Field(ge=0)] = 1
    extra_models: list[Literal["lightgbm", "mstl"]] = []
    handling_times: dict[ContactType, PositiveRange] = {}


class LunchPart(Part):
    length: PositiveDuration
    after: Duration
    before: Duration
    paid: bool = False


class BreaksPart(Part):
    count: Annotated[Whole, Field(ge=1, le=6)]
    length: PositiveDuration
    spacing: Duration = Field(default="1h", validate_default=True)


class TemplatePart(Part):
    start: Starts
    step: PositiveDuration
    lengths: Annotated[list[PositiveDuration], Field(min_length=1)]
    lunch: LunchPart | None = None
    breaks: BreaksPart | None = None
    prepare: Duration = Field(default="0m", validate_default=True)


class MostShiftsPart(Part):
    templates: Annotated[list[str], Field(min_length=1)]
    most: Annotated[Whole, Field(ge=0)]


class ContractPart(Part):
    """Limits left out do not exist; those of weekends and kinds of shift count per roster."""

    hours: WeeklyHours
    days: Annotated[Whole, Field(ge=1, le=7)]
    templates: Annotated[list[str], Field(min_length=1)]
    days_in_a_row: Annotated[Whole, Field(ge=1, le=31)] | None = None
    least_days_in_a_row: Annotated[Whole, Field(ge=1, le=31)] = 1
    least_days_off_in_a_row: Annotated[Whole, Field(ge=1, le=31)] = 1
    weekends: Annotated[Whole, Field(ge=0, le=53)] | None = None
    complete_weekends: bool = False
    every_nth_weekend: Annotated[Whole, Field(ge=1, le=31)] = 1
    most_shifts: list[MostShiftsPart] = []


class NeverAfterPart(Part):
    after: str
    never: Annotated[list[str], Field(min_length=1)]


class SteadyStartsPart(Part):
    within: Duration
    price: Annotated[Whole, Field(ge=0)] = 30


class PresencePart(Part):
    """``queues`` left out: while any queue is open.  No ``attribute`` nor ``skill``: everybody counts."""

    name: Name
    attribute: Literal["lead"] | None = None
    skill: Name | None = None
    least: Annotated[Whole, Field(ge=0)] = 0
    most: Annotated[Whole, Field(ge=0)] | None = None
    price: Annotated[Whole, Field(ge=0)] = 30
    queues: list[str] = []

    @model_validator(mode="after")
    def _counts_by_one_thing(self) -> Self:
        if self.attribute is not None and self.skill is not None:
            raise PydanticCustomError("presence_counts", "attribute and skill exclude each other")
        return self


class RulesPart(Part):
    """A rule set to none is switched off."""

    rest: DurationOrNone = Field(default="11h", validate_default=True)
    days_in_a_row: Annotated[Annotated[Whole, Field(ge=1, le=31)] | None, NoneWord] = 6
    rest_days_per_week: Annotated[Annotated[Whole, Field(ge=0, le=6)] | None, NoneWord] = 1
    never_after: list[NeverAfterPart] = []
    steady_starts: SteadyStartsPart | None = None
    presence: list[PresencePart] = []
    soft: dict[str, Annotated[Whole, Field(ge=0)]] = {}


class SolvePart(Part):
    time_limit: PositiveDuration = Field(default="60s", validate_default=True)
    workers: Annotated[Whole, Field(ge=1, le=64)] = 2
    seed: Annotated[Whole, Field(ge=0, lt=2**31)] = 1


class PublishPart(Part):
    notice: Duration = Field(default="24h", validate_default=True)
    certificate: Annotated[Number, Field(ge=0, le=1)] = 0.85
    paths: Annotated[Whole, Field(ge=1, le=10_000)] = 100


class ChangesPart(Part):
    answer_within: PositiveDuration = Field(default="24h", validate_default=True)
    most_people: Annotated[Whole, Field(ge=1, le=10)] = 3
    most_overtime: Duration = Field(default="2h", validate_default=True)
    overtime_per_week: Duration = Field(default="4h", validate_default=True)


class WishesPart(Part):
    price: Annotated[Whole, Field(ge=0)] = 60
    early: LocalTime = Field(default="10:00", validate_default=True)
    late: LocalTime = Field(default="12:00", validate_default=True)
    most: Annotated[Whole, Field(ge=1, le=50)] = 6


class FairnessPart(Part):
    weeks: Annotated[Whole, Field(ge=1, le=52)] = 8
    price: Annotated[Whole, Field(ge=0)] = 60


CheckItem = Annotated[str, Field(min_length=1, max_length=80)]


class RosterPart(Part):
    templates: dict[Name, TemplatePart]
    contracts: dict[Name, ContractPart]
    rules: RulesPart = RulesPart()
    labour: LabourPart = LabourPart()
    activities: dict[Name, ActivityPart] = {}
    solve: SolvePart = SolvePart()
    publish: PublishPart = PublishPart()
    changes: ChangesPart = ChangesPart()
    wishes: WishesPart = WishesPart()
    fairness: Annotated[FairnessPart | None, NoneWord] = FairnessPart()
    checklist: Annotated[list[CheckItem], Field(max_length=8)] | None = None


class TimetablePart(Part):
    forecast: LocalTime = Field(default="02:10", validate_default=True)
    retention: LocalTime = Field(default="03:40", validate_default=True)
    orphans: LocalTime = Field(default="07:30", validate_default=True)
    drift: LocalTime = Field(default="08:30", validate_default=True)
    evening: LocalTime = Field(default="21:45", validate_default=True)


class RetentionPart(Part):
    contacts: PositiveDuration = Field(default="730d", validate_default=True)
    messages: PositiveDuration = Field(default="90d", validate_default=True)
    customer_data: PositiveDuration = Field(default="180d", validate_default=True)
    presence: PositiveDuration = Field(default="400d", validate_default=True)
    forecasts: PositiveDuration = Field(default="400d", validate_default=True)
    audit: PositiveDuration = Field(default="1095d", validate_default=True)


class AppFile(Part):
    """The whole of app.yaml."""

    version: Literal[1]
    language: Language = "en"
    zone: Zone
    people: PeoplePart
    calendars: dict[Name, CalendarPart]
    teams: dict[Name, TeamPart]
    queues: dict[Name, QueuePart]
    sla: SlaPart = SlaPart()
    escalation: dict[Name, ChainPart]
    staffing: StaffingPart
    roster: RosterPart
    timetable: TimetablePart = TimetablePart()
    retention: RetentionPart = RetentionPart()
    records: RecordsPart = RecordsPart()
    connectors: dict[str, ConnectorPart] = {}
    departments: dict[Name, DepartmentPart] = {}
    watch: WatchPart = WatchPart()
    privacy: PrivacyPart = PrivacyPart()
    promises: PromisesPart = PromisesPart()
    alerts: AlertsPart = AlertsPart()
    knowledge: KnowledgePart = KnowledgePart()
    kpis: KpisPart = KpisPart()
    reviews: ReviewsPart = ReviewsPart()
    care: Annotated[CarePart | None, NoneWord] = CarePart()
    surveys: Annotated[SurveysPart | None, NoneWord] = None
    incidents: IncidentsPart = IncidentsPart()


def _without_overlap(windows: list[Any]) -> list[Any]:
    ordered = sorted(windows, key=lambda w: w.start)
    for earlier, later in pairwise(ordered):
        # An end of 00:00 is midnight at the end of the day: nothing can follow it.
        if earlier.end.isoformat() == "00:00:00" or later.start < earlier.end:
            raise PydanticCustomError(
                "windows_overlap",
                "overlap",
                {"first": f"{earlier.start:%H:%M}", "second": f"{later.start:%H:%M}"},
            )
    return ordered
