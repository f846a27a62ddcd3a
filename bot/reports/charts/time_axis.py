"""A time axis in one zone, with the reader's names of days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from matplotlib.axes import Axes

from bot.i18n.formats import Formats
from forecasting.grid import local_midnight


def hours_since(start: datetime, instants: Sequence[datetime]) -> list[float]:
    """Elapsed hours from ``start`` to each instant: the x coordinate of every chart.

    Elapsed time, not clock time, so that the night the clocks change is as long as it really was.
    """
    return [(instant - start) / timedelta(hours=1) for instant in instants]


def label_days(axes: Axes, *, start: datetime, end: datetime, zone: str, locale: str) -> None:
    """Ticks at local midnights, labelled in the middle of each day with its weekday and date."""
    first = start.astimezone(ZoneInfo(zone)).date()
    days = (end - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() - first
    dates = [first + timedelta(days=i) for i in range(days.days + 1)]
    edges = hours_since(start, [local_midnight(d, zone) for d in [*dates, dates[-1] + timedelta(days=1)]])
    axes.set_xticks(edges, labels=[])
    axes.set_xticks(
        [(a + b) / 2 for a, b in pairwise(edges)],
        labels=[Formats(locale, zone).day(d) for d in dates],
        minor=True,
    )
    axes.tick_params(axis="x", which="minor", length=0)
    axes.grid(visible=True, axis="x", which="major")
    axes.set_xlim(0, hours_since(start, [end])[0])


def label_hours(axes: Axes, *, start: datetime, end: datetime, zone: str, locale: str) -> None:
    """A tick at every full local hour (every second one beyond 14 hours)."""
    tz = ZoneInfo(zone)
    step = 1 if end - start <= timedelta(hours=14) else 2
    instant = start.replace(minute=0, second=0, microsecond=0)
    ticks: list[datetime] = []
    while instant <= end:
        if instant >= start and instant.astimezone(tz).hour % step == 0:
            ticks.append(instant)
        instant += timedelta(hours=1)
    axes.set_xticks(hours_since(start, ticks), labels=[Formats(locale, zone).time(t) for t in ticks])
    axes.set_xlim(0, hours_since(start, [end])[0])
