"""`muster playground`: a small Slack in the browser with team Harbour in it, without any account."""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from bot.cli.context import CliContext, pass_cli
from bot.core.errors import ConfigurationError

if TYPE_CHECKING:
    from bot.core.settings import Settings
    from bot.demo.line import Days
    from bot.demo.prepared import Folder
    from bot.store.unit_of_work import Store

__all__ = ["playground"]

PORT: Final = 8484
"""Taken where it is free and no other is asked for."""
_WIDTH: Final = 100
_SOLVE: Final = timedelta(seconds=30)
"""Enough for a roster to play with; the certificate may ask for more, and then publishing gives a reason."""


@click.command(help="playground.help")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("muster-playground"),
    show_default=True,
    help="playground.help_dir",
)
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="playground.help_port")
@click.option("--fresh", is_flag=True, help="playground.help_fresh")
@pass_cli
def playground(context: CliContext, folder: Path, port: int | None, fresh: bool) -> None:
    from bot.config.load import load_settings
    from bot.demo.playground import Playground
    from bot.demo.prepared import Folder
    from bot.logs import configure_logs
    from bot.playground.page import PortTakenError

    place = Folder(path=folder)
    with ExitStack() as held:
        held.enter_context(closing(place.claim()))
        log = held.enter_context((folder / "muster.log").open("w", encoding="utf-8"))
        configure_logs(stream=log)
        # Of what the numbers are computed with, and nothing a player could do about it.
        warnings.filterwarnings("ignore", category=FutureWarning, module="numba")
        days = None if fresh else place.planned()
        if days is None:
            days = _prepare(context, place)
        place.begin_anew()
        settings = load_settings(place.config, today=days.replay).settings
        store = held.enter_context(_opened(place))
        stop = held.enter_context(_told_to_stop())
        context.say("playground.opening")
        running = Playground(
            settings=settings, store=store, days=days, locale=context.locale, port=port or 0, preferred=PORT
        )
        try:
            with running:
                context.say("playground.open", address=running.page.url)
                context.say("playground.how_to_end")
                sys.stdout.flush()
                stop.wait()
        except PortTakenError:
            raise ConfigurationError(
                "playground_port",
                f"port {port} of 127.0.0.1 is in use; nothing was started. "
                "Choose another with --port, or leave it out.",
                port=port,
            ) from None
        context.say("playground.ended", folder=folder)
        if not running.stage.clean:
            # Whatever still hangs would keep the process; the next start begins with a fresh copy anyway.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)


def _prepare(context: CliContext, place: Folder) -> Days:
    """Team Harbour from its files to a published roster, once."""
    from rich.console import Console

    from bot.cli.demo import Teller, plan
    from bot.config.load import load_settings
    from bot.demo import line
    from bot.demo.prepared import days_before

    context.say("playground.preparing")
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    teller = Teller(context, console)
    example = line.example_settings(context.now().date())
    days = days_before(context.now(), example.calendars["harbour-hours"])
    place.clear()
    with teller.step("files"):
        line.write_files(place.path, days, example)
        loaded = load_settings(place.config, today=days.replay)
    with _opened(place) as store:
        plan(teller, place.path, store, replace(loaded, settings=_quicker(loaded.settings)), days)
    place.keep(days)
    return days


def _quicker(settings: Settings) -> Settings:
    solve = replace(settings.roster.solve, time_limit=min(_SOLVE, settings.roster.solve.time_limit))
    return replace(settings, roster=replace(settings.roster, solve=solve))


@contextmanager
def _opened(place: Folder) -> Iterator[Store]:
    from bot.store.engine import make_engine
    from bot.store.schema import check_current
    from bot.store.unit_of_work import Store

    engine = make_engine(f"sqlite:///{place.database.resolve().as_posix()}")
    try:
        check_current(engine)
    except BaseException:
        engine.dispose()
        raise
    with closing(Store(engine)) as store:
        yield store


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """Set by Ctrl-C or SIGTERM, however often: a second press must not spoil the end."""
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
