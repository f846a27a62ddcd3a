"""Pictures: PNG with a description, for whoever asked in their direct conversation, or below a post."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from time import monotonic, sleep

import structlog

from bot.core.ports import Clock, DeliveryError, Sent
from bot.slack.blocks.kit import cut
from bot.slack.web_api import WebApi

__all__ = ["Picture", "Pictures"]

_log = structlog.get_logger("bot.slack")

SCOPE = "files:write"
ALT_CHARACTERS = 1_000
TITLE_CHARACTERS = 200
TRIES = 3
PACE = 1.1
"""Slack takes about one post a second in a conversation."""
LONGEST_PAUSE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """``name`` of the file, with its ending; ``alt`` says what it shows to whoever cannot see it.

    A form to fill in goes the same way: ``png`` is then the file's content.
    """

    name: str
    title: str
    alt: str
    png: bytes


class Pictures:
    """Draws and posts one after the other, in a thread of its own: whoever asked is answered before.

    Drawing takes seconds and holds a setting of the whole process (the look of charts).
    """

    def __init__(self, api: WebApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._closed = Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="pictures")
        self._shared: dict[str, float] = {}

    def place(self, user: str) -> str:
        """The conversation with a person.  DeliveryError: ``missing_scope`` without ``files:write``."""
        opened, headers = self._api.answer("conversations.open", users=user)
        granted = headers.get("x-oauth-scopes")
        if granted is not None and SCOPE not in {scope.strip() for scope in granted.split(",")}:
            raise DeliveryError("missing_scope", temporary=False)
        return str(opened["channel"]["id"])

    def later(
        self,
        place: str,
        draw: Callable[[], Sequence[Picture]],
        *,
        comment: str,
        failed: Callable[[str], str] | None,
        below: Sent | None = None,
    ) -> None:
        """Post what ``draw`` makes, all in one message below ``comment`` (mrkdwn).

        ``below`` a post of just now: in its thread, and not before the conversation takes another.
        Where that fails, what ``failed`` makes of the code is said in their place; without it nothing is.
        """
        free_at = self._clock() + timedelta(seconds=PACE)
        self._pool.submit(self._posted, place, draw, comment, failed, below, free_at)

    def close(self) -> None:
        """Begin no further picture."""
        self._closed.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _posted(
        self,
        place: str,
        draw: Callable[[], Sequence[Picture]],
        comment: str,
        failed: Callable[[str], str] | None,
        below: Sent | None,
        free_at: datetime,
    ) -> None:
        try:
            drawn = draw()
            if not drawn and failed is None:
                return
            while below is not None and self._clock() < free_at:
                if self._closed.wait(0.05):
                    return
            self._post(place, drawn, comment, None if below is None else below.ts)
            return
        except DeliveryError as error:
            code = error.code
            _log.warning("picture_not_posted", code=code)
        except Exception as error:
            code = type(error).__name__
            _log.exception("picture_not_drawn", error=code)
        if failed is None:
            return
        try:
            self._api.call("chat.postMessage", channel=place, text=failed(code))
        except DeliveryError as error:
            _log.warning("picture_failure_not_told", code=error.code)

    def _post(self, place: str, pictures: Sequence[Picture], comment: str, thread: str | None) -> None:
        if not pictures:
            raise DeliveryError("nothing_to_draw", temporary=False)
        files = []
        for picture in pictures:
            held = self._api.call(
                "files.getUploadURLExternal",
                filename=picture.name,
                length=len(picture.png),
                alt_txt=cut(picture.alt, ALT_CHARACTERS),
            )
            if not held.get("upload_url") or not held.get("file_id"):
                raise DeliveryError("bad_answer", temporary=True)
            self._api.upload(str(held["upload_url"]), picture.png)
            files.append({"id": str(held["file_id"]), "title": cut(picture.title, TITLE_CHARACTERS)})
        since = monotonic() - self._shared.get(place, float("-inf"))
        if since < PACE:
            sleep(PACE - since)
        where = {"channel_id": place} if thread is None else {"channel_id": place, "thread_ts": thread}
        self._share(files=json.dumps(files), initial_comment=comment, **where)
        self._shared[place] = monotonic()

    def _share(self, **arguments: str) -> None:
        """Where something else was posted there just now, wait as Slack asks, if it is not for long."""
        for left in range(TRIES - 1, -1, -1):
            try:
                self._api.call("files.completeUploadExternal", **arguments)
                return
            except DeliveryError as error:
                pause = error.retry_after
                if error.code != "rate_limited" or pause is None or pause > LONGEST_PAUSE or not left:
                    raise
                sleep(pause.total_seconds())
