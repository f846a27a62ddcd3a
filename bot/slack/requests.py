"""HTTP mode: Slack's signed requests are verified here, then handed to Bolt."""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Awaitable, Callable

import structlog
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Message

__all__ = ["LARGEST_BODY", "Signatures", "slack_requests"]

_log = structlog.get_logger("bot.slack")

WINDOW_SECONDS = 300

LARGEST_BODY = 1_000_000
"""[bytes] Slack's largest requests carry a full modal, a tenth of this."""


class Signatures:
    """Accepts each rightly signed request once, for five minutes round its timestamp.

    Slack signs a repeated delivery anew, so the same signature twice is a replay.  Each process remembers
    its own: behind a balancer, a replay that reaches another replica is taken again.
    """

    def __init__(self, signing_secret: str, *, seconds: Callable[[], float] = time.time) -> None:
        self._verifier = SignatureVerifier(signing_secret)
        self._seconds = seconds
        self._seen: dict[str, float] = {}
        self._lock = threading.Lock()

    def problem(self, body: bytes, timestamp: str | None, signature: str | None) -> str | None:
        """Why the request is refused; None when it is accepted."""
        if not timestamp or not signature:
            return "missing"
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            return "malformed"
        now = self._seconds()
        if abs(now - int(timestamp)) > WINDOW_SECONDS:
            return "stale"
        try:
            expected = self._verifier.generate_signature(timestamp=timestamp, body=body)
        except UnicodeDecodeError:
            return "malformed"
        if expected is None or not hmac.compare_digest(expected.encode(), signature.encode()):
            return "wrong"
        with self._lock:
            self._forget(now)
            if expected in self._seen:
                return "replayed"
            self._seen[expected] = now
        return None

    def _forget(self, now: float) -> None:
        """Drop what is too old to be accepted again; the oldest stand first, so most calls drop nothing."""
        while self._seen:
            oldest = next(iter(self._seen))
            if now - self._seen[oldest] <= 2 * WINDOW_SECONDS:
                return
            del self._seen[oldest]


def slack_requests(app: AsyncApp, signatures: Signatures) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for ``/slack/events``: what Bolt answers; 401 unless rightly signed, 413 if too large."""
    handler = AsyncSlackRequestHandler(app)

    async def endpoint(request: Request) -> Response:
        body = await _bounded(request)
        if body is None:
            _log.warning("slack_request_refused", problem="too_large")
            return JSONResponse({"error": "too large"}, status_code=413, headers={"Connection": "close"})
        problem = signatures.problem(
            body,
            request.headers.get("x-slack-request-timestamp"),
            request.headers.get("x-slack-signature"),
        )
        if problem is not None:
            _log.warning("slack_request_refused", problem=problem)
            return JSONResponse({"error": "invalid request"}, status_code=401)
        return await handler.handle(_read(request, body))

    return endpoint


async def _bounded(request: Request) -> bytes | None:
    """The body; None once it is, or says it is, beyond the limit.  Anybody may send, so it is counted."""
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:12]) > LARGEST_BODY:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _read(request: Request, body: bytes) -> Request:
    """The request again, for who reads its body a second time."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(request.scope, receive)
