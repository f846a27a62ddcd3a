"""Key figures and goals in words: the same on the terminal, in Slack and on a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.core.kpis.catalogue import KPIS, Better, Kpi, Unit
from bot.core.kpis.compute import Figure, Figures, type_shares
from bot.core.packs import GoalLine
from bot.core.settings import Settings
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats

__all__ = [
    "DASH",
    "change_text",
    "classes_text",
    "days_text",
    "definition_lines",
    "figure_line",
    "goal_text",
    "judgement",
    "label",
    "missing_text",
    "name_text",
    "share_text",
    "sparkline",
    "standing_text",
    "state_of",
    "types_text",
    "value_text",
]

DASH: Final = "–"
_BARS: Final = "▁▂▃▄▅▆▇█"


def name_text(kpi: Kpi | str, t: Translator) -> str:
    return t.text(f"kpi.name.{kpi.value if isinstance(kpi, Kpi) else kpi}")


def value_text(kpi: Kpi, value: float | None, f: Formats) -> str:
    """A value in its unit; a dash where there is none.

    >>> f = Formats("en", "UTC")
    >>> [value_text(Kpi.FIRST_RESPONSE_MEAN, 480.0, f), value_text(Kpi.FCR, 0.85, f)]
    ['8 min', '85%']
    """
    if value is None:
        return DASH
    match KPIS[kpi].unit:
        case Unit.SECONDS:
            return f.duration(round(value / 60) * 60 if abs(value) >= 600 else value)
        case Unit.SHARE:
            return f.percent(value, decimals=1)
        case Unit.SCORE:
            return f.number(value, decimals=2)
        case Unit.POINTS | Unit.NPS:
            return f.number(value, decimals=1)
        case Unit.COUNT:
            return f.number(value)


def judgement(kpi: Kpi, value: float | None, before: float | None, f: Formats) -> str:
    """``better``, ``worse``, ``changed`` where neither way is better, ``same`` for what is shown alike.

    Empty where one side is missing.
    """
    if value is None or before is None:
        return ""
    change, better = value - before, KPIS[kpi].better
    if _size(kpi, change, f) == _size(kpi, 0.0, f):
        return "same"
    if better is Better.NEITHER:
        return "changed"
    return "better" if (change < 0) == (better is Better.LOWER) else "worse"


def change_text(kpi: Kpi, value: float | None, before: float | None, t: Translator, f: Formats) -> str:
    """``+1.2 points, better``; empty where one side is missing."""
    verdict = judgement(kpi, value, before, f)
    if value is None or before is None or verdict == "":
        return ""
    if verdict == "same":
        return t.text("kpi.change.same")
    change = value - before
    size = _size(kpi, change, f)
    if KPIS[kpi].unit is Unit.SHARE:
        size = t.text("kpi.points", points=size)
    signed = f"{'+' if change > 0 else '−'}{size}"
    return signed if verdict == "changed" else t.text(f"kpi.change.{verdict}", change=signed)


def _size(kpi: Kpi, change: float, f: Formats) -> str:
    if KPIS[kpi].unit is Unit.SHARE:
        return f.number(abs(change) * 100, decimals=1)
    return value_text(kpi, abs(change), f)


def missing_text(missing: str | None, t: Translator) -> str:
    """``missing: no customer has answered``; never a 0."""
    reason = t.text(f"kpi.missing.{missing or 'no_contacts'}")
    return t.text("kpi.missing_value", reason=reason)


def figure_line(figure: Figure, before: float | None, t: Translator, f: Formats) -> str:
    """``AHT: 5 min of 144 cases · before: 4 min, +1 min``, or why there is none."""
    kpi = figure.kpi
    if figure.value is None:
        why = missing_text(None if figure.missing is None else figure.missing.value, t)
        return t.text("kpi.line", name=name_text(kpi, t), value=why)
    parts = [t.text("kpi.line", name=name_text(kpi, t), value=value_text(kpi, figure.value, f))]
    if kpi is not Kpi.THROUGHPUT:
        parts.append(t.plural("kpi.of", figure.count))
    if before is not None:
        change = change_text(kpi, figure.value, before, t, f)
        parts.append(t.text("kpi.before", value=value_text(kpi, before, f), change=change))
    return " · ".join(parts)


def days_text(within: timedelta | float, f: Formats) -> str:
    """The N of the repeat-contact rate: ``7``."""
    days = within / timedelta(days=1) if isinstance(within, timedelta) else within
    return f.number(days, decimals=2)


def definition_lines(kpi: Kpi, settings: Settings, t: Translator, f: Formats) -> list[str]:
    """What a figure means, its formula and what others reach."""
    days = days_text(settings.kpis.repeat_within, f)
    lines = [
        t.text("kpi.definition_line", text=t.text(f"kpi.definition.{kpi.value}", days=days)),
        t.text("kpi.formula_line", text=t.text(f"kpi.formula.{kpi.value}", days=days)),
    ]
    benchmark = settings.kpis.benchmarks.get(kpi)
    if benchmark is not None:
        value = value_text(kpi, benchmark.value, f)
        lines.append(t.text("kpi.benchmark", value=value, source=benchmark.source))
    return lines


def state_of(goal: GoalLine) -> str:
    """``ahead``, ``missing``, ``reached``, ``on_course`` or ``behind``."""
    if not goal.started:
        return "ahead"
    if goal.actual is None:
        return "missing"
    if goal.reached:
        return "reached"
    return "on_course" if goal.on_course else "behind"


def standing_text(goal: GoalLine, t: Translator, f: Formats) -> str:
    reason = t.text(f"kpi.missing.{goal.missing or 'no_contacts'}")
    return t.text(f"kpi.goal.state.{state_of(goal)}", start=f.day(goal.start, year=True), reason=reason)


def goal_text(goal: GoalLine, t: Translator, f: Formats) -> list[str]:
    """From where to where by when; and where the straight path stands."""
    kpi = Kpi(goal.kpi)
    data = {
        "baseline": value_text(kpi, goal.baseline, f),
        "value": value_text(kpi, goal.goal, f),
        "by": f.day(goal.by, year=True),
    }
    if goal.queue is None:
        first = t.text("kpi.goal.line", **data)
    else:
        first = t.text("kpi.goal.line_queue", queue=goal.queue, **data)
    path = t.text(
        "kpi.goal.path",
        expected=value_text(kpi, goal.expected, f),
        standing=standing_text(goal, t, f),
    )
    return [first, path]


def sparkline(values: Sequence[float | None]) -> str:
    """A trend in one line of bars, the lowest value the lowest bar; a dot where a value is missing.

    >>> sparkline([1.0, None, 2.0, 3.0]), sparkline([None, None])
    ('▁·▅█', '')
    """
    known = [v for v in values if v is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    step = (high - low) / (len(_BARS) - 1)
    return "".join(
        "·" if v is None else _BARS[round((v - low) / step) if step else len(_BARS) // 2] for v in values
    )


def classes_text(figures: Figures, t: Translator, f: Formats) -> str | None:
    """Overdue first responses by class; None where none was judged."""
    parts = [
        t.text(
            "kpi.class",
            priority=label("priority", c.priority, t),
            overdue=f.number(c.overdue),
            judged=f.number(c.judged),
            share=f.percent(c.overdue / c.judged, decimals=1),
        )
        for c in figures.classes
        if c.judged
    ]
    return t.text("kpi.classes", classes=f.join(parts)) if parts else None


def types_text(figures: Figures, before: Figures, t: Translator, f: Formats) -> str | None:
    """Types of the contacts with the change of their share; None without contacts."""
    parts = [
        share_text(label("type", s.type, t), s.share, s.change, t, f)
        for s in type_shares(figures.types, before.types)
    ]
    return t.text("kpi.types", types=f.join(parts)) if parts else None


def share_text(name: str, share: float, change: float | None, t: Translator, f: Formats) -> str:
    """``order 30.1% (+6 points)``."""
    shown = f.percent(share, decimals=1)
    if change is None or not round(change * 100):
        return t.text("kpi.type", type=name, share=shown)
    points = t.text("kpi.points", points=f"{round(change * 100):+d}".replace("-", "−"))
    return t.text("kpi.type_changed", type=name, share=shown, points=points)


def label(group: str, name: str, t: Translator) -> str:
    """The word for an identifier; the identifier itself where there is none."""
    key = f"label.{group}.{name}"
    return t.text(key) if t.has(key) else name
