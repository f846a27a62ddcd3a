"""HTTP mode: signed requests to the app's request URL, and forged ones that it must refuse.

Signature: docs.slack.dev, "Verifying requests from Slack" (v0, HMAC-SHA256 over `v0:timestamp:body`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from enum import StrEnum
from urllib.parse import urlencode

import aiohttp

from bot.playground import limits
from bot.playground.errors import JSON
from bot.playground.records import Delivery
from bot.playground.workspace import Workspace


class Forgery(StrEnum):
    """What is wrong with a request that does not come from Slack."""

    MISSING = "missing"  # no signature at all
    WRONG_SECRET = "wrong_secret"  # noqa: S105 - the name of a forgery
    TAMPERED = "tampered"  # body changed after signing
    STALE = "stale"  # rightly signed, ten minutes ago
    FUTURE = "future"  # rightly signed, ten minutes ahead
    REPLAYED = "replayed"  # a true request, sent a second time byte for byte


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """
    >>> sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", b"token=x")[:11]
    'v0=3eeaac30'
    """
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class HttpSender:
    """Posts to `request_url`. All methods run on the server's loop; signing takes the machine's own time."""

    def __init__(self, ws: Workspace, session: aiohttp.ClientSession) -> None:
        self.request_url: str | None = None
        self._ws = ws
        self._session = session

    async def deliver(self, kind: str, payload: JSON, *, attempt: int = 0) -> tuple[Delivery, JSON]:
        """Send one request and take its answer as the acknowledgement, at most 3 s."""
        body, headers = encode(kind, payload)
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": "http_timeout"}
        return await self._post(kind, payload, body, headers | self._signed(body), attempt)

    async def deliver_forged(self, forgery: Forgery, kind: str, payload: JSON) -> Delivery:
        """Send a request with this flaw; the delivery's `status` says what the app answered."""
        body, headers = encode(kind, payload)
        now = time.time()
        if forgery is Forgery.WRONG_SECRET:
            headers |= self._signed(body, secret=self._ws.app.signing_secret[::-1] + "x")
        elif forgery is Forgery.TAMPERED:
            headers |= self._signed(body)
            body += b" "
        elif forgery is Forgery.STALE:
            headers |= self._signed(body, at=now - 600)
        elif forgery is Forgery.FUTURE:
            headers |= self._signed(body, at=now + 600)
        elif forgery is Forgery.REPLAYED:
            headers |= self._signed(body)
            await self._post(kind, payload, body, headers, 0)
        delivery, _ = await self._post(kind, payload, body, headers, 0)
        return delivery

    async def verify_url(self) -> bool:
        """The handshake when a request URL is entered: does the app give the challenge back?"""
        challenge = uuid.uuid4().hex
        payload = {"type": "url_verification", "token": "x", "challenge": challenge}
        delivery, body = await self.deliver("events_api", payload)
        return delivery.ok and challenge in (body.get("challenge"), body.get("text"))

    def _signed(self, body: bytes, *, at: float | None = None, secret: str | None = None) -> dict[str, str]:
        timestamp = str(int(time.time() if at is None else at))
        signature = sign(secret or self._ws.app.signing_secret, timestamp, body)
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}

    async def _post(
        self, kind: str, payload: JSON, body: bytes, headers: dict[str, str], attempt: int
    ) -> tuple[Delivery, JSON]:
        if self.request_url is None:
            raise RuntimeError("no request URL is set; give StandInSlack(request_url=...)")
        started, at = time.monotonic(), self._ws.now()
        answer: JSON = {}
        status: int | None = None
        error: str | None = None
        timeout = aiohttp.ClientTimeout(total=limits.ACK_SECONDS)
        try:
            async with self._session.post(
                self.request_url, data=body, headers=headers, timeout=timeout
            ) as reply:
                status = reply.status
                answer = _decode(await reply.text())
                error = None if status == 200 else f"http_status_{status}"
        except TimeoutError:
            error = "operation_timeout"
        except aiohttp.ClientError:
            error = "connection_failed"
        return Delivery(
            kind=kind,
            envelope_id=str(uuid.uuid4()),
            attempt=attempt,
            at=at,
            latency=time.monotonic() - started if error is None else None,
            error=error,
            status=status,
            payload=payload,
        ), answer


def encode(kind: str, payload: JSON) -> tuple[bytes, dict[str, str]]:
    """Commands are forms, interactions a form with one field `payload`, events JSON."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    if kind == "slash_commands":
        return urlencode(payload).encode(), form
    if kind == "interactive":
        return urlencode({"payload": json.dumps(payload)}).encode(), form
    return json.dumps(payload).encode(), {"Content-Type": "application/json"}


def _decode(text: str) -> JSON:
    if not text.strip():
        return {}
    try:
        answer = json.loads(text)
    except ValueError:
        return {"text": text}
    return answer if isinstance(answer, dict) else {"text": text}
