"""`muster incident runbooks`: the runbooks there are, and what a keeper should look at (ES8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.forecast_text import JSON
from bot.cli.keeper_findings import finding_text
from bot.cli.planning import echo_json, table

if TYPE_CHECKING:
    from bot.core.runbooks import Runbook

__all__ = ["runbooks"]


@click.command(help="incident.cli.help_runbooks")
@click.argument("scenario", required=False)
@JSON
@pass_cli
def runbooks(context: CliContext, scenario: str | None, as_json: bool) -> int:
    from bot.core.runbooks import review
    from bot.i18n.formats import Formats
    from bot.imports.runbooks import FOLDERS, known_runbooks

    settings = context.settings.incidents
    known = known_runbooks(settings.folder)
    if scenario is not None:
        return _one(context, known.runbooks, scenario)
    found = review(
        known.runbooks,
        locales=tuple(FOLDERS.values()),
        today=context.now().date(),
        stale_after=settings.stale_after,
        forbidden=context.settings.promises.forbidden,
        drilled=[plan.scenario for plan in settings.drills],
    )
    wrong = bool(known.problems)
    if as_json:
        echo_json(
            {
                "folder": settings.folder,
                "runbooks": [_plain(one) for one in known.runbooks],
                "problems": [
                    {"file": str(p.file), "line": p.line, "problem": p.kind, "field": p.detail}
                    for p in known.problems
                ],
                "findings": [{"finding": f.kind, "key": f.key, "language": f.locale} for f in found],
            }
        )
        return ExitCode.REFUSED if wrong else ExitCode.DONE
    t, f = context.t, Formats(context.t.locale, context.settings.zone)
    if settings.folder is None:
        context.say("incident.cli.example")
    heads = [
        t.text(f"incident.column.{name}")
        for name in ("scenario", "language", "title", "steps", "version", "date")
    ]
    rows = [
        [one.key, one.locale, one.title, str(len(one.steps)), one.version, f.day(one.dated, year=True)]
        for one in known.runbooks
    ]
    for line in table(heads, rows) if rows else ():
        click.echo(line)
    for problem in known.problems:
        where = f"{problem.file}:{problem.line}"
        click.echo(f"✗ {t.text(f'knowledge.problem.{problem.kind}', where=where, name=problem.detail)}")
    for one in found:
        click.echo("– " + finding_text(context, "incident.finding", one, number=one.number or 0))
    if not wrong and not found:
        context.say("incident.cli.fine", count=len(known.runbooks))
    context.next("muster incident start SCENARIO", "muster incident drill SCENARIO")
    return ExitCode.REFUSED if wrong else ExitCode.DONE


def _one(context: CliContext, known: tuple[Runbook, ...], scenario: str) -> int:
    from bot.core.errors import NotFoundError
    from bot.core.runbooks import find, nearest

    found = find(known, scenario, context.locale)
    if found is None:
        near = nearest(known, scenario)
        raise NotFoundError(
            "no_runbook_near" if near else "no_runbook",
            f"There is no runbook {scenario!r}. See: muster incident runbooks",
            wanted=scenario,
            near=near or "",
        )
    t = context.t
    click.echo(f"{found.title} ({found.key})\n\n{found.text}\n")
    for number, step in enumerate(found.steps, start=1):
        who = step.role or step.owner or t.text("incident.nobody")
        timer = "" if step.minutes is None else f" · {t.plural('incident.within', step.minutes)}"
        click.echo(f"{number}. {step.do} · {who}{timer}")
    for contact in found.contacts:
        click.echo(f"☎ {contact.name}: {contact.reach}")
    return ExitCode.DONE


def _plain(one: Runbook) -> dict[str, Any]:
    return {
        "scenario": one.key,
        "language": one.locale,
        "title": one.title,
        "version": one.version,
        "date": one.dated.isoformat(),
        "steps": [{"do": s.do, "role": s.role, "owner": s.owner, "minutes": s.minutes} for s in one.steps],
    }
