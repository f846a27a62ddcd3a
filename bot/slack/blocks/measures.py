"""Measures: what each did, plainly, and the presses that end it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.action_items import LONGEST
from bot.core.improvements import ImprovementState, MeasureEffect
from bot.core.kpis.catalogue import KPIS, Kpi, Unit
from bot.reports.kpi_text import value_text
from bot.slack.blocks.kit import actions, button, escape, section
from bot.slack.blocks.voice import Voice

__all__ = ["DROP", "KEEP", "lines", "sections", "value"]

KEEP: Final = "measure.keep"
DROP: Final = "measure.drop"
"""Values: the action's number."""


def sections(effects: Sequence[MeasureEffect], voice: Voice) -> list[Block]:
    """Each with its presses while it runs."""
    shown: list[Block] = []
    for effect in effects:
        shown.append(section("\n".join(lines(effect, voice))))
        if effect.state == ImprovementState.RUNNING.value:
            number = str(effect.item)
            shown.append(
                actions(
                    f"measure-{number}",
                    button(voice.t.text("measure.button.keep"), action=KEEP, value=number, style="primary"),
                    button(voice.t.text("measure.button.drop"), action=DROP, value=number),
                )
            )
    return shown


def lines(effect: MeasureEffect, voice: Voice) -> list[str]:
    """``#3 Ask for the order number first · @lin``, before and after, and what the difference says."""
    t, f = voice.t, voice.f
    head = t.text("measure.head", number=effect.item, what=escape(effect.what, LONGEST))
    if effect.owner is not None:
        head += f" · {voice.person(effect.owner)}"
    if effect.state != ImprovementState.RUNNING.value:
        because = escape(effect.because or "", LONGEST)
        head += " · " + t.text(f"measure.state.{effect.state}", because=because)
    since = f.day(f.local_day(effect.since))
    name = t.text(f"kpi.name.{effect.kpi}")
    said = [
        head,
        t.text(
            "measure.figures",
            kpi=name,
            before=value(effect.kpi, effect.before, voice),
            before_count=f.number(effect.before_count),
            after=value(effect.kpi, effect.after, voice),
            after_count=f.number(effect.after_count),
            since=since,
            days=effect.window_days,
        ),
    ]
    if effect.change is not None:
        sign = "+" if effect.change > 0 else "−" if effect.change < 0 else "±"
        size = _change(effect.kpi, abs(effect.change), voice)
        usual = "" if effect.usual is None else _change(effect.kpi, effect.usual, voice)
        said.append(t.text(f"measure.verdict.{effect.verdict}", change=f"{sign}{size}", usual=usual))
    else:
        said.append(t.text("measure.verdict.nothing"))
    if effect.goal is not None:
        reached = "open" if effect.reached is None else "reached" if effect.reached else "missed"
        said.append(t.text(f"measure.goal.{reached}", goal=value(effect.kpi, effect.goal, voice)))
    if not effect.whole and effect.state == ImprovementState.RUNNING.value:
        said.append(t.text("measure.going_on"))
    return said


def value(kpi: str, figure: float | None, voice: Voice) -> str:
    """In the figure's unit; a dash where nothing was measured."""
    return value_text(Kpi(kpi), figure, voice.f)


def _change(kpi: str, size: float, voice: Voice) -> str:
    """Shares change by points."""
    if KPIS[Kpi(kpi)].unit is Unit.SHARE:
        return voice.t.text("measure.points", points=voice.f.number(size * 100, decimals=1))
    return value(kpi, size, voice)
