"""Arguments of one call: form fields and JSON bodies look the same from here on."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from bot.playground.errors import JSON, SlackError


class Arguments:
    """Reads typed values; a missing or malformed one is refused with `invalid_arguments`."""

    def __init__(self, values: JSON) -> None:
        self.values = values

    def __contains__(self, key: str) -> bool:
        return self.values.get(key) is not None

    def text(self, key: str, *, error: str = "invalid_arguments") -> str:
        value = self.values.get(key)
        if value is None or value == "":
            raise SlackError(error, messages=[f"[ERROR] missing required field: {key}"])
        return str(value)

    def maybe(self, key: str) -> str | None:
        value = self.values.get(key)
        return None if value is None or value == "" else str(value)

    def flag(self, key: str) -> bool:
        return str(self.values.get(key, "")).lower() in {"1", "true"}

    def number(self, key: str, default: int, *, most: int = 1000) -> int:
        try:
            value = int(self.values.get(key, default) or default)
        except (TypeError, ValueError):
            raise SlackError("invalid_arguments", messages=[f"[ERROR] must be a number: {key}"]) from None
        if not 1 <= value <= most:
            raise SlackError("invalid_limit")
        return value

    def json(self, key: str, *, error: str = "invalid_arguments") -> Any:
        """A structure, sent as JSON or, in a form, as a string of JSON; None when absent."""
        value = self.values.get(key)
        if isinstance(value, str):
            if not value:
                return None
            try:
                return json.loads(value)
            except ValueError:
                raise SlackError(error, messages=[f"[ERROR] invalid JSON: {key}"]) from None
        return value

    def page(self, items: Sequence[Any], *, default: int = 100) -> tuple[list[Any], JSON]:
        """One page of `items` by `limit` and `cursor`, and the `response_metadata` that leads to the next."""
        limit = self.number("limit", default)
        start = 0
        cursor = self.maybe("cursor")
        if cursor:
            try:
                start = int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
            except ValueError:
                raise SlackError("invalid_cursor") from None
        end = start + limit
        following = base64.b64encode(f"next:{end}".encode()).decode() if end < len(items) else ""
        return list(items[start:end]), {"next_cursor": following}
