"""What the stand-in writes down about the app it serves; tests read these lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.playground.errors import JSON


class ComplaintKind(StrEnum):
    """Things Slack accepts and Muster does not allow itself."""

    MISSING_FALLBACK = "missing_fallback"  # blocks without text: empty notification, mute screen reader
    TEXT_OVER_RECOMMENDED = "text_over_recommended"  # more than 4,000 characters of text
    BROADCAST = "broadcast"  # <!channel>, <!here>, <!everyone>: wakes everybody
    MISSING_ALT_TEXT = "missing_alt_text"  # a picture uploaded without a description


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One breach of our own rules: where it happened, and the words concerned."""

    kind: ComplaintKind
    method: str
    at: float
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One call that Slack would refuse; `messages` point at the offending part."""

    method: str
    error: str
    at: float
    messages: tuple[str, ...] = ()
    status: int = 200
    retry_after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyRetry:
    """A call that came before the Retry-After of the last 429 had passed [s by the stand-in's clock]."""

    method: str
    channel: str | None
    at: float
    not_before: float
    told_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall:
    """One Web API call that arrived, with its arguments; `accepted` says whether it took effect."""

    method: str
    at: float
    arguments: JSON
    accepted: bool
    error: str | None
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One request Slack made of the app, and its acknowledgement.

    `latency` is real seconds until the acknowledgement, whatever the workspace's clock; `status` is the HTTP
    status in HTTP mode; `error` is None when acknowledged in time.
    """

    kind: str
    envelope_id: str
    attempt: int
    at: float
    latency: float | None
    error: str | None
    status: int | None = None
    payload: JSON = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.error is None
