"""`muster staffing --prices`: what other service targets would cost in the week."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from bot.cli.context import CliContext
from bot.cli.planning import table
from bot.core.weeks import iso_week

if TYPE_CHECKING:
    from bot.i18n.formats import Formats
    from bot.usecases.price_targets import TargetPrices
    from scheduler.staffing.price_list import Price, PriceList

__all__ = ["price_lines", "prices_json"]


def price_lines(context: CliContext, found: TargetPrices, first: date) -> list[str]:
    from bot.i18n.formats import Formats

    t = context.t
    f = Formats(t.locale, context.settings.zone)
    lines = []
    for held in found.lists:
        now = held.present
        lines += [
            t.text(
                "staffing.prices.title",
                queue=held.queue,
                week=iso_week(first),
                target=_target(context, f, now),
                hours=f.number(now.agent_hours, decimals=1),
            ),
            *_table(context, f, held),
            "",
        ]
    lines.append(t.text("staffing.prices.notes"))
    if any(not held.by_share for held in found.lists):
        lines.append(t.text("staffing.prices.deferrable"))
    lines += [t.text("plan.staffing.missing", queue=q, week=iso_week(first)) for q in found.missing]
    return lines


def prices_json(context: CliContext, found: TargetPrices, first: date) -> dict[str, Any]:
    return {
        "week": iso_week(first),
        "zone": context.settings.zone,
        "missing_forecast": list(found.missing),
        "queues": [
            {
                "queue": held.queue,
                "kind": held.kind.value,
                "present": _row(held.present),
                "by_share": [_row(price) for price in held.by_share],
                "by_time": [_row(price) for price in held.by_time],
            }
            for held in found.lists
        ],
    }


def _table(context: CliContext, f: Formats, held: PriceList) -> list[str]:
    t = context.t
    abandons = held.present.abandonment is not None
    names = [
        "target",
        "hours",
        "change",
        "share",
        "peak",
        "occupancy",
        *(["abandonment"] if abandons else []),
    ]
    # The present target stands in both parts; once is enough where both are shown as one table.
    rows = [*held.by_share, *(price for price in held.by_time if not (held.by_share and price.present))]
    cells = [_cells(context, f, price)[: len(names)] for price in rows]
    return table([t.text(f"staffing.prices.column.{name}") for name in names], cells)


def _cells(context: CliContext, f: Formats, price: Price) -> list[str]:
    mark = " *" if price.present else ""
    return [
        _target(context, f, price) + mark,
        f.number(price.agent_hours, decimals=1),
        _signed(price.difference_hours, f.number(abs(price.difference_hours), decimals=1)),
        "-"
        if price.difference_share is None
        else _signed(price.difference_share, f.percent(abs(price.difference_share), decimals=1)),
        str(price.peak_agents),
        f.percent(price.occupancy, decimals=1),
        "" if price.abandonment is None else f.percent(price.abandonment, decimals=1),
    ]


def _signed(value: float, shown: str) -> str:
    return ("+" if value > 0 else "-" if value < 0 else "") + shown


def _target(context: CliContext, f: Formats, price: Price) -> str:
    t = context.t
    within = f.duration(price.target.within_seconds)
    if price.working_days is not None:
        hours = f.number(price.target.within_seconds / 3600.0, decimals=1)
        within = t.plural("staffing.prices.working_days", price.working_days, hours=hours)
    return t.text("plan.staffing.target", share=f.percent(price.target.share), within=within)


def _row(price: Price) -> dict[str, Any]:
    return {
        "share": price.target.share,
        "within_seconds": price.target.within_seconds,
        "working_days": price.working_days,
        "present": price.present,
        "agent_hours": round(price.agent_hours, 2),
        "difference_hours": round(price.difference_hours, 2),
        "difference_share": None if price.difference_share is None else round(price.difference_share, 4),
        "peak_agents": price.peak_agents,
        "occupancy": round(price.occupancy, 4),
        "abandonment": None if price.abandonment is None else round(price.abandonment, 4),
    }
