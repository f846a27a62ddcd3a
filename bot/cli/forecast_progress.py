"""The bar of long work on forecasts, and the first Ctrl-C, which keeps what is done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import click

from bot.cli.context import CliContext
from bot.core.ids import QueueId

__all__ = ["Bar", "progress"]


@dataclass(frozen=True, slots=True)
class Bar:
    """``told(queue, steps done, of)`` moves the bar; ``stopping()``: somebody asked to stop."""

    told: Callable[[str, int, int], None]
    stopping: Callable[[], bool]


@contextmanager
def progress(context: CliContext, queues: Sequence[QueueId]) -> Iterator[Bar]:
    """A bar over queues and their steps on standard error, on a terminal only.

    The first Ctrl-C asks the work to stop and keep what it has; the second one leaves.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    bar = Progress(
        TextColumn(context.t.text("forecast.working")),
        BarColumn(),
        TextColumn("{task.fields[state]}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    asked = threading.Event()
    place: dict[str, int] = {queue: index for index, queue in enumerate(queues)}
    with bar, _interrupt(context, asked):
        task = bar.add_task("", total=max(1, len(queues)), state="")

        def told(queue: str, done: int, of: int) -> None:
            state = context.t.text(
                "forecast.step", queue=queue, done=done, of=of, number=place[queue] + 1, queues=len(queues)
            )
            bar.update(task, completed=place[queue] + done / max(1, of), state=state)

        yield Bar(told=told, stopping=asked.is_set)


@contextmanager
def _interrupt(context: CliContext, asked: threading.Event) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def on_interrupt(_signal: int, _frame: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        click.echo(context.t.text("forecast.stopping"), err=True)

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
