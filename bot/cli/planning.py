"""What the planning commands share: the week, tables on the terminal, data to a file or to the screen."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from bot.cli.context import CliContext
from bot.core.errors import RefusedError

__all__ = ["by_hour", "default_week", "echo_json", "parse_mapping", "save", "table"]


def default_week(context: CliContext) -> date:
    """The first whole ISO week that the newest forecast covers, else next week."""
    from bot.usecases import planning_state

    with context.store.unit() as uow:
        return planning_state.default_week(uow, context.settings, context.now())


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
