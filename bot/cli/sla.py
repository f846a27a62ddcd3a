"""`muster sla`: what is promised, why a case is due when it is, and declared exceptions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.planning import echo_json, table
from bot.cli.sla_cost import cost_json, cost_lines, costs

if TYPE_CHECKING:
    from bot.core.attainment import Attainment
    from bot.core.exception_windows import ExceptionWindow
    from bot.core.explanation import Explanation, Line
    from bot.core.ids import TeamId
    from bot.i18n.formats import Formats
    from bot.usecases.price_promises import PromiseCost

QUARTER_DAYS = 91


@click.group(help="sla.help.group")
def sla() -> None:
    pass


@sla.command(help="sla.help.explain")
@click.argument("case")
@click.option("--json", "as_json", is_flag=True, help="sla.help.json")
@pass_cli
def explain(context: CliContext, case: str, as_json: bool) -> int:
    from bot.core.ids import ContactRef
    from bot.reports.sla_text import explanation_lines
    from bot.usecases.review_sla import explain_case

    found = explain_case(context.store, context.settings, ContactRef(case.strip()))
    if as_json:
        echo_json([_explained(one) for one in found])
        return ExitCode.DONE
    if not found:
        context.say("sla.explain.none", ref=case)
    for one in found:
        title, lines = explanation_lines(one, context.t, context.locale, context.now())
        click.echo(title)
        for line in lines:
            click.echo(f"  {line}")
    return ExitCode.DONE


@sla.command(help="sla.help.show")
@click.option("--days", type=click.IntRange(1, 3660), default=28, show_default=True, help="sla.help.days")
@click.option("--markdown", is_flag=True, help="sla.help.markdown")
@click.option("--json", "as_json", is_flag=True, help="sla.help.json")
@pass_cli
def show(context: CliContext, days: int, markdown: bool, as_json: bool) -> int:
    return _kept(context, days, markdown=markdown, as_json=as_json, review=False)


@sla.command(help="sla.help.review")
@click.option(
    "--days", type=click.IntRange(1, 3660), default=QUARTER_DAYS, show_default=True, help="sla.help.days"
)
@click.option("--markdown", is_flag=True, help="sla.help.markdown")
@click.option("--json", "as_json", is_flag=True, help="sla.help.json")
@pass_cli
def review(context: CliContext, days: int, markdown: bool, as_json: bool) -> int:
    return _kept(context, days, markdown=markdown, as_json=as_json, review=True)


@sla.group(help="sla.help.exception")
def exception() -> None:
    pass


@exception.command(help="sla.help.declare")
@click.option("--reason", required=True, help="sla.help.reason")
@click.option("--from", "start", default=None, help="sla.help.from")
@click.option("--until", required=True, help="sla.help.until")
@click.option("--queue", default=None, help="sla.help.queue")
@click.option("--team", default=None, help="sla.help.team")
@pass_cli
def declare(
    context: CliContext, reason: str, start: str | None, until: str, queue: str | None, team: str | None
) -> int:
    from bot.core.errors import RefusedError
    from bot.core.ids import QueueId
    from bot.core.permissions import Action
    from bot.core.time_phrases import Assumption, read_time
    from bot.usecases import declare_exception

    context.need(Action.EXCEPTION_DECLARE)
    settings, now = context.settings, context.now()
    which = _team(context, queue, team)
    held = settings.teams[which]
    calendar = settings.calendars[held.calendar]
    begins = now if start is None else read_time(start, calendar=calendar, now=now, zone=held.zone).at
    # "from 14:00 until 16:00": read after the beginning, and the same day; tomorrow is said by name.
    ends = read_time(until, calendar=calendar, now=begins, zone=held.zone)
    if Assumption.TOMORROW in ends.assumed:
        raise RefusedError(
            "exception_times",
            "the exception would end before it begins; nothing was declared. Give a later end, or its day.",
        )
    window = declare_exception.declare(
        context.store,
        settings,
        team=which,
        queue=None if queue is None else QueueId(queue),
        reason=reason,
        starts_at=begins,
        ends_at=ends.at,
        by=context.operator,
        now=now,
    )
    f = _formats(context, held.zone)
    context.say(
        "exception.done",
        number=window.window,
        queue=_queue(context, window),
        start=f.moment(window.starts_at),
        end=f.moment(window.ends_at),
        command=f"muster sla exception end {window.window}",
    )
    return ExitCode.DONE


@exception.command(name="end", help="sla.help.end")
@click.argument("number", type=int)
@pass_cli
def end_(context: CliContext, number: int) -> int:
    from bot.core.ids import WindowId
    from bot.core.permissions import Action
    from bot.usecases import declare_exception

    context.need(Action.EXCEPTION_DECLARE)
    by, now = context.operator, context.now()
    declare_exception.end(context.store, context.settings, WindowId(number), by=by, now=now)
    context.say("exception.over", number=number)
    return ExitCode.DONE


@exception.command(name="list", help="sla.help.list")
@pass_cli
def list_(context: CliContext) -> int:
    now = context.now()
    with context.store.read() as uow:
        windows = uow.exception_windows.between(now, now + timedelta(days=3660))
    if not windows:
        context.say("exception.none")
    for window in windows:
        f = _formats(context, context.settings.teams[window.team].zone)
        context.say(
            "exception.line",
            number=window.window,
            queue=_queue(context, window),
            start=f.moment(window.starts_at),
            end=f.moment(window.ends_at),
            reason=window.reason,
            person=window.declared_by,
        )
    return ExitCode.DONE


def _kept(context: CliContext, days: int, *, markdown: bool, as_json: bool, review: bool) -> int:
    from bot.reports.sla_text import ATTAINMENT_COLUMNS, attainment_row
    from bot.usecases.review_sla import attainment

    settings, now = context.settings, context.now()
    start = now - timedelta(days=days)
    found = {
        (row.policy, row.measure): row
        for row in attainment(context.store, settings, start=start, end=now, now=now)
    }
    attained = list(found.values())
    priced = costs(context, attained) if review else ()
    if as_json:
        echo_json([_attained(row, priced) for row in attained])
        return ExitCode.DONE
    t, f = context.t, _formats(context, settings.zone)
    rows = [
        attainment_row(found.pop((policy.name, target.measure), None), policy, target, t, f)
        for policy in settings.policies
        for target in policy.targets
    ]
    # Rows that have left app.yaml since; their promises were made all the same.
    rows += [attainment_row(row, None, None, t, f) for row in found.values()]
    headers = [t.text(key) for key in ATTAINMENT_COLUMNS]
    if not review:
        headers, rows = headers[:-1], [row[:-1] for row in rows]
    period = t.text("sla.show.period", first=f.moment(start), last=f.moment(now), zone=f.zone_label(now))
    click.echo(period)
    for line in _markdown(headers, rows) if markdown else table(headers, rows):
        click.echo(line)
    with context.store.read() as uow:
        windows = uow.exception_windows.between(start, now)
    if windows:
        named = [
            f"{f.moment(w.starts_at)}–{f.moment(w.ends_at, reference=w.starts_at)} {w.reason}"
            for w in windows
        ]
        context.say("sla.show.windows", windows=f.join(named))
    if review:
        for line in cost_lines(context, f, priced):
            click.echo(line)
    return ExitCode.DONE


def _markdown(headers: list[str], rows: list[list[str]]) -> list[str]:
    lines = ["", "| " + " | ".join(headers) + " |", "|" + " --- |" * len(headers)]
    return lines + ["| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in rows]


def _team(context: CliContext, queue: str | None, team: str | None) -> TeamId:
    """The team named, that of the queue, or the only one.  Raises RefusedError."""
    from bot.core.ids import QueueId

    held = context.settings.queues.get(QueueId(queue)) if queue is not None else None
    return held.team if team is None and held is not None else context.team(team)


def _queue(context: CliContext, window: ExceptionWindow) -> str:
    return window.queue or context.t.text("exception.all_queues")


def _formats(context: CliContext, zone: str) -> Formats:
    from bot.i18n.formats import Formats

    return Formats(context.locale, zone)


def _explained(one: Explanation) -> dict[str, Any]:
    clock = one.clock
    zone = ZoneInfo(one.zone)

    def local(at: datetime | None) -> str | None:
        return None if at is None else at.astimezone(zone).isoformat()

    return {
        "measure": clock.measure.value,
        "cycle": clock.cycle,
        "policy": clock.policy,
        "counted": one.target.counted.value,
        "calendar": one.calendar,
        "zone": one.zone,
        "state": clock.state.value,
        "started_at": local(clock.started_at),
        "due_at": local(clock.due_at),
        "stopped_at": local(clock.stopped_at),
        "paused_since": local(clock.paused_since),
        "warnings": [{"fraction": fraction, "at": local(at)} for fraction, at in clock.warnings],
        "rows": [{"policy": r.policy, "conditions": list(r.conditions), "won": r.won} for r in one.rows],
        "lines": [_line(line, zone) for line in one.lines],
    }


def _line(line: Line, zone: ZoneInfo) -> dict[str, Any]:
    from bot.core.explanation import DayLine

    why = {"idle": None if line.idle is None else line.idle.value, "name": line.name}
    if isinstance(line, DayLine):
        closes = line.closes_at.astimezone(zone).isoformat()
        return {"day": line.day.isoformat(), "closes_at": closes, "number": line.number, **why}
    return {
        "from": line.start.astimezone(zone).isoformat(),
        "to": line.end.astimezone(zone).isoformat(),
        "total_seconds": line.total.total_seconds(),
        **why,
    }


def _attained(row: Attainment, priced: Sequence[PromiseCost]) -> dict[str, Any]:
    from bot.core.attainment import fit
    from bot.core.courses import Measure

    return {
        "policy": row.policy,
        "measure": row.measure.value,
        "judged": row.judged,
        "kept": row.kept,
        "broken": row.broken,
        "excused": row.excused,
        "share": row.share,
        "share_outside_exceptions": row.share_outside,
        "median_seconds": row.median,
        "p90_seconds": row.p90,
        "fit": fit(row).value,
        "change_costs": cost_json(
            [c for c in priced if row.measure is Measure.FIRST_RESPONSE and c.policy == row.policy]
        ),
    }
