"""A click group whose commands are imported only when they are called, and which suggests after a typo."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click
from click.exceptions import NoSuchCommand

if TYPE_CHECKING:
    from bot.i18n.catalog import Translator

_KEY = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")


class LazyGroup(click.Group):
    """``lazy`` maps a command's name to ``module:attribute``; listing them imports nothing.

    The one-line help of a command in the list is the catalogue's ``config.command.<name>``.
    """

    def __init__(self, *args: Any, lazy: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = dict(lazy)

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
        rows = [(name, translator.text(f"config.command.{name}")) for name in self.list_commands(ctx)]
        with formatter.section(translator.text("config.help.commands")):
            formatter.write_dl(rows)


def localise(command: click.Command, translator: Translator) -> None:
    """Replace every help text that is a catalogue key by the text in the reader's language.

    Commands that write their help out in English are left as they are.
    """
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
