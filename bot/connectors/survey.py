"""The webhook by which a survey tool outside is told whom to ask (CP7)."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Final

from bot.connectors.signatures import hmac_digest
from bot.core.errors import UnavailableError

__all__ = ["SurveyWebhook"]

TIMEOUT_SECONDS: Final = 5


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What is signed goes to the address that was set, and nowhere else."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


class SurveyWebhook:
    """POSTs JSON to ``url``, signed with ``secret``.  Any answer of 2xx means it was taken over."""

    def __init__(self, url: str, secret: str, seconds: Callable[[], float] = time.time) -> None:
        self._url = url
        self._secret = secret
        self._seconds = seconds
        self._opener = urllib.request.build_opener(_NoRedirect)

    def __call__(self, told: Mapping[str, object]) -> None:
        """Raises UnavailableError where it does not answer, or not with 2xx."""
        body, stamp = json.dumps(told).encode(), str(int(self._seconds()))
        signature = hmac_digest(self._secret, stamp.encode() + b"." + body, "sha256").hex()
        headers = {
            "Content-Type": "application/json",
            "Muster-Timestamp": stamp,
            "Muster-Signature": f"sha256={signature}",
        }
        # Only http and https pass `bot.config.environment`.
        request = urllib.request.Request(self._url, data=body, headers=headers, method="POST")  # noqa: S310
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS):
                pass
        except (urllib.error.URLError, OSError, ValueError) as error:
            raise UnavailableError(
                "survey_unreachable", "The survey tool did not answer with success."
            ) from error
