"""bot/docs/configure.md explains every key of app.yaml and every environment variable."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from bot.config.environment import VARIABLES
from bot.config.model import AppFile

DOCUMENT = (Path(__file__).parents[2] / "bot/docs/configure.md").read_text(encoding="utf-8")


def keys(model: type[BaseModel], above: str = "") -> list[str]:
    """Paths as the reference writes them: `queues.NAME.target`, `sla.policies[].name`."""
    found = []
    for name, field in model.model_fields.items():
        path = f"{above}{name}"
        found.append(path)
        for inner, step in _models(field.annotation):
            found += keys(inner, f"{path}{step}.")
    return found


def _models(annotation: Any, step: str = "") -> list[tuple[type[BaseModel], str]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [(annotation, step)]
    origin = getattr(annotation, "__origin__", None)
    if origin is dict:
        return _models(get_args(annotation)[1], step + ".NAME")
    if origin is list:
        return _models(get_args(annotation)[0], step + "[]")
    return [found for argument in get_args(annotation) for found in _models(argument, step)]


def test_every_key_has_a_row() -> None:
    every = keys(AppFile)
    assert len(every) > 80
    assert [key for key in every if f"| `{key}` |" not in DOCUMENT] == []


def test_no_row_speaks_of_a_key_that_does_not_exist() -> None:
    rows = re.findall(r"^\| `([a-z_\[\].NAME]+)` \|", DOCUMENT, flags=re.MULTILINE)
    assert sorted(set(rows) - set(keys(AppFile)) - set(VARIABLES)) == []


def test_every_environment_variable_has_a_row() -> None:
    assert [name for name in VARIABLES if f"| `{name}` |" not in DOCUMENT] == []
