"""Packs as samples of messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from bot.core.kpis.catalogue import Kpi
from bot.core.packs import (
    AccuracyLine,
    AspectLine,
    CauseLine,
    ClassLine,
    FairnessLine,
    FigureLine,
    GoalLine,
    MeasureLine,
    Pack,
    TypeLine,
)
from tests.support.builders import at


def a_pack(name: str, *, kind: str = "week", late: bool = False, empty: bool = False) -> Pack:
    """A full pack, or one of a team of which nothing is known."""
    figures = tuple(
        FigureLine(
            kpi=kpi.value,
            value=None if empty or kpi is Kpi.NPS else 0.75,
            count=0 if empty else 1_000,
            missing="no_answers" if empty or kpi is Kpi.NPS else None,
            before=None if empty else 0.5,
            trend=(None,) * 8 if empty or kpi is Kpi.NPS else (0.1, None, 0.3, 0.4, 0.5, 0.6, 0.5, 0.75),
            benchmark=0.8 if kpi is Kpi.FCR else None,
            source=name or "x" if kpi is Kpi.FCR else None,
        )
        for kpi in Kpi
    )
    goal = GoalLine(
        kpi=Kpi.CSAT.value,
        queue=None,
        baseline=75.0,
        goal=85.0,
        start=date(2026, 10, 1),
        by=date(2026, 12, 31),
        actual=80.0,
        before=79.0,
        expected=81.0,
        on_course=False,
        reached=False,
    )
    whole = Pack(
        team=name,
        kind=kind,
        first=date(2026, 11, 16),
        last=date(2026, 11, 22),
        contacts=0 if empty else 3_846,
        figures=figures,
        goals=(
            goal,
            replace(goal, queue=name, on_course=True),
            replace(goal, actual=None, on_course=None, missing="no_answers"),
            replace(goal, started=False, on_course=None),
            replace(goal, reached=True, on_course=True),
        ),
        classes=tuple(ClassLine(priority=p, judged=100, overdue=7, before=0.1) for p in ("urgent", name)),
        types=tuple(
            TypeLine(type=k, count=9, share=0.1, change=c) for k, c in (("order", 0.06), (name, None))
        ),
        aspects=(AspectLine(aspect="attitude", points=75.0, count=9, change=3.0),),
        causes=tuple(
            CauseLine(key=key, count=9, share=0.3, cumulative=0.3, vital=vital)
            for key, vital in (("process", True), (name, False), ("customer", False))
        ),
        measures=tuple(
            MeasureLine(
                measure=n,
                what=name,
                owner=name,
                state=state,
                kpi="fcr",
                before=0.7,
                after=0.8,
                verdict=verdict,
            )
            for n, (state, verdict) in enumerate((("running", None), ("permanent", "better")), start=1)
        ),
        fairness=tuple(
            FairnessLine(what=w, least=1.0, most=4.0, spread_before=b)
            for w, b in (("weekends", 2.0), ("lates", None), ("hours", 12.5))
        ),
        accuracy=(AccuracyLine(queue=name, wape=0.12, bias=-0.03, contacts=900.0),),
        repeat_days=7.0,
        unnamed=3,
        fairness_weeks=8,
        data_until=at(8, 59),
        late=late,
        asked=40,
        answered=12,
    )
    if not empty:
        return whole
    nothing: dict[str, Any] = dict.fromkeys(
        ("goals", "classes", "types", "aspects", "causes", "measures", "fairness", "accuracy"), ()
    )
    return replace(whole, unnamed=0, asked=0, answered=0, data_until=None, **nothing)
