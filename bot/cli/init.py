"""`muster init`: a commented app.yaml and an example agents.csv, after at most three questions."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic_core import PydanticCustomError

from bot.cli.context import CliContext, pass_cli
from bot.config.fields import parse_name, parse_window, parse_zone
from bot.config.fields import parse_weekdays as _weekdays
from bot.config.load import load_settings
from bot.config.problems import Problem
from bot.core.errors import RefusedError

if TYPE_CHECKING:
    from bot.i18n.catalog import Translator

_DAYS = re.compile(r"([a-z][a-z, -]*?)\s+(\d{1,2}:\d{2}\s*-\s*\d{1,2}:\d{2})", re.IGNORECASE)
_CHANNELS = ("phone", "chat", "email")
_TEMPLATES = Path(__file__).parent / "templates"
_HALF_HOUR = 30
PLACEHOLDER = "you@example.com"
"""Stands in the written app.yaml where the operator's own address belongs; `muster doctor` points it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueChoice:
    name: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftChoice:
    """A shift that fits the opening hours; everything in minutes."""

    start: int
    latest: int
    length: int
    lunch: bool
    breaks: int

    @property
    def paid_hours(self) -> float:
        return (self.length - (60 if self.lunch else 0)) / 60


@click.command(help="config.help.init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option("--zone", help="config.help.zone")
@click.option("--hours", help="config.help.hours")
@click.option("--queues", help="config.help.queues")
@click.option("--yes", is_flag=True, help="config.help.yes")
@click.option("--force", is_flag=True, help="config.help.force")
@pass_cli
def init(
    context: CliContext,
    folder: Path,
    zone: str | None,
    hours: str | None,
    queues: str | None,
    yes: bool,
    force: bool,
) -> None:
    t = context.t
    files = [folder / "app.yaml", folder / "agents.csv"]
    existing = [file for file in files if file.exists()]
    if existing and not force:
        raise RefusedError(
            "init_exists",
            f"{existing[0]} is there already; nothing was written. Use --force to replace it.",
            file=existing[0],
        )
    zone = _ask(t, "zone", zone, yes, default=_system_zone(), check=parse_zone)
    hours = _ask(t, "hours", hours, yes, default="mon-fri 09:00-18:00", check=parse_hours)
    queues = _ask(t, "queues", queues, yes, default="phone, chat, email", check=parse_queues)
    texts = render(t.locale, zone=zone, hours=hours, queues=queues)
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / ".app.yaml.new"
    try:
        draft.write_text(texts["app.yaml"], encoding="utf-8")
        load_settings(draft, today=context.now().date())
        draft.replace(files[0])
    finally:
        draft.unlink(missing_ok=True)
    files[1].write_text(texts["agents.csv"], encoding="utf-8")
    context.say("config.init.written", config=files[0], agents=files[1])
    inside = "" if folder == Path() else f"cd {folder} && "
    context.next(f"{inside}muster import agents agents.csv", "muster doctor")


def render(locale: str, *, zone: str, hours: str, queues: str) -> dict[str, str]:
    """The two files, by name.  Arguments as `parse_hours` and `parse_queues` read them."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # The files are YAML and CSV: nothing to escape, and every value was parsed before.
    templates = Environment(  # noqa: S701
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
    )
    opening = parse_hours(hours)
    choices = parse_queues(queues)
    first, last = _span(opening)
    data: dict[str, Any] = {
        "you": PLACEHOLDER,
        "zone": zone,
        "country": _country(zone),
        "language": locale,
        "hours": opening,
        "queues": choices,
        "shifts": _shifts(first, last),
        "clock": lambda minutes: f"{minutes // 60:02d}:{minutes % 60:02d}",
        "spoken": lambda minutes: f"{minutes // 60}h" + (f"{minutes % 60}m" if minutes % 60 else ""),
    }
    return {
        "app.yaml": templates.get_template(f"app.{locale}.yaml.j2").render(data),
        "agents.csv": templates.get_template("agents.csv.j2").render(data),
    }


def parse_hours(text: str) -> list[tuple[str, str]]:
    """Weekdays and their window: "mon-fri 09:00-18:00, sat 10:00-16:00".

    >>> parse_hours("mon-fri 09:00-18:00, sat 10:00-16:00")
    [('mon-fri', '09:00-18:00'), ('sat', '10:00-16:00')]
    """
    found = [(days.strip(" ,").lower(), window.replace(" ", "")) for days, window in _DAYS.findall(text)]
    left = _DAYS.sub("", text).strip(" ,;")
    if not found or left:
        raise PydanticCustomError("opening_hours", "not opening hours", {"value": text})
    seen: set[int] = set()
    for days, window in found:
        parse_window(window)
        chosen = _weekdays(days)
        if seen & chosen:
            raise PydanticCustomError("opening_hours", "not opening hours", {"value": text})
        seen |= chosen
    return found


def parse_queues(text: str) -> list[QueueChoice]:
    """Names, each with its channel where the name does not say it: "support:phone, chat".

    >>> [q.channel for q in parse_queues("support, chat, returns:email")]
    ['phone', 'chat', 'email']
    """
    choices = []
    for part in text.replace("，", ",").split(","):
        name, _, channel = (piece.strip() for piece in part.partition(":"))
        if not name:
            continue
        channel = channel.lower() or next((c for c in _CHANNELS if c in name.lower()), "phone")
        if channel not in _CHANNELS:
            raise PydanticCustomError(
                "not_allowed", "unknown channel", {"value": channel, "allowed": _CHANNELS}
            )
        choices.append(QueueChoice(name=parse_name(name), channel=channel))
    if not choices or len({c.name for c in choices}) < len(choices):
        raise PydanticCustomError("queue_names", "not queues", {"value": text})
    return choices


def _ask(t: Translator, what: str, given: str | None, yes: bool, *, default: str, check: Any) -> str:
    def checked(value: str) -> str:
        try:
            check(value)
        except PydanticCustomError as error:
            context = dict(error.context or {})
            allowed = tuple(context.pop("allowed", ()))
            suggestion = context.pop("suggestion", None)
            problem = Problem(
                kind=error.type, path=f"--{what}", data=context, allowed=allowed, suggestion=suggestion
            )
            raise click.UsageError(problem.text(t)) from None
        return value

    if given is not None or yes:
        return checked(given or default)
    answer: str = click.prompt(t.text(f"config.init.{what}"), default=default, value_proc=checked)
    return answer


def _span(opening: list[tuple[str, str]]) -> tuple[int, int]:
    """First opening and last closing of the week, minutes after midnight."""
    windows = [parse_window(window) for _, window in opening]
    first = min(w.start.hour * 60 + w.start.minute for w in windows)
    return first, max((w.end.hour * 60 + w.end.minute) or 24 * 60 for w in windows)


def _shifts(first: int, last: int) -> dict[str, ShiftChoice]:
    """A full and a half day inside the opening hours; one shift as long as they are where they are short."""
    span = last - first
    wanted = {"day": 9 * 60, "half": 5 * 60}
    shifts = {}
    for name, length in wanted.items():
        if span < length and name == "half":
            continue
        presence = min(length, span)
        slack = (span - presence) // _HALF_HOUR * _HALF_HOUR
        lunch = presence >= 7 * 60
        shifts[name] = ShiftChoice(
            start=first,
            latest=first + slack,
            length=presence,
            lunch=lunch,
            breaks=2 if lunch else 1 if presence >= 4 * 60 else 0,
        )
    return shifts


def _system_zone() -> str:
    """The machine's zone where it can be told, else UTC."""
    link = Path("/etc/localtime")
    named = os.environ.get("TZ", "").lstrip(":") or (
        str(link.resolve()).partition("zoneinfo/")[2] if link.is_symlink() else ""
    )
    try:
        return parse_zone(named)
    except PydanticCustomError:
        return "UTC"


def _country(zone: str) -> str | None:
    """The country of a zone, where its public holidays are known."""
    import holidays
    from babel.core import get_global

    country = get_global("zone_territories").get(zone)
    return country if country in holidays.list_supported_countries() else None
