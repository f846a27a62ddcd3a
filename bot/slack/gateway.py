"""SlackSender: the MessageSender port over Slack's Web API."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog

from bot.core.board_messages import BoardPost
from bot.core.messages import OutboxMessage, RecipientKind
from bot.core.packs import Pack
from bot.core.ports import Clock, DeliveryError, Destination, Sent
from bot.slack.audience import GUEST, Audience, speaks_of_cases
from bot.slack.channels import Channels
from bot.slack.pack_picture import draw_below
from bot.slack.pictures import Pictures
from bot.slack.render import Renderer
from bot.slack.web_api import NOT_GRANTED, WebApi

__all__ = ["EVENT_TYPE", "SlackSender"]

_log = structlog.get_logger("bot.slack")

EVENT_TYPE = "muster_outbox"
"""Of the message metadata that carries the outbox row's id and dedupe key."""

_LOOK_BACK = timedelta(minutes=5)
_PAGES = 10
# The cached place is no good any more: look it up anew the next time.
_STALE = frozenset({"channel_not_found", "is_archived", "not_in_channel"})


class SlackSender:
    """Renders and posts one message at a time; raises DeliveryError and never retries.

    Channels are configured by name and resolved among those the bot is a member of: ``not_in_channel``
    says that a public one exists and nobody has invited the bot.  What speaks of cases goes to nobody who may
    not read it (`Audience`): then DeliveryError, not temporary, with the audience's code.  With ``pictures``
    a pack gets its picture below; what becomes of that changes nothing of the pack.
    """

    def __init__(
        self,
        api: WebApi,
        renderer: Renderer,
        clock: Clock,
        audience: Audience,
        pictures: Pictures | None = None,
    ) -> None:
        self._api = api
        self._pictures = pictures
        self._renderer = renderer
        self._clock = clock
        self._audience = audience
        self._places: dict[tuple[RecipientKind, str], str] = {}
        self._users: dict[str, str] = {}
        self._to_pin: set[Sent] = set()
        self._lock = threading.Lock()

    def send(self, message: OutboxMessage, destination: Destination) -> Sent:
        """Post, edit (``destination.earlier``) or answer in a thread (``destination.thread``)."""
        content = self._renderer.render(message, destination, self._clock())
        said = {"text": content.text, "blocks": list(content.blocks)}
        earlier, thread = destination.earlier, destination.thread
        place = earlier.channel if earlier is not None else thread.channel if thread is not None else None
        place = place or self._channel(destination)
        if speaks_of_cases(message.outgoing.message):
            self._guard(place, destination)
        if earlier is not None:
            answer = self._posting("chat.update", destination, channel=earlier.channel, ts=earlier.ts, **said)
            with self._lock:
                unpinned = earlier in self._to_pin
            if unpinned:
                self._pin(earlier)
            return Sent(channel=earlier.channel, ts=str(answer.get("ts") or earlier.ts))
        answer = self._posting(
            "chat.postMessage",
            destination,
            channel=place,
            thread_ts=None if thread is None else thread.ts,
            # What must be noticed is shown outside of the thread as well: edits and replies wake nobody.
            reply_broadcast=True if thread is not None and message.outgoing.loud else None,
            metadata={
                "event_type": EVENT_TYPE,
                "event_payload": {"id": int(message.id), "dedupe_key": message.outgoing.dedupe_key},
            },
            unfurl_links=False,
            unfurl_media=False,
            **said,
        )
        if not answer.get("ts") or not answer.get("channel"):
            raise DeliveryError("bad_answer", temporary=True, uncertain=True)
        sent = Sent(channel=str(answer["channel"]), ts=str(answer["ts"]))
        if isinstance(message.outgoing.message, BoardPost):
            self._pin(sent)
        if isinstance(message.outgoing.message, Pack) and self._pictures is not None:
            draw_below(self._pictures, sent, message.outgoing.message, destination)
        return sent

    def _pin(self, sent: Sent) -> None:
        """Pin a post, where that is granted; never raises: an unpinned board is a board all the same."""
        try:
            self._api.call("pins.add", channel=sent.channel, timestamp=sent.ts)
        except DeliveryError as error:
            if error.code == "already_pinned":
                return
            _log.warning("board_not_pinned", code=error.code)
            if error.temporary and error.code not in NOT_GRANTED:
                with self._lock:
                    self._to_pin.add(sent)
                return
        with self._lock:
            self._to_pin.discard(sent)

    def find(self, message: OutboxMessage, destination: Destination) -> Sent | None:
        """The post of this outbox row by its metadata.

        None for an edit: editing again changes nothing, so it is simply repeated.  Needs the history
        scopes; without them DeliveryError ``missing_scope``, not temporary.
        """
        if destination.earlier is not None:
            return None
        thread = destination.thread
        method = "conversations.history" if thread is None else "conversations.replies"
        oldest = (message.created_at - _LOOK_BACK).timestamp()
        cursor: str | None = None
        channel = self._channel(destination) if thread is None else thread.channel
        for _ in range(_PAGES):
            answer = self._looking_up(
                method,
                channel=channel,
                ts=None if thread is None else thread.ts,
                oldest=f"{oldest:.6f}",
                include_all_metadata=True,
                limit=200,
                cursor=cursor,
            )
            for post in answer.get("messages") or ():
                if _is_row(post, message):
                    found = Sent(channel=channel, ts=str(post["ts"]))
                    if isinstance(message.outgoing.message, BoardPost):
                        self._pin(found)  # whoever posted it may have ended before pinning it
                    return found
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
        return None

    def _looking_up(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        try:
            return self._api.call(method, **arguments)
        except DeliveryError as error:
            if error.code == "missing_scope":
                # Waiting does not help: the delivery decides between perhaps twice and perhaps never.
                raise DeliveryError(error.code, temporary=False) from error
            raise

    def _posting(self, method: str, destination: Destination, **arguments: Any) -> Mapping[str, Any]:
        try:
            return self._api.call(method, **arguments)
        except DeliveryError as error:
            if error.code in _STALE:
                with self._lock:
                    self._places.pop((destination.recipient.kind, destination.recipient.name), None)
                if destination.recipient.kind is not RecipientKind.CHANNEL:
                    # Slack calls the conversation of a person who left unknown; opening it again says why.
                    self._channel(destination)
            raise

    def _guard(self, place: str, destination: Destination) -> None:
        recipient = destination.recipient
        if recipient.kind is RecipientKind.CHANNEL:
            problem = self._audience.problem(place)
            if problem is not None:
                raise DeliveryError(problem.value, temporary=False)
            return
        user = destination.slack_user or self._users.get(recipient.name)
        if user is not None and self._audience.is_outsider(user):
            raise DeliveryError(GUEST, temporary=False)

    def _channel(self, destination: Destination) -> str:
        recipient = destination.recipient
        key = (recipient.kind, recipient.name)
        with self._lock:
            known = self._places.get(key)
        if known is not None:
            return known
        try:
            if recipient.kind is RecipientKind.CHANNEL:
                found = Channels(self._api).find(recipient.name.removeprefix("#"))
            else:
                found = self._direct_channel(destination)
        except DeliveryError as error:
            # Nothing was posted yet, whatever became of the look-up.
            raise DeliveryError(
                error.code, temporary=error.temporary, retry_after=error.retry_after
            ) from error
        with self._lock:
            self._places[key] = found
        return found

    def _direct_channel(self, destination: Destination) -> str:
        user = destination.slack_user
        if user is None and destination.recipient.kind is RecipientKind.EMAIL:
            found = self._api.call("users.lookupByEmail", email=destination.recipient.name)
            user = str(found["user"]["id"])
            self._audience.learn(found["user"])
            with self._lock:
                self._users[destination.recipient.name] = user
        if user is None:
            raise DeliveryError("user_not_linked", temporary=False)
        opened = self._api.call("conversations.open", users=user)
        return str(opened["channel"]["id"])


def _is_row(post: Mapping[str, Any], message: OutboxMessage) -> bool:
    metadata = post.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    return bool(
        metadata.get("event_type") == EVENT_TYPE
        and payload.get("dedupe_key") == message.outgoing.dedupe_key
        and payload.get("id") == int(message.id)
    )
