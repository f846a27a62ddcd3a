"""What `muster sla review` says of the people that changing a promise would take (SP19)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.cli.context import CliContext
from bot.cli.planning import default_week
from bot.core.weeks import iso_week

if TYPE_CHECKING:
    from bot.core.attainment import Attainment
    from bot.i18n.formats import Formats
    from bot.usecases.price_promises import PromiseCost

__all__ = ["cost_json", "cost_lines", "costs"]


def costs(context: CliContext, found: Sequence[Attainment]) -> Sequence[PromiseCost]:
    """The cost of changing what does not fit, in the newest week that is forecast; nothing without one."""
    from bot.core.errors import RefusedError
    from bot.usecases.price_promises import promise_costs

    try:
        return promise_costs(context.store, context.settings, found, first=default_week(context), days=7)
    except RefusedError as refused:
        if refused.kind != "no_forecast":
            raise
        return ()


def cost_lines(context: CliContext, f: Formats, found: Sequence[PromiseCost]) -> list[str]:
    t = context.t
    if not found:
        return [t.text("sla.review.prices")]
    lines = [t.text("sla.review.costs", week=iso_week(default_week(context)))]
    for cost in found:
        more = cost.difference_hours
        change = "none" if round(more, 1) == 0 else "more" if more > 0 else "fewer"
        lines.append(
            t.text(
                f"sla.review.{cost.fit.value}",
                row=cost.policy,
                queue=cost.queue,
                within=f.duration(cost.target.within_seconds),
                hours=f.number(cost.agent_hours, decimals=1),
                change=t.text(f"sla.review.{change}", hours=f.number(abs(more), decimals=1)),
            )
        )
    return [*lines, t.text("sla.review.prices")]


def cost_json(found: Sequence[PromiseCost]) -> list[dict[str, Any]]:
    return [
        {
            "queue": cost.queue,
            "share": cost.target.share,
            "within_seconds": cost.target.within_seconds,
            "agent_hours": round(cost.agent_hours, 2),
            "difference_hours": round(cost.difference_hours, 2),
        }
        for cost in found
    ]
