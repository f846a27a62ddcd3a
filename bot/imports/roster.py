"""`roster`: shifts made elsewhere, or exported by Muster, one row per activity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.ids import AgentId
from bot.core.import_report import Finding, ImportReport, Numbered
from bot.core.settings import Settings
from bot.imports.columns import ROSTER
from bot.imports.distinct import distinct_rows
from bot.imports.fields import CellError, near_or_known, parse_date, parse_instant, parse_time, shown
from bot.imports.reader import Row, read_table
from bot.imports.volumes import named_zone
from scheduler.roster.shifts import BREAK, LUNCH, PREPARE, RESERVED_ACTIVITIES, SessionKind

__all__ = ["read_roster"]

ACTIVITIES = {
    "午休": LUNCH, "午餐": LUNCH, "用餐": LUNCH, "小休": BREAK, "休息": BREAK, "pause": BREAK,
    "准备": PREPARE, "班前准备": PREPARE, "站会": SessionKind.STAND_UP,
    "晨会": SessionKind.STAND_UP, "stand-up": SessionKind.STAND_UP, "培训": SessionKind.TRAINING,
    "一对一": SessionKind.ONE_TO_ONE, "one-to-one": SessionKind.ONE_TO_ONE, "会议": SessionKind.MEETING,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class RosterRow:
    """One activity of one agent on one day of work, [start, end) UTC."""

    agent: AgentId
    date: date
    start: datetime
    end: datetime
    activity: str


def read_roster(
    data: bytes,
    *,
    source: str,
    settings: Settings,
    zone: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> tuple[list[Numbered[RosterRow]], ImportReport]:
    """Check a roster file.  Times carry an offset, or are local to ``zone`` (the roster's own if absent).

    A time of day alone is on the row's date; an end that is not later is on the next day.
    """
    table = read_table(data, ROSTER, source=source, mapping=mapping)
    tz = named_zone(zone or settings.zone)
    assumed = 0

    def entry(row: Row) -> RosterRow:
        nonlocal assumed
        made, local = _entry(row, settings, tz)
        assumed += local
        return made

    rows = distinct_rows(table, entry, key=lambda made: made, named=None)
    zone_assumed = [Finding(code="zone_assumed", data={"zone": str(tz), "rows": assumed})] if assumed else []
    return rows.values, rows.report("roster", source, (*table.findings, *zone_assumed, *rows.repeated))


def _entry(row: Row, settings: Settings, tz: ZoneInfo) -> tuple[RosterRow, bool]:
    agent = AgentId(row["agent"])
    if not agent:
        raise CellError("empty", column="agent")
    day = parse_date("date", row["date"])
    start, local = _instant("start", row["start"], day, tz)
    end, _ = _instant("end", row["end"], day, tz)
    if end <= start and ":" in row["end"] and len(row["end"]) <= 5:
        end, _ = _instant("end", row["end"], day + timedelta(days=1), tz)
    if end <= start:
        raise CellError("ends_before_start", start=shown(row["start"]), end=shown(row["end"]))
    if end - start > timedelta(hours=24):
        raise CellError("too_long_activity", start=shown(row["start"]), end=shown(row["end"]))
    return RosterRow(agent=agent, date=day, start=start, end=end, activity=_activity(row, settings)), local


def _instant(column: str, text: str, day: date, tz: ZoneInfo) -> tuple[datetime, bool]:
    if len(text) <= 5 and ":" in text:
        moment = parse_time(column, text, end=column == "end")
        text = f"{day.isoformat()}T{moment.isoformat()}"
    instant = parse_instant(column, text, tz)
    return instant.at, instant.assumed


def _activity(row: Row, settings: Settings) -> str:
    text = row["activity"]
    if not text:
        raise CellError("empty", column="activity")
    if text in settings.queues:
        return text
    known = ACTIVITIES.get(text.lower(), text.lower())
    if known in RESERVED_ACTIVITIES:
        return str(known)
    names = [*settings.queues, LUNCH, BREAK, PREPARE, *SessionKind]
    raise CellError("unknown_activity", value=shown(text), **near_or_known(text, names))
