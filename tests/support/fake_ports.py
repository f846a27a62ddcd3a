"""Fakes of the ports: a Slack that keeps what it was sent, and a clock that is told the time."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core.messages import Message, OutboxMessage, RecipientKind
from bot.core.ports import DeliveryError, Destination, Sent


@dataclass(slots=True)
class FakeClock:
    """Returns ``now``; moves only when told."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@dataclass(slots=True)
class Post:
    """What stands in a conversation: the first message, and what it was edited to."""

    place: str
    ts: str
    key: str
    message: Message
    destination: Destination
    edits: list[Message] = field(default_factory=list)
    thread: str | None = None
    loud: bool = False

    @property
    def now(self) -> Message:
        """What a reader sees there at the end."""
        return self.edits[-1] if self.edits else self.message


class FakeSender:
    """A MessageSender that keeps posts, as Slack would, and fails where it is told to.

    ``faults``: raised by the next calls, one each; with ``accepted`` the message was taken before the
    error, as when a connection breaks after Slack answered.
    """

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.calls: list[tuple[datetime | None, str, str]] = []
        self.faults: list[tuple[DeliveryError | Exception, bool]] = []
        self.refused: dict[str, str] = {}
        self.looked_up: list[str] = []
        self.clock: FakeClock | None = None
        self._lock = threading.Lock()

    def fail(self, error: DeliveryError | Exception, *, accepted: bool = False) -> None:
        self.faults.append((error, accepted))

    def send(self, message: OutboxMessage, destination: Destination) -> Sent:
        with self._lock:
            place = place_of(destination)
            now = None if self.clock is None else self.clock()
            self.calls.append((now, place, message.outgoing.dedupe_key))
            if (code := self.refused.get(place)) is not None:
                raise DeliveryError(code, temporary=False)
            fault, accepted = self.faults.pop(0) if self.faults else (None, True)
            sent = self._keep(message, destination, place) if accepted else None
            if fault is not None:
                raise fault
            assert sent is not None
            return sent

    def find(self, message: OutboxMessage, destination: Destination) -> Sent | None:
        with self._lock:
            key = message.outgoing.dedupe_key
            self.looked_up.append(key)
            found = next((p for p in self.posts if p.key == key), None)
            return None if found is None else Sent(channel=found.place, ts=found.ts)

    def in_place(self, place: str) -> list[Message]:
        """What a reader sees there now: every post in its latest form, without the threads."""
        return [p.now for p in self.tops if p.place == place]

    @property
    def tops(self) -> list[Post]:
        """Posts that are no answers in threads."""
        return [p for p in self.posts if p.thread is None]

    def thread_in(self, place: str) -> list[Post]:
        """Everything said in the threads of a conversation, in order."""
        return [p for p in self.posts if p.place == place and p.thread is not None]

    def _keep(self, message: OutboxMessage, destination: Destination, place: str) -> Sent:
        if destination.earlier is not None:
            post = next(p for p in self.posts if p.ts == destination.earlier.ts)
            post.edits.append(message.outgoing.message)
            return destination.earlier
        ts = f"{len(self.posts) + 1}.000"
        self.posts.append(
            Post(
                place=place,
                ts=ts,
                key=message.outgoing.dedupe_key,
                message=message.outgoing.message,
                destination=destination,
                thread=None if destination.thread is None else destination.thread.ts,
                loud=message.outgoing.loud,
            )
        )
        return Sent(channel=place, ts=ts)


def place_of(destination: Destination) -> str:
    """'#channel', or '@slack-user' of a direct message (the e-mail address where no user is known)."""
    if destination.recipient.kind is RecipientKind.CHANNEL:
        return f"#{destination.recipient.name}"
    return f"@{destination.slack_user or destination.recipient.name}"
