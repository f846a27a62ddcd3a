"""Settings: what the operator decided in app.yaml, as core objects.  Read once, passed down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Final

from bot.core.alert_settings import AlertSettings
from bot.core.calendar import BusinessCalendar
from bot.core.connector_settings import ConnectorSettings
from bot.core.contacts import ContactType
from bot.core.escalation import EscalationChain
from bot.core.fairness import FairnessSettings
from bot.core.ids import QueueId, TeamId
from bot.core.incident_settings import IncidentSettings
from bot.core.knowledge import STALE_AFTER
from bot.core.kpis.settings import KpiSettings
from bot.core.people import RoleList, Team
from bot.core.planned_activities import ActivitySettings
from bot.core.privacy.audience import AudienceRules
from bot.core.promise_settings import PromiseSettings
from bot.core.queues import Queue
from bot.core.record_settings import Department, RecordSettings
from bot.core.retention import Retention
from bot.core.review_settings import ReviewSettings
from bot.core.sla import SlaPolicy, SlaTerms
from bot.core.survey_requests import SurveySettings
from bot.core.wishes import WishSettings
from bot.core.work_load import CareSettings
from forecasting.standard_handling_time import Standard
from scheduler.labour.packs import LabourPack
from scheduler.queueing.targets import ServiceTarget
from scheduler.roster.people import Contract
from scheduler.roster.rules import RosterRules
from scheduler.roster.shifts import ShiftTemplate
from scheduler.staffing.shrinkage import ShrinkagePlan

STANDARD_HANDLING_TIMES: Final[Mapping[ContactType, Standard]] = {
    ContactType.ORDER: Standard(low=300.0, high=480.0),
    ContactType.CONSULT: Standard(low=180.0, high=300.0),
    ContactType.COMPLAINT: Standard(low=600.0, high=900.0),
}
"""SP21: bills 5 to 8 minutes, use of a product 3 to 5, complaints 10 to 15."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffingSettings:
    """``probability``: chance with which the requirement is to hold the target in each peak interval.

    ``late_start``: by how much shifts begin late on average when a certificate is played.
    ``volume_error``: relative error beyond chance that a forecast is taken to have at least.
    ``extra_models``: further models of the forecast that compete; each needs a package of its own.
    ``handling_times``: by type of contact, until contacts say otherwise.
    """

    interval: timedelta
    targets: Mapping[str, ServiceTarget]
    shrinkage: ShrinkagePlan
    minimum_agents: int
    probability: float = 0.9
    late_start: timedelta = timedelta(0)
    volume_error: float = 0.0
    extra_models: tuple[str, ...] = ()
    handling_times: Mapping[ContactType, Standard] = field(default_factory=lambda: STANDARD_HANDLING_TIMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveSettings:
    time_limit: timedelta
    workers: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishSettings:
    """``certificate``: P(target met) the weakest peak interval needs; ``paths``: simulated weeks."""

    notice: timedelta
    certificate: float
    paths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSettings:
    """What changes a published roster: requests and repairs.

    ``answer_within``: no word by then means no; ``most_people``: changed by one repair; ``most_overtime``: a
    shift may become longer by; ``overtime_per_week``: beyond the contract's hours.
    """

    answer_within: timedelta = timedelta(hours=24)
    most_people: int = 3
    most_overtime: timedelta = timedelta(hours=2)
    overtime_per_week: timedelta = timedelta(hours=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceSettings:
    """How many people with an attribute are at work while ``queues`` (none: any) are open; see Presence.

    ``attribute``: ``lead``, or that of a skill (`skill_attribute`); None for everybody.
    """

    name: str
    attribute: str | None
    least: int
    most: int | None
    weight: int
    queues: tuple[QueueId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterSettings:
    """``labour``: the packs of labour law a roster is judged by, none where the team asks for none.

    ``checklist``: what to have ready before a shift, in the team's words; None for the usual.
    """

    templates: Mapping[str, ShiftTemplate]
    contracts: Mapping[str, Contract]
    rules: RosterRules
    solve: SolveSettings
    publish: PublishSettings
    changes: ChangeSettings = field(default_factory=ChangeSettings)
    wishes: WishSettings = field(default_factory=WishSettings)
    fairness: FairnessSettings | None = field(default_factory=FairnessSettings)
    labour: tuple[LabourPack, ...] = ()
    presence: tuple[PresenceSettings, ...] = ()
    activities: tuple[ActivitySettings, ...] = ()
    checklist: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """Local times, in Settings.zone, of the jobs that run once a day."""

    forecast: time
    retention: time
    orphans: time = time(7, 30)
    drift: time = time(8, 30)
    evening: time = time(21, 45)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeSettings:
    """``folder`` of the snippets (None: the example pack); texts older than ``stale_after`` are marked.

    ``keepers``: addresses, lower case, of who decides on proposals; none: the leads.
    """

    folder: str | None = None
    stale_after: timedelta = STALE_AFTER
    keepers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is looked out for besides each case's own promise.

    A risk card is sent where P(at least ``risk_breaches`` promises broken in half an hour) reaches
    ``risk_chance`` (None: never); ``risk_within``: queues judged by this answer time instead of their
    cases' own promises.  ``silence``: the least time without contacts that can be a silent source (None:
    never looked for).  ``anomaly``: volume outside the forecast's band is told.  ``drift``: forecasts that
    stay too high or too low are told.
    """

    risk_chance: float | None = 0.3
    risk_breaches: int = 3
    risk_within: Mapping[str, timedelta] = field(default_factory=dict)
    silence: timedelta | None = timedelta(minutes=15)
    anomaly: bool = True
    drift: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything app.yaml says.  References between the parts were checked when it was loaded."""

    locale: str
    zone: str
    roles: RoleList
    calendars: Mapping[str, BusinessCalendar]
    teams: Mapping[TeamId, Team]
    queues: Mapping[QueueId, Queue]
    policies: tuple[SlaPolicy, ...]
    warn_at: tuple[float, ...]
    chains: Mapping[str, EscalationChain]
    staffing: StaffingSettings
    roster: RosterSettings
    timetable: Timetable
    retention: Retention
    records: RecordSettings = field(default_factory=RecordSettings)
    departments: Mapping[str, Department] = field(default_factory=dict)
    connectors: Mapping[str, ConnectorSettings] = field(default_factory=dict)
    watch: Watch = field(default_factory=Watch)
    knowledge: KnowledgeSettings = field(default_factory=KnowledgeSettings)
    incidents: IncidentSettings = field(default_factory=IncidentSettings)
    privacy: AudienceRules = field(default_factory=AudienceRules)
    alerts: AlertSettings = field(default_factory=AlertSettings)
    promises: PromiseSettings = field(default_factory=PromiseSettings)
    kpis: KpiSettings = field(default_factory=KpiSettings)
    reviews: ReviewSettings = field(default_factory=ReviewSettings)
    care: CareSettings | None = field(default_factory=CareSettings)
    surveys: SurveySettings | None = None

    @property
    def terms(self) -> SlaTerms:
        """What is promised, and on which calendars."""
        return SlaTerms(
            policies=self.policies,
            warn_at=self.warn_at,
            calendars=self.calendars,
            queues={name: queue.calendar for name, queue in self.queues.items()},
        )
