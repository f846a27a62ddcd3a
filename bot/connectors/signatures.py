"""Signatures and shared secrets of webhooks, compared in constant time."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Literal

from bot.connectors.connector import Fault

__all__ = ["WINDOW", "basic_password", "hmac_digest", "same", "stale", "unix_time"]

WINDOW = timedelta(minutes=5)
"""How far from our clock a signature may have been made (PS12)."""


def hmac_digest(secret: str, message: bytes, algorithm: Literal["sha1", "sha256"]) -> bytes:
    """HMAC of RFC 2104."""
    return hmac.new(secret.encode(), message, getattr(hashlib, algorithm)).digest()


def same(given: str | None, expected: str) -> Fault | None:
    """None where a header holds what it must."""
    if not given:
        return Fault.UNSIGNED
    return None if hmac.compare_digest(given.encode(), expected.encode()) else Fault.WRONG


def stale(signed_at: datetime | None, now: datetime, window: timedelta = WINDOW) -> Fault | None:
    """None for a signature that was made inside the window, before or after ``now``."""
    return None if signed_at is not None and abs(now - signed_at) <= window else Fault.STALE


def unix_time(text: str) -> datetime | None:
    """Seconds since 1970 as a header writes them; None for anything else.

    >>> unix_time("1764000000"), unix_time("soon")
    (datetime.datetime(2025, 11, 24, 16, 0, tzinfo=datetime.timezone.utc), None)
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 11):
        return None
    return datetime.fromtimestamp(int(text), UTC)


def basic_password(header: str | None) -> str | None:
    """The password of an ``Authorization: Basic`` header; None for any other.

    >>> basic_password("Basic bXVzdGVyOnNlY3JldA==")
    'secret'
    """
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return None
