"""`muster audit`: who did what, and when, and who tried what they may not."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.planning import echo_json

if TYPE_CHECKING:
    from bot.core.audit import AuditEntry
    from bot.i18n.formats import Formats

__all__ = ["audit", "moment_of"]

_SHOWN = 200


@click.command(help="audit.help.command")
@click.option("--since", metavar="[YYYY-MM-DD|7d]", help="audit.help.since")
@click.option("--subject", metavar="[CASE|NUMBER|AGENT]", help="audit.help.subject")
@click.option("--by", "actor", metavar="WHO", help="audit.help.by")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=_SHOWN, show_default=True, help="audit.help.limit"
)
@click.option("--json", "as_json", is_flag=True, help="audit.help.json")
@pass_cli
def audit(
    context: CliContext,
    since: str | None,
    subject: str | None,
    actor: str | None,
    limit: int,
    as_json: bool,
) -> int:
    from bot.core.permissions import Action
    from bot.i18n.formats import Formats
    from bot.usecases.review_audit import trail

    context.need(Action.AUDIT_READ)
    start = None if since is None else moment_of(since, context)
    entries = trail(context.store, since=start, subject=subject, actor=actor, limit=limit)
    if as_json:
        echo_json([_plain(entry) for entry in entries])
        return ExitCode.DONE
    if not entries:
        context.say("audit.nothing")
    formats = Formats(context.locale, context.settings.zone)
    for entry in entries:
        click.echo(_line(entry, formats))
    if len(entries) == limit:
        click.echo(context.t.plural("audit.more", limit), err=True)
    return ExitCode.DONE


def moment_of(text: str, context: CliContext) -> datetime:
    """The beginning of a day in app.yaml's zone, or a length of time ago.  Raises RefusedError."""
    from bot.config.fields import parse_duration
    from bot.core.errors import RefusedError

    try:
        day = datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 - the zone is put to it
        return datetime.combine(day.date(), time(0), ZoneInfo(context.settings.zone)).astimezone(UTC)
    except ValueError:
        pass
    try:
        return context.now() - parse_duration(text)
    except (ValueError, OverflowError):
        raise RefusedError(
            "no_moment", f"{text!r} is no day and no length of time; write 2026-11-24 or 7d.", given=text
        ) from None


def _plain(entry: AuditEntry) -> dict[str, object]:
    return {
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": dict(entry.detail),
    }


def _line(entry: AuditEntry, formats: Formats) -> str:
    day = formats.day(formats.local_day(entry.at), year=True)
    detail = " ".join(f"{name}={value}" for name, value in entry.detail.items())
    at = f"{day} {formats.time(entry.at, seconds=True)}"
    return "  ".join(part for part in (at, entry.actor, entry.action, entry.subject, detail) if part)
