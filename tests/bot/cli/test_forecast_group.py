"""`muster forecast` alone makes forecasts; with a word behind it, it asks something of them."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import click
import pytest

from bot.cli import forecast as module
from bot.cli.lazy import LazyGroup
from tests.bot.cli.test_planning_commands import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def with_echo(monkeypatch: pytest.MonkeyPatch) -> None:
    """A subcommand as another module would add it."""
    echo = types.ModuleType("tests_forecast_echo")

    @click.command(help="plan.help.forecast")
    @click.option("--queue")
    def command(queue: str | None) -> None:
        click.echo(f"asked for {queue}")

    echo.command = command  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tests_forecast_echo", echo)
    assert isinstance(module.forecast, LazyGroup)
    monkeypatch.setattr(module.forecast, "_lazy", {"echo": "tests_forecast_echo:command"})


def test_an_option_before_the_subcommand_is_refused_instead_of_dropped(desk: Desk, with_echo: None) -> None:
    for lang, says in (("en", "write it after: muster forecast echo --queue"), ("zh-Hans", "请写在后面")):
        result = desk.run("forecast", "--queue", "phone", "echo", lang=lang)
        assert result.exit_code == 2
        assert says in result.output
        assert "asked for" not in result.output


def test_a_subcommand_makes_no_forecast(desk: Desk, with_echo: None) -> None:
    result = desk.run("forecast", "echo", "--queue", "phone")
    assert (result.exit_code, result.output) == (0, "asked for phone\n")


def test_a_mistyped_subcommand_gets_a_suggestion(desk: Desk, with_echo: None) -> None:
    result = desk.run("forecast", "ecko")
    assert result.exit_code == 2
    assert "Did you mean: echo" in result.output
