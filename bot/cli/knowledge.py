"""`muster knowledge`: the snippets of a team, and what a keeper should look at (KN1, KN5, KN8)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.forecast_text import JSON
from bot.cli.keeper_findings import finding_text
from bot.cli.planning import echo_json, table

if TYPE_CHECKING:
    from bot.core.knowledge import KnowledgeFinding, Snippet
    from bot.imports.knowledge import FileProblem

__all__ = ["knowledge"]


@click.command(help="knowledge.help")
@click.option(
    "--export", "into", type=click.Path(path_type=Path, file_okay=False), help="knowledge.help.export"
)
@JSON
@pass_cli
def knowledge(context: CliContext, into: Path | None, as_json: bool) -> int:
    if into is not None:
        return _export(context, into)
    from bot.core.knowledge import review
    from bot.i18n.formats import Formats
    from bot.imports.knowledge import FOLDERS, read_folder, shipped

    settings = context.settings
    folder = settings.knowledge.folder
    known = shipped() if folder is None else read_folder(Path(folder))
    found = review(
        known.snippets,
        locales=tuple(FOLDERS.values()),
        today=context.now().date(),
        stale_after=settings.knowledge.stale_after,
        forbidden=settings.promises.forbidden,
    )
    wrong = bool(known.problems)
    if as_json:
        echo_json(
            {
                "folder": folder,
                "snippets": [_snippet_json(one) for one in known.snippets],
                "problems": [_problem_json(one) for one in known.problems],
                "findings": [_finding_json(one) for one in found],
            }
        )
        return ExitCode.REFUSED if wrong else ExitCode.DONE
    t, f = context.t, Formats(context.t.locale, settings.zone)
    if folder is None:
        context.say("knowledge.example")
    rows = [
        [
            one.key,
            one.locale,
            t.text(f"knowledge.kind.{one.kind.value}"),
            one.title,
            one.version,
            f.day(one.dated, year=True),
        ]
        for one in known.snippets
    ]
    heads = [
        t.text(f"knowledge.column.{name}") for name in ("key", "language", "kind", "title", "version", "date")
    ]
    for line in table(heads, rows) if rows else ():
        click.echo(line)
    for problem in known.problems:
        where = f"{problem.file}:{problem.line}"
        click.echo(f"✗ {t.text(f'knowledge.problem.{problem.kind}', where=where, name=problem.detail)}")
    for one in found:
        click.echo("– " + finding_text(context, "knowledge.finding", one))
    if not wrong and not found:
        context.say("knowledge.fine", count=len(known.snippets))
    return ExitCode.REFUSED if wrong else ExitCode.DONE


def _export(context: CliContext, into: Path) -> int:
    """Accepted words as files of a pack, for whoever keeps it in version control (KN4)."""
    from bot.core.knowledge_proposals import served
    from bot.imports.knowledge import FOLDERS, written
    from bot.usecases.propose_knowledge import accepted

    folders = {locale: name for name, locale in FOLDERS.items()}
    found = served((), accepted(context.store), context.settings.zone)
    for one in found:
        file = into / folders[one.locale] / f"{one.key}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(written(one), encoding="utf-8")
    click.echo(context.t.plural("knowledge.exported", len(found), folder=into))
    return ExitCode.DONE


def _snippet_json(one: Snippet) -> dict[str, Any]:
    return {
        "key": one.key,
        "language": one.locale,
        "kind": one.kind.value,
        "title": one.title,
        "version": one.version,
        "date": one.dated.isoformat(),
    }


def _problem_json(one: FileProblem) -> dict[str, Any]:
    return {"file": str(one.file), "line": one.line, "problem": one.kind, "field": one.detail}


def _finding_json(one: KnowledgeFinding) -> dict[str, Any]:
    return {
        "finding": one.kind,
        "key": one.key,
        "language": one.locale,
        "phrase": None if one.overpromise is None else one.overpromise.phrase,
    }
