"""One table of commands: the manifest, the help and the documentation say the same of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.i18n.catalog import LOCALES, Translator
from bot.slack.commands.command import Command
from bot.slack.commands.table import COMMANDS
from bot.slack.home.doors import DOORS
from bot.slack.manifest import manifest

HINT_CHARACTERS = 1_000
"""Slack takes no longer usage hint."""


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
def test_a_command_stands_in_the_manifest_and_in_the_documentation(command: Command) -> None:
    text = (Path(__file__).parents[3] / "bot/docs/slack.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| `{command.name}` \|", text, flags=re.MULTILINE)
    for locale in LOCALES:
        entries = manifest(Translator(locale))["features"]["slash_commands"]
        (entry,) = [e for e in entries if e["command"] == command.name]
        assert entry["usage_hint"].split(" | ") == [sub.name for sub in command.every]
        assert len(entry["usage_hint"]) <= HINT_CHARACTERS
        assert entry["description"]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
def test_words_mean_one_thing_and_each_has_a_line_in_the_help(command: Command) -> None:
    words = [word for sub in command.every for word in (sub.name, *sub.aliases)]
    assert sorted({word for word in words if words.count(word) > 1}) == []
    assert command.find(command.default) is not None
    for locale in LOCALES:
        t = Translator(locale)
        for sub in command.every:
            keys = [f"command.{name}.{sub.name}" for name in (command.name.removeprefix("/"), "muster")]
            assert sub.name == "help" or any(t.has(key) for key in keys), sub.name


def test_every_door_of_the_home_is_a_command() -> None:
    for door in DOORS:
        (command,) = [c for c in COMMANDS if c.name == door.command]
        assert command.find(door.words.partition(" ")[0]) is not None, door.name
        for locale in LOCALES:
            assert Translator(locale).has(f"home.button.{door.name}")
