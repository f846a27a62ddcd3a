"""A forecast by type of contact or channel: shares of what is stored, times the queue's forecast (FP7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.cli.planning import table

if TYPE_CHECKING:
    from bot.cli.context import CliContext
    from bot.usecases.forecast import ForecastMade

__all__ = ["mix_days", "mix_lines"]


def mix_days(made: ForecastMade, by: str) -> list[dict[str, Any]]:
    """Every part with its share, handling time and contacts per local day; the days of all parts add up."""
    if made.forecast is None:
        return []
    totals = {day: float(made.forecast.mean[part].sum()) for day, part in made.forecast.grid.days().items()}
    return [
        {
            **part,
            "days": [
                {"date": day.isoformat(), "mean": part["share"] * total}
                for day, total in totals.items()
                if total > 0
            ],
        }
        for part in made.report["mix"][by]
    ]


def mix_lines(context: CliContext, made: ForecastMade, by: str) -> list[str]:
    """The table; a sentence where no contact is stored that would tell the parts apart."""
    from bot.i18n.formats import Formats

    t = context.t
    assert made.forecast is not None
    f = Formats(t.locale, made.forecast.grid.zone)
    parts = mix_days(made, by)
    if not parts:
        return [t.text("forecast.mix.none", queue=made.queue), ""]
    rows = []
    for part in parts:
        known = part["aht_contacts"] > 0
        source = "forecast.mix.measured" if known else "forecast.mix.standard"
        rows.append(
            [
                t.text(f"label.{by}.{part['part']}"),
                t.text(
                    "forecast.mix.share",
                    share=f.percent(part["share"]),
                    low=f.percent(part["low"]),
                    high=f.percent(part["high"]),
                ),
                f.number(sum(day["mean"] for day in part["days"])),
                t.text(
                    source, seconds=f.number(part["aht_seconds"]), contacts=f.number(part["aht_contacts"])
                ),
            ]
        )
    heads = [t.text(f"forecast.mix.column.{name}") for name in (by, "share", "contacts", "aht")]
    return [t.text("forecast.mix.title", queue=made.queue), *table(heads, rows), ""]
