"""The webhook by which a bot or an IVR outside is told to divert a queue or to stop (CA13)."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Final

from bot.core.diversions import Diversion, payload
from bot.core.errors import UnavailableError

__all__ = ["DiversionWebhook"]

TIMEOUT_SECONDS: Final = 5


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token goes to the address that was set, and nowhere else."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


class DiversionWebhook:
    """POSTs JSON to ``url``; with ``token`` as a bearer.  Any answer of 2xx means it was taken over."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self._url = url
        self._token = token
        self._opener = urllib.request.build_opener(_NoRedirect)

    def __call__(self, held: Diversion) -> None:
        """Raises UnavailableError where it does not answer, or not with 2xx."""
        headers = {"Content-Type": "application/json"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        # Only http and https pass `bot.config.environment`.
        request = urllib.request.Request(  # noqa: S310
            self._url, data=json.dumps(payload(held)).encode(), headers=headers, method="POST"
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS):
                pass
        except (urllib.error.URLError, OSError, ValueError) as error:
            raise UnavailableError(
                "diversion_unreachable", "The system that diverts contacts did not answer with success."
            ) from error
