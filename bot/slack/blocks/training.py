"""Who was at a training, what somebody learned, and one person's record (TI1, TI2, TI10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from slack_sdk.models.blocks import Block

from bot.core.training import LONGEST_TOPIC, Decision, SkillRecord, Training
from bot.core.training_messages import AttendanceAsked, SkillGranted, TrainingLine, TrainingMessage
from bot.reports.training_text import drill_text, level_text, skill_text, topic_text, training_text
from bot.slack.blocks.form import text_field, ticks, words_field
from bot.slack.blocks.kit import actions, button, code, context, escape, lines, section
from bot.slack.blocks.voice import Voice
from bot.usecases.train import Learned

__all__ = [
    "ALL",
    "FORM",
    "GRANT",
    "GRANT_ALL",
    "NOT_NOW",
    "NOT_NOW_ALL",
    "blocks",
    "fields",
    "learned",
    "proposed",
    "proposed_all",
    "question",
    "recorded",
]

ALL: Final = "training.all"
FORM: Final = "training.form"
"""Values: the training's number."""
GRANT, NOT_NOW = "skill.grant", "skill.not_now"
"""Values: the record's number."""
GRANT_ALL, NOT_NOW_ALL = "skill.grant_all", "skill.not_now_all"
"""Values: the number of the training that gave them."""
TICKS: Final = 10
"""Boxes Slack takes in one field."""
SHOWN: Final = 15


def blocks(kind: TrainingMessage, voice: Voice) -> list[Block]:
    match kind:
        case AttendanceAsked():
            return question(kind.line, voice)
        case SkillGranted():
            text = voice.t.text(
                "training.granted",
                skill=escape(kind.skill),
                level=level_text(kind.level, voice.t),
                person=voice.person(kind.by),
            )
            return [
                section(text),
                context(voice.t.text("training.granted_how", command=code("/muster training"))),
            ]


def question(line: TrainingLine, voice: Voice) -> list[Block]:
    """Everybody counts as there until somebody says otherwise."""
    t = voice.t
    there = [p for p in line.people if p not in line.away]
    rows = [
        t.text("training.asked", what=_what(line, voice)),
        t.text("training.preset", people=_people(there, voice)),
    ]
    if line.away:
        rows.append(t.text("training.away", people=_people(line.away, voice)))
    if line.skill is not None:
        level = level_text(line.level, t)
        rows.append(t.text("training.teaches", skill=escape(line.skill), level=level))
    every = "training.button.others" if line.away else "training.button.all"
    return [
        section(lines(rows)),
        actions(
            f"training-{line.training}",
            button(t.text(every), action=ALL, value=str(line.training), style="primary"),
            button(t.text("training.button.form"), action=FORM, value=str(line.training)),
        ),
        context(t.text("training.or_command", command=code("/muster training"))),
    ]


def recorded(held: Training, voice: Voice) -> str:
    """One session in a line of a list."""
    return escape(training_text(held, voice.t, voice.f), 300)


def fields(held: Training, names: Mapping[str, str], voice: Voice) -> Sequence[Block | Mapping[str, Any]]:
    """The form: whoever was not there is unticked."""
    t = voice.t
    options = [(p.agent, names.get(p.agent, p.agent)) for p in held.people]
    box = ticks if len(options) <= TICKS else words_field
    level = "" if held.level is None else f"{held.level:g}"
    return [
        section(_what(TrainingLine.of(held), voice)),
        box("there", t.text("training.form.there"), options, values=held.there),
        text_field("topic", t.text("training.form.topic"), value=held.topic or "", longest=LONGEST_TOPIC),
        text_field(
            "skill",
            t.text("training.form.skill"),
            value=held.skill or "",
            hint=t.text("training.form.skill_hint"),
            longest=64,
        ),
        text_field("level", t.text("training.form.level"), value=level, longest=5),
    ]


def proposed(one: SkillRecord, voice: Voice) -> list[Block]:
    """A skill that waits for a lead."""
    t = voice.t
    text = t.text(
        "training.proposed", person=voice.person(one.agent), skill=escape(skill_text(one, t, voice.f), 200)
    )
    return [section(text), _decide(GRANT, NOT_NOW, str(one.record), voice)]


def proposed_all(found: Sequence[SkillRecord], training: int, voice: Voice) -> list[Block]:
    """What one training put before the leads: one press for all of it."""
    if not found:
        return []
    t = voice.t
    one = found[0]
    text = t.text(
        "training.proposed_all",
        people=_people([r.agent for r in found], voice),
        skill=escape(one.skill),
        level=level_text(one.level, t),
    )
    return [
        section(text),
        _decide(GRANT_ALL, NOT_NOW_ALL, str(training), voice),
        context(t.text("training.proposed_how", command=code("/muster training"))),
    ]


def learned(found: Learned, voice: Voice) -> list[Block]:
    """One person's record, for them and their lead."""
    t, f = voice.t, voice.f
    shown: list[Block] = [section(t.text("training.record", person=voice.person(found.agent.agent)))]
    parts = (
        ("skills", [skill_text(one, t, f) + _state(one, voice) for one in found.skills]),
        ("trainings", [training_text(one, t, f, agent=found.agent.agent) for one in found.trainings]),
        ("drills", [drill_text(one, t, f) for one in found.drills]),
    )
    for name, rows in parts:
        head = t.text(f"training.heading.{name}")
        body = [f"• {escape(row, 300)}" for row in rows[:SHOWN]] or [t.text(f"training.no_{name}")]
        shown.append(section(lines([f"*{head}*", *body])))
    shown.append(context(t.text("training.who_sees")))
    return shown


def _state(one: SkillRecord, voice: Voice) -> str:
    if one.decision is None or one.decision is Decision.NOT_NOW:
        return ""
    return voice.t.text(f"training.state.{one.decision.value}")


def _what(line: TrainingLine, voice: Voice) -> str:
    return voice.t.text(
        "training.what",
        what=escape(topic_text(line.kind, line.topic, voice.t), 120),
        day=voice.f.day(voice.f.local_day(line.start)),
        period=voice.f.period(line.start, line.end),
    )


def _people(people: Sequence[str], voice: Voice) -> str:
    shown = [voice.person(p) for p in people[:SHOWN]]
    if len(people) > SHOWN:
        shown.append(voice.t.plural("training.more", len(people) - SHOWN))
    return voice.f.join(shown)


def _decide(grant: str, not_now: str, value: str, voice: Voice) -> Block:
    t = voice.t
    return actions(
        f"{grant}-{value}",
        button(t.text("training.button.grant"), action=grant, value=value, style="primary"),
        button(t.text("training.button.not_now"), action=not_now, value=value),
    )
