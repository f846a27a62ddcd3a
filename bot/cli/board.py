"""`muster board`: what waits now, what is late, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.planning import echo_json, table

if TYPE_CHECKING:
    from bot.core.board import Board


@click.command(help="board.help.board")
@click.option("--stage", "stages", is_flag=True, help="board.help.stage")
@click.option("--json", "as_json", is_flag=True, help="sla.help.json")
@pass_cli
def board(context: CliContext, stages: bool, as_json: bool) -> int:
    from bot.i18n.formats import Formats
    from bot.reports.board_text import (
        PROMISE_COLUMNS,
        QUEUE_COLUMNS,
        STAGE_COLUMNS,
        promise_rows,
        queue_rows,
        stage_rows,
        type_line,
    )
    from bot.usecases import board as boards

    settings, now, t = context.settings, context.now(), context.t
    found = [boards.look(context.store, settings, team, now=now) for team in settings.teams]
    if as_json:
        echo_json([_as_json(one) for one in found])
        return ExitCode.DONE
    for one in found:
        f = Formats(context.locale, settings.teams[one.team].zone)
        context.say("board.title", team=one.team, at=f"{f.moment(now)} ({f.zone_label(now)})")
        tables: list[tuple[tuple[str, ...], list[list[str]]]] = [(QUEUE_COLUMNS, queue_rows(one, f))]
        if stages:
            tables += [(STAGE_COLUMNS, stage_rows(one, t, f)), (PROMISE_COLUMNS, promise_rows(one, t, f))]
        for columns, rows in tables:
            for line in table([t.text(key) for key in columns], rows):
                click.echo(line)
            click.echo()
        types = type_line(one, t, f)
        if types is not None:
            click.echo(types)
    return ExitCode.DONE


def _as_json(one: Board) -> dict[str, Any]:
    return {
        "team": one.team,
        "at": one.at.isoformat(),
        "data_until": None if one.age.contacts is None else one.age.contacts.isoformat(),
        "queues": [
            {
                "queue": line.queue,
                "pending": line.pending,
                "unanswered": line.unanswered,
                "late": line.late,
                "late_rate": line.late_rate,
                "in_resolution": line.in_resolution,
                "median_age_seconds": line.median_age,
                "oldest_age_seconds": line.oldest_age,
            }
            for line in one.queues
        ],
        "stages": [
            {
                "stage": line.stage.value,
                "cases": line.cases,
                "oldest_at": None if line.oldest_at is None else line.oldest_at.isoformat(),
            }
            for line in one.stages
        ],
        "promises": [
            {
                "measure": line.measure.value,
                "running": line.running,
                "overdue": line.overdue,
                "soon": line.soon,
                "paused": line.paused,
            }
            for line in one.promises
        ],
        "overdue": one.overdue,
        "overdue_by_type": dict(one.overdue_types),
    }
