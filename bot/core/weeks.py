"""Weeks as people name them: ``2026-W49``, or any date in it."""

from __future__ import annotations

import re
from datetime import date, timedelta

from bot.core.errors import RefusedError

__all__ = ["iso_week", "parse_week"]

_DAY = timedelta(days=1)


def parse_week(text: str) -> date:
    """The Monday of ``2026-W49``, or of the week a date lies in.  Raises RefusedError.

    >>> parse_week("2026-W49"), parse_week("2026-12-02")
    (datetime.date(2026, 11, 30), datetime.date(2026, 11, 30))
    """
    found = re.fullmatch(r"(\d{4})-?W(\d{1,2})", text.strip(), re.IGNORECASE)
    try:
        if found:
            return date.fromisocalendar(int(found.group(1)), int(found.group(2)), 1)
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise RefusedError(
            "bad_week", f"{text!r} is no week; write 2026-W49 or a date in it.", value=text
        ) from None
    return day - day.weekday() * _DAY


def iso_week(first: date) -> str:
    """``2026-W49`` of a Monday."""
    iso = first.isocalendar()
    return f"{iso.year}-W{iso.week:02d}"
