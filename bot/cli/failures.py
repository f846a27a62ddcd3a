"""What a failure looks like on the command line: a sentence, what to do, and an exit code."""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
from click.exceptions import NoSuchCommand, NoSuchOption

from bot.cli.context import CliContext, ExitCode
from bot.config.problems import SettingsRefusedError
from bot.core.errors import MusterError
from forecasting.errors import ForecastingError
from scheduler.errors import SchedulerError

if TYPE_CHECKING:
    from bot.i18n.catalog import Translator

__all__ = ["Explained", "explain", "sentence", "usage_problem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    text: str
    code: ExitCode


def explain(error: Exception, context: CliContext) -> Explained:
    """The sentence and the exit code of whatever a command raised.

    Errors we know say what to do themselves; anything else is our fault and says what to report.
    """
    known = error if isinstance(error, MusterError) else _from_store(error)
    details = "".join(traceback.format_exception(error)) if context.traceback else ""
    if known is not None:
        code = ExitCode.TEMPORARY if known.temporary else ExitCode.REFUSED
        return Explained(text=details + sentence(context.t, known), code=code)
    if isinstance(error, (SchedulerError, ForecastingError)):
        return Explained(text=details + str(error), code=ExitCode.REFUSED)
    if isinstance(error, OSError) and error.filename is not None:
        text = context.t.text("config.file_problem", file=error.filename, reason=error.strerror or str(error))
        return Explained(text=details + text, code=ExitCode.REFUSED)
    place = traceback.extract_tb(error.__traceback__)[-1]
    text = context.t.text(
        "config.unexpected",
        error=f"{type(error).__name__}: {error}",
        place=f"{place.filename.rpartition('/')[2]}:{place.lineno}",
    )
    return Explained(text=details + text, code=ExitCode.REFUSED)


def sentence(translator: Translator, error: MusterError) -> str:
    """An error in the reader's language: `error.<kind>` of the catalogues, else its own English text."""
    if isinstance(error, SettingsRefusedError):
        lines = [problem.text(translator) for problem in error.problems]
        lines.append(translator.plural("config.nothing_loaded", len(error.problems)))
        return "\n".join(lines)
    key = f"error.{error.kind}"
    if not translator.has(key):
        return str(error)
    try:
        return translator.text(key, **error.data)
    except (KeyError, IndexError):
        # An answer in English is better than a traceback about its translation.
        return str(error)


def usage_problem(error: click.UsageError, translator: Translator) -> str:
    """A mistake on the command line, with the nearest commands or options that exist."""
    path = error.ctx.command_path if error.ctx is not None else "muster"
    if isinstance(error, NoSuchCommand):
        text = translator.text("config.no_such_command", name=error.command_name)
    elif isinstance(error, NoSuchOption):
        text = translator.text("config.no_such_option", name=error.option_name)
    else:
        return f"{error.format_message()}\n{translator.text('config.see_help', command=path)}"
    if error.possibilities:
        text += " " + translator.text("config.did_you_mean", names=", ".join(error.possibilities))
    return f"{text}\n{translator.text('config.see_help', command=path)}"


def _from_store(error: Exception) -> MusterError | None:
    """A database error that reached the frame; only where a database was in use at all."""
    if "sqlalchemy" not in sys.modules:
        return None
    from bot.store.failures import as_muster_error

    return as_muster_error(error)
