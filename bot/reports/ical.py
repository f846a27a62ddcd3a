"""An agent's shifts as a calendar feed (RFC 5545)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event

from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from scheduler.roster.shifts import Segment, Shift

__all__ = ["calendar"]

REFRESH = timedelta(hours=1)


def calendar(agent: str, shifts: Sequence[Shift], t: Translator, f: Formats, *, now: datetime) -> bytes:
    """One event per shift, in UTC: each calendar shows it in its own zone, right over clock changes.

    Pauses and queues are in the description, in the zone of ``f``, which is named.  An event keeps its
    identity when the day's shift moves, so that a calendar moves it too.  UTF-8, lines folded.
    """
    made = Calendar()
    made.add("prodid", "-//Muster//shifts//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", t.text("calendar.name"))
    made.add("x-wr-timezone", f.zone)
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT1H")
    of_day: Counter[date] = Counter()
    for shift in sorted(shifts, key=lambda s: s.start):
        event = Event()
        event.add("uid", _identity(agent, shift.date, of_day[shift.date]))
        of_day[shift.date] += 1
        event.add("dtstamp", now)
        event.add("dtstart", shift.start)
        event.add("dtend", shift.end)
        event.add("summary", t.text("calendar.shift", queues=f.join(list(shift.queues))))
        rows = [_line(segment, t, f) for segment in shift.segments]
        event.add("description", "\n".join([*rows, t.text("calendar.zone", zone=f.zone)]))
        made.add_component(event)
    return bytes(made.to_ical())


def _identity(agent: str, day: date, number: int) -> str:
    text = f"{agent}|{day.isoformat()}|{number}"
    return f"{hashlib.sha256(text.encode()).hexdigest()[:32]}@muster"


def _line(segment: Segment, t: Translator, f: Formats) -> str:
    key = f"label.activity.{segment.activity}"
    name = t.text(key) if not segment.is_work and t.has(key) else segment.activity
    return f"{f.period(segment.start, segment.end)}  {name}"
