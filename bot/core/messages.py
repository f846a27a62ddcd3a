"""Messages that leave Muster: kinds with data, never sentences.

The words are chosen when a message is sent, in the recipient's locale and zone (`bot.slack.render`).
No kind carries a customer's name, contact details or text: only the case's reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from bot.core.alert_messages import AlertCard, AlertNews, AlertSummary, StormCard, StormNews
from bot.core.board_messages import BoardPost
from bot.core.campaign_messages import CampaignMessage
from bot.core.exception_messages import ExceptionDeclared
from bot.core.idea_messages import IdeaLine, IdeaMessage, KudosLine
from bot.core.ids import MessageId
from bot.core.incident_messages import IncidentMessage
from bot.core.item_messages import ItemLine, ItemMessage
from bot.core.load_messages import LoadMessage
from bot.core.outlook_messages import OpenPromise, OutlookMessage
from bot.core.packs import Pack
from bot.core.planner_messages import PlannerMessage
from bot.core.promise_messages import PromiseMessage
from bot.core.proposal_messages import ProposalMessage
from bot.core.reason_messages import ReasonMessage
from bot.core.records_messages import RecordsMessage
from bot.core.remote_messages import RemoteMessage
from bot.core.request_messages import RequestMessage
from bot.core.review_messages import ReviewMessage
from bot.core.service_messages import ServiceBelow
from bot.core.training_messages import TrainingMessage
from bot.core.trial_messages import TrialAlert
from scheduler.roster.shifts import LUNCH, SESSION_KINDS, Shift


class RecipientKind(Enum):
    CHANNEL = "channel"  # name of a Slack channel, without '#'
    AGENT = "agent"  # agent id: a direct message
    EMAIL = "email"  # e-mail address of a person in Slack: a direct message


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """``team`` gives zone and locale for a channel; people have their own."""

    kind: RecipientKind
    name: str
    team: str | None = None

    @classmethod
    def direct(cls, agent: str, team: str | None) -> Recipient:
        """A person on the team, by direct message."""
        return cls(kind=RecipientKind.AGENT, name=agent, team=team)

    @property
    def place(self) -> tuple[RecipientKind, str]:
        """Whom it reaches, whatever the team."""
        return self.kind, self.name


class Urgency(Enum):
    """Order of delivery: lower values leave first."""

    URGENT = -1  # an alert about an urgent case
    ALERT = 0
    NOTICE = 1
    DIGEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueCase:
    ref: str
    queue: str
    priority: str
    due_at: datetime
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDay:
    """Yesterday of one queue.  ``within`` of ``judged`` first responses were in target."""

    queue: str
    contacts: int
    judged: int
    within: int
    median_response_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TopType:
    """SR4: the type most of a queue's ``contacts`` of yesterday were of; ``share`` of them, 0 to 1.

    ``change``: that share less the one of the week before; None where that week says too little.
    ``self_service``: so many ask so plain a thing that a help page or a bot could answer it (F8).
    """

    queue: str
    type: str
    contacts: int
    share: float
    change: float | None = None
    self_service: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverToday:
    """Today's cover of one queue: agent-intervals required and missing, and the worst interval."""

    queue: str
    required_agents_peak: int
    missing_agent_minutes: float
    worst_at: datetime | None = None
    worst_missing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentQueue:
    """A queue whose data stops at ``since``."""

    queue: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueType:
    """``count`` of the overdue cases are of one type (MA12)."""

    type: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedCase:
    """ES6: held up by ``department`` (as people read it) ``since`` then; ``chaser`` keeps asking."""

    ref: str
    queue: str
    department: str
    since: datetime
    chaser: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StandUpDigest:
    """SR1, SR2: yesterday's figures, overdue cases, today's cover.

    ``overdue_type``: the type most of the overdue are of; ``silent``: queues whose data stops, said first;
    ``no_forecast``: queues without a forecast of today.  ``blocked``: cases that a department holds up,
    the longest first, and how many there are.  ``items``: what the team has agreed to do, those nobody owns
    first, and how many there are; ``done``: what was done since the digest before, ``top_types``: what
    yesterday's contacts were about.  ``kudos``: those whose person wants them seen, ``ideas``: those whose
    answer is overdue.  ``unnamed``: promises broken in the last seven days that have no cause.
    """

    team: str
    day: date
    meeting_at: datetime
    yesterday: tuple[QueueDay, ...]
    overdue: tuple[OverdueCase, ...]
    overdue_total: int
    cover: tuple[CoverToday, ...]
    roster_known: bool
    data_until: datetime | None = None
    late: bool = False
    overdue_type: OverdueType | None = None
    silent: tuple[SilentQueue, ...] = ()
    no_forecast: tuple[str, ...] = ()
    blocked: tuple[BlockedCase, ...] = ()
    blocked_total: int = 0
    items: tuple[ItemLine, ...] = ()
    items_total: int = 0
    done: tuple[ItemLine, ...] = ()
    top_types: tuple[TopType, ...] = ()
    kudos: tuple[KudosLine, ...] = ()
    ideas: tuple[IdeaLine, ...] = ()
    unnamed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """A stand-up, training or talk in a shift, by the kind of its activity."""

    activity: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftLine:
    """One shift of one agent; times aware UTC, shown in the reader's zone."""

    day: date
    start: datetime
    end: datetime
    queue: str
    lunch_at: datetime | None = None
    sessions: tuple[SessionLine, ...] = ()

    @classmethod
    def of(cls, shift: Shift) -> ShiftLine:
        """What a message says about a shift; several queues are joined with commas."""
        lunch = next((s.start for s in shift.segments if s.activity == LUNCH), None)
        return cls(
            day=shift.date,
            start=shift.start,
            end=shift.end,
            queue=", ".join(shift.queues),
            lunch_at=lunch,
            sessions=tuple(
                SessionLine(activity=s.activity, at=s.start)
                for s in shift.segments
                if s.activity in SESSION_KINDS
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftChange:
    """Before and after of one day; one side None for a shift added or removed."""

    day: date
    before: ShiftLine | None
    after: ShiftLine | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterPublished:
    """To one agent: the week's shifts, or only what changed where a version was published before.

    ``request``: what a change is confirmed, or agreed to, with until ``ends_at``; ``needs_consent``: nothing
    of it is made before.  ``why``: the planner's reason.  ``state`` (a `RequestState`): how it ended.
    """

    roster: int
    first: date
    days: int
    shifts: tuple[ShiftLine, ...]
    changes: tuple[ShiftChange, ...]
    first_version: bool
    request: int | None = None
    ends_at: datetime | None = None
    needs_consent: bool = False
    why: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftReminder:
    """To one agent who asked for it: the next day's shifts, the evening before (SCENARIOS A1)."""

    shifts: tuple[ShiftLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """A case in somebody's hands; ``due_at``: when the first answer owed on it is, or was, due."""

    ref: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareCard:
    """To one agent who asked for reminders, just before work ``begins`` (SCENARIOS A3).

    ``checklist``: the operator's words; None for the catalogue's.  ``cases``, ``promises``: the first of all
    that are open, and due by the end of the day or shift.
    """

    shift: ShiftLine
    begins: datetime
    checklist: tuple[str, ...] | None
    cases: tuple[OpenCase, ...]
    cases_total: int
    promises: tuple[OpenPromise, ...]
    promises_total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterAnnounced:
    """To the team's channel: a roster is live, with its certificate; no individual's shifts."""

    roster: int
    first: date
    days: int
    agents: int
    inside_share: float | None
    weakest: float | None
    weakest_queue: str | None = None
    weakest_at: datetime | None = None
    accepted_because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorNotice:
    """To an admin: something Muster could not deliver or do.  ``code`` names the catalogue entry.

    ``detail``: the kind of the message, where one was lost; ``instead``: who gets it by direct message.
    """

    code: str
    subject: str
    detail: str = ""
    instead: tuple[str, ...] = ()


Message = (
    AlertCard
    | AlertNews
    | StormCard
    | StormNews
    | AlertSummary
    | StandUpDigest
    | Pack
    | BoardPost
    | RosterPublished
    | RosterAnnounced
    | ShiftReminder
    | PrepareCard
    | OperatorNotice
    | ExceptionDeclared
    | ServiceBelow
    | TrialAlert
    | RecordsMessage
    | PromiseMessage
    | OutlookMessage
    | RequestMessage
    | PlannerMessage
    | ItemMessage
    | CampaignMessage
    | ReasonMessage
    | LoadMessage
    | ReviewMessage
    | ProposalMessage
    | RemoteMessage
    | IdeaMessage
    | TrainingMessage
    | IncidentMessage
)


class DeliveryState(Enum):
    WAITING = "waiting"  # not sent; due at not_before
    SENDING = "sending"  # claimed; committed before the call, so a crash leaves it here until the lease ends
    SENT = "sent"  # Slack gave a timestamp
    FAILED = "failed"  # for good: will not be tried again, operators are told
    DROPPED = "dropped"  # no longer worth saying


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message to be put into the outbox.

    ``dedupe_key`` is unique for ever: the same cause never makes two messages.  ``edits``: dedupe key of
    the earlier message whose post this one replaces; ``thread_of``: of the one it answers in a thread.
    ``loud``: it claims its reader's attention; a loud answer in a thread is shown outside of it as well.
    """

    recipient: Recipient
    message: Message
    dedupe_key: str
    urgency: Urgency
    not_before: datetime
    edits: str | None = None
    thread_of: str | None = None
    loud: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A message of the outbox that stands, or will stand, as a post of its own.

    ``untouched``: nobody has begun to send it, so it can still be changed or dropped.
    """

    id: MessageId
    key: str
    recipient: Recipient
    state: DeliveryState
    untouched: bool
    not_before: datetime
    kind: str

    @property
    def gone(self) -> bool:
        return self.state in (DeliveryState.FAILED, DeliveryState.DROPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage:
    """A row of the outbox as the delivery sees it.  ``channel``/``ts`` are Slack's, once sent."""

    id: MessageId
    outgoing: Outgoing
    state: DeliveryState
    attempts: int
    created_at: datetime
    channel: str | None = None
    ts: str | None = None
    last_error: str | None = None
