"""Socket Mode: the sockets an app holds open, and envelopes that must be acknowledged."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from bot.playground import limits
from bot.playground.errors import JSON
from bot.playground.records import Delivery
from bot.playground.workspace import Workspace


@dataclass(slots=True, eq=False)
class Connection:
    """One socket. `draining`: told to reconnect, gets nothing new. `silent`: answers nothing any more."""

    socket: web.WebSocketResponse
    request: web.Request
    draining: bool = False
    silent: bool = False
    waiting: dict[str, asyncio.Future[JSON]] = field(default_factory=dict)


class SocketHub:
    """Every open socket of the app. All methods run on the server's loop."""

    def __init__(self, ws: Workspace) -> None:
        self.connections: list[Connection] = []
        self._ws = ws
        self._turn = 0
        self._arrived = asyncio.Condition()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """The handler behind the address that apps.connections.open gave out."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._ws.tickets:
            return web.Response(status=403, text="invalid ticket")
        self._ws.tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False, max_msg_size=0)
        await socket.prepare(request)
        connection = Connection(socket, request)
        try:
            await socket.send_json(self._hello())
            async with self._arrived:
                self.connections.append(connection)
                self._arrived.notify_all()
            self._ws.touched()
            await self._read(connection)
        finally:
            self._forget(connection)
        return socket

    async def deliver(self, kind: str, payload: JSON, *, attempt: int = 0) -> tuple[Delivery, JSON]:
        """Send one envelope to the next socket in turn and wait for its acknowledgement, at most 3 s."""
        started, at = time.monotonic(), self._ws.now()
        envelope_id = str(uuid.uuid4())
        error: str | None = None
        body: JSON = {}
        try:
            async with asyncio.timeout(limits.ACK_SECONDS):
                connection = await self._next()
                if connection is None:
                    error = "no_connection"
                else:
                    body = await self._send(connection, envelope_id, kind, payload, attempt)
        except TimeoutError:
            error = "operation_timeout"
        except ConnectionError:
            error = "connection_lost"
        return Delivery(
            kind=kind,
            envelope_id=envelope_id,
            attempt=attempt,
            at=at,
            latency=time.monotonic() - started if error is None else None,
            error=error,
            payload=payload,
        ), body

    async def refresh(self, *, grace: float = 1.0) -> None:
        """Ask every socket to reconnect; old ones get nothing new and are closed after `grace` seconds."""
        for connection in list(self.connections):
            connection.draining = True
            await connection.socket.send_json(
                {"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "stand-in"}}
            )
            asyncio.get_running_loop().call_later(grace, self._close_soon, connection)

    def cut(self) -> int:
        """Abort every socket without a word, as a broken network does; returns how many there were."""
        cut = list(self.connections)
        for connection in cut:
            if connection.request.transport is not None:
                connection.request.transport.abort()
            self._forget(connection)
        return len(cut)

    def silence(self) -> int:
        """From now on the open sockets answer no ping and carry nothing; returns how many there are."""
        for connection in self.connections:
            connection.silent = True
        return len(self.connections)

    async def _send(
        self, connection: Connection, envelope_id: str, kind: str, payload: JSON, attempt: int
    ) -> JSON:
        envelope: JSON = {
            "envelope_id": envelope_id,
            "type": kind,
            "accepts_response_payload": kind != "events_api",
            "payload": payload,
        }
        if kind == "events_api":
            envelope["retry_attempt"] = attempt
            envelope["retry_reason"] = "timeout" if attempt else ""
        future: asyncio.Future[JSON] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope_id] = future
        try:
            if not connection.silent:
                await connection.socket.send_json(envelope)
            return await future
        finally:
            connection.waiting.pop(envelope_id, None)

    async def _next(self) -> Connection | None:
        """The next socket in turn; waits while every socket is being refreshed, None when there is none."""
        async with self._arrived:
            while True:
                ready = [connection for connection in self.connections if not connection.draining]
                if ready:
                    self._turn += 1
                    return ready[self._turn % len(ready)]
                if not self.connections:
                    return None
                await self._arrived.wait()

    async def _read(self, connection: Connection) -> None:
        while True:
            message = await connection.socket.receive()
            if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
                return
            if connection.silent:
                continue
            if message.type is WSMsgType.PING:
                await connection.socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._acknowledge(connection, message.data)

    def _acknowledge(self, connection: Connection, data: str) -> None:
        try:
            answer = json.loads(data)
        except ValueError:
            self._ws.refuse("socket", "invalid_json")
            return
        future = connection.waiting.get(str(answer.get("envelope_id")))
        if future is None:
            self._ws.refuse("socket", "unknown_envelope")
        elif not future.done():
            payload = answer.get("payload") or {}
            future.set_result(payload if isinstance(payload, dict) else {"text": str(payload)})

    def _hello(self) -> JSON:
        return {
            "type": "hello",
            "connection_info": {"app_id": self._ws.app.id},
            "num_connections": len(self.connections) + 1,
            "debug_info": {"host": "stand-in", "build_number": 1, "approximate_connection_time": 18060},
        }

    def _close_soon(self, connection: Connection) -> None:
        if connection in self.connections and connection.request.transport is not None:
            connection.request.transport.abort()

    def _forget(self, connection: Connection) -> None:
        if connection in self.connections:
            self.connections.remove(connection)
        for future in connection.waiting.values():
            if not future.done():
                future.set_exception(ConnectionResetError("the socket is gone"))
        self._ws.touched()
