"""WebApi: the one caller of Slack's Web API from the inside.  Never retries; says what a failure means.

Retrying belongs to the outbox, where it is durable: the client's own retries post twice when Slack took
a message and the connection then dropped.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener, urlopen

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.core.delivery import TOKEN_REFUSED
from bot.core.ports import DeliveryError

__all__ = ["DEFAULT_API_URL", "NOT_GRANTED", "TOKEN_ERRORS", "WebApi", "api_url"]

DEFAULT_API_URL = "https://slack.com/api/"
TIMEOUT_SECONDS = 6
PAGE = 200

TOKEN_ERRORS = TOKEN_REFUSED
NOT_GRANTED = frozenset({"missing_scope", "no_permission"})
"""What Slack says where the app lacks a scope."""

_OPERATOR = TOKEN_ERRORS | NOT_GRANTED | {"ekm_access_denied", "access_denied"}
_OPERATOR_RETRY = timedelta(seconds=60)
_SLACK_BUSY = frozenset(
    {"service_unavailable", "request_timeout", "team_added_to_org", "accesslimited", "rollup_error"}
)
# Slack: "some aspect of the operation may have succeeded before the error was raised".
_PERHAPS_DONE = frozenset({"internal_error", "fatal_error"})


def api_url(address: str | None) -> str:
    """SLACK_API_URL as the client needs it, with its final slash; Slack's own where not given."""
    return DEFAULT_API_URL if not address else address.rstrip("/") + "/"


class _NoRedirect(HTTPRedirectHandler):
    """Following one would hand the token to whatever host it names."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_NOT_ELSEWHERE = build_opener(_NoRedirect())


class WebApi:
    """Calls methods by name.  Thread-safe; every failure is a DeliveryError.

    ``code`` is Slack's error, or ``unreachable``, ``no_answer``, ``bad_answer``.
    """

    def __init__(self, token: str, *, url: str | None = None, timeout: float = TIMEOUT_SECONDS) -> None:
        # Slack's client logs bodies and answers at lower levels; nothing of them may reach our log.
        quiet = logging.getLogger("bot.slack.web_api.client")
        quiet.setLevel(logging.CRITICAL)
        self._timeout = timeout
        self._token = token
        self._host = urlsplit(api_url(url)).hostname or ""
        self._client = WebClient(
            token=token,
            base_url=api_url(url),
            timeout=timeout,  # type: ignore[arg-type]  # handed on to the socket, which takes fractions
            retry_handlers=[],
            logger=quiet,
        )

    def call(self, method: str, /, **arguments: Any) -> Mapping[str, Any]:
        """Slack's answer.  Arguments that are None are left out.  Raises DeliveryError."""
        return self.answer(method, **arguments)[0]

    def answer(self, method: str, /, **arguments: Any) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        """As `call`, with the answer's headers by their names in lower case."""
        given = {name: value for name, value in arguments.items() if value is not None}
        try:
            answer = (
                self._client.api_call(method, json=given)
                if _as_json(method)
                else self._client.api_call(method, params=given)
            )
        except SlackApiError as error:
            raise _refused(error) from None
        except URLError as error:
            raise _unreachable(error) from None
        except (OSError, HTTPException, SlackClientError) as error:
            raise DeliveryError("no_answer", temporary=True, uncertain=True) from error
        data = answer.data
        if not isinstance(data, dict):
            raise DeliveryError("bad_answer", temporary=True, uncertain=True)
        return data, {str(name).lower(): str(value) for name, value in (answer.headers or {}).items()}

    def upload(self, url: str, content: bytes) -> None:
        """Hand a file's bytes to the address Slack gave for them.  Raises DeliveryError."""
        if not url.startswith(("https://", "http://")):
            raise DeliveryError("bad_answer", temporary=True)
        headers = {"Content-Type": "application/octet-stream"}
        request = Request(url, data=content, headers=headers, method="POST")  # noqa: S310 - checked above
        try:
            with urlopen(request, timeout=self._timeout):  # noqa: S310 - checked above
                return
        except HTTPError as error:
            raise DeliveryError("upload_refused", temporary=error.code >= 500) from None
        except URLError as error:
            raise _unreachable(error) from None
        except (OSError, HTTPException) as error:
            raise DeliveryError("no_answer", temporary=True, uncertain=True) from error

    def download(self, url: str, *, most: int) -> bytes:
        """A file's bytes, at most ``most``.  The token goes to Slack only.  Raises DeliveryError."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        known = host == self._host or (parts.scheme == "https" and host.endswith(".slack.com"))
        if parts.scheme not in ("http", "https") or not known:
            raise DeliveryError("bad_answer", temporary=False)
        headers = {"Authorization": f"Bearer {self._token}"}
        request = Request(url, headers=headers)  # noqa: S310 - checked above
        try:
            with _NOT_ELSEWHERE.open(request, timeout=self._timeout) as answer:
                # Where it may not read the file, Slack shows its page for signing in.
                if answer.headers.get_content_type() == "text/html":
                    raise DeliveryError("missing_scope", temporary=False)
                content: bytes = answer.read(most + 1)
        except HTTPError as error:
            raise DeliveryError("file_not_given", temporary=error.code >= 500) from None
        except URLError as error:
            raise _unreachable(error) from None
        except (OSError, HTTPException) as error:
            raise DeliveryError("no_answer", temporary=True) from error
        if len(content) > most:
            raise DeliveryError("file_too_large", temporary=False)
        return content

    def pages(self, method: str, item: str, /, **arguments: Any) -> Iterator[Mapping[str, Any]]:
        """The items of every page of a listing method."""
        cursor: str | None = None
        while True:
            answer = self.call(method, limit=PAGE, cursor=cursor, **arguments)
            yield from answer.get(item) or ()
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return


def _as_json(method: str) -> bool:
    # Reading methods take form parameters only.
    return method in {"chat.postMessage", "chat.update", "conversations.open"}


def _refused(error: SlackApiError) -> DeliveryError:
    response: Any = error.response
    status = getattr(response, "status_code", None)
    if status is None and isinstance(response, dict):
        status = response.get("status")
    headers = getattr(response, "headers", None) or {}
    body = getattr(response, "data", None)
    code = str(body.get("error")) if isinstance(body, dict) and body.get("error") else ""
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        return DeliveryError("rate_limited", temporary=True, retry_after=_retry_after(headers))
    if not code or " " in code:  # not Slack's JSON: a proxy's page or an outage
        return DeliveryError("bad_answer", temporary=True, uncertain=True)
    if code in _PERHAPS_DONE:
        return DeliveryError(code, temporary=True, uncertain=True)
    if isinstance(status, int) and status >= 500:
        return DeliveryError(code, temporary=True, uncertain=True)
    if code in _OPERATOR:
        return DeliveryError(code, temporary=True, retry_after=_OPERATOR_RETRY)
    return DeliveryError(code, temporary=code in _SLACK_BUSY)


def _retry_after(headers: Mapping[str, Any]) -> timedelta:
    for name, value in headers.items():
        if name.lower() == "retry-after":
            try:
                return timedelta(seconds=max(1.0, float(value)))
            except ValueError:
                break
    return timedelta(seconds=30)


def _unreachable(error: URLError) -> DeliveryError:
    """Refused or unresolved connections carried nothing; with any other fault Slack may have accepted."""
    reason = error.reason
    sure = isinstance(reason, ConnectionRefusedError) or type(reason).__name__ == "gaierror"
    return DeliveryError("unreachable", temporary=True, uncertain=not sure)
