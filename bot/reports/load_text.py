"""What a page, a message and the command line say alike about load."""

from __future__ import annotations

from datetime import timedelta

from bot.core.fairness import TeamRange
from bot.core.work_load import CareSettings, MeasureLine, Pattern
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.reports.kpi_text import DASH

__all__ = ["name_text", "pattern_text", "people_text", "range_text", "total_text", "value_text"]

_HOURS = frozenset({"hours", "overtime"})


def name_text(measure: str, t: Translator) -> str:
    return t.text(f"load.measure.{measure}")


def value_text(measure: str, value: float | None, t: Translator, f: Formats) -> str:
    """A count in its unit; a dash where it is not known."""
    if value is None:
        return DASH
    if measure in _HOURS:
        return t.text("load.hours", hours=f.number(value, decimals=1))
    return f.percent(value) if measure == "occupancy" else f.number(value, decimals=1)


def range_text(measure: str, spread: TeamRange | None, t: Translator, f: Formats) -> str:
    """The least and the most of a team, with the median."""
    if spread is None:
        return t.text("load.not_known")
    return t.text(
        "load.range",
        least=value_text(measure, spread.least, t, f),
        most=value_text(measure, spread.most, t, f),
        median=value_text(measure, spread.median, t, f),
    )


def total_text(line: MeasureLine, t: Translator, f: Formats) -> str:
    return "" if line.people is None else value_text(line.measure, line.total, t, f)


def people_text(line: MeasureLine, f: Formats) -> str:
    """How many people it concerns, for what adds up over a team."""
    return "" if line.people is None or line.spread is None else f.number(line.people)


def pattern_text(pattern: str, care: CareSettings, t: Translator, f: Formats) -> str:
    """A pattern with the threshold it was judged by."""
    return t.text(
        f"load.pattern.{Pattern(pattern).value}",
        weeks=f.number(care.weeks_over),
        days=f.number(care.days_in_a_row),
        rests=f.number(care.short_rests),
        rest=f.number(care.rest / timedelta(hours=1), decimals=1),
        occupancy=f.percent(care.occupancy),
    )
