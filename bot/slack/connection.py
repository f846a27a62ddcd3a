"""The connection to Slack: made at start, kept, and told apart from a token that will never work."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import ConfigurationError
from bot.core.ports import Clock
from bot.slack.app import SlackIdentity, quiet_logger
from bot.slack.web_api import TOKEN_ERRORS

__all__ = ["ConnectionState", "ConnectionStatus", "SlackConnection"]

_log = structlog.get_logger("bot.slack")

PING_SECONDS = 2
CONNECT_SECONDS = 10
LONGEST_PAUSE_SECONDS = 30.0


class ConnectionState(Enum):
    CONNECTING = "connecting"
    CONNECTED = "connected"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"  # the token stopped working while the service ran
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionStatus:
    """``since``: when this state began; ``detail``: Slack's error or the kind of failure."""

    state: ConnectionState
    since: datetime
    detail: str | None = None


class SlackConnection:
    """Checks the token and, in Socket Mode (``app_token`` given), holds the socket.

    ``on_connected`` is begun once, after the first success, and not waited for (`settle`).  Used from one
    event loop.
    """

    def __init__(
        self,
        *,
        app: AsyncApp,
        client: AsyncWebClient,
        identity: SlackIdentity,
        app_token: str | None,
        clock: Clock,
        on_connected: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._app = app
        self._client = client
        self._identity = identity
        self._app_token = app_token
        self._clock = clock
        self._on_connected = on_connected
        self._socket: AsyncSocketModeHandler | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._first: asyncio.Future[None] | None = None
        self._status = ConnectionStatus(state=ConnectionState.CONNECTING, since=clock())

    async def start(self) -> None:
        """Connect once; where Slack is out of reach, go on trying in the background.

        Raises ConfigurationError for a token that Slack refuses; then nothing is left open.
        """
        try:
            await self._connect()
        except ConfigurationError:
            await self.close()
            raise
        except Exception as error:
            self._failed(error)
            self._keeper = asyncio.create_task(self._keep_trying())

    async def settle(self, seconds: float) -> None:
        """Wait for what ``on_connected`` began, at most so long."""
        if self._first is not None:
            await asyncio.wait([self._first], timeout=seconds)

    async def status(self) -> ConnectionStatus:
        """The state now; a socket that broke since is UNREACHABLE until it is back."""
        if self._socket is not None and self._status.state in _LIVE:
            alive = await self._socket.client.is_connected()
            self._enter(ConnectionState.CONNECTED if alive else ConnectionState.UNREACHABLE)
        return self._status

    async def close(self) -> None:
        """Close the socket and stop trying."""
        for task in (self._keeper, self._first):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        self._keeper = self._first = None
        if self._socket is not None:
            client: Any = self._socket.client
            with contextlib.suppress(Exception):
                await asyncio.wait_for(client.close(), timeout=3)
            self._socket = None
        self._enter(ConnectionState.STOPPED)

    async def _connect(self) -> None:
        who = await self._ask("SLACK_BOT_TOKEN", self._client.auth_test())
        self._identity.team = who.get("team_id")
        self._identity.bot = who.get("bot_id")
        self._identity.bot_user = who.get("user_id")
        if self._app_token is not None:
            opened = await self._ask(
                "SLACK_APP_TOKEN", self._client.apps_connections_open(app_token=self._app_token)
            )
            await self._open_socket(str(opened["url"]))
        self._enter(ConnectionState.CONNECTED)
        _log.info("slack_connected", mode="http" if self._app_token is None else "socket")
        if self._on_connected is not None:
            first, self._on_connected = self._on_connected, None
            self._first = asyncio.ensure_future(first())

    async def _open_socket(self, url: str) -> None:
        if self._socket is None:
            self._socket = AsyncSocketModeHandler(
                self._app,
                app_token=self._app_token,
                web_client=self._client,
                logger=quiet_logger(),
                ping_interval=PING_SECONDS,
            )
        # Asking for an address is what Slack limits most; the one just given is used.
        socket: Any = self._socket.client
        socket.wss_uri = url
        await asyncio.wait_for(socket.connect(), timeout=CONNECT_SECONDS)

    async def _ask(self, variable: str, call: Awaitable[Any]) -> Any:
        try:
            return await call
        except SlackApiError as error:
            code = str(error.response.get("error"))
            if code in TOKEN_ERRORS or (variable == "SLACK_APP_TOKEN" and code == "missing_scope"):
                raise ConfigurationError(
                    "slack_token",
                    f"Slack refuses {variable} ({code}); nothing was started. "
                    "Copy the token again from api.slack.com/apps; it belongs to the workspace Muster is in.",
                    variable=variable,
                    code=code,
                ) from None
            raise

    async def _keep_trying(self) -> None:
        pause = 1.0
        while True:
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            try:
                await self._connect()
                return
            except ConfigurationError as error:
                self._enter(ConnectionState.REFUSED, str(error.data.get("code")))
                _log.error("slack_token_refused", variable=error.data.get("variable"))
            except Exception as error:
                self._failed(error)

    def _failed(self, error: Exception) -> None:
        detail = _detail(error)
        self._enter(ConnectionState.UNREACHABLE, detail)
        _log.warning("slack_unreachable", detail=detail)

    def _enter(self, state: ConnectionState, detail: str | None = None) -> None:
        if state is not self._status.state or detail != self._status.detail:
            since = self._status.since if state is self._status.state else self._clock()
            self._status = ConnectionStatus(state=state, since=since, detail=detail)


_LIVE = frozenset({ConnectionState.CONNECTED, ConnectionState.UNREACHABLE})


def _detail(error: Exception) -> str:
    """A word for the log and /health; never an address or a token."""
    if isinstance(error, SlackApiError):
        return str(error.response.get("error") or "bad_answer")[:60].split(" ")[0]
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "connection_refused"
    if isinstance(error, (aiohttp.ClientError, SlackClientError, OSError)):
        return "connection_failed"
    return type(error).__name__
