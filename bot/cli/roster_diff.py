"""`muster roster diff`: a draft against the live roster of its days (SCENARIOS P6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.planning import echo_json, table
from bot.core.weeks import iso_week

if TYPE_CHECKING:
    from datetime import date

    from bot.usecases.compare_rosters import Comparison
    from scheduler.roster.shifts import Shift

__all__ = ["diff"]


@click.command(help="plan.help.diff")
@click.option("--week", metavar="2026-W49", help="plan.help.week")
@click.option("--roster", "number", type=int, metavar="N", help="plan.help.roster_number")
@click.option("--json", "as_json", is_flag=True, help="plan.help.json")
@pass_cli
def diff(context: CliContext, week: str | None, number: int | None, as_json: bool) -> int:
    from bot.cli.roster import version_of
    from bot.core.rosters import RosterStatus
    from bot.usecases.compare_rosters import compare

    version = version_of(context, week, number, prefer=RosterStatus.DRAFT)
    found = compare(context.store, context.settings, version.roster_id, now=context.now())
    if as_json:
        echo_json(_as_json(found))
    else:
        for line in _lines(context, found):
            click.echo(line)
    if found.draft.version.status is RosterStatus.DRAFT:
        context.next(f"muster roster publish --roster {version.roster_id}")
    return ExitCode.DONE


def _lines(context: CliContext, found: Comparison) -> list[str]:
    from bot.i18n.formats import Formats

    t, version, live = context.t, found.draft.version, found.live
    f = Formats(t.locale, version.roster.period.zone)
    week = iso_week(version.roster.period.first)

    def pair(before: float | None, after: float) -> str:
        shown = f.number(after, decimals=1)
        return shown if before is None else f"{f.number(before, decimals=1)} → {shown}"

    if live is None:
        head = t.plural("plan.diff.first", found.draft.agents, roster=version.roster_id, week=week)
    else:
        number = live.version.roster_id
        head = t.plural(
            "plan.diff.title", len(found.changes), roster=version.roster_id, live=number, week=week
        )
    lines = [
        head,
        t.text(
            "planner.diff.hours",
            hours=pair(None if live is None else live.paid_hours, found.draft.paid_hours),
            agents=pair(None if live is None else live.agents, found.draft.agents),
        ),
    ]
    if found.draft.required_known:
        lines += [
            t.text("plan.diff.cover", queue=c.queue, missing=pair(c.before, c.after)) for c in found.cover
        ]
    else:
        lines.append(t.text("planner.diff.no_requirement"))
    broken = pair(None if live is None else len(live.violations), len(found.draft.violations))
    lines.append(t.text("planner.diff.broken", rules=broken))
    if found.short_notice:
        hours = context.settings.roster.publish.notice.total_seconds() / 3600
        names = ", ".join(found.short_notice)
        lines.append("! " + t.text("plan.publish.short_notice", agents=names, hours=f"{hours:g}"))
    if live is None:
        return lines
    rows = [
        [row["agent"], f.day(row["day"]), *(_times(context, f, row[side]) for side in ("before", "after"))]
        for row in _changes(found)
    ]
    heads = [t.text(f"plan.diff.column.{name}") for name in ("agent", "day", "before", "after")]
    return [*lines, *table(heads, rows)]


def _times(context: CliContext, f: Any, shift: Shift | None) -> str:
    """With the lunch: it may be all that changes."""
    from bot.core.messages import ShiftLine

    if shift is None:
        return "–"
    line = ShiftLine.of(shift)
    key = "roster.shift" if line.lunch_at is None else "roster.shift_lunch"
    lunch = "" if line.lunch_at is None else f.time(line.lunch_at)
    return context.t.text(key, period=f.period(line.start, line.end), queue=line.queue, lunch=lunch)


def _changes(found: Comparison) -> list[dict[str, Any]]:
    """One row for each changed day of a person, by agent and day."""
    rows: list[dict[str, Any]] = []
    for change in found.changes:
        own: list[tuple[date, Shift | None, Shift | None]] = [(s.date, None, s) for s in change.added]
        own += [(s.date, s, None) for s in change.removed]
        own += [(c.after.date, c.before, c.after) for c in change.changed]
        rows += [
            {"agent": change.agent, "day": day, "before": before, "after": after}
            for day, before, after in sorted(own, key=lambda row: row[0])
        ]
    return rows


def _as_json(found: Comparison) -> dict[str, Any]:
    def side(shift: Shift | None) -> dict[str, Any] | None:
        if shift is None:
            return None
        return {
            "start": shift.start.isoformat(),
            "end": shift.end.isoformat(),
            "queues": list(shift.queues),
        }

    live = found.live
    return {
        "roster": found.draft.version.roster_id,
        "live": None if live is None else live.version.roster_id,
        "week": iso_week(found.draft.version.roster.period.first),
        "agents_changed": len(found.changes),
        "paid_hours": {
            "before": None if live is None else round(live.paid_hours, 2),
            "after": round(found.draft.paid_hours, 2),
        },
        "violations": {
            "before": None if live is None else len(live.violations),
            "after": len(found.draft.violations),
        },
        "missing_hours": [
            {
                "queue": c.queue,
                "before": None if c.before is None else round(c.before, 2),
                "after": round(c.after, 2),
            }
            for c in found.cover
        ],
        "short_notice": list(found.short_notice),
        "hours": {a: {"before": round(b, 2), "after": round(x, 2)} for a, (b, x) in found.hours.items()},
        "changes": [
            {
                "agent": row["agent"],
                "date": row["day"].isoformat(),
                "before": side(row["before"]),
                "after": side(row["after"]),
            }
            for row in _changes(found)
        ],
    }
