"""`muster staffing --pooling`: what live queues would save if the same people answered them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from bot.cli.context import CliContext
from bot.cli.planning import table
from bot.core.weeks import iso_week

if TYPE_CHECKING:
    from bot.i18n.formats import Formats
    from bot.usecases.pool_queues import QueuePoolings
    from scheduler.staffing.pooling import Pooling

__all__ = ["pooling_json", "pooling_lines"]

SHOWN = 12
VARIABLE = 1.2
"""From here on the mixed handling times are named: waits are a tenth longer than the formula says."""


def pooling_lines(context: CliContext, pools: QueuePoolings, first: date) -> list[str]:
    from bot.i18n.formats import Formats

    t = context.t
    f = Formats(t.locale, context.settings.zone)
    missing = [t.text("plan.staffing.missing", queue=q, week=iso_week(first)) for q in pools.missing]
    if not pools.found:
        return [t.text("staffing.pooling.nothing"), *missing]
    names = ("queues", "target", "split", "pooled", "saved", "share", "peaks", "able")
    heads = [t.text(f"staffing.pooling.column.{name}") for name in names]
    lines = [
        t.text("staffing.pooling.title", week=iso_week(first)),
        *table(heads, [_cells(context, f, one, pools.able[one.queues]) for one in pools.found[:SHOWN]]),
    ]
    if len(pools.found) > SHOWN:
        lines.append(t.text("staffing.pooling.more", more=len(pools.found) - SHOWN))
    lines += ["", t.text("staffing.pooling.notes")]
    lines += [
        "! "
        + t.text(
            "staffing.pooling.variable",
            queues=_names(one),
            longer=f.percent((one.variability - 1.0) / 2.0),
        )
        for one in pools.found[:SHOWN]
        if one.variability >= VARIABLE
    ]
    return lines + missing


def pooling_json(context: CliContext, pools: QueuePoolings, first: date) -> dict[str, Any]:
    return {
        "week": iso_week(first),
        "zone": context.settings.zone,
        "missing_forecast": list(pools.missing),
        "poolings": [
            {
                "queues": list(one.queues),
                "kind": one.kind.value,
                "share": one.target.share,
                "within_seconds": one.target.within_seconds,
                "split_hours": round(one.split_hours, 2),
                "pooled_hours": round(one.pooled_hours, 2),
                "saved_hours": round(one.saved_hours, 2),
                "saved_share": None if one.saved_share is None else round(one.saved_share, 4),
                "split_peak": one.split_peak,
                "pooled_peak": one.pooled_peak,
                "variability": round(one.variability, 3),
                "agents_with_all_skills": pools.able[one.queues],
            }
            for one in pools.found
        ],
    }


def _cells(context: CliContext, f: Formats, one: Pooling, able: int) -> list[str]:
    return [
        _names(one),
        context.t.text(
            "plan.staffing.target",
            share=f.percent(one.target.share),
            within=f.duration(one.target.within_seconds),
        ),
        f.number(one.split_hours, decimals=1),
        f.number(one.pooled_hours, decimals=1),
        f.number(one.saved_hours, decimals=1),
        "-" if one.saved_share is None else f.percent(one.saved_share, decimals=1),
        f"{one.split_peak} / {one.pooled_peak}",
        str(able),
    ]


def _names(one: Pooling) -> str:
    return " + ".join(one.queues)
