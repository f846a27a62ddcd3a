"""`muster kpi`: key figures of a team with goal, definition and formula."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.planning import echo_json, table

if TYPE_CHECKING:
    from bot.core.ids import TeamId
    from bot.core.kpis.catalogue import Kpi
    from bot.i18n.formats import Formats
    from bot.usecases.kpis import KpiReport

__all__ = ["kpi"]


@click.command(help="kpi.help.command")
@click.argument("name", required=False)
@click.option("--team", help="kpi.help.team")
@click.option("--from", "start", help="kpi.help.from")
@click.option("--to", "end", help="kpi.help.to")
@click.option("--week", help="kpi.help.week")
@click.option("--export", "out", metavar="[FILE|-]", help="kpi.help.export")
@click.option("--json", "as_json", is_flag=True, help="kpi.help.json")
@pass_cli
def kpi(
    context: CliContext,
    name: str | None,
    team: str | None,
    start: str | None,
    end: str | None,
    week: str | None,
    out: str | None,
    as_json: bool,
) -> int:
    from bot.core.kpis.catalogue import Kpi, shown_with
    from bot.core.permissions import Action
    from bot.i18n.formats import Formats
    from bot.usecases.kpis import meant, of_days

    context.need(Action.TEAM_FIGURES)
    settings = context.settings
    held = context.team(team)
    if out is not None:
        return _export(context, held, *_days(context, held, start, end, week), out)
    chosen = tuple(Kpi) if name is None else meant(name)
    chosen = tuple(dict.fromkeys(shown for each in chosen for shown in shown_with(each)))
    first, last = _days(context, held, start, end, week)
    found = of_days(context.store, settings, held, first, last, now=context.now())
    if as_json:
        echo_json(_as_json(found, chosen))
        return ExitCode.DONE
    f = Formats(context.locale, settings.teams[held].zone)
    key = "kpi.title" if last > first else "kpi.title_day"
    context.say(key, team=held, first=f.day(first, year=True), last=f.day(last, year=True))
    if name is None:
        for line in _table(context, found, f):
            click.echo(line)
        _below(context, found, f)
        context.next("muster kpi overdue_rate", "muster report pack")
        return ExitCode.DONE
    for each in chosen:
        for line in _lines(context, found, each, f):
            click.echo(line)
    if Kpi.AHT in chosen:
        context.say("kpi.together")
    return ExitCode.DONE


def _export(context: CliContext, team: TeamId, first: date, last: date, out: str) -> int:
    """Each person's figures, of those whose figures the operator may see (PS11); put on record."""
    import csv
    import io

    from bot.cli.export import save
    from bot.core.balanced_figures import COLUMNS, cells
    from bot.core.permissions import Action
    from bot.usecases.export_figures import export

    context.need(Action.TEAM_LOAD)
    found = export(
        context.store,
        context.settings,
        team,
        first,
        last,
        who=context.actor(),
        by=context.operator,
        now=context.now(),
    )
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(cells(row, first, last) for row in found.rows)
    save(context, out, file.getvalue())
    click.echo(context.t.text("kpi.exported"), err=True)
    if found.left_out:
        click.echo(context.t.plural("kpi.left_out", found.left_out), err=True)
    return ExitCode.PARTIAL if found.left_out else ExitCode.DONE


def _days(
    context: CliContext, team: TeamId, start: str | None, end: str | None, week: str | None
) -> tuple[date, date]:
    """First and last local day.  Raises RefusedError."""
    from zoneinfo import ZoneInfo

    from bot.core.errors import RefusedError
    from bot.core.packs import WEEK, last_period
    from bot.core.weeks import parse_week

    zone = context.settings.teams[team].zone
    if week is not None:
        if start is not None or end is not None:
            raise RefusedError("kpi_both", "Give either --week or --from and --to; nothing was shown.")
        monday = parse_week(week)
        return monday, monday + timedelta(days=6)
    if start is None and end is None:
        period = last_period(WEEK, context.now(), zone)
        return period.first, period.last
    today = context.now().astimezone(ZoneInfo(zone)).date()
    last = today if end is None else _day(end)
    first = last - timedelta(days=6) if start is None else _day(start)
    if first > last:
        raise RefusedError("kpi_dates", "The first day lies after the last; nothing was shown.")
    return first, last


def _day(text: str) -> date:
    from bot.core.errors import RefusedError

    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise RefusedError("kpi_day", f"{text} is no day; nothing was shown.", value=text) from None


def _table(context: CliContext, found: KpiReport, f: Formats) -> list[str]:
    """Every figure in one line; below, why some are missing and how the goals stand."""
    from bot.core.kpis.catalogue import Kpi
    from bot.reports.kpi_text import change_text, goal_text, missing_text, name_text, value_text

    t = context.t
    rows, below = [], []
    for kpi in Kpi:
        figure, before = found.figures.by_kpi[kpi], found.before.value(kpi)
        rows.append(
            [
                name_text(kpi, t),
                value_text(kpi, figure.value, f),
                value_text(kpi, before, f),
                change_text(kpi, figure.value, before, t, f),
                "" if kpi is Kpi.THROUGHPUT else f.number(figure.count),
            ]
        )
        if figure.missing is not None:
            why = missing_text(figure.missing.value, t)
            below.append(t.text("kpi.line", name=name_text(kpi, t), value=why))
    for goal in found.goals:
        words = "; ".join(goal_text(goal, t, f))
        below.append(t.text("kpi.line", name=name_text(goal.kpi, t), value=words))
    head = [t.text(f"pack.column.{c}") for c in ("figure", "value", "before", "change", "count")]
    return [*table(head, rows), "", *below]


def _lines(context: CliContext, found: KpiReport, kpi: Kpi, f: Formats) -> list[str]:
    """One figure with its goals, its definition and its formula."""
    from bot.reports.kpi_text import definition_lines, figure_line, goal_text

    t = context.t
    lines = [figure_line(found.figures.by_kpi[kpi], found.before.value(kpi), t, f)]
    for goal in found.goals:
        if goal.kpi == kpi.value:
            lines += [f"  {one}" for one in goal_text(goal, t, f)]
    return [*lines, *(f"  {one}" for one in definition_lines(kpi, context.settings, t, f))]


def _below(context: CliContext, found: KpiReport, f: Formats) -> None:
    """Classes and types, and what can be asked for."""
    from bot.core.kpis.catalogue import Kpi
    from bot.reports.kpi_text import classes_text, types_text
    from bot.reports.pack_text import response_text

    for line in (
        classes_text(found.figures, context.t, f),
        types_text(found.figures, found.before, context.t, f),
        response_text(found.asked, found.answered, context.t, f),
    ):
        if line:
            click.echo(line)
    context.say("kpi.together")
    context.say("kpi.next_names", names=", ".join(k.value for k in Kpi))


def _as_json(found: KpiReport, chosen: tuple[Kpi, ...]) -> dict[str, Any]:
    return {
        "team": found.team,
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "figures": {
            kpi.value: {
                "value": (figure := found.figures.by_kpi[kpi]).value,
                "count": figure.count,
                "missing": None if figure.missing is None else figure.missing.value,
                "before": found.before.value(kpi),
            }
            for kpi in chosen
        },
        "classes": [
            {"priority": c.priority, "judged": c.judged, "overdue": c.overdue} for c in found.figures.classes
        ],
        "types": dict(found.figures.types),
        "surveys": {"asked": found.asked, "answered": found.answered},
        "goals": [
            {
                "kpi": goal.kpi,
                "queue": goal.queue,
                "baseline": goal.baseline,
                "goal": goal.goal,
                "start": goal.start.isoformat(),
                "by": goal.by.isoformat(),
                "actual": goal.actual,
                "expected": goal.expected,
                "on_course": goal.on_course,
                "reached": goal.reached,
            }
            for goal in found.goals
        ],
    }
