"""Stage: the real service against the stand-in for Slack, under a clock that is moved by hand."""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
import time
import urllib.request
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from bot.app import Application
from bot.config.environment import Environment
from bot.core.settings import Settings
from bot.demo.harbour import ADMIN, ALERT_CHANNEL, PLANNER, STANDUP_CHANNEL, people
from bot.playground import AppSettings, StandInSlack, Workspace
from bot.store.unit_of_work import Store

TICKS = ("watch_sla", "escalate", "stand_up", "deliver")
STEP = timedelta(seconds=5)
CHINESE_READERS = frozenset({"lin", "mei", "an", "bo"})
"""Whose Slack is set to Chinese, so that both languages are on stage."""


class HandClock:
    """A clock in UTC that stands still until it is moved, or until it is let run; never backwards."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._since: float | None = None

    def __call__(self) -> datetime:
        if self._since is None:
            return self._now
        return self._now + timedelta(seconds=time.monotonic() - self._since)

    def move_to(self, instant: datetime) -> None:
        self._now = max(self(), instant.astimezone(UTC))
        if self._since is not None:
            self._since = time.monotonic()

    def let_run(self) -> None:
        """From now on it runs as real time does, and can still be moved."""
        if self._since is None:
            self._since = time.monotonic()


def furnish(workspace: Workspace, *, locale: str | None = None) -> None:
    """Harbour's people and channels in an empty workspace; with a ``locale`` everybody reads that one."""
    workspace.add_user(
        ADMIN[0], real_name=ADMIN[1], email=ADMIN[2], tz="Europe/Lisbon", locale=locale or "en-GB"
    )
    workspace.add_user(
        PLANNER[0], real_name=PLANNER[1], email=PLANNER[2], tz="Asia/Shanghai", locale=locale or "zh-CN"
    )
    for person in people():
        workspace.add_user(
            person.agent,
            real_name=person.name,
            email=person.email,
            tz=person.zone,
            locale=locale or ("zh-CN" if person.agent in CHINESE_READERS else "en-GB"),
        )
    members = [ADMIN[0], PLANNER[0], *(p.agent for p in people())]
    workspace.add_channel(ALERT_CHANNEL, members=members)
    workspace.add_channel(STANDUP_CHANNEL, members=members)


class Stage:
    """Runs the application in a thread of its own, over real sockets, until the ``with`` block ends.

    ``slack`` is the workspace as people use it; ``clock`` only moves through ``advance``.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        start: datetime,
        app: AppSettings | None = None,
        locale: str | None = None,
    ) -> None:
        """``app``: how the app is installed; ``locale``: the one of everybody's Slack."""
        self.clock = HandClock(start)
        self.clean = True
        """After the end: whether everything had stopped by then."""
        self._workspace = Workspace(name="Harbour", now=lambda: self.clock().timestamp(), app=app)
        furnish(self._workspace, locale=locale)
        self.slack = StandInSlack(self._workspace)
        self._settings = settings
        self._store = store
        self._token = secrets.token_urlsafe(24)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="muster-stage", daemon=True)
        self._application: Application | None = None

    def __enter__(self) -> Self:
        self.slack.__enter__()
        self._thread.start()
        try:
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _start(self) -> None:
        environment = Environment.read(
            {**self.slack.environment(), "MUSTER_INTAKE_TOKEN": self._token, "MUSTER_HTTP_PORT": "0"}
        )
        self._application = Application(
            settings=self._settings, environment=environment, store=self._store, clock=self.clock
        )
        asyncio.run_coroutine_threadsafe(self._application.start(), self._loop).result(timeout=30)
        self.slack.wait_until_connected()
        # What waited in the outbox (a published roster) leaves before the clock moves far.
        self.advance(self.clock() + timedelta(minutes=1))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._application is not None:
            stopping: Future[bool] = asyncio.run_coroutine_threadsafe(self._application.stop(), self._loop)
            self.clean = stopping.result(timeout=15)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self.slack.__exit__(kind, error, trace)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    @property
    def application(self) -> Application:
        if self._application is None:
            raise RuntimeError("the stage is not open; use it as a context manager")
        return self._application

    def advance(self, to: datetime, *, step: timedelta = STEP) -> None:
        """Let the clock run to ``to``; everything that falls due on the way happens at its time."""
        while self.clock() < to:
            self.clock.move_to(min(to, self.clock() + step))
            self.application.runner.run_now(*TICKS)

    def post_events(self, events: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        """Contact events over HTTP, as a helpdesk would send them; returns the answer's body."""
        request = urllib.request.Request(  # noqa: S310 - our own server on loopback
            f"{self.application.http_url}/v1/contact-events",
            data=json.dumps(list(events)).encode(),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            body: Mapping[str, Any] = json.loads(answer.read())
        return body
