"""The stand-in as tests, the demo and the playground use it: one object that starts and stops by itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web

from bot.playground import payloads
from bot.playground.carrier import Carrier
from bot.playground.errors import JSON
from bot.playground.faults import Faults
from bot.playground.http_mode import Forgery, HttpSender
from bot.playground.model import Channel, Message, View
from bot.playground.outcome import PATIENCE, wait_for
from bot.playground.person import Person
from bot.playground.records import Delivery
from bot.playground.render import render_text, render_view
from bot.playground.server import make_app
from bot.playground.socket_mode import SocketHub
from bot.playground.workspace import Workspace

T = TypeVar("T")


class StandInSlack:
    """A strict small Slack on 127.0.0.1, in a thread of its own. Calls are thread-safe and block.

    Socket Mode unless `request_url` is set. `port` 0 takes a free one. `event_retries`: pauses in
    real seconds before an unacknowledged event is sent again. Furnish `workspace` before or while it runs.

    Never call it from a running event loop: the app under test may live there, and would wait for itself. Use
    `await asyncio.to_thread(...)`; the driver refuses otherwise.
    """

    def __init__(
        self,
        workspace: Workspace | None = None,
        *,
        request_url: str | None = None,
        port: int = 0,
        event_retries: Sequence[float] = (0.3, 1.0, 2.0),
    ) -> None:
        self.workspace = workspace or Workspace()
        self.faults = Faults()
        self._first_request_url = request_url
        self._port = port
        self._event_retries = tuple(event_retries)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event
        self._hub: SocketHub
        self._sender: HttpSender
        self._carrier: Carrier

    # -- starting and stopping ------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        ready: Future[None] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(ready)), name="stand-in-slack", daemon=True
        )
        self._thread.start()
        ready.result(timeout=10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(timeout=10)

    async def _serve(self, ready: Future[None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        try:
            async with aiohttp.ClientSession() as session:
                self._hub = SocketHub(self.workspace)
                self._sender = HttpSender(self.workspace, session)
                self._sender.request_url = self._first_request_url
                self._carrier = Carrier(self.workspace, self._hub, self._sender, self._event_retries)
                app = make_app(self.workspace, self.faults, self._hub)
                runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
                await runner.setup()
                await web.TCPSite(runner, "127.0.0.1", self._port).start()
                self.workspace.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
                ready.set_result(None)
                await self._stop.wait()
                self._carrier.stop()
                self._hub.cut()
                await runner.cleanup()
        except BaseException as problem:
            if ready.done():
                raise
            ready.set_exception(problem)

    # -- what the app needs to know -------------------------------------------------------------------------

    @property
    def base_url(self) -> str:
        return self.workspace.base_url

    @property
    def api_url(self) -> str:
        """For `base_url=` of slack_sdk's clients and for `SLACK_API_URL`."""
        return f"{self.workspace.base_url}/api/"

    @property
    def bot_token(self) -> str:
        return self.workspace.app.bot_token

    @property
    def app_token(self) -> str:
        return self.workspace.app.app_token

    @property
    def signing_secret(self) -> str:
        return self.workspace.app.signing_secret

    def environment(self) -> dict[str, str]:
        """The environment with which an app finds this Slack."""
        return {
            "SLACK_API_URL": self.api_url,
            "SLACK_BOT_TOKEN": self.bot_token,
            "SLACK_APP_TOKEN": self.app_token,
            "SLACK_SIGNING_SECRET": self.signing_secret,
        }

    # -- people and places ----------------------------------------------------------------------------------

    def user(self, key: str) -> Person:
        """A person by handle, id or e-mail."""
        return Person(self.workspace, self.workspace.user(key), self._carrier, self._run)

    def channel(self, key: str) -> Channel:
        """A channel by name or id; `.messages` is what is there to read."""
        return self.workspace.channel(key)

    def dm(self, user: str) -> Channel:
        """The conversation between this person and the bot."""
        with self.workspace.lock:
            return self.workspace.dm(self.workspace.user(user).id)

    def ephemerals(self, user: str) -> list[Message]:
        return self.user(user).ephemerals

    def wait_for(self, look: Callable[[], T | None], timeout: float = PATIENCE, what: str = "this") -> T:
        """What `look` returns as soon as that is true; TimeoutError after `timeout` real seconds."""
        return wait_for(self.workspace, look, timeout, what)

    def render(self, shown: Message | View, reader: str | None = None) -> str:
        """Message or view as plain text, in this reader's locale and zone."""
        user = self.workspace.user(reader) if reader else None
        locale, zone = (user.locale, user.tz) if user else ("en-US", "UTC")
        draw = render_view if isinstance(shown, View) else render_text
        return draw(self.workspace, shown, locale=locale, tz=zone)  # type: ignore[arg-type]

    def transcript(self, place: Channel, reader: str | None = None) -> str:
        """A conversation as this reader sees it: who, when, what; replies indented, whispers marked."""
        with self.workspace.lock:
            zone = self.workspace.user(reader).tz if reader else "UTC"
            whispers = [m for m in self.ephemerals(reader) if m.channel == place.id] if reader else []
            said = sorted(place.messages + whispers, key=lambda m: (float(m.thread_ts or m.ts), float(m.ts)))
            lines: list[str] = []
            for message in said:
                at = datetime.fromtimestamp(float(message.ts), ZoneInfo(zone))
                marks = " (edited)" if message.edited_ts else ""
                marks += " (only visible to you)" if message.ephemeral_to else ""
                head = f"{self.workspace.users[message.user].real_name}  {at:%H:%M}{marks}"
                indent = "    " if message.is_reply else ""
                body = self.render(message, reader).splitlines()
                lines += [indent + head, *(f"{indent}  {line}" for line in body), ""]
            return "\n".join(lines)

    # -- the connection to the app --------------------------------------------------------------------------

    @property
    def request_url(self) -> str | None:
        """Where HTTP mode sends to; None means Socket Mode. May be changed while running."""
        return self._sender.request_url

    @request_url.setter
    def request_url(self, url: str | None) -> None:
        self._sender.request_url = url

    @property
    def connections(self) -> int:
        """How many sockets the app holds open."""
        return len(self._hub.connections)

    def wait_until_connected(self, count: int = 1, timeout: float = PATIENCE) -> None:
        self.wait_for(lambda: self.connections >= count, timeout, f"{count} socket(s)")

    def refresh(self, *, grace: float = 1.0) -> None:
        """Ask the app to reconnect, as Slack does every few hours."""
        self._run(self._hub.refresh(grace=grace))

    def cut(self) -> int:
        """Abort every socket abruptly; returns how many there were."""
        return self._run(_call(self._hub.cut))

    def silence(self) -> int:
        """Keep the sockets open, but answer and carry nothing any more."""
        return self._run(_call(self._hub.silence))

    def event(self, kind: str, **fields: Any) -> Delivery:
        """Send any other event, such as `team_join` or `user_change`."""
        with self.workspace.lock:
            payload = payloads.event(self.workspace, {"type": kind} | fields)
        return self._run(self._carrier.event(payload))[0]

    def verify_url(self) -> bool:
        """HTTP mode: whether the app answers Slack's challenge."""
        return self._run(self._sender.verify_url())

    def forge(self, forgery: Forgery, user: str, command: str, text: str = "") -> Delivery:
        """HTTP mode: a slash command that does not come from Slack; `status` tells what the app answered."""
        with self.workspace.lock:
            person = self.workspace.user(user)
            place = self.workspace.dm(person.id)
            payload: JSON = payloads.slash_command(self.workspace, person, place, command, text)
        return self._run(self._sender.deliver_forged(forgery, "slash_commands", payload))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            pass
        else:
            work.close()
            raise RuntimeError("call the stand-in from a thread: await asyncio.to_thread(...)")
        if self._loop is None:
            work.close()
            raise RuntimeError("the stand-in is not running; use it as a context manager")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)


async def _call(function: Callable[[], T]) -> T:
    return function()
