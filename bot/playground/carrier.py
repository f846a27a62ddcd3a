"""Carries what people do to the app, by socket or by HTTP, and applies what the app acknowledges."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.playground.acknowledgements import after_command, after_submission
from bot.playground.errors import JSON, SlackError
from bot.playground.http_mode import HttpSender
from bot.playground.model import Channel, User, View
from bot.playground.records import Delivery
from bot.playground.socket_mode import SocketHub
from bot.playground.workspace import Workspace


class Carrier:
    """HTTP mode while a request URL is set, else Socket Mode. All methods run on the server's loop.

    An event that is not acknowledged is sent again after each of `event_retries` seconds (Slack itself: at
    once, after a minute, after five); commands and interactions are never repeated.
    """

    def __init__(
        self, ws: Workspace, hub: SocketHub, sender: HttpSender, event_retries: Sequence[float]
    ) -> None:
        self._ws = ws
        self._hub = hub
        self._sender = sender
        self._event_retries = tuple(event_retries)
        self._retrying: set[asyncio.Task[None]] = set()

    async def command(self, user: User, channel: Channel, payload: JSON) -> tuple[Delivery, JSON]:
        delivery, body = await self._send("slash_commands", payload)
        return self._apply(delivery, lambda: after_command(self._ws, user, channel, body)), body

    async def interaction(self, payload: JSON) -> tuple[Delivery, JSON]:
        return await self._send("interactive", payload)

    async def submission(self, view: View, payload: JSON) -> tuple[Delivery, JSON]:
        delivery, body = await self._send("interactive", payload)
        return self._apply(delivery, lambda: after_submission(self._ws, view, body)), body

    async def event(self, payload: JSON) -> tuple[Delivery, JSON]:
        """The first attempt; further ones follow in the background until one is acknowledged."""
        delivery, body = await self._send("events_api", payload)
        if not delivery.ok and self._event_retries:
            task = asyncio.create_task(self._retry(payload))
            self._retrying.add(task)
            task.add_done_callback(self._retrying.discard)
        return delivery, body

    def stop(self) -> None:
        """Send nothing again any more."""
        for task in self._retrying:
            task.cancel()

    async def _retry(self, payload: JSON) -> None:
        for attempt, pause in enumerate(self._event_retries, start=1):
            await asyncio.sleep(pause)
            delivery, _ = await self._send("events_api", payload, attempt)
            if delivery.ok:
                return

    async def _send(self, kind: str, payload: JSON, attempt: int = 0) -> tuple[Delivery, JSON]:
        transport = self._hub if self._sender.request_url is None else self._sender
        delivery, body = await transport.deliver(kind, payload, attempt=attempt)
        with self._ws.changed:
            self._ws.deliveries.append(delivery)
            self._ws.changed.notify_all()
        return delivery, body

    def _apply(self, delivery: Delivery, effect: Callable[[], None]) -> Delivery:
        """An acknowledgement Slack cannot use counts as none: the person sees that it did not work."""
        if not delivery.ok:
            return delivery
        with self._ws.lock:
            try:
                effect()
            except SlackError as refusal:
                self._ws.refuse("ack", refusal.error, messages=refusal.messages)
                return replace(delivery, error=f"invalid_acknowledgement: {refusal.error}")
        return delivery
