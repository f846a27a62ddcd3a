"""Trainings, skills and drills in one line each, for the command line and for Slack."""

from __future__ import annotations

from bot.core.training import DrillPart, SkillRecord, Training
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats

__all__ = ["drill_text", "level_text", "skill_text", "topic_text", "training_text"]


def level_text(level: float | None, t: Translator) -> str:
    """`` (level 0.8)``; empty where none is given."""
    return "" if level is None else t.text("training.level", level=f"{level:g}")


def topic_text(kind: str, topic: str | None, t: Translator) -> str:
    """What it was: the kind's word, and what it was about."""
    word = t.text(f"label.activity.{kind}")
    return word if topic is None else t.text("training.topic", kind=word, topic=topic)


def training_text(held: Training, t: Translator, f: Formats, *, agent: str | None = None) -> str:
    """When and what; of one person whether they were there, else how many were."""
    day = f.day(f.local_day(held.start), year=True)
    what = topic_text(held.kind, held.topic, t)
    if agent is not None:
        key = "training.line_there" if agent in held.there else "training.line_missed"
        return t.text(key, day=day, what=what)
    key = "training.line_open" if held.recorded_at is None else "training.line"
    return t.text(
        key,
        number=held.training,
        day=day,
        period=f.period(held.start, held.end),
        what=what,
        there=len(held.there),
        people=len(held.people),
    )


def skill_text(one: SkillRecord, t: Translator, f: Formats) -> str:
    """``refunds (level 0.8), since 24 Nov 2026, test``."""
    return t.text(
        "training.skill",
        skill=one.skill,
        level=level_text(one.level, t),
        since=f.day(one.since, year=True),
        source=t.text(f"training.source.{one.source.value}"),
    )


def drill_text(part: DrillPart, t: Translator, f: Formats) -> str:
    return t.text(
        "training.drill",
        day=f.day(f.local_day(part.started_at), year=True),
        scenario=part.scenario,
        steps=part.steps,
        cases=part.cases,
    )
