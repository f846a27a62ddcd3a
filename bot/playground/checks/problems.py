"""Collects problems in Slack's own wording, with a JSON pointer to the place."""

from __future__ import annotations

from collections.abc import Set
from typing import Any


class Problems:
    """`found` holds the messages in the order of discovery."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, what: str, path: str) -> None:
        self.found.append(f"[ERROR] {what} [json-pointer:{path}]")

    def length(self, value: str, limit: int, path: str) -> None:
        if not value:
            self.add("must be more than 0 characters", path)
        elif len(value) > limit:
            self.add(f"must be less than {limit + 1} characters", path)

    def string(
        self, holder: dict[str, Any], key: str, limit: int, path: str, *, required: bool = False
    ) -> None:
        """`holder[key]`, if there, is a string of 1 to `limit` characters."""
        value = holder.get(key)
        if value is None:
            if required:
                self.add(f"missing required field: {key}", path)
        elif not isinstance(value, str):
            self.add("must be a string", f"{path}/{key}")
        else:
            self.length(value, limit, f"{path}/{key}")

    def items(self, value: Any, limit: int, path: str, *, least: int = 1) -> list[Any]:
        """`value` as a list; says so when it is none, or when it has fewer or more items than allowed."""
        if not isinstance(value, list):
            self.add("must be a list", path)
            return []
        if len(value) < least:
            self.add(f"no fewer than {least} items allowed", path)
        if len(value) > limit:
            self.add(f"no more than {limit} items allowed", path)
        return value

    def keys(self, holder: dict[str, Any], allowed: Set[str], path: str) -> None:
        for key in holder:
            if key not in allowed:
                self.add(f"invalid additional property: {key}", path)
