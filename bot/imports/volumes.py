"""`volumes`: contacts per queue and interval."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.core.calendar import open_periods
from bot.core.errors import RefusedError
from bot.core.ids import QueueId
from bot.core.import_report import Finding, ImportReport, RefusedRow
from bot.core.queues import Queue
from bot.core.settings import Settings
from bot.imports.clock_changes import ClockNotes
from bot.imports.columns import VOLUMES
from bot.imports.fields import (
    CellError,
    did_you_mean,
    near_or_known,
    parse_instant,
    parse_number,
    parse_zone,
    shown,
)
from bot.imports.reader import Row, read_table
from bot.imports.repeated import repeated_rows
from bot.store.volumes import VolumeCount
from forecasting.aggregate import infer_interval
from forecasting.errors import HistoryError

__all__ = ["known_queue", "named_zone", "read_volumes", "the_queue"]

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Count:
    line: int
    queue: QueueId
    start: datetime
    contacts: float
    aht_seconds: float | None


def read_volumes(
    data: bytes,
    *,
    source: str,
    settings: Settings,
    queue: str | None = None,
    zone: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> tuple[list[VolumeCount], ImportReport]:
    """Check a volumes file.  ``queue`` for files without that column, ``zone`` for times without offset.

    Raises RefusedError where the file as a whole cannot be used; else the rows that can, and the report.
    """
    table = read_table(data, VOLUMES, source=source, mapping=mapping)
    default = the_queue(settings, queue, required="queue" not in table.columns)
    tz = named_zone(zone or settings.zone)
    counts: dict[tuple[QueueId, datetime], _Count] = {}
    refused: list[RefusedRow] = []
    repeated: list[int] = []
    clock_notes = ClockNotes(tz)
    read = 0
    for row in table.rows():
        read += 1
        if isinstance(row, RefusedRow):
            refused.append(row)
            continue
        try:
            held = _queue_of(row.value, settings, default)
            instant = parse_instant("start", row.value["start"], tz)
            key = (held, instant.at)
            if instant.assumed and instant.ambiguous and key in counts:
                # The clock shows this hour twice: the second row of the same time is the later hour.
                instant = parse_instant("start", row.value["start"], tz, second=True)
                key = (held, instant.at)
            contacts = parse_number("contacts", row.value["contacts"])
            aht = row.value.get("aht_seconds", "")
            count = _Count(
                row.line, held, instant.at, contacts, _positive("aht_seconds", aht) if aht else None
            )
            if instant.at.second or instant.at.microsecond:
                raise CellError("off_grid", column="start", value=shown(row.value["start"]))
            before = counts.get(key)
            if before is not None and (before.contacts, before.aht_seconds) != (
                count.contacts,
                count.aht_seconds,
            ):
                raise CellError("contradicts_line", line=before.line, value=shown(row.value["start"]))
        except CellError as error:
            refused.append(RefusedRow(line=row.line, reason=error.reason, data=error.data))
            continue
        clock_notes.note(instant)
        if before is not None:
            repeated.append(row.line)
        else:
            counts[key] = count
    findings = list(table.findings)
    kept, interval = _on_interval(list(counts.values()), refused, source)
    if interval is not None:
        findings.append(Finding(code="interval", data={"minutes": _minutes(interval)}))
    findings += clock_notes.findings()
    findings += repeated_rows(repeated)
    if interval is not None:
        findings += _gaps(kept, interval, tz)
        findings += _same_days(kept, tz)
        findings += _outside_hours(kept, interval, settings)
    report = ImportReport(
        kind="volumes", source=source, read=read, refused=tuple(refused), findings=tuple(findings)
    )
    rows = [
        VolumeCount(
            queue=c.queue,
            start=c.start,
            interval=interval or DAY,
            contacts=c.contacts,
            aht_seconds=c.aht_seconds,
        )
        for c in kept
    ]
    return rows, report


def the_queue(settings: Settings, named: str | None, *, required: bool) -> QueueId | None:
    """The queue of rows that name none: the one given, else the only one there is.

    Raises RefusedError for an unknown queue, or where one is needed and several could be meant.
    """
    names = ", ".join(settings.queues)
    if named is not None:
        found = QueueId(named)
        if found in settings.queues:
            return found
        near = did_you_mean(named, settings.queues)
        raise RefusedError(
            "queue_misspelt" if near else "unknown_queue",
            f"There is no queue {named!r}; nothing was imported. app.yaml has: {names}.",
            queue=named,
            queues=names,
            near=near,
        )
    if len(settings.queues) == 1:
        return next(iter(settings.queues))
    if required:
        raise RefusedError(
            "queue_needed", f"The file has no column 'queue'; say which with --queue: {names}.", queues=names
        )
    return None


def named_zone(name: str) -> ZoneInfo:
    """Raises RefusedError for a zone nobody knows."""
    try:
        return parse_zone(name)
    except CellError as error:
        raise RefusedError(
            "unknown_zone", f"There is no time zone {name!r}; use names like Asia/Shanghai.", zone=name
        ) from error


def _queue_of(row: Row, settings: Settings, default: QueueId | None) -> QueueId:
    text = row.get("queue", "")
    if not text:
        if default is None:
            raise CellError("empty", column="queue")
        return default
    return known_queue(text, settings.queues)


def known_queue(text: str, queues: Mapping[QueueId, Queue]) -> QueueId:
    """Raises CellError with the nearest queue."""
    found = QueueId(text)
    if found not in queues:
        raise CellError("unknown_queue", value=shown(text), **near_or_known(text, queues))
    return found


def _positive(column: str, text: str) -> float | None:
    value = parse_number(column, text)
    return value or None


def _on_interval(
    counts: Sequence[_Count], refused: list[RefusedRow], source: str
) -> tuple[list[_Count], timedelta | None]:
    """The interval the file is in; counts that do not begin on it are refused."""
    if not counts:
        return [], None
    if len({c.start for c in counts}) < 2:
        refused += [RefusedRow(line=c.line, reason="only_one_start") for c in counts]
        return [], None
    try:
        interval = infer_interval([c.start for c in counts])
    except HistoryError as error:
        raise RefusedError(
            "interval_unknown",
            f"{source}: the interval cannot be told from {len(counts)} rows ({error}); nothing was imported.",
            source=source,
            rows=len(counts),
        ) from error
    seconds = int(interval.total_seconds())
    kept = []
    for count in counts:
        if int(count.start.timestamp()) % seconds:
            data = {"column": "start", "value": count.start.strftime("%Y-%m-%d %H:%MZ")}
            refused.append(RefusedRow(line=count.line, reason="off_grid", data=data))
        else:
            kept.append(count)
    return kept, interval


def _gaps(counts: Sequence[_Count], interval: timedelta, tz: ZoneInfo) -> list[Finding]:
    """Holes inside a day, and whole days missing of weekdays that are usually there."""
    found: list[Finding] = []
    for queue, starts in _by_queue(counts).items():
        days: dict[date, list[datetime]] = defaultdict(list)
        for start in starts:
            days[start.astimezone(tz).date()].append(start)
        usual = _usual_holes(days, interval, tz)
        for day, held in days.items():
            for before, after in pairwise(held):
                missing = (after - before) // interval - 1
                if missing > 0 and (before.astimezone(tz).time() not in usual):
                    found.append(
                        Finding(
                            code="gap",
                            data={
                                "queue": queue,
                                "date": day.isoformat(),
                                "start": (before + interval).astimezone(tz).strftime("%H:%M"),
                                "end": after.astimezone(tz).strftime("%H:%M"),
                                "intervals": missing,
                            },
                        )
                    )
        first, last = min(days), max(days)
        weeks = max(1.0, ((last - first).days + 1) / 7)
        present = [sum(d.weekday() == w for d in days) for w in range(7)]
        day = first
        while day <= last:
            if day not in days and present[day.weekday()] >= weeks / 2:
                found.append(Finding(code="day_missing", data={"queue": queue, "date": day.isoformat()}))
            day += DAY
    return found


def _usual_holes(days: Mapping[date, Sequence[datetime]], interval: timedelta, tz: ZoneInfo) -> set[time]:
    """Times of day after which most days have a hole: a lunch closure, not a gap."""
    times: dict[time, int] = defaultdict(int)
    for held in days.values():
        for before, after in pairwise(held):
            if after - before > interval:
                times[before.astimezone(tz).time()] += 1
    return {t for t, n in times.items() if n > max(1, len(days) / 2)}


def _same_days(counts: Sequence[_Count], tz: ZoneInfo) -> list[Finding]:
    """Days whose counts equal another day's to the last contact: most likely imported twice."""
    found = []
    series: dict[tuple[QueueId, date], list[tuple[int, float]]] = defaultdict(list)
    for count in sorted(counts, key=lambda c: c.start):
        local = count.start.astimezone(tz)
        series[(count.queue, local.date())].append((local.hour * 60 + local.minute, count.contacts))
    seen: dict[tuple[QueueId, tuple[tuple[int, float], ...]], date] = {}
    for (queue, day), values in series.items():
        if len({v for _, v in values if v > 0}) < 4:
            continue
        first = seen.setdefault((queue, tuple(values)), day)
        if first != day:
            found.append(
                Finding(
                    code="days_equal",
                    data={"queue": queue, "date": day.isoformat(), "other": first.isoformat()},
                )
            )
    return found


def _outside_hours(counts: Sequence[_Count], interval: timedelta, settings: Settings) -> list[Finding]:
    """Rows whose interval touches no opening hours of their queue: hours or zone may be wrong."""
    rows: dict[QueueId, list[float]] = defaultdict(list)
    opened: dict[tuple[str, date], tuple[tuple[datetime, datetime], ...]] = {}
    for count in counts:
        name = settings.queues[count.queue].calendar
        calendar = settings.calendars[name]
        end = count.start + interval
        day = count.start.astimezone(ZoneInfo(calendar.zone)).date()
        if (name, day) not in opened:
            # The day before as well: a shift may run past midnight.
            opened[(name, day)] = open_periods(calendar, day - DAY) + open_periods(calendar, day)
        if not any(first < end and count.start < last for first, last in opened[(name, day)]):
            rows[count.queue].append(count.contacts)
    return [
        Finding(
            code="rows_outside_hours",
            data={"queue": queue, "rows": len(held), "contacts": f"{sum(held):g}"},
        )
        for queue, held in rows.items()
    ]


def _by_queue(counts: Sequence[_Count]) -> dict[QueueId, list[datetime]]:
    found: dict[QueueId, list[datetime]] = defaultdict(list)
    for count in counts:
        found[count.queue].append(count.start)
    return {queue: sorted(starts) for queue, starts in found.items()}


def _minutes(interval: timedelta) -> str:
    return f"{interval.total_seconds() / 60:g}"
