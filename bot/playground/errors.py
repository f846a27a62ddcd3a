"""The one exception by which a Web API method says no."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

JSON = dict[str, Any]


class SlackError(Exception):
    """A refusal: becomes `{"ok": false, "error": ...}`, with `detail` merged into the answer."""

    def __init__(
        self,
        error: str,
        *,
        messages: Sequence[str] = (),
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(error)
        self.error = error
        self.messages = tuple(messages)
        self.status = status
        self.headers = dict(headers or {})
        self.detail = dict(detail or {})

    def body(self) -> JSON:
        answer: JSON = {"ok": False, "error": self.error, **self.detail}
        if self.messages:
            answer["errors"] = list(self.messages)
            answer["response_metadata"] = {"messages": list(self.messages)}
        return answer
