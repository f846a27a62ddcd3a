"""What somebody may type after a slash: the table of commands as lines of a completion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.core.people import Role
from bot.i18n.catalog import Translator
from bot.slack.commands.command import Command, allows, help_key, offered
from bot.slack.people import Person

__all__ = ["Completion", "completions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """``typed`` is what is written, ``usage`` what may follow it, ``help`` what it does."""

    typed: str
    usage: str
    help: str


def completions(commands: Sequence[Command], person: Person, t: Translator) -> list[Completion]:
    """Every command and subcommand this person may use, in the order of the table."""
    return [line for command in commands for line in _of(command, person, t)]


def _of(command: Command, person: Person, t: Translator) -> Iterator[Completion]:
    summary = t.text(f"manifest.command.{command.name.removeprefix('/')}")
    yield Completion(typed=command.name, usage="", help=summary)
    for sub in command.subcommands:
        if offered(sub, person):
            usage = (allows(person.role, Role.LEAD) and sub.lead_usage) or sub.usage
            help_ = t.text(help_key(command, sub, person.role, t))
            yield Completion(typed=f"{command.name} {sub.name}", usage=usage, help=help_)
