"""A click group whose commands are imported only when they are called, and which suggests after a typo."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click
from click.exceptions import NoSuchCommand

if TYPE_CHECKING:
    from bot.i18n.catalog import Translator

_WORDS = {
    "Options": "help.options",
    "Commands": "help.commands",
    "Arguments": "help.arguments",
    "Positional arguments": "help.arguments",
    "Show this message and exit.": "help.this",
}
"""Click's own words in a help page, and our entries for them."""

_EXTRAS = re.compile(r"\[[^\[\]]*\]$")
_KEY = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")


class HelpFormatter(click.HelpFormatter):
    """Click's help page, with its own words in the reader's language."""

    def __init__(self, translator: Translator, width: int | None, max_width: int | None) -> None:
        super().__init__(width=width, max_width=max_width)
        self._t = translator

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        args = args.replace("[OPTIONS]", self._t.text("help.options_mark"))
        mark = self._t.text("help.command_mark")
        args = args.replace("[COMMAND] [ARGS]...", f"[{mark}]").replace("COMMAND [ARGS]...", mark)
        super().write_usage(prog, args, self._t.text("help.usage") if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{self._t.text('help.heading', name=self._word(heading))}\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        shown = [(name, _EXTRAS.sub(self._extras, self._word(text))) for name, text in rows]
        super().write_dl(shown, col_max, col_spacing)

    def _word(self, word: str) -> str:
        return self._t.text(_WORDS[word]) if word in _WORDS else word

    def _extras(self, found: re.Match[str]) -> str:
        """``[default: 4; required]``"""
        text = found.group().replace("default: ", self._t.text("help.default"))
        return text.replace("required", self._t.text("help.required"))


class HelpContext(click.Context):
    """Makes help pages in the language of the CliContext it carries."""

    def make_formatter(self) -> click.HelpFormatter:
        if self.obj is None:
            return super().make_formatter()
        return HelpFormatter(self.obj.t, self.terminal_width, self.max_content_width)


class LazyGroup(click.Group):
    """``lazy`` maps a command's name to ``module:attribute``; listing them imports nothing.

    The one-line help of a command in the list is the catalogue's ``<described>.<name>``.
    """

    context_class = HelpContext

    def __init__(
        self, *args: Any, lazy: Mapping[str, str], described: str = "config.command", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = dict(lazy)
        self._described = described

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self._lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        target = self._lazy.get(cmd_name)
        if target is None:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = target.partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{target} is not a click command")
        if ctx.obj is not None:
            localise(command, ctx.obj.t)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self._lazy and not name.startswith("-") and super().get_command(ctx, name) is None:
            raise NoSuchCommand(name, possibilities=self.list_commands(ctx), ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        translator: Translator = ctx.obj.t
        rows = [(name, translator.text(f"{self._described}.{name}")) for name in self.list_commands(ctx)]
        if not rows:
            return
        with formatter.section(translator.text("config.help.commands")):
            formatter.write_dl(rows)


def localise(command: click.Command, translator: Translator) -> None:
    """Replace every help text that is a catalogue key by the text in the reader's language.

    Commands that write their help out in English are left as they are.
    """
    command.context_class = HelpContext
    command.help = _localised(command, command.help, translator)
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            parameter.help = _localised(parameter, parameter.help, translator)
    if isinstance(command, click.Group):
        for child in command.commands.values():
            localise(child, translator)


def _localised(holder: object, text: str | None, translator: Translator) -> str | None:
    # The key is kept: commands are module objects, and a second call may want the other language.
    key: str | None = vars(holder).setdefault("help_key", text)
    return translator.text(key) if key and _KEY.fullmatch(key) and translator.has(key) else text
