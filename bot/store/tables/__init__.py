"""The tables; nothing but columns, keys and indexes."""

from bot.store.tables.action_items import ActionItemRow
from bot.store.tables.adherence_choices import AdherenceChoiceRow
from bot.store.tables.alerts import AlertRow, BreachLineRow, FoldRow, StormRow
from bot.store.tables.base import Base
from bot.store.tables.board_posts import BoardPostRow
from bot.store.tables.calendar_links import CalendarLinkRow
from bot.store.tables.campaigns import (
    AnnouncementReaderRow,
    AnnouncementRow,
    CampaignItemRow,
    CampaignRow,
)
from bot.store.tables.clocks import SlaClockRow
from bot.store.tables.contacts import ContactEventRow, ContactRow
from bot.store.tables.customers import CustomerConfirmationRow
from bot.store.tables.diversions import DiversionRow
from bot.store.tables.events import QueueEventRow
from bot.store.tables.exceptions import ExceptionWindowRow
from bot.store.tables.floor import PresenceRow, SourceRow
from bot.store.tables.forecasts import ForecastIntervalRow, ForecastRow, RequirementRow
from bot.store.tables.ideas import IdeaRow, KudosRow
from bot.store.tables.improvements import ImprovementRow
from bot.store.tables.incidents import DrillCaseRow, IncidentEntryRow, IncidentRow, IncidentStepRow
from bot.store.tables.jobs import AuditRow, JobSlotRow, RunRow
from bot.store.tables.keys import KeyRow
from bot.store.tables.knowledge import KnowledgeProposalRow, OwnPhraseRow
from bot.store.tables.languages import LanguageChoiceRow
from bot.store.tables.miss_causes import MissCauseRow
from bot.store.tables.on_shift_places import OnShiftPlaceRow
from bot.store.tables.outbox import DeliveryGateRow, OutboxRow
from bot.store.tables.outlook import CountMarkRow, RiskCallRow, WatchEpisodeRow
from bot.store.tables.people import AgentRow, AvailabilityRow, LeaveRow
from bot.store.tables.promises import PromiseRow
from bot.store.tables.records import (
    ApprovalRow,
    CaseBlockRow,
    CaseOwnerRow,
    ContactRecordRow,
    ExternalIdRow,
    HandOverRow,
    NumberCounterRow,
)
from bot.store.tables.requests import RequestRow, ShiftChangeRow
from bot.store.tables.rhythm import PersonChoiceRow, RemoteAnswerRow, WeeklyReviewRow
from bot.store.tables.rosters import CertificateRow, ReceiptRow, RosterRow, SegmentRow, ShiftRow
from bot.store.tables.shift_reminders import ShiftReminderRow
from bot.store.tables.survey_requests import SurveyRequestRow
from bot.store.tables.surveys import SurveyAnswerRow
from bot.store.tables.training import SkillRecordRow, TrainingPersonRow, TrainingRow
from bot.store.tables.volumes import VolumeRow
from bot.store.tables.wishes import WishRow

__all__ = [
    "ActionItemRow",
    "AdherenceChoiceRow",
    "AgentRow",
    "AlertRow",
    "AnnouncementReaderRow",
    "AnnouncementRow",
    "ApprovalRow",
    "AuditRow",
    "AvailabilityRow",
    "Base",
    "BoardPostRow",
    "BreachLineRow",
    "CalendarLinkRow",
    "CampaignItemRow",
    "CampaignRow",
    "CaseBlockRow",
    "CaseOwnerRow",
    "CertificateRow",
    "ContactEventRow",
    "ContactRecordRow",
    "ContactRow",
    "CountMarkRow",
    "CustomerConfirmationRow",
    "DeliveryGateRow",
    "DiversionRow",
    "DrillCaseRow",
    "ExceptionWindowRow",
    "ExternalIdRow",
    "FoldRow",
    "ForecastIntervalRow",
    "ForecastRow",
    "HandOverRow",
    "IdeaRow",
    "ImprovementRow",
    "IncidentEntryRow",
    "IncidentRow",
    "IncidentStepRow",
    "JobSlotRow",
    "KeyRow",
    "KnowledgeProposalRow",
    "KudosRow",
    "LanguageChoiceRow",
    "LeaveRow",
    "MissCauseRow",
    "NumberCounterRow",
    "OnShiftPlaceRow",
    "OutboxRow",
    "OwnPhraseRow",
    "PersonChoiceRow",
    "PresenceRow",
    "PromiseRow",
    "QueueEventRow",
    "ReceiptRow",
    "RemoteAnswerRow",
    "RequestRow",
    "RequirementRow",
    "RiskCallRow",
    "RosterRow",
    "RunRow",
    "SegmentRow",
    "ShiftChangeRow",
    "ShiftReminderRow",
    "ShiftRow",
    "SkillRecordRow",
    "SlaClockRow",
    "SourceRow",
    "StormRow",
    "SurveyAnswerRow",
    "SurveyRequestRow",
    "TrainingPersonRow",
    "TrainingRow",
    "VolumeRow",
    "WatchEpisodeRow",
    "WeeklyReviewRow",
    "WishRow",
]
