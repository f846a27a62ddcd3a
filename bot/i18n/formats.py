"""Dates, times, durations and numbers as the reader writes them, through Babel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

__all__ = ["Formats"]

_DAY = {"en": "EEE d MMM", "zh-Hans": "M月d日 EEE", "zh-Hant": "M月d日 EEE"}
_DAY_WITH_YEAR = {"en": "EEE d MMM y", "zh-Hans": "y年M月d日 EEE", "zh-Hant": "y年M月d日 EEE"}
_BETWEEN_UNITS = {"en": " ", "zh-Hans": "", "zh-Hant": ""}


@dataclass(frozen=True, slots=True)
class Formats:
    """Formats for one reader: ``locale`` as in `bot.i18n.catalog.SPOKEN`, ``zone`` an IANA name.

    Instants are aware and shown in ``zone``; hours are always 00 to 23.

    >>> from datetime import UTC
    >>> f = Formats("en", "Asia/Shanghai")
    >>> f.moment(datetime(2026, 11, 22, 2, 6, tzinfo=UTC))
    'Sun 22 Nov, 10:06'
    >>> Formats("zh-Hans", "Asia/Shanghai").moment(datetime(2026, 11, 22, 2, 6, tzinfo=UTC))
    '11月22日 周日 10:06'
    """

    locale: str
    zone: str

    def day(self, day: date, *, year: bool = False) -> str:
        """``Sun 22 Nov`` or ``11月22日 周日``."""
        return format_date(day, (_DAY_WITH_YEAR if year else _DAY)[self.locale], locale=self._babel)

    def weekday(self, day: date) -> str:
        return format_date(day, "EEE", locale=self._babel)

    def local_day(self, at: datetime) -> date:
        """The reader's calendar day of an instant."""
        return at.astimezone(ZoneInfo(self.zone)).date()

    def time(self, at: datetime, *, seconds: bool = False) -> str:
        """``10:06``, with ``seconds`` ``10:06:12``."""
        return at.astimezone(ZoneInfo(self.zone)).strftime("%H:%M:%S" if seconds else "%H:%M")

    def moment(self, at: datetime, *, reference: datetime | None = None) -> str:
        """Day and time; the time alone where ``reference`` is the same day for the reader."""
        if reference is not None and self.local_day(at) == self.local_day(reference):
            return self.time(at)
        between = ", " if self.locale == "en" else " "
        return f"{self.day(self.local_day(at))}{between}{self.time(at)}"

    def period(self, start: datetime, end: datetime) -> str:
        """``09:00–18:00``."""
        return f"{self.time(start)}–{self.time(end)}"

    def duration(self, length: timedelta | float) -> str:
        """The two largest units: ``2 hr 5 min``, ``45 sec``; ``length`` a timedelta or seconds.

        >>> Formats("en", "UTC").duration(timedelta(minutes=125))
        '2 hr 5 min'
        >>> Formats("zh-Hans", "UTC").duration(600)
        '10分钟'
        """
        total = round(length.total_seconds() if isinstance(length, timedelta) else length)
        sign, total = ("-" if total < 0 else ""), abs(total)
        parts: list[tuple[int, str]] = []
        for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
            count, total = divmod(total, size)
            if count:
                parts.append((count, unit))
            elif parts:
                break
        shown = parts[:2] or [(0, "second")]
        texts = [format_unit(count, unit, length="short", locale=self._babel) for count, unit in shown]
        return sign + _BETWEEN_UNITS[self.locale].join(texts)

    def number(self, value: float, *, decimals: int = 0) -> str:
        """``12,345``; ``decimals`` is the most that are shown."""
        pattern = "#,##0" + ("." + "#" * decimals if decimals else "")
        return format_decimal(value, format=pattern, locale=self._babel)

    def percent(self, share: float, *, decimals: int = 0) -> str:
        """``0.94`` as ``94%``."""
        pattern = "#,##0" + ("." + "#" * decimals if decimals else "") + "%"
        return format_percent(share, format=pattern, locale=self._babel)

    def join(self, items: Sequence[str]) -> str:
        """``a, b and c`` or ``a、b和c``."""
        return format_list(list(items), locale=self._babel)

    def zone_label(self, at: datetime) -> str:
        """Place and offset of the zone at that instant: ``Shanghai, UTC+08:00``."""
        offset = at.astimezone(ZoneInfo(self.zone)).strftime("%z")
        utc = "UTC" if offset == "+0000" else f"UTC{offset[:3]}:{offset[3:]}"
        if "/" not in self.zone or self.zone.startswith("Etc/"):
            return utc
        place = get_timezone_location(self.zone, locale=self._babel, return_city=True)
        return f"{place}, {utc}" if self.locale == "en" else f"{place} {utc}"

    @property
    def _babel(self) -> Locale:
        return Locale.parse(self.locale, sep="-")
