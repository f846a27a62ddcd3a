"""The board in words: the same cells on the terminal and in Slack."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.board import Board
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats

__all__ = [
    "PROMISE_COLUMNS",
    "QUEUE_COLUMNS",
    "STAGE_COLUMNS",
    "promise_rows",
    "queue_rows",
    "stage_rows",
    "type_line",
]

QUEUE_COLUMNS = (
    "board.column.queue",
    "board.column.pending",
    "board.column.unanswered",
    "board.column.late",
    "board.column.late_rate",
    "board.column.in_resolution",
    "board.column.median_age",
    "board.column.oldest_age",
)
STAGE_COLUMNS = ("board.column.stage", "board.column.cases", "board.column.longest")
PROMISE_COLUMNS = (
    "board.column.promise",
    "board.column.running",
    "board.column.overdue",
    "board.column.soon",
    "board.column.paused",
)


def queue_rows(board: Board, f: Formats) -> list[list[str]]:
    """One row a queue, in the order of QUEUE_COLUMNS."""
    return [
        [
            line.queue,
            f.number(line.pending),
            f.number(line.unanswered),
            f.number(line.late),
            "–" if line.late_rate is None else f.percent(line.late_rate),
            f.number(line.in_resolution),
            "–" if line.median_age is None else f.duration(_minutes(line.median_age)),
            "–" if line.oldest_age is None else f.duration(_minutes(line.oldest_age)),
        ]
        for line in board.queues
    ]


def stage_rows(board: Board, t: Translator, f: Formats) -> list[list[str]]:
    """One row a stage, in the order of STAGE_COLUMNS."""
    return [
        [
            t.text(f"board.stage.{line.stage.value}"),
            f.number(line.cases),
            "–"
            if line.oldest_at is None
            else f.duration(_minutes((board.at - line.oldest_at).total_seconds())),
        ]
        for line in board.stages
    ]


def promise_rows(board: Board, t: Translator, f: Formats) -> list[list[str]]:
    """One row a promise, in the order of PROMISE_COLUMNS."""
    return [
        [
            t.text(f"label.measure.{line.measure.value}"),
            *(f.number(n) for n in (line.running, line.overdue, line.soon, line.paused)),
        ]
        for line in board.promises
    ]


def type_line(board: Board, t: Translator, f: Formats) -> str | None:
    """Which types the overdue cases are of, the largest share first; None with nothing overdue (MA12)."""
    if not board.overdue:
        return None
    parts: Sequence[str] = [
        t.text(
            "board.type_share",
            type=t.text(f"label.type.{name}"),
            n=count,
            share=f.percent(count / board.overdue),
        )
        for name, count in board.overdue_types
    ]
    return t.plural("board.overdue", board.overdue, types=f.join(parts))


def _minutes(seconds: float) -> float:
    return round(seconds / 60) * 60 if seconds >= 120 else max(0.0, seconds)
