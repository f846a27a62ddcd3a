"""What a failure looks like on the command line: a sentence, what to do, and an exit code."""

from __future__ import annotations

import re
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

_EXTRA = re.compile(r"Got unexpected extra arguments? \((?P<given>.*)\)", re.DOTALL)
_REASONS = tuple(
    (re.compile(pattern, re.DOTALL), key)
    for pattern, key in (
        (r"(?P<value>.*) is not a valid integer( range)?\.", "usage.not_integer"),
        (r"(?P<value>.*) is not a valid float( range)?\.", "usage.not_number"),
        (r"(?P<value>.*) is not in the range (?P<range>.*)\.", "usage.out_of_range"),
        (r"(?P<value>.*) does not match the formats? (?P<form>.*)\.", "usage.date_format"),
        (r"(File|Path) (?P<value>.*) does not exist\.", "usage.no_file"),
        (r"Directory (?P<value>.*) does not exist\.", "usage.no_directory"),
        (r"\w+ (?P<value>.*) is a file\.", "usage.is_file"),
        (r"\w+ (?P<value>.*) is a directory\.", "usage.is_directory"),
        (r"\w+ (?P<value>.*) is not readable\.", "usage.not_readable"),
        (r"\w+ (?P<value>.*) is not writable\.", "usage.not_writable"),
        (r"(?P<value>.*) is not (one of )?(?P<choices>.*)\.", "usage.none_of"),
    )
)
"""Click's reasons and our entries for them."""

_DATE_MARKS = (("%Y", "YYYY"), ("%m", "MM"), ("%d", "DD"))


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
    key = next((entry for entry in error.entries if translator.has(entry)), None)
    if key is None:
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
        return f"{_mistake(error, translator)}\n{translator.text('config.see_help', command=path)}"
    if error.possibilities:
        text += " " + translator.text("config.did_you_mean", names=", ".join(error.possibilities))
    return f"{text}\n{translator.text('config.see_help', command=path)}"


def _mistake(error: click.UsageError, translator: Translator) -> str:
    """Click's sentence in the reader's language; one it does not have here stays as it is."""
    if isinstance(error, click.MissingParameter):
        return translator.text("usage.missing", name=_parameter(error))
    if isinstance(error, click.BadParameter):
        reason = _reason(error.message, translator)
        return translator.text("usage.invalid", name=_parameter(error), reason=reason)
    if isinstance(error, click.BadOptionUsage):
        key = "usage.takes_no_value" if "not take a value" in error.message else "usage.needs_value"
        return translator.text(key, name=error.option_name)
    extra = _EXTRA.fullmatch(error.message)
    if extra is not None:
        given = extra["given"]
        return translator.plural("usage.extra", len(given.split()), given=given)
    return error.format_message()


def _parameter(error: click.BadParameter) -> str:
    """The option or the argument as the help names it."""
    parameter = error.param
    if parameter is None:
        hint = error.param_hint
        return str(hint) if hint is not None else "?"
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return parameter.human_readable_name.strip("[]")


def _reason(said: str, translator: Translator) -> str:
    """What is wrong with a value: click says it in English only, and nowhere else than in its sentence."""
    for pattern, key in _REASONS:
        found = pattern.fullmatch(said)
        if found is not None:
            data = {name: value.replace("'", "") for name, value in found.groupdict().items()}
            if "form" in data:
                for mark, shown in _DATE_MARKS:
                    data["form"] = data["form"].replace(mark, shown)
            return translator.text(key, **data)
    return said


def _from_store(error: Exception) -> MusterError | None:
    """A database error that reached the frame; only where a database was in use at all."""
    if "sqlalchemy" not in sys.modules:
        return None
    from bot.store.failures import as_muster_error

    return as_muster_error(error)
