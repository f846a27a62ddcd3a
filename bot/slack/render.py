"""Message kinds into blocks and a fallback text, in the reader's language and zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from slack_sdk.models.blocks import Block

from bot.core.alert_messages import AlertCard, AlertNews, AlertSummary, StormCard, StormNews
from bot.core.board_messages import BoardPost
from bot.core.campaign_messages import CampaignMessage
from bot.core.delivery import OUT_OF_REACH
from bot.core.exception_messages import ExceptionDeclared
from bot.core.idea_messages import IdeaMessage
from bot.core.incident_messages import IncidentMessage
from bot.core.item_messages import ItemMessage
from bot.core.load_messages import LoadMessage
from bot.core.messages import (
    Message,
    OperatorNotice,
    OutboxMessage,
    PrepareCard,
    RecipientKind,
    RosterAnnounced,
    RosterPublished,
    ShiftReminder,
    StandUpDigest,
)
from bot.core.outlook_messages import OutlookMessage
from bot.core.packs import Pack
from bot.core.planner_messages import PlannerMessage
from bot.core.ports import Destination
from bot.core.proposal_messages import ProposalMessage
from bot.core.reason_messages import ReasonMessage
from bot.core.records_messages import RecordsMessage
from bot.core.remote_messages import RemoteMessage
from bot.core.request_messages import RequestMessage
from bot.core.review_messages import ReviewMessage
from bot.core.service_messages import ServiceBelow
from bot.core.settings import Settings
from bot.core.training_messages import TrainingMessage
from bot.core.trial_messages import TrialAlert
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.slack.blocks import (
    alerts,
    board,
    campaigns,
    case_posts,
    digests,
    exceptions,
    ideas,
    incidents,
    items,
    load,
    notices,
    outlook,
    packs,
    planner,
    promises,
    proposals,
    reasons,
    remote,
    requests,
    reviews,
    rosters,
    service,
    storms,
    training,
    trial,
)
from bot.slack.blocks.kit import Content, context, message
from bot.slack.blocks.voice import Voice

__all__ = ["Renderer"]

SENT_LATE = timedelta(minutes=2)


class Renderer:
    """Renders every kind of `bot.core.messages.Message`.

    ``person`` turns an agent id or Slack user id into mrkdwn (`bot.slack.people.Names`).
    """

    def __init__(self, settings: Settings, person: Callable[[str], str]) -> None:
        self._settings = settings
        self._person = person

    def render(self, outgoing: OutboxMessage, destination: Destination, now: datetime) -> Content:
        """The message as this reader gets it now; says so where it leaves late."""
        voice = self._voice(destination, now)
        blocks = self._blocks(outgoing.outgoing.message, voice)
        waited = _waited(outgoing, now)
        dated = isinstance(outgoing.outgoing.message, BoardPost)  # says itself of when it is
        if waited >= SENT_LATE and outgoing.outgoing.edits is None and not dated:
            blocks.append(context(_late(outgoing, waited, voice)))
        return message(blocks, shortened=voice.t.text("message.shortened"))

    def show(self, kind: Message, destination: Destination, now: datetime) -> Content:
        """The same for a message that is not in the outbox."""
        voice = self._voice(destination, now)
        return message(self._blocks(kind, voice), shortened=voice.t.text("message.shortened"))

    def _voice(self, destination: Destination, now: datetime) -> Voice:
        t = Translator(destination.locale)
        return Voice(
            t=t,
            f=Formats(t.locale, destination.zone),
            now=now,
            settings=self._settings,
            person=self._person,
            direct=destination.recipient.kind is not RecipientKind.CHANNEL,
        )

    def _blocks(self, kind: Message, voice: Voice) -> list[Block]:
        if isinstance(kind, RecordsMessage):
            return case_posts.blocks(kind, voice)
        if isinstance(kind, OutlookMessage):
            return outlook.blocks(kind, voice)
        if isinstance(kind, RequestMessage):
            return requests.blocks(kind, voice)
        if isinstance(kind, CampaignMessage):
            return campaigns.blocks(kind, voice)
        if isinstance(kind, ItemMessage):
            return items.blocks(kind, voice)
        if isinstance(kind, IncidentMessage):
            return incidents.blocks(kind, voice)
        if isinstance(kind, PlannerMessage):
            return planner.blocks(kind, voice)
        if isinstance(kind, ReasonMessage):
            return reasons.blocks(kind, voice)
        if isinstance(kind, ProposalMessage):
            return proposals.blocks(kind, voice)
        if isinstance(kind, RemoteMessage):
            return remote.blocks(kind, voice)
        if isinstance(kind, IdeaMessage):
            return ideas.blocks(kind, voice)
        if isinstance(kind, TrainingMessage):
            return training.blocks(kind, voice)
        if isinstance(kind, ReviewMessage):
            return reviews.blocks(kind, voice)
        if isinstance(kind, LoadMessage):
            return load.blocks(kind, voice)
        match kind:
            case AlertCard():
                return alerts.card(kind, voice)
            case AlertNews():
                return alerts.news(kind, voice)
            case StormCard():
                return storms.card(kind, voice)
            case StormNews():
                return storms.news(kind, voice)
            case AlertSummary():
                return storms.summary(kind, voice)
            case StandUpDigest():
                return digests.stand_up(kind, voice)
            case Pack():
                return packs.posted(kind, voice)
            case BoardPost():
                return board.posted(kind, voice)
            case RosterPublished():
                return rosters.published(kind, voice)
            case RosterAnnounced():
                return rosters.announced(kind, voice)
            case ShiftReminder():
                return rosters.reminder(kind, voice)
            case PrepareCard():
                return rosters.prepare(kind, voice)
            case OperatorNotice():
                return notices.operator(kind, voice)
            case ExceptionDeclared():
                return exceptions.declared(kind, voice)
            case TrialAlert():
                return trial.trial(kind, voice)
            case ServiceBelow():
                return service.below(kind, voice)
            case _:
                return promises.blocks(kind, voice)


def _late(outgoing: OutboxMessage, waited: timedelta, voice: Voice) -> str:
    """By how much, and from when to when Slack did not take it, where that is known (SCENARIOS K9)."""
    length = voice.length(waited)
    if outgoing.attempts < 2 or outgoing.last_error not in OUT_OF_REACH:
        # Whether the database or Muster itself was away is not known here.
        return voice.t.text("message.sent_late", late=length)
    since, until = voice.moment(voice.now - waited), voice.moment(voice.now)
    return voice.t.text("message.sent_late_by_slack", late=length, since=since, until=until)


def _waited(outgoing: OutboxMessage, now: datetime) -> timedelta:
    """How long the message could not leave.  A retry moves ``not_before``, so then the creation counts."""
    if outgoing.attempts > 1:
        return now - outgoing.created_at
    return now - max(outgoing.created_at, outgoing.outgoing.not_before)
