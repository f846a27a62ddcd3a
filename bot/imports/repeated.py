"""The finding about rows that say what an earlier row has said."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.import_report import Finding

__all__ = ["repeated_rows"]

LISTED = 10


def repeated_rows(lines: Sequence[int]) -> list[Finding]:
    """One finding with the first lines, or none."""
    if not lines:
        return []
    named = ", ".join(map(str, lines[:LISTED])) + (", ..." if len(lines) > LISTED else "")
    return [Finding(code="rows_repeated", data={"rows": len(lines), "lines": named})]
