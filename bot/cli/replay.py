"""`muster replay`: what a past week would have been under other rules (SCENARIOS P13)."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.planning import echo_json, table
from bot.core.weeks import iso_week, parse_week

if TYPE_CHECKING:
    from bot.core.replay import ReplayRules
    from bot.i18n.formats import Formats
    from bot.usecases.replay import Replay

__all__ = ["replay"]


@click.command(help="replay.help")
@click.argument("week", metavar="2026-W47")
@click.option("--rule", "rules", multiple=True, metavar="lunch=11-14", help="replay.help_rule")
@click.option("--seconds", type=click.FloatRange(min=1), help="replay.help_seconds")
@click.option(
    "--repeats", type=click.IntRange(1, 1000), default=10, show_default=True, help="replay.help_repeats"
)
@click.option("--json", "as_json", is_flag=True, help="plan.help.json")
@pass_cli
def replay(
    context: CliContext,
    week: str,
    rules: tuple[str, ...],
    seconds: float | None,
    repeats: int,
    as_json: bool,
) -> int:
    from bot.core.replay import read_rules
    from bot.jobs.compute import ProcessSolver
    from bot.usecases import replay as use_case

    settings = context.settings
    read = read_rules(rules)
    if seconds is not None:
        solve = replace(settings.roster.solve, time_limit=timedelta(seconds=seconds))
        settings = replace(settings, roster=replace(settings.roster, solve=solve))
    first = parse_week(week)
    if not as_json:
        limit = round(settings.roster.solve.time_limit.total_seconds())
        click.echo(context.t.text("replay.solving", seconds=limit), err=True)
    found = use_case.replay(
        context.store, settings, ProcessSolver(), first, read, now=context.now(), repeats=repeats
    )
    if as_json:
        echo_json(_as_json(found))
        return ExitCode.DONE
    for line in _lines(context, found):
        click.echo(line)
    return ExitCode.DONE


def _lines(context: CliContext, found: Replay) -> list[str]:
    from bot.i18n.formats import Formats

    t = context.t
    f = Formats(t.locale, found.version.roster.period.zone)
    first = found.version.roster.period.first
    title = t.text("replay.title", week=iso_week(first), roster=found.version.roster_id)
    lines = [title, *(f"  {line}" for line in _rules(context, f, found.rules)), ""]
    names = ("queue", "came", "needed", "missing", "in_time", "gave_up", "peaks")
    rows = []
    for was, would in zip(found.before.queues, found.after.queues, strict=True):
        came = found.contacts.get(was.queue)
        rows.append(
            [
                was.queue,
                "–" if came is None else f.number(came),
                _pair(f.number(was.needed, decimals=1), f.number(would.needed, decimals=1)),
                _pair(f.number(was.missing, decimals=1), f.number(would.missing, decimals=1)),
                _pair(_share(f, was.in_time), _share(f, would.in_time)),
                _pair(_share(f, was.gave_up), _share(f, would.gave_up)),
                _pair(_share(f, was.peaks_inside), _share(f, would.peaks_inside)),
            ]
        )
    lines += table([t.text(f"replay.column.{name}") for name in names], rows)
    before, after = found.before, found.after
    lines += [
        "",
        t.text(
            "replay.hours",
            paid_before=f.number(before.paid_hours, decimals=1),
            paid_after=f.number(after.paid_hours, decimals=1),
            overtime_before=f.number(before.overtime, decimals=1),
            overtime_after=f.number(after.overtime, decimals=1),
            people_before=before.people,
            people_after=after.people,
        ),
        t.text("replay.played", repeats=found.repeats),
    ]
    if found.unknown:
        lines.append(t.text("replay.unknown", queues=f.join(list(found.unknown))))
    if found.moved_on:
        lines.append(t.text("replay.moved_on"))
    elif found.moved_on is None:
        lines.append(t.text("replay.no_solve"))
    if found.gap:
        gap = f.percent(found.gap, decimals=1)
        lines.append(t.text("replay.gap", gap=gap, seconds=round(found.seconds)))
    lines.append(t.text("replay.nothing_changed"))
    return lines


def _rules(context: CliContext, f: Formats, rules: ReplayRules) -> list[str]:
    t = context.t
    said = []
    if rules.lunch is not None:
        start, end = (f"{at:%H:%M}" for at in rules.lunch)
        said.append(t.text("replay.rule.lunch", start=start, end=end))
    if rules.rest_hours is not None:
        said.append(t.text("replay.rule.rest", hours=f.number(rules.rest_hours, decimals=1)))
    if rules.step is not None:
        said.append(t.text("replay.rule.step", length=f.duration(rules.step)))
    if rules.minimum is not None:
        said.append(t.text("replay.rule.minimum", people=rules.minimum))
    for target in rules.targets:
        share = "" if target.share is None else f.percent(target.share)
        within = "" if target.within_seconds is None else f.duration(target.within_seconds)
        goal = " / ".join(part for part in (share, within) if part)
        said.append(t.text("replay.rule.target", queue=target.queue, goal=goal))
    if rules.headcount:
        key = "replay.rule.more" if rules.headcount > 0 else "replay.rule.fewer"
        said.append(t.plural(key, abs(rules.headcount)))
    return said


def _pair(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"


def _share(f: Formats, value: float | None) -> str:
    return "–" if value is None else f.percent(value, decimals=1)


def _as_json(found: Replay) -> dict[str, Any]:
    return {
        "roster": found.version.roster_id,
        "first": found.version.roster.period.first.isoformat(),
        "before": asdict(found.before),
        "after": asdict(found.after),
        "contacts": found.contacts,
        "unknown": list(found.unknown),
        "seed": found.seed,
        "seconds": round(found.seconds, 1),
        "gap": found.gap,
        "moved_on": found.moved_on,
        "repeats": found.repeats,
    }
