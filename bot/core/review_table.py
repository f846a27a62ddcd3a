"""S0's table 3, the weekly self-review, as a file: its headings in its order, in the sources' words (F5)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.core.people import Agent
from bot.core.weekly_reviews import Goal, GoalMeasure, ImprovementPoint, Review, shown

__all__ = ["HEADINGS", "NAME", "cells"]

NAME: Final = "s0-3"
HEADINGS: Final = (
    "客服工号",
    "姓名",
    "本周接听量",
    "平均处理时长(秒)",
    "一次性解决率(%)",
    "客户满意度",
    "改进点",
    "下周目标",
)
POINTS: Final[Mapping[ImprovementPoint, str]] = MappingProxyType(
    {
        ImprovementPoint.GREETING: "开场与结束语",
        ImprovementPoint.LISTENING: "倾听与确认需求",
        ImprovementPoint.PRODUCT: "产品与业务知识",
        ImprovementPoint.STEPS: "流程与系统操作",
        ImprovementPoint.BREVITY: "表达简洁，缩短处理时长",
        ImprovementPoint.FIRST_CONTACT: "一次性解决",
        ImprovementPoint.CALMING: "情绪安抚",
        ImprovementPoint.RECORD: "记录完整",
        ImprovementPoint.FOLLOW_UP: "跟进与转交",
        ImprovementPoint.PHRASES: "话术运用",
    }
)


def cells(agent: Agent, review: Review) -> tuple[str, ...]:
    """One row; a form that is not back has its measured figures, what nobody knows is empty."""
    filled = review.filled
    figures = []
    for name in ("handled", "aht", "fcr", "csat"):
        value = review.measured.value(name) if filled is None else filled.told.get(name)
        figures.append("" if value is None else shown(name, value))
    points = () if filled is None else filled.points
    goals = () if filled is None else filled.goals
    name = agent.name if agent.name[:1] not in ("=", "+", "-", "@") else f"'{agent.name}"
    return (
        agent.agent,
        name,
        *figures,
        "、".join(POINTS[p] for p in points),
        "；".join(map(_goal, goals)),
    )


def _goal(goal: Goal) -> str:
    value = shown(goal.measure.value, goal.value)
    match goal.measure:
        case GoalMeasure.AHT:
            return f"AHT≤{value}秒"
        case GoalMeasure.FCR:
            return f"FCR提升至{value}%"
        case GoalMeasure.CSAT:
            return f"满意度≥{value}"
        case GoalMeasure.HANDLED:
            return f"接听量≥{value}"
