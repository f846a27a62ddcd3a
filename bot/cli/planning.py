"""What the planning commands share: weeks, tables on the terminal, data to a file or to the screen."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from bot.cli.context import CliContext
from bot.core.errors import RefusedError

__all__ = ["by_hour", "echo_json", "iso_week", "parse_mapping", "parse_week", "save", "table"]

DAY = timedelta(days=1)


def parse_week(text: str) -> date:
    """The Monday of ``2026-W49``, or of the week a date lies in.  Raises RefusedError."""
    found = re.fullmatch(r"(\d{4})-?W(\d{1,2})", text.strip(), re.IGNORECASE)
    try:
        if found:
            return date.fromisocalendar(int(found.group(1)), int(found.group(2)), 1)
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise RefusedError(
            "bad_week", f"{text!r} is no week; write 2026-W49 or a date in it.", value=text
        ) from None
    return day - day.weekday() * DAY


def iso_week(first: date) -> str:
    """``2026-W49`` of a Monday."""
    iso = first.isocalendar()
    return f"{iso.year}-W{iso.week:02d}"


def default_week(context: CliContext) -> date:
    """The first whole ISO week that the newest forecast covers, else next week."""
    settings, zone = context.settings, ZoneInfo(context.settings.zone)
    today = context.now().astimezone(zone).date()
    starts: list[datetime] = []
    with context.store.unit() as uow:
        for queue in settings.queues:
            span = uow.forecasts.newest_span(queue)
            if span is not None:
                starts.append(span[0])
    if not starts:
        return today + (7 - today.weekday()) * DAY
    first = max(starts).astimezone(zone)
    day = first.date()
    # A forecast that begins at midnight of a Monday covers that whole week.
    if day.weekday() == 0 and first.hour == first.minute == 0:
        return day
    return day + (7 - day.weekday()) * DAY


def parse_mapping(pairs: Sequence[str]) -> dict[str, str]:
    """``--map arrived=created_at``: our column to the file's header.  Raises RefusedError."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, header = pair.partition("=")
        if not equals or not name.strip() or not header.strip():
            raise RefusedError("bad_map", f"--map {pair}: write --map OUR_COLUMN=THEIR_HEADER.", value=pair)
        found[name.strip()] = header.strip()
    return found


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Aligned columns: the first to the left, the others to the right; Chinese characters count double."""
    from rich.cells import cell_len

    if not rows:
        return []
    widths = [max(cell_len(r[i]) for r in (headers, *rows)) for i in range(len(headers))]

    def line(cells: Sequence[str]) -> str:
        padded = []
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            blank = " " * (width - cell_len(cell))
            padded.append(cell + blank if i == 0 else blank + cell)
        return "  ".join(padded).rstrip()

    return [line(headers), *(line(row) for row in rows)]


def by_hour(
    starts: Sequence[datetime],
    values: Sequence[float | None],
    combine: Callable[[Sequence[float]], float],
    show: Callable[[float], str],
    *,
    day_label: Callable[[date], str],
    corner: str,
) -> list[str]:
    """Interval values as a table of hours by days; None is left out, an hour without any value is blank."""
    cells: dict[tuple[int, date], list[float]] = {}
    for start, value in zip(starts, values, strict=True):
        if value is not None:
            cells.setdefault((start.hour, start.date()), []).append(value)
    days = sorted({day for _, day in cells})
    rows = []
    for hour in sorted({hour for hour, _ in cells}):
        row = [f"{hour:02d}:00"]
        row += [show(combine(cells[(hour, day)])) if (hour, day) in cells else "" for day in days]
        rows.append(row)
    return table([corner, *(day_label(day) for day in days)], rows)


def echo_json(value: Mapping[str, Any] | Sequence[Any]) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def save(context: CliContext, path: str, text: str) -> None:
    """Write data where the operator asked: ``-`` is standard output."""
    if path == "-":
        click.echo(text, nl=False)
        return
    Path(path).write_text(text, encoding="utf-8", newline="")
    click.echo(context.t.text("plan.saved", file=path), err=True)
