"""How app.yaml writes times, durations, windows, weekdays and zones: text in, typed values out.

Parsers raise PydanticCustomError, whose type is the kind of a `Problem` and whose context is its data.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, PlainValidator, Strict
from pydantic_core import PydanticCustomError

from bot.config.problems import nearest

__all__ = [
    "WEEKDAYS",
    "Country",
    "DayKey",
    "Duration",
    "DurationOrNone",
    "Email",
    "Hours",
    "LocalTime",
    "LocalWindow",
    "Name",
    "NoneWord",
    "Number",
    "OneOrMore",
    "OpeningWindow",
    "PositiveDuration",
    "PositiveRange",
    "Promise",
    "Promised",
    "SlackChannel",
    "StartWindow",
    "Starts",
    "Weekday",
    "WeekdaySet",
    "WeeklyHours",
    "Whole",
    "Window",
    "WorkingDays",
    "Zone",
    "parse_duration",
    "parse_local_window",
    "parse_name",
    "parse_weekdays",
    "parse_window",
    "parse_zone",
]

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS: Final = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION: Final = re.compile(r"(?:\d+(?:\.\d+)?[dhms]\s*)+")
_DURATION_PART: Final = re.compile(r"(\d+(?:\.\d+)?)([dhms])")
_WORKING_DAYS: Final = re.compile(r"(\d+)\s+working\s+days?")
_TIME: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_HOURS: Final = re.compile(r"(\d+(?:\.\d+)?)(?:\s*-\s*(\d+(?:\.\d+)?))?")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_NAME: Final = re.compile(r"\w[\w .-]{0,63}")
_SLACK_CHANNEL: Final = re.compile(r"[^\s#A-Z.,!@]{1,80}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingDays:
    """ "3 working days": ends at close of business of the Nth working day."""

    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A promise with its own unit: "24h elapsed", "2h business"; ``counted`` None takes the policy's."""

    within: timedelta
    counted: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Local times [start, end); an end of 00:00 is midnight at the end of the day."""

    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class StartWindow:
    """Earliest and latest start of a shift."""

    earliest: time
    latest: time


@dataclass(frozen=True, slots=True, kw_only=True)
class DurationRange:
    """ "5m-8m"; one duration is both ends."""

    low: timedelta
    high: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Paid hours a week, least and most."""

    least: float
    most: float


def parse_duration(value: object) -> timedelta:
    """90s, 5m, 2h, 5h30m, 730d; several units from large to small.

    >>> parse_duration("5h30m"), parse_duration("90s")
    (datetime.timedelta(seconds=19800), datetime.timedelta(seconds=90))
    """
    if isinstance(value, timedelta):
        return value
    text = value.strip().lower() if isinstance(value, str) else ""
    if not _DURATION.fullmatch(text):
        raise PydanticCustomError("duration", "not a duration", {"value": str(value)})
    parts = _DURATION_PART.findall(text)
    units = [unit for _, unit in parts]
    if units != sorted(set(units), key="dhms".index):
        raise PydanticCustomError("duration", "not a duration", {"value": str(value)})
    try:
        return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))
    except OverflowError:
        raise PydanticCustomError("duration", "not a duration", {"value": str(value)}) from None


def _positive_duration(value: object) -> timedelta:
    duration = parse_duration(value)
    if not duration:
        raise PydanticCustomError("not_positive", "must be above zero", {"value": str(value)})
    return duration


def _promise(value: object) -> Promised | WorkingDays:
    if isinstance(value, WorkingDays | Promised):
        return value
    text = value.strip().lower() if isinstance(value, str) else ""
    match = _WORKING_DAYS.fullmatch(text)
    if match is None:
        duration, _, counted = text.rpartition(" ")
        if counted in ("elapsed", "business"):
            return Promised(within=_positive_duration(duration), counted=counted)
        return Promised(within=_positive_duration(value))
    if not 1 <= int(match[1]) <= 365:
        raise PydanticCustomError("working_days", "1 to 365", {"value": str(value)})
    return WorkingDays(days=int(match[1]))


def _time(value: object) -> time:
    if isinstance(value, time):
        return value
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise PydanticCustomError("time", "not a time", {"value": str(value)})
    return time(int(match[1]), int(match[2]))


def parse_window(value: object) -> Window:
    """08:00-22:00; 24:00 and 00:00 as an end both mean midnight at the end of the day.

    >>> parse_window("09:00-24:00")
    Window(start=datetime.time(9, 0), end=datetime.time(0, 0))
    """
    if isinstance(value, Window):
        return value
    first, dash, last = str(value).partition("-")
    if not dash or not isinstance(value, str):
        raise PydanticCustomError("window", "not a time window", {"value": str(value)})
    start, end = _time(first), time(0) if last.strip() == "24:00" else _time(last)
    if end != time(0) and end <= start:
        raise PydanticCustomError("window_backwards", "ends before it starts", {"value": value})
    return Window(start=start, end=end)


def parse_local_window(value: object) -> Window:
    """18:00-22:00 or, over midnight, 22:00-06:00."""
    if isinstance(value, Window):
        return value
    first, dash, last = str(value).partition("-")
    if not dash or not isinstance(value, str):
        raise PydanticCustomError("window", "not a time window", {"value": str(value)})
    start, end = _time(first), time(0) if last.strip() == "24:00" else _time(last)
    if start == end:
        raise PydanticCustomError("window_backwards", "ends before it starts", {"value": value})
    return Window(start=start, end=end)


def _start_window(value: object) -> StartWindow:
    if isinstance(value, StartWindow):
        return value
    first, dash, last = str(value).partition("-")
    earliest = _time(first)
    latest = _time(last) if dash else earliest
    if latest < earliest:
        raise PydanticCustomError("window_backwards", "ends before it starts", {"value": str(value)})
    return StartWindow(earliest=earliest, latest=latest)


def parse_weekdays(value: object) -> frozenset[int]:
    """mon, mon-fri, sat-mon, or several joined by commas; Monday is 0.

    >>> sorted(parse_weekdays("mon-wed, sat"))
    [0, 1, 2, 5]
    """
    days: set[int] = set()
    for part in str(value).lower().split(","):
        first, dash, last = (p.strip() for p in part.partition("-"))
        for name in (first, last) if dash else (first,):
            if name not in WEEKDAYS:
                raise PydanticCustomError(
                    "weekday", "not a weekday", {"value": str(value), "allowed": WEEKDAYS, "given": name}
                )
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last if dash else first)
        days.update((start + offset) % 7 for offset in range((end - start) % 7 + 1))
    return frozenset(days)


def _weekday_list(value: object) -> frozenset[int]:
    if isinstance(value, frozenset):
        return value
    parts = value if isinstance(value, list) else [value]
    return frozenset().union(*(parse_weekdays(part) for part in parts))


def _weekday(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    days = parse_weekdays(value)
    if len(days) != 1:
        raise PydanticCustomError(
            "weekday", "one day", {"value": str(value), "allowed": WEEKDAYS, "given": str(value)}
        )
    return next(iter(days))


def _duration_range(value: object) -> DurationRange:
    if isinstance(value, DurationRange):
        return value
    parts = [part.strip() for part in value.split("-")] if isinstance(value, str) else []
    try:
        found = [_positive_duration(part) for part in parts]
    except PydanticCustomError:
        found = []
    if len(found) not in (1, 2) or found != sorted(found):
        raise PydanticCustomError("duration_range", "not a range", {"value": str(value)})
    return DurationRange(low=found[0], high=found[-1])


def _hours(value: object) -> Hours:
    if isinstance(value, Hours):
        return value
    match = _HOURS.fullmatch(str(value).strip()) if not isinstance(value, bool) else None
    if match is None:
        raise PydanticCustomError("hours", "not hours", {"value": str(value)})
    least = float(match[1])
    most = float(match[2]) if match[2] else least
    if not 0 <= least <= most <= 168:
        raise PydanticCustomError("hours", "not hours", {"value": str(value)})
    return Hours(least=least, most=most)


def parse_zone(value: object) -> str:
    if isinstance(value, str) and value:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            pass
        else:
            return value
    meant = nearest(value, available_timezones())
    raise PydanticCustomError("zone", "unknown time zone", {"value": str(value), "suggestion": meant})


def _day(value: object) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise PydanticCustomError("day", "not a date", {"value": str(value)}) from None


def _email(value: object) -> str:
    if not isinstance(value, str) or not _EMAIL.fullmatch(value.strip()):
        raise PydanticCustomError("email", "not an e-mail address", {"value": str(value)})
    return value.strip().lower()


def _slack_channel(value: object) -> str:
    name = value.strip().removeprefix("#") if isinstance(value, str) else ""
    if not _SLACK_CHANNEL.fullmatch(name):
        raise PydanticCustomError("slack_channel", "not a channel name", {"value": str(value)})
    return name


def parse_name(value: object) -> str:
    text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if not _NAME.fullmatch(text):
        raise PydanticCustomError("name", "not a name", {"value": str(value)})
    return text


def _country(value: object) -> str | None:
    if value is None or value == "none":
        return None
    import holidays

    supported = holidays.list_supported_countries()
    country, _, part = str(value).partition("-")
    parts = supported.get(country)
    if not isinstance(value, str) or parts is None:
        raise PydanticCustomError(
            "country", "unknown country", {"value": str(value), "suggestion": nearest(value, supported)}
        )
    if part and part not in parts:
        raise PydanticCustomError(
            "country_part", "unknown part", {"value": value, "country": country, "allowed": tuple(parts)}
        )
    return value


def _or_none(parse: Callable[[object], Any]) -> Callable[[object], Any]:
    return lambda value: None if value is None or value == "none" else parse(value)


def _one_or_more(value: object) -> object:
    return value if isinstance(value, list) else [value]


Name = Annotated[str, PlainValidator(parse_name)]
Country = Annotated[str | None, PlainValidator(_country)]
Duration = Annotated[timedelta, PlainValidator(parse_duration)]
PositiveRange = Annotated[DurationRange, PlainValidator(_duration_range)]
PositiveDuration = Annotated[timedelta, PlainValidator(_positive_duration)]
DurationOrNone = Annotated[timedelta | None, PlainValidator(_or_none(parse_duration))]
Promise = Annotated[Promised | WorkingDays, PlainValidator(_promise)]
LocalTime = Annotated[time, PlainValidator(_time)]
LocalWindow = Annotated[Window, PlainValidator(parse_local_window)]
OpeningWindow = Annotated[Window, PlainValidator(parse_window)]
Starts = Annotated[StartWindow, PlainValidator(_start_window)]
Weekday = Annotated[int, PlainValidator(_weekday)]
WeekdaySet = Annotated[frozenset[int], PlainValidator(_weekday_list)]
WeeklyHours = Annotated[Hours, PlainValidator(_hours)]
Zone = Annotated[str, PlainValidator(parse_zone)]
DayKey = Annotated[date, PlainValidator(_day)]
Email = Annotated[str, PlainValidator(_email)]
SlackChannel = Annotated[str, PlainValidator(_slack_channel)]
NoneWord = BeforeValidator(lambda value: None if value == "none" else value)
OneOrMore = BeforeValidator(_one_or_more)
Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict()]
