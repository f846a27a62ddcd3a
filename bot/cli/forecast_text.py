"""What the forecast commands share: names of models, options, lists of horizons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from bot.core.errors import RefusedError

if TYPE_CHECKING:
    from bot.core.ids import QueueId
    from bot.i18n.catalog import Translator

__all__ = ["CSV", "JSON", "PICTURE", "QUEUES", "model_name", "parse_horizons", "queue_ids"]

QUEUES = click.option("--queue", "queues", multiple=True, help="plan.help.queue")
CSV = click.option("--csv", "csv_file", metavar="FILE", help="plan.help.csv")
JSON = click.option("--json", "as_json", is_flag=True, help="plan.help.json")
PICTURE = click.option("--picture", metavar="FILE.png|FILE.svg", help="forecast.help.picture")


def queue_ids(names: Sequence[str]) -> list[QueueId] | None:
    """The queues named on the command line; None for all."""
    from bot.core.ids import QueueId

    return [QueueId(name) for name in names] or None


def model_name(t: Translator, model: str) -> str:
    """The model's name in the reader's language; one that has none there keeps its own."""
    key = f"plan.model.{model}"
    return t.text(key) if t.has(key) else model


def parse_horizons(text: str) -> tuple[int, ...]:
    """``1,4``: weeks ahead, 1 to 13.  Raises RefusedError.

    >>> parse_horizons("4, 1")
    (1, 4)
    """
    try:
        found = sorted({int(part) for part in text.replace("，", ",").split(",")})
    except ValueError:
        found = []
    if not found or found[0] < 1 or found[-1] > 13:
        raise RefusedError(
            "bad_horizons",
            f"--horizons {text}: write weeks ahead from 1 to 13, as in 1,4. Nothing was tested.",
            value=text,
        )
    return tuple(found)
