"""What came of something a person did."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.playground.errors import JSON
from bot.playground.model import Channel, Message, User, View
from bot.playground.records import Delivery
from bot.playground.workspace import Workspace

T = TypeVar("T")

PATIENCE = 30.0
"""Real seconds after which a wait is given up.

Nothing is measured with it: what must happen within a time is asked of the clock or of ``latency``.
It is long because a busy machine that compiles the simulation for the first time needs 8 s where 2 are usual.
"""


def wait_for(ws: Workspace, look: Callable[[], T | None], timeout: float = PATIENCE, what: str = "this") -> T:
    """What `look` returns as soon as that is true; TimeoutError after `timeout` real seconds.

    `look` is called after every change in the workspace and at least every 50 ms, without any lock held.
    """
    deadline = time.monotonic() + timeout
    while True:
        seen = look()
        if seen:
            return seen
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"waited {timeout:g} s in vain for {what}")
        with ws.changed:
            ws.changed.wait(min(left, 0.05))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The acknowledgement of one gesture, and ways to wait for what follows it.

    `ack` is what the app put into its acknowledgement; `error` is None when it acknowledged within 3 s.
    """

    workspace: Workspace
    user: User
    channel: Channel | None
    started: str
    delivery: Delivery | None
    ack: JSON
    view: View | None = None

    @property
    def ok(self) -> bool:
        return self.delivery is not None and self.delivery.ok

    @property
    def error(self) -> str | None:
        return "not_subscribed" if self.delivery is None else self.delivery.error

    @property
    def latency(self) -> float | None:
        """Real seconds until the acknowledgement."""
        return None if self.delivery is None else self.delivery.latency

    @property
    def status(self) -> int | None:
        """HTTP status of the acknowledgement; None in Socket Mode."""
        return None if self.delivery is None else self.delivery.status

    @property
    def field_errors(self) -> dict[str, str]:
        """After a submit: block_id -> what is wrong there."""
        return {} if self.view is None else dict(self.view.errors)

    def messages(self) -> list[Message]:
        """What the bot has said or changed since, where this person can see it: here and in the DM."""
        ws, start = self.workspace, float(self.started)
        with ws.lock:
            dm = ws.dm(self.user.id)
            places = [dm] if self.channel is None or self.channel is dm else [self.channel, dm]
            seen = [m for place in places for m in place.messages]
            seen += [m for m in ws.ephemerals if m.ephemeral_to == self.user.id and not m.deleted]
        new = [m for m in seen if m.bot and max(float(m.ts), float(m.edited_ts or 0)) > start]
        return sorted(new, key=lambda message: float(message.ts))

    def replies(self, count: int = 1, timeout: float = PATIENCE) -> list[Message]:
        """`messages()` once there are at least `count`; TimeoutError otherwise."""
        what = f"{count} message(s) for {self.user.name}"
        return wait_for(
            self.workspace, lambda: found if len(found := self.messages()) >= count else [], timeout, what
        )

    def reply(self, timeout: float = PATIENCE) -> Message:
        """The first of `replies()`."""
        return self.replies(1, timeout)[0]

    def answer(self, timeout: float = PATIENCE) -> Message:
        """The first message since that only this person sees: what the app says to the gesture itself.

        Posts and direct messages that happen to arrive meanwhile are none.
        """

        def look() -> Message | None:
            return next((m for m in self.messages() if m.ephemeral_to == self.user.id), None)

        return wait_for(self.workspace, look, timeout, f"an answer for {self.user.name}")

    def modal(self, timeout: float = PATIENCE) -> View:
        """The modal opened with this gesture's trigger, or with the acknowledgement of a submit."""
        return wait_for(self.workspace, self._opened, timeout, f"a modal for {self.user.name}")

    def home(self, timeout: float = PATIENCE) -> View:
        """The person's home tab once it has been published since."""

        def look() -> View | None:
            home = self.workspace.homes.get(self.user.id)
            return home if home is not None and float(home.hash) > float(self.started) else None

        return wait_for(self.workspace, look, timeout, f"the home tab of {self.user.name}")

    def _opened(self) -> View | None:
        ws = self.workspace
        trigger = ws.triggers.get(str(self.delivery.payload.get("trigger_id"))) if self.delivery else None
        if trigger is not None and trigger.opened is not None:
            return ws.views[trigger.opened]
        if self.view is not None and self.ack.get("response_action") in {"update", "push"}:
            return top_modal(ws, self.user.id)
        return None


def top_modal(ws: Workspace, user_id: str) -> View | None:
    """The modal in front of this person: the newest that is open."""
    with ws.lock:
        shown = [view for view in ws.views.values() if view.user == user_id and view.open]
    return shown[-1] if shown else None
