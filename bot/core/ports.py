"""What the inside asks of the rim; `bot.app` hands the real ones in, tests hand in fakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.diversions import Diversion
from bot.core.messages import OutboxMessage, Recipient
from bot.core.on_shift_places import TopicLine
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import RosterResult

Clock = Callable[[], datetime]
"""Returns the present, aware UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Slack accepted the message: where it stands and under which timestamp."""

    channel: str
    ts: str


class DeliveryError(Exception):
    """A message was not delivered.

    ``temporary``: try again, not before ``retry_after`` where given.  ``uncertain``: it may have been
    accepted (connection lost, no answer); look it up before it is sent again.
    """

    def __init__(
        self, code: str, *, temporary: bool, uncertain: bool = False, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.temporary = temporary
        self.uncertain = uncertain
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a message goes: the recipient, with what rendering needs to know about the reader.

    ``slack_user`` is set for people.  ``earlier`` is the post to edit; ``thread`` the one to answer under.
    """

    recipient: Recipient
    locale: str
    zone: str
    slack_user: str | None = None
    earlier: Sent | None = None
    thread: Sent | None = None


class MessageSender(Protocol):
    """Renders and sends one message; never retries by itself."""

    def send(self, message: OutboxMessage, destination: Destination) -> Sent:
        """Post, edit or answer in a thread.  Raises DeliveryError."""
        ...

    def find(self, message: OutboxMessage, destination: Destination) -> Sent | None:
        """The post of this outbox row, looked up by its metadata.  Raises DeliveryError if it cannot look."""
        ...


class DiversionSwitch(Protocol):
    """The system outside that leads contacts to people or to self-service."""

    def __call__(self, held: Diversion) -> None:
        """Tell it.  Raises UnavailableError unless it has taken it over; telling it again does no harm."""
        ...


class SurveyTool(Protocol):
    """The tool outside that asks customers."""

    def __call__(self, told: Mapping[str, object]) -> None:
        """Tell it of one case.  Raises UnavailableError unless it has taken it over."""
        ...


class OnShiftSigns(Protocol):
    """User groups and topics that show who is on shift.  Doing the same again changes nothing."""

    def set_group(self, group: str, users: Sequence[str]) -> Sequence[str]:
        """Make these Slack users all members of the group; with none of them it is switched off.

        Returns those Slack does not admit: guests, and people who left.  Raises DeliveryError.
        """
        ...

    def set_topic(self, channel: str, line: TopicLine) -> None:
        """Put the line behind what people wrote into the channel's topic.  Raises DeliveryError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveProgress:
    """``objective`` and ``bound`` are None before the first solution and bound."""

    seconds: float
    objective: float | None
    bound: float | None
    gap: float | None
    solutions: int


class RosterSolver(Protocol):
    """Solves in a child process; ``on_progress`` and ``should_stop`` are called on the caller's side."""

    def solve(
        self,
        problem: RosterProblem,
        *,
        seconds: float,
        workers: int,
        seed: int,
        on_progress: Callable[[SolveProgress], None],
        should_stop: Callable[[], bool],
    ) -> RosterResult: ...
