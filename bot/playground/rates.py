"""How often Slack may be called, measured by the workspace's clock.

Posting: one message a second per channel, as a token bucket whose burst is `channel_burst` (Slack tolerates
short bursts without saying how long; one, the strictest reading, unless told otherwise). Posting in the whole
workspace: "several hundred a minute", here 300. Every other method: its published tier as a sliding minute.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.playground.records import EarlyRetry

POSTING = frozenset({"chat.postMessage", "files.completeUploadExternal"})

TIERS: Mapping[str, int] = {
    # tier 1 is "1+ a minute"; a reconnecting app is tolerated, so twenty
    "apps.connections.open": 20,
    "conversations.list": 20,
    "pins.add": 20,
    "pins.list": 20,
    "reactions.add": 50,
    "usergroups.disable": 20,
    "usergroups.enable": 20,
    "usergroups.list": 20,
    "usergroups.users.list": 20,
    "usergroups.users.update": 20,
    "users.list": 20,
    "conversations.setTopic": 20,
    "chat.delete": 50,
    "chat.update": 50,
    "conversations.history": 50,
    "conversations.info": 50,
    "conversations.join": 50,
    "conversations.open": 50,
    "conversations.replies": 50,
    "users.conversations": 50,
    "users.lookupByEmail": 50,
    "chat.postEphemeral": 100,
    "conversations.members": 100,
    "files.getUploadURLExternal": 100,
    "files.info": 100,
    "users.info": 100,
    "views.open": 100,
    "views.publish": 100,
    "views.push": 100,
    "views.update": 100,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """The limits in force. `RateLimits.none()` switches them off, for a test that is about something else."""

    channel_per_second: float = 1.0
    channel_burst: int = 1
    workspace_per_minute: int = 300
    per_minute: Mapping[str, int] = field(default_factory=lambda: dict(TIERS))

    @classmethod
    def none(cls) -> RateLimits:
        return cls(channel_per_second=1e9, channel_burst=10**9, workspace_per_minute=10**9, per_minute={})


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class Rates:
    """Admits or refuses calls. Not thread-safe by itself; the workspace's lock guards it."""

    def __init__(self, limits: RateLimits, now: Callable[[], float]) -> None:
        self.limits = limits
        self.early_retries: list[EarlyRetry] = []
        self._now = now
        self._buckets: dict[str, _Bucket] = {}
        self._windows: dict[str, deque[float]] = {}
        self._not_before: dict[tuple[str, str | None], tuple[float, float]] = {}

    def admit(self, method: str, channel: str | None, *, arrived: float | None = None) -> int | None:
        """None when the call may pass (it is then counted), else the seconds for Retry-After, at least 1.

        ``arrived``: when it came, where that was earlier: what was told since is no fault of the caller.
        """
        early = self.too_early(method, channel, arrived=arrived)
        if early is not None:
            return early
        now = self._now()
        if method in POSTING:
            return self._admit_post(method, channel, now)
        limit = self.limits.per_minute.get(method)
        if limit is None:
            return None
        wait = self._over_window(method, limit, now)
        if wait is None:
            self._windows[method].append(now)
            return None
        return self.hold(method, None, wait)

    def too_early(self, method: str, channel: str | None, *, arrived: float | None = None) -> int | None:
        """The seconds still to wait where a Retry-After has not passed; the call is then written down."""
        now = self._now()
        for key in ((method, None), (method, channel)):
            told_at, until = self._not_before.get(key, (0.0, 0.0))
            if now < until:
                if arrived is None or arrived > told_at:
                    self.early_retries.append(
                        EarlyRetry(method=method, channel=channel, at=now, not_before=until, told_at=told_at)
                    )
                return max(1, math.ceil(until - now))
        return None

    def hold(self, method: str, channel: str | None, seconds: float) -> int:
        """Refuse this method (in this channel) for that long; returns the Retry-After to send."""
        now = self._now()
        retry_after = max(1, math.ceil(seconds))
        self._not_before[method, channel] = (now, now + retry_after)
        return retry_after

    def _admit_post(self, method: str, channel: str | None, now: float) -> int | None:
        wait = self._over_window("posting", self.limits.workspace_per_minute, now)
        if wait is not None:
            return self.hold(method, None, wait)
        if channel is not None:
            rate, burst = self.limits.channel_per_second, self.limits.channel_burst
            bucket = self._buckets.setdefault(channel, _Bucket(burst, now))
            bucket.tokens = min(burst, bucket.tokens + max(0.0, now - bucket.filled_at) * rate)
            bucket.filled_at = now
            if bucket.tokens < 1 - 1e-9:
                return self.hold(method, channel, (1 - bucket.tokens) / rate)
            bucket.tokens -= 1
        self._windows["posting"].append(now)
        return None

    def _over_window(self, name: str, limit: int, now: float) -> float | None:
        window = self._windows.setdefault(name, deque())
        while window and window[0] <= now - 60:
            window.popleft()
        return None if len(window) < limit else window[0] + 60 - now
