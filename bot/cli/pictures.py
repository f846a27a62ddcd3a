"""`--picture FILE`: which kind of picture a file's name asks for, and writing it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from bot.cli.context import CliContext
from bot.core.errors import RefusedError

__all__ = ["kind_of_picture", "save_picture"]


def kind_of_picture(file: str) -> str:
    """``png`` or ``svg`` by the ending.  Raises RefusedError before anything is read."""
    kind = Path(file).suffix.lower().removeprefix(".")
    if kind not in ("png", "svg"):
        raise RefusedError(
            "bad_picture",
            f"--picture {file}: the file's name ends in .png or .svg. Nothing was written.",
            value=file,
        )
    return kind


def save_picture(
    context: CliContext, file: str, kind: str, *, png: Callable[[], bytes], svg: Callable[[], str]
) -> None:
    """Draw it the way its kind is drawn, and say where it is."""
    if kind == "png":
        Path(file).write_bytes(png())
    else:
        Path(file).write_text(svg(), encoding="utf-8")
    click.echo(context.t.text("plan.saved", file=file), err=True)
