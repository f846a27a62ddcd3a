"""Case and customer numbers: a pattern such as ``GD{date:%Y%m%d}{n:03}`` (CR4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.core.allowed_text import reference_problem
from bot.core.errors import RefusedError

__all__ = ["CASE_PATTERN", "CUSTOMER_PATTERN", "NumberPattern", "local_day"]

CASE_PATTERN = "GD{date:%Y%m%d}{n:03}"
CUSTOMER_PATTERN = "C{date:%Y%m}{n:03}"

_PARTS = re.compile(r"\{date:((?:%[Ymdyj]|[-./])+)\}|\{n(?::0?(\d))?\}|([^{}]+)")


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """``{date:%Y%m%d}`` is the local day (strftime's Y, y, m, d, j), ``{n:03}`` the count within it.

    The count starts anew whenever the rest of the number changes: with ``%Y%m`` each month.

    >>> pattern = NumberPattern("GD{date:%Y%m%d}{n:03}")
    >>> pattern.number(date(2023, 10, 27), 1), pattern.scope(date(2023, 10, 27))
    ('GD20231027001', 'GD20231027#')
    >>> pattern.number(date(2023, 10, 27), 1000)
    'GD202310271000'
    """

    text: str

    def __post_init__(self) -> None:
        """Raises RefusedError for a pattern that could not number anything."""
        left = _PARTS.sub("", self.text)
        counts = [m for m in _PARTS.finditer(self.text) if m.group(0).startswith("{n")]
        if left or len(counts) != 1:
            raise RefusedError(
                "number_pattern",
                f"{self.text!r} is no pattern; it needs {{n}} once and may have {{date:%Y%m%d}}: "
                "GD{date:%Y%m%d}{n:03}",
                pattern=self.text,
            )
        sample = self.number(date(2026, 11, 30), 999_999)
        if reference_problem(sample) is not None:
            raise RefusedError(
                "number_pattern",
                f"{self.text!r} makes {sample!r}, which is no case reference (letters, digits and "
                ". : # / - _, up to 64): GD{date:%Y%m%d}{n:03}",
                pattern=self.text,
            )

    def number(self, day: date, n: int) -> str:
        """The ``n``-th number of a local day."""
        return self._filled(day, lambda width: f"{n:0{width}d}")

    def scope(self, day: date) -> str:
        """What the count belongs to: the number without it."""
        return self._filled(day, lambda _width: "#")

    def _filled(self, day: date, count: Callable[[int], str]) -> str:
        parts: list[str] = []
        for found in _PARTS.finditer(self.text):
            when, width, literal = found.groups()
            if when is not None:
                parts.append(day.strftime(when))
            elif literal is not None:
                parts.append(literal)
            else:
                parts.append(count(int(width or 1)))
        return "".join(parts)


def local_day(now: datetime, zone: str) -> date:
    """The day a number is counted in."""
    return now.astimezone(ZoneInfo(zone)).date()
