"""`muster roster what-if`: a roster without somebody, with other targets, another volume (SCENARIOS P6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.planning import echo_json, table
from bot.core.weeks import iso_week

if TYPE_CHECKING:
    from datetime import date

    from bot.core.what_if import Question
    from bot.i18n.formats import Formats
    from bot.usecases.what_if import Chances, Side, WhatIf
    from scheduler.queueing.targets import ServiceTarget

__all__ = ["what_if"]

_GAPS: Final = 10
_USAGE: Final = "muster roster what-if --minus NAME --target chat=45s --volume +35% --campaign NAME"


@click.command("what-if", help="plan.help.what_if")
@click.option("--week", metavar="2026-W49", help="plan.help.week")
@click.option("--roster", "number", type=int, metavar="N", help="plan.help.roster_number")
@click.option("--minus", multiple=True, metavar="NAME", help="plan.help.what_if_minus")
@click.option("--target", "targets", multiple=True, metavar="chat=80/45s", help="plan.help.what_if_target")
@click.option("--volume", "volumes", multiple=True, metavar='"+35% fri"', help="plan.help.what_if_volume")
@click.option("--campaign", "campaigns", multiple=True, metavar="NAME", help="plan.help.what_if_campaign")
@click.option("--certify", is_flag=True, help="plan.help.what_if_certify")
@click.option("--paths", type=click.IntRange(1, 10_000), help="plan.help.paths")
@click.option("--seed", type=click.IntRange(min=0), help="plan.help.seed")
@click.option("--json", "as_json", is_flag=True, help="plan.help.json")
@click.argument("words", nargs=-1, metavar="[+35%]")
@pass_cli
def what_if(
    context: CliContext,
    week: str | None,
    number: int | None,
    minus: tuple[str, ...],
    targets: tuple[str, ...],
    volumes: tuple[str, ...],
    campaigns: tuple[str, ...],
    certify: bool,
    paths: int | None,
    seed: int | None,
    as_json: bool,
    words: tuple[str, ...],
) -> int:
    from bot.cli.roster import version_of
    from bot.core.errors import RefusedError
    from bot.core.rosters import RosterStatus
    from bot.reports.what_if_text import as_command
    from bot.usecases.what_if import chances, work_out

    if words and campaigns and "%" not in campaigns[-1]:
        # As one writes it: --campaign double11 +35%
        campaigns = (*campaigns[:-1], " ".join((campaigns[-1], *words)))
    elif words:
        volumes = (*volumes, " ".join(words))
    if not (minus or targets or volumes or campaigns):
        raise RefusedError("what_if_usage", f"Write {_USAGE}; nothing was worked out.", usage=_USAGE)
    settings = context.settings
    version = version_of(context, week, number, prefer=RosterStatus.DRAFT)
    first = version.roster.period.first
    question = _question(context, minus, targets, volumes, campaigns, first)
    found = work_out(context.store, settings, version.roster_id, question)
    judged = None
    if certify:
        played = settings.roster.publish.paths if paths is None else paths
        if not as_json:
            click.echo(context.t.text("plan.what_if.playing", paths=2 * played), err=True)
        judged = chances(
            found, settings, seed=settings.roster.solve.seed if seed is None else seed, paths=played
        )
    if as_json:
        echo_json(_as_json(found, judged))
    else:
        for line in _lines(context, found, judged):
            click.echo(line)
    context.next(as_command(found) if judged is None else f"muster roster show --roster {version.roster_id}")
    return ExitCode.PARTIAL if found.without_forecast and question.changes_load else ExitCode.DONE


def _question(
    context: CliContext,
    minus: Iterable[str],
    targets: Iterable[str],
    volumes: Iterable[str],
    campaigns: Iterable[str],
    first: date,
) -> Question:
    from zoneinfo import ZoneInfo

    from bot.core.what_if import Question, read_campaign, read_target, read_volume
    from bot.usecases.what_if import person_named

    with context.store.read() as uow:
        people = uow.people.all()
    today = context.now().astimezone(ZoneInfo(context.settings.zone)).date()
    return Question(
        minus=tuple(dict.fromkeys(person_named(people, name).agent for name in minus)),
        targets=tuple(read_target(text) for text in targets),
        volumes=tuple(read_volume(text, today, since=first) for text in volumes),
        campaigns=tuple(read_campaign(text) for text in campaigns),
    )


def _lines(context: CliContext, found: WhatIf, judged: Chances | None) -> list[str]:
    from bot.i18n.formats import Formats
    from bot.reports.what_if_text import assumed, gap, notes, pair

    t, version = context.t, found.version
    f = Formats(t.locale, version.roster.period.zone)
    lines = [
        t.text("plan.what_if.title", roster=version.roster_id, week=iso_week(version.roster.period.first)),
        *("  " + line for line in assumed(found, t, f, person=str)),
        "",
    ]
    if found.required_known:
        heads = [t.text(f"plan.what_if.column.{name}") for name in ("queue", "contacts", "needed", "missing")]
        rows = [
            [
                effect.queue,
                _contacts(effect.before, effect.after, f),
                pair(effect.before, effect.after, "needed", f),
                pair(effect.before, effect.after, "missing", f),
            ]
            for effect in found.effects
        ]
        lines += table(heads, rows)
        lines.append("")
        lines.append(t.plural("plan.what_if.opened", len(found.opened)))
        lines += ["  " + gap(one, t, f) for one in found.opened[:_GAPS]]
        if len(found.opened) > _GAPS:
            lines.append("  " + t.text("planner.more", more=len(found.opened) - _GAPS))
    else:
        lines.append(t.text("planner.diff.no_requirement"))
    if judged is not None:
        lines += ["", *_chance_lines(context, judged, f)]
    return [*lines, "", *notes(found, t, f)]


def _contacts(before: Side, after: Side, f: Formats) -> str:
    if before.contacts is None or after.contacts is None:
        return "–"
    was, would = f.number(before.contacts), f.number(after.contacts)
    return was if was == would else f"{was} → {would}"


def _chance_lines(context: CliContext, judged: Chances, f: Formats) -> list[str]:
    t = context.t

    def gate(value: float | None) -> str:
        return "–" if value is None else f"{value:.2f}"

    head = t.text(
        "plan.what_if.chance",
        before=gate(judged.before.gate),
        after=gate(judged.after.gate),
        threshold=f"{judged.after.threshold:.2f}",
        paths=judged.after.paths,
        seed=judged.after.seed,
    )
    rows = [
        [
            one.judged.queue,
            # Peaks of few contacts are judged together, and the last of them may lie on another day.
            f"{f.moment(one.judged.start)} – {f.moment(one.judged.end, reference=one.judged.start)}",
            gate(one.before),
            gate(one.judged.probability),
            str(one.judged.missing_agents),
        ]
        for one in judged.weakest
    ]
    names = ("queue", "peak", "before", "after", "people")
    return [head, *table([t.text(f"plan.what_if.column.{name}") for name in names], rows)]


def _as_json(found: WhatIf, judged: Chances | None) -> dict[str, Any]:
    question = found.question
    return {
        "roster": found.version.roster_id,
        "week": iso_week(found.version.roster.period.first),
        "minus": list(question.minus),
        "shifts": found.shifts,
        "paid_hours": round(found.hours, 2),
        "volumes": [
            {
                "queue": v.queue,
                "factor": round(v.factor, 6),
                "first_day": None if v.first is None else v.first.isoformat(),
                "last_day": None if v.last is None else v.last.isoformat(),
                "from": None if v.start is None else f"{v.start:%H:%M}",
                "until": None if v.end is None else f"{v.end:%H:%M}",
            }
            for v in question.volumes
        ],
        "campaigns": [
            {
                "kind": c.event.kind,
                "first_day": c.event.first_day.isoformat(),
                "last_day": c.event.last_day.isoformat(),
                "factor": round(c.factor, 6),
                "queues": list(c.queues),
                "forecast": c.counted.value,
            }
            for c in found.campaigns
        ],
        "requirement_known": found.required_known,
        "queues": [
            {
                "queue": e.queue,
                "requirement": "remade" if e.remade else "stored",
                "stale": e.stale,
                "target": {"before": _target(e.before.target), "after": _target(e.after.target)},
                "contacts": {"before": _rounded(e.before.contacts), "after": _rounded(e.after.contacts)},
                "needed_hours": {"before": _rounded(e.before.needed), "after": _rounded(e.after.needed)},
                "missing_hours": {"before": _rounded(e.before.missing), "after": _rounded(e.after.missing)},
            }
            for e in found.effects
        ],
        "opened": [
            {"queue": g.queue, "start": g.start.isoformat(), "end": g.end.isoformat(), "missing": g.missing}
            for g in found.opened
        ],
        "without_forecast": list(found.without_forecast),
        "certificate": None
        if judged is None
        else {
            "weakest": {"before": judged.before.gate, "after": judged.after.gate},
            "threshold": judged.after.threshold,
            "paths": judged.after.paths,
            "seed": judged.after.seed,
            "peaks": [
                {
                    "queue": one.judged.queue,
                    "start": one.judged.start.isoformat(),
                    "end": one.judged.end.isoformat(),
                    "before": one.before,
                    "after": one.judged.probability,
                    "missing_agents": one.judged.missing_agents,
                }
                for one in judged.weakest
            ],
        },
    }


def _target(target: ServiceTarget | None) -> dict[str, float] | None:
    return None if target is None else {"share": target.share, "within_seconds": target.within_seconds}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
