"""`muster staffing`: how many people each interval needs, and the arithmetic behind one of them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.forecast_text import PICTURE
from bot.cli.pictures import kind_of_picture, save_picture
from bot.cli.planning import by_hour, default_week, echo_json, save
from bot.cli.staffing_promises import explained_promise_lines, promise_lines, promises_json
from bot.cli.staffing_shrinkage import cause_lines, causes_json, explained_cause_lines, explained_causes_json
from bot.core.weeks import iso_week, parse_week

if TYPE_CHECKING:
    from bot.core.ids import QueueId
    from bot.usecases.staff import QueueStaffing, StaffingMade
    from scheduler.staffing.explanation import StaffingExplanation, StaffingStep

DAY = timedelta(days=1)


@click.command(help="plan.help.staffing")
@click.option("--week", metavar="2026-W49", help="plan.help.week")
@click.option("--queue", "queues", multiple=True, help="plan.help.queue")
@click.option("--explain", metavar='"Tue 10:30 chat"', help="plan.help.explain")
@click.option("--prices", is_flag=True, help="staffing.help.prices")
@click.option("--pooling", is_flag=True, help="staffing.help.pooling")
@click.option("--csv", "csv_file", metavar="FILE", help="plan.help.csv")
@PICTURE
@click.option("--json", "as_json", is_flag=True, help="plan.help.json")
@pass_cli
def staffing(
    context: CliContext,
    week: str | None,
    queues: tuple[str, ...],
    explain: str | None,
    prices: bool,
    pooling: bool,
    csv_file: str | None,
    picture: str | None,
    as_json: bool,
) -> int:
    from bot.core.ids import QueueId
    from bot.reports.spreadsheet import REQUIREMENT_COLUMNS, requirement_rows, write_csv
    from bot.usecases import staff

    drawn = None if picture is None else kind_of_picture(picture)
    views = {"--explain": explain is not None, "--prices": prices, "--pooling": pooling}
    # The requirement itself goes to a file and into a picture at once.
    _one_view({**views, "--csv": csv_file is not None})
    _one_view({**views, "--picture": picture is not None})
    first = default_week(context) if week is None else parse_week(week)
    if explain is not None:
        queue, at = _moment(context, explain, first)
        told = staff.explain(context.store, context.settings, queue=queue, first=first, days=7, at=at)
        if as_json:
            echo_json(_explanation_json(told))
        else:
            for line in _explanation_lines(context, told):
                click.echo(line)
        return ExitCode.DONE
    chosen = [QueueId(q) for q in queues] or None
    if prices:
        return _show_prices(context, chosen, first, as_json=as_json)
    if pooling:
        return _show_pooling(context, chosen, first, as_json=as_json)
    made = staff.make(
        context.store,
        context.settings,
        queues=chosen,
        first=first,
        days=7,
        now=context.now(),
    )
    rows = requirement_rows(q.requirement for q in made.queues)
    if csv_file is not None:
        save(context, csv_file, write_csv(REQUIREMENT_COLUMNS, rows))
    if picture is not None and drawn is not None:
        _draw(context, made, picture, drawn)
    if as_json:
        echo_json(_as_json(context, made, first, rows))
    elif csv_file != "-":
        for line in _lines(context, made, first):
            click.echo(line)
    context.next(f"muster roster solve --week {iso_week(first)}")
    return ExitCode.PARTIAL if made.missing else ExitCode.DONE


def _one_view(asked: Mapping[str, bool]) -> None:
    from bot.core.errors import RefusedError

    views = [name for name, given in asked.items() if given]
    if len(views) > 1:
        raise RefusedError(
            "one_view",
            f"{views[0]} and {views[1]} are two views of the same week; ask for one at a time.",
            first=views[0],
            second=views[1],
        )


def _draw(context: CliContext, made: StaffingMade, file: str, kind: str) -> None:
    from bot.reports.staffing_picture import picture_png, picture_svg

    save_picture(
        context,
        file,
        kind,
        png=lambda: picture_png(made.queues, context.t),
        svg=lambda: picture_svg(made.queues, context.t),
    )


def _show_prices(context: CliContext, queues: Sequence[QueueId] | None, first: date, *, as_json: bool) -> int:
    from bot.cli.staffing_prices import price_lines, prices_json
    from bot.usecases import price_targets

    found = price_targets.prices(context.store, context.settings, queues=queues, first=first, days=7)
    if as_json:
        echo_json(prices_json(context, found, first))
    else:
        for line in price_lines(context, found, first):
            click.echo(line)
    return ExitCode.PARTIAL if found.missing else ExitCode.DONE


def _show_pooling(
    context: CliContext, queues: Sequence[QueueId] | None, first: date, *, as_json: bool
) -> int:
    from bot.cli.staffing_pooling import pooling_json, pooling_lines
    from bot.usecases import pool_queues

    pools = pool_queues.pool(context.store, context.settings, queues=queues, first=first, days=7)
    if as_json:
        echo_json(pooling_json(context, pools, first))
    else:
        for line in pooling_lines(context, pools, first):
            click.echo(line)
    return ExitCode.PARTIAL if pools.missing else ExitCode.DONE


def _as_json(
    context: CliContext, made: StaffingMade, first: date, rows: list[dict[str, Any]]
) -> dict[str, Any]:
    zone = ZoneInfo(made.grid.zone)
    return {
        "week": iso_week(first),
        "zone": made.grid.zone,
        "missing_forecast": list(made.missing),
        "shrinkage": causes_json(context),
        "queues": [
            {
                "queue": q.load.workload.queue,
                "forecast": q.load.stored.id,
                "target": {
                    "share": q.load.target.share,
                    "within_seconds": q.load.target.within_seconds,
                    "max_occupancy": q.load.target.max_occupancy,
                },
                "agents_with_skill": q.agents,
                "promised": promises_json(q.load.workload.promised, made.grid.zone),
                "agent_hours": round(q.requirement.agent_hours, 2),
                "peak_agents": int(q.requirement.scheduled_agents.max(initial=0)),
                "impossible_intervals": len(q.requirement.impossible),
                "impossible": [
                    {"start": i.start.astimezone(zone).isoformat(), "needed": i.needed}
                    for i in q.requirement.impossible
                ],
                "possible_with": max((i.needed for i in q.requirement.impossible), default=None),
                "intervals": [r for r in rows if r["queue"] == q.load.workload.queue],
            }
            for q in made.queues
        ],
    }


def _lines(context: CliContext, made: StaffingMade, first: date) -> list[str]:
    from bot.i18n.formats import Formats

    t = context.t
    f = Formats(t.locale, made.grid.zone)
    lines = []
    for staffing in made.queues:
        lines += [*_queue_lines(context, f, staffing, first), ""]
    lines += [t.text("plan.staffing.missing", queue=q, week=iso_week(first)) for q in made.missing]
    return lines


def _queue_lines(context: CliContext, f: Any, staffing: QueueStaffing, first: date) -> list[str]:
    t, load, need = context.t, staffing.load, staffing.requirement
    starts = need.grid.local_starts()
    peak = int(need.scheduled_agents.max(initial=0))
    at = int(need.scheduled_agents.argmax()) if peak else 0
    target = t.text(
        "plan.staffing.target",
        share=f.percent(load.target.share),
        within=f.duration(load.target.within_seconds),
    )
    lines = [
        t.text("plan.staffing.title", queue=load.workload.queue, week=iso_week(first), target=target),
        t.text(
            "plan.staffing.summary",
            hours=f.number(need.agent_hours, decimals=1),
            peak=peak,
            when=f.moment(starts[at]) if peak else "-",
            agents=staffing.agents,
        ),
        t.text(
            f"plan.staffing.assumes_{load.workload.kind.value}",
            aht=f.duration(_mean_aht(staffing)),
            patience="-"
            if load.workload.patience_seconds is None
            else f.duration(load.workload.patience_seconds),
            concurrency=load.workload.concurrency,
        ),
        *cause_lines(context, f),
        *promise_lines(context, f, load.workload.promised),
    ]
    lines += by_hour(
        starts,
        [float(v) if o else None for v, o in zip(need.scheduled_agents, load.workload.open, strict=True)],
        max,
        lambda value: f"{value:.0f}" + ("*" if peak and value >= 0.9 * peak else ""),
        day_label=f.day,
        corner=t.text("plan.staffing.corner"),
    )
    impossible = need.impossible
    if impossible:
        worst = max(impossible, key=lambda i: i.needed)
        lines.append(
            "! "
            + t.text(
                "plan.staffing.impossible",
                intervals=len(impossible),
                available=worst.available,
                needed=worst.needed,
                when=f.moment(worst.start),
            )
        )
    return lines


def _mean_aht(staffing: QueueStaffing) -> float:
    load = staffing.load.workload
    total = float(load.contacts.sum())
    if total <= 0:
        return float(load.aht_seconds.mean())
    return float((load.contacts * load.aht_seconds).sum() / total)


def _moment(context: CliContext, text: str, first: date) -> tuple[QueueId, datetime]:
    """``Tue 10:30 chat``, ``周二 10:30 chat`` or ``2026-12-01 10:30 chat``, in the roster's zone."""
    from bot.core.errors import RefusedError
    from bot.core.ids import QueueId
    from bot.imports.fields import did_you_mean, parse_weekdays

    found = re.fullmatch(r"\s*(\S+)\s+(\d{1,2}):(\d{2})\s+(\S+)\s*", text)
    day: date | None = None
    if found:
        weekdays = parse_weekdays(found.group(1))
        if weekdays is not None and len(weekdays) == 1:
            day = first + weekdays[0] * DAY
        else:
            try:
                day = date.fromisoformat(found.group(1))
            except ValueError:
                day = None
    if found is None or day is None or int(found.group(2)) > 23 or int(found.group(3)) > 59:
        raise RefusedError(
            "bad_explain", f'{text!r}: write a day, a time and a queue, as "Tue 10:30 chat".', value=text
        )
    queue = QueueId(found.group(4))
    queues = context.settings.queues
    if queue not in queues:
        near = did_you_mean(queue, queues) or ", ".join(queues)
        raise RefusedError(
            "unknown_queue",
            f"There is no queue {queue!r}; did you mean {near}?",
            queue=queue,
            queues=", ".join(queues),
            near=near,
        )
    moment = time(int(found.group(2)), int(found.group(3)))
    return queue, datetime.combine(day, moment, tzinfo=ZoneInfo(context.settings.zone))


def _explanation_json(told: StaffingExplanation) -> dict[str, Any]:
    def step(value: StaffingStep | None) -> dict[str, Any] | None:
        if value is None:
            return None
        return {
            "agents": value.agents,
            "service_level": value.service_level,
            "chance": value.chance,
            "asa_seconds": _finite(value.asa_seconds),
            "answered_95_seconds": _finite(value.answered_95_seconds),
            "occupancy": value.occupancy,
            "abandonment": value.abandonment,
            "meets_target": value.meets_target,
        }

    return {
        "queue": told.queue,
        "start": told.start.isoformat(),
        "model": told.model.value,
        "open": told.open,
        "contacts": told.contacts,
        "aht_seconds": told.aht_seconds,
        "patience_seconds": told.patience_seconds,
        "concurrency": told.concurrency,
        "erlangs": told.erlangs,
        "planned_erlangs": told.planned_erlangs,
        "probability": told.probability,
        "forecast_error": told.forecast_excess**0.5,
        "absence_error": told.absence_excess**0.5,
        "judged_seconds": told.judged_seconds,
        "promised": promises_json(told.promised, "UTC"),
        "promised_erlangs": told.promised_erlangs,
        "one_fewer": step(told.one_fewer),
        "enough": step(told.enough),
        "minimum_applied": told.minimum_applied,
        "base_agents": told.base_agents,
        "shrinkage": told.shrinkage_share,
        "shrinkage_causes": explained_causes_json(told),
        "scheduled_agents": told.scheduled_agents,
        "agents_with_skill": told.max_agents,
        "impossible": told.impossible,
    }


def _finite(value: float | None) -> float | None:
    """JSON has no infinity."""
    return value if value is not None and math.isfinite(value) else None


def _sure_line(context: CliContext, told: StaffingExplanation, f: Any) -> str:
    forecast, absence = told.forecast_excess**0.5, told.absence_excess**0.5
    error = (told.forecast_excess + told.absence_excess) ** 0.5
    probability = context.settings.staffing.probability
    kind = "usual" if told.probability is None else "peak"
    return context.t.text(
        f"plan.explain.sure_{'deferrable' if told.model.value == 'spread_work' else kind}",
        probability=f.number(probability, decimals=2),
        exceeded=f.number(1 - probability, decimals=2),
        error=f.percent(error, decimals=1),
        forecast=f.percent(forecast, decimals=1),
        absence=f.percent(absence, decimals=1),
    )


def _explanation_lines(context: CliContext, told: StaffingExplanation) -> list[str]:
    from bot.i18n.formats import Formats

    t = context.t
    f = Formats(t.locale, context.settings.zone)
    lines = [t.text("plan.explain.title", queue=told.queue, when=f.moment(told.start))]
    if not told.open:
        lines.append(t.text("plan.explain.closed"))
    lines.append(
        t.text(
            "plan.explain.load",
            contacts=f"{told.contacts:.1f}",
            aht=f"{told.aht_seconds:.0f}",
            interval=f"{context.settings.staffing.interval.total_seconds():.0f}",
            erlangs=f"{told.erlangs:.2f}",
        )
    )
    lines += explained_promise_lines(context, f, told)
    lines.append(
        t.text(
            f"plan.explain.{told.model.value}",
            patience="-" if told.patience_seconds is None else f"{told.patience_seconds:.0f}",
            concurrency=told.concurrency,
            planned=f"{told.planned_erlangs:.2f}",
        )
    )
    lines.append(_sure_line(context, told, f))
    for name, step in (("one_fewer", told.one_fewer), ("enough", told.enough)):
        if step is None:
            continue
        lines.append(
            t.text(
                f"plan.explain.{name}",
                agents=step.agents,
                level="-" if step.service_level is None else f.percent(step.service_level, decimals=1),
                share=f.percent(told.target.share),
                within=f.duration(told.target.within_seconds),
                occupancy=f.percent(step.occupancy, decimals=1),
            )
        )
        if step.chance is not None and told.probability is not None:
            lines.append(
                t.text(
                    "plan.explain.chance",
                    agents=step.agents,
                    chance=f.number(step.chance, decimals=3),
                    probability=f.number(told.probability, decimals=2),
                )
            )
    if told.enough.asa_seconds is not None and told.enough.answered_95_seconds is not None:
        waits = told.enough.asa_seconds, told.enough.answered_95_seconds
        asa, late = (f.duration(round(w)) if math.isfinite(w) else "-" for w in waits)
        lines.append(t.text("plan.explain.waits", agents=told.enough.agents, asa=asa, late=late))
    if told.minimum_applied:
        lines.append(t.text("plan.explain.minimum", agents=told.base_agents))
    lines += explained_cause_lines(context, f, told)
    lines.append(
        t.text(
            "plan.explain.shrinkage",
            base=told.base_agents,
            shrinkage=f.percent(told.shrinkage_share, decimals=1),
            scheduled=told.scheduled_agents,
        )
    )
    if told.impossible:
        lines.append(
            t.text("staffing.explain.impossible", needed=told.scheduled_agents, available=told.max_agents)
        )
    return lines
