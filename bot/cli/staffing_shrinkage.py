"""The causes of shrinkage as `muster staffing` shows them, one a line."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from bot.cli.context import CliContext

if TYPE_CHECKING:
    from bot.i18n.formats import Formats
    from scheduler.staffing.explanation import StaffingExplanation
    from scheduler.staffing.shrinkage import ShrinkageCause

__all__ = ["cause_lines", "causes_json", "explained_cause_lines", "explained_causes_json"]


def cause_lines(context: CliContext, f: Formats) -> list[str]:
    """What is on top of the requirement: one line for a bare share, else one for each cause."""
    t, staffing = context.t, context.settings.staffing
    plan, minimum = staffing.shrinkage, staffing.minimum_agents
    if plan.is_one_share:
        share = f.percent(plan.greatest, decimals=1)
        return [t.text("plan.staffing.shrinkage", share=share, minimum=minimum)]
    lines = [t.text("staffing.shrinkage.causes", minimum=minimum)]
    return lines + ["  " + _described(context, f, cause, cause.share) for cause in plan.causes]


def explained_cause_lines(context: CliContext, f: Formats, told: StaffingExplanation) -> list[str]:
    """One line for each cause that takes anything of the interval; none where only a bare share does."""
    if context.settings.staffing.shrinkage.is_one_share:
        return []
    return [
        context.t.text("staffing.shrinkage.cause", cause=_described(context, f, cause, share))
        for cause, share in zip(told.shrinkage, told.shrinkage_by_cause, strict=True)
        if share > 0
    ]


def causes_json(context: CliContext) -> list[dict[str, Any]]:
    return [
        {
            "name": cause.name,
            "share": cause.share,
            "planned": cause.planned,
            "days": sorted(cause.days),
            "hours": None if cause.hours is None else [f"{t:%H:%M}" for t in cause.hours],
        }
        for cause in context.settings.staffing.shrinkage.causes
    ]


def explained_causes_json(told: StaffingExplanation) -> list[dict[str, Any]]:
    return [
        {"name": cause.name, "share": share, "planned": cause.planned}
        for cause, share in zip(told.shrinkage, told.shrinkage_by_cause, strict=True)
    ]


def _described(context: CliContext, f: Formats, cause: ShrinkageCause, share: float) -> str:
    """``training 10%, planned, Tue 13:00–15:00``."""
    t = context.t
    parts = [t.text("staffing.shrinkage.share", name=cause.name, share=f.percent(share, decimals=1))]
    if cause.planned:
        parts.append(t.text("staffing.shrinkage.planned"))
    when = []
    if len(cause.days) < 7:
        when.append(_days(f, cause.days))
    if cause.hours is not None:
        when.append(f"{cause.hours[0]:%H:%M}–{cause.hours[1]:%H:%M}")
    if when:
        parts.append(" ".join(when))
    return t.text("staffing.shrinkage.between").join(parts)


def _days(f: Formats, days: frozenset[int]) -> str:
    """``Mon–Fri``, ``Mon, Wed``: three and more in a row as a range."""

    def name(day: int) -> str:
        return f.weekday(date(2026, 11, 23 + day))  # a Monday

    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    shown = []
    for run in runs:
        shown += [f"{name(run[0])}–{name(run[-1])}"] if len(run) > 2 else [name(day) for day in run]
    return "/".join(shown)
