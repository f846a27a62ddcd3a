"""One cell of a file: numbers, instants, dates, times and weekdays, or why it is none."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from bot.core.near_names import nearest

__all__ = [
    "CellError",
    "Instant",
    "did_you_mean",
    "near_or_known",
    "parse_date",
    "parse_instant",
    "parse_number",
    "parse_time",
    "parse_weekdays",
    "parse_zone",
    "shown",
]


class CellError(Exception):
    """A cell that cannot be used: reason code and the data of its sentence."""

    def __init__(self, reason: str, **data: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.data = data

    def without_value(self) -> CellError:
        """The same reason without the cell: what stands where a customer's data could is not repeated."""
        return CellError(self.reason, **{k: v for k, v in self.data.items() if k != "value"})


@dataclass(frozen=True, slots=True)
class Instant:
    """``assumed``: no offset was given and the zone applied; ``ambiguous``: its local time comes twice in the
    zone, offset or not; ``skipped``: its offset says when, but the zone's clocks never show the time written.
    """

    at: datetime
    assumed: bool = False
    ambiguous: bool = False
    skipped: bool = False


_SLASHED = re.compile(r"(\d{4})[/.年](\d{1,2})[/.月](\d{1,2})日?[T ]*(?:(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_SHORT_HOUR = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d):(.*)")


def parse_instant(column: str, text: str, zone: ZoneInfo, *, second: bool = False) -> Instant:
    """ISO 8601 with an offset, or local to ``zone``; also 2026/11/2 9:00 and 2026年11月2日 9:00.

    ``second`` chooses the later one of a local time that comes twice.  Raises CellError for what is no time
    and for a local time that the clock change skipped.
    """
    moment = _moment(text)
    if moment is None:
        raise CellError("not_a_time", column=column, value=shown(text))
    if moment.tzinfo is not None:
        try:
            at = moment.astimezone(UTC)
            ambiguous = _comes_twice(at.astimezone(zone))
        except OverflowError:
            raise CellError("not_a_time", column=column, value=shown(text)) from None
        # A time marked Z is not on the clocks of the zone; any other offset was written beside a local time.
        skipped = not text.upper().endswith("Z") and _never_shown(moment, zone)
        return Instant(at, ambiguous=ambiguous, skipped=skipped)
    local = moment.replace(tzinfo=zone, fold=1 if second else 0)
    try:
        at = local.astimezone(UTC)
        exists = at.astimezone(zone).replace(tzinfo=None) == moment
    except OverflowError:
        raise CellError("not_a_time", column=column, value=shown(text)) from None
    if not exists:
        raise CellError("time_does_not_exist", column=column, value=shown(text), zone=str(zone))
    return Instant(at, assumed=True, ambiguous=_comes_twice(local))


def _comes_twice(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _never_shown(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether a time with an offset the zone has around then lies in the hour its clocks skip."""
    local = moment.replace(tzinfo=zone, fold=0)
    if moment.utcoffset() not in (local.utcoffset(), local.replace(fold=1).utcoffset()):
        return False
    back = local.astimezone(UTC).astimezone(zone)
    return back.replace(tzinfo=None) != local.replace(tzinfo=None)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    short = _SHORT_HOUR.fullmatch(text)
    if short:
        return _moment(f"{short.group(1)}T0{short.group(2)}:{short.group(3)}")
    slashed = _SLASHED.fullmatch(text)
    if not slashed:
        return None
    year, month, day, hour, minute, second = (int(g) if g else 0 for g in slashed.groups())
    try:
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the zone is applied by the caller
    except ValueError:
        return None


def parse_date(column: str, text: str) -> date:
    """2026-11-30, 2026/11/30 or 2026年11月30日; a time of day is refused."""
    moment = _moment(text)
    if moment is None or moment.time() != time(0) or moment.tzinfo is not None:
        raise CellError("not_a_date", column=column, value=shown(text))
    return moment.date()


def parse_time(column: str, text: str, *, end: bool = False) -> time:
    """HH:MM; as an end, 24:00 is midnight."""
    found = re.fullmatch(r"(\d{1,2})[:：](\d{2})(?::00)?", text)
    if not found:
        raise CellError("not_a_clock_time", column=column, value=shown(text))
    hour, minute = int(found.group(1)), int(found.group(2))
    if end and (hour, minute) == (24, 0):
        return time(0)
    if hour > 23 or minute > 59:
        raise CellError("not_a_clock_time", column=column, value=shown(text))
    return time(hour, minute)


def parse_number(column: str, text: str, *, allow_negative: bool = False) -> float:
    """A finite number, not negative; 1,234 and 1234.5 are read."""
    plain = text.replace(",", "") if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", text) else text
    try:
        value = float(plain)
    except ValueError:
        raise CellError("not_a_number", column=column, value=shown(text)) from None
    if not math.isfinite(value):
        raise CellError("not_a_number", column=column, value=shown(text))
    if value < 0 and not allow_negative:
        raise CellError("negative", column=column, value=shown(text))
    return value


def parse_zone(text: str) -> ZoneInfo:
    """An IANA zone.  Raises CellError."""
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        raise CellError("unknown_zone", value=shown(text)) from None


_WEEKDAYS = (
    ("mon", "monday", "周一", "星期一", "1"),
    ("tue", "tuesday", "周二", "星期二", "2"),
    ("wed", "wednesday", "周三", "星期三", "3"),
    ("thu", "thursday", "周四", "星期四", "4"),
    ("fri", "friday", "周五", "星期五", "5"),
    ("sat", "saturday", "周六", "星期六", "6"),
    ("sun", "sunday", "周日", "星期日", "星期天", "周天", "7"),
)


def parse_weekdays(text: str) -> tuple[int, ...] | None:
    """Weekdays (Monday 0) of ``mon``, ``Monday``, ``周一``, ``1`` or a range as ``mon-fri``; else None."""
    parts = re.split(r"\s*[-–至到]\s*", text.strip().lower())
    if len(parts) not in (1, 2):
        return None
    found = [next((i for i, names in enumerate(_WEEKDAYS) if part in names), None) for part in parts]
    first, last = found[0], found[-1]
    if first is None or last is None:
        return None
    return tuple((first + k) % 7 for k in range((last - first) % 7 + 1))


def did_you_mean(value: str, known: Iterable[str]) -> str:
    """The nearest known name, or an empty string."""
    return nearest(value, known)


def near_or_known(value: str, known: Iterable[str]) -> Mapping[str, str]:
    """Data of a sentence about an unknown name: ``near`` if one is, else ``known``, all there are."""
    names = [str(k) for k in known]
    near = nearest(value, names)
    return {"near": near} if near else {"known": ", ".join(names)}


def shown(text: str) -> str:
    """A cell as it may be repeated to the person who owns the file: its beginning, on one line."""
    plain = "".join(c if c.isprintable() else "?" for c in text)
    return plain if len(plain) <= 40 else plain[:37] + "..."
