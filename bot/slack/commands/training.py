"""/muster training: one's own record; for leads who was there, and what somebody learned (TI1, TI2, TI10)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.errors import RefusedError
from bot.core.ids import SkillRecordId, TeamId, TrainingId
from bot.core.permissions import Action, permits
from bot.core.training import Decision, SkillRecord, Training, read_level, read_skill, read_topic
from bot.core.training_messages import TrainingLine
from bot.slack.blocks import training as look
from bot.slack.blocks.form import Form, as_text, as_words
from bot.slack.blocks.kit import Content, code, context, lines, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.named import colleague
from bot.slack.commands.swap import own
from bot.usecases import train
from bot.usecases.train import Recorded

__all__ = ["BUTTONS", "FORMS", "TRAINING"]

CALLBACK: Final = "training.attendance"
_ME: Final = frozenset({"me", "own", "我", "本人"})
_ASKED: Final = 5
_LISTED: Final = 10
_PROPOSED: Final = 8
_OPTIONS: Final = 100
"""Slack takes no more in one list."""


def training(asked: Asked) -> Content | Form:
    """Alone one's own record, for leads what waits in the team; ``@name`` a record; a number: its form."""
    typed = asked.argument.strip()
    number = typed.lstrip("#")
    if number.isascii() and number.isdigit():
        return _form(asked, _training(asked, number))
    other = colleague(asked, typed)
    if other is not None:
        asked.need(Action.PERSONAL_FIGURES, person=other)
        return message(look.learned(train.record_of(asked.desk.store, other), asked.voice))
    if typed and typed.casefold() not in _ME:
        raise RefusedError(
            "training_usage",
            "Write /muster training, training me, or for leads training @name or training NUMBER; "
            "nothing was changed.",
        )
    team = asked.person.rights.team
    if not typed and team is not None and permits(Action.TRAINING_KEEP, asked.person.rights, team=team):
        return _team(asked, team)
    found = train.record_of(asked.desk.store, own(asked))
    return message(look.learned(found, asked.voice), shortened=asked.t.text("message.shortened"))


def all_there(asked: Asked) -> Content:
    """As the card says: everybody but those reported absent."""
    found = _training(asked, asked.argument)
    absent = [p.agent for p in found.people if p.away]
    done = train.record(
        asked.desk.store,
        asked.desk.settings,
        found.training,
        absent=absent,
        topic=found.topic,
        skill=found.skill,
        level=found.level,
        by=asked.person.actor,
        now=asked.now,
    )
    return _done(asked, done)


def form(asked: Asked) -> Form:
    return _form(asked, _training(asked, asked.argument))


def submitted(asked: Asked) -> Content:
    data = json.loads(asked.metadata)
    found = _training(asked, str(data["training"]))
    there = as_words(asked.fields.get("there"))
    seen = data["seen"]
    done = train.record(
        asked.desk.store,
        asked.desk.settings,
        found.training,
        absent=[p.agent for p in found.people if p.agent not in there],
        topic=read_topic(as_text(asked.fields.get("topic"))),
        skill=read_skill(as_text(asked.fields.get("skill"))),
        level=read_level(as_text(asked.fields.get("level"))),
        by=asked.person.actor,
        now=asked.now,
        seen=None if seen is None else datetime.fromisoformat(seen),
    )
    return _done(asked, done)


def decided(asked: Asked, decision: Decision) -> Content:
    """One skill of one person."""
    number = SkillRecordId(int(asked.argument) if _is_number(asked.argument) else 0)
    one, agent = train.skill_record(asked.desk.store, number)
    asked.need(Action.TRAINING_KEEP, team=agent.team)
    return _decided(asked, [one], decision)


def decided_all(asked: Asked, decision: Decision) -> Content:
    """What one training put before the leads."""
    found = _training(asked, asked.argument)
    with asked.desk.store.read() as uow:
        records = uow.skill_records.of_training(found.training)
    return _decided(asked, records, decision)


def _decided(asked: Asked, records: list[SkillRecord], decision: Decision) -> Content:
    done = train.decide(asked.desk.store, records, decision, by=asked.person.actor, now=asked.now)
    asked.desk.nudge()
    people = asked.f.join([asked.voice.person(one.agent) for one in done])
    text = asked.t.text(f"training.decided.{decision.value}", people=people, skill=code(done[0].skill))
    return message([section(text)])


def _team(asked: Asked, team: TeamId) -> Content:
    """What waits for the leads, then what was held last."""
    found = train.team_training(asked.desk.store, team)
    waiting = [t for t in found.trainings if t.recorded_at is None]
    past = [t for t in found.trainings if t.recorded_at is not None]
    head = asked.t.text("training.team", waiting=len(waiting), proposed=len(found.proposed))
    blocks: list[Block] = [section(head)]
    for one in waiting[:_ASKED]:
        blocks += look.question(TrainingLine.of(one), asked.voice)[:2]
    for skill in found.proposed[:_PROPOSED]:
        blocks += look.proposed(skill, asked.voice)
    if past:
        rows = [f"• {look.recorded(one, asked.voice)}" for one in past[:_LISTED]]
        blocks.append(section(lines([f"*{asked.t.text('training.heading.held')}*", *rows])))
    blocks.append(context(asked.t.text("training.team_how", command=code("/muster training 3"))))
    return message(blocks, shortened=asked.t.text("message.shortened"))


def _form(asked: Asked, found: Training) -> Form:
    if len(found.people) > _OPTIONS:
        raise RefusedError(
            "training_many",
            f"More than {_OPTIONS} people do not fit into a form; nothing was changed. On the command line: "
            f"muster training attend {found.training} --absent NAME",
            number=found.training,
        )
    with asked.desk.store.read() as uow:
        agents = uow.people.named({p.agent for p in found.people})
    t = asked.t
    seen = None if found.recorded_at is None else found.recorded_at.isoformat()
    return Form(
        callback=CALLBACK,
        title=t.text("training.form.title"),
        submit=t.text("training.form.save"),
        close=t.text("form.close"),
        blocks=look.fields(found, {a: p.name for a, p in agents.items()}, asked.voice),
        metadata=json.dumps({"training": found.training, "seen": seen}),
    )


def _done(asked: Asked, done: Recorded) -> Content:
    held = done.training
    text = asked.t.text("training.done", there=len(held.there), people=len(held.people))
    blocks: list[Block] = [section(text)]
    blocks += look.proposed_all(done.proposed, held.training, asked.voice)
    return message(blocks)


def _training(asked: Asked, number: str) -> Training:
    """A training of a team whose leads the person is one of."""
    found = train.training_of(asked.desk.store, TrainingId(int(number) if _is_number(number) else 0))
    asked.need(Action.TRAINING_KEEP, team=found.team)
    return found


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 15


BUTTONS: Final[Mapping[str, Callable[[Asked], Content | Form | None]]] = {
    look.ALL: all_there,
    look.FORM: form,
    look.GRANT: lambda asked: decided(asked, Decision.GRANTED),
    look.NOT_NOW: lambda asked: decided(asked, Decision.NOT_NOW),
    look.GRANT_ALL: lambda asked: decided_all(asked, Decision.GRANTED),
    look.NOT_NOW_ALL: lambda asked: decided_all(asked, Decision.NOT_NOW),
}
FORMS: Final[Mapping[str, Callable[[Asked], Content | Form | None]]] = {CALLBACK: submitted}

TRAINING: Final = Subcommand(
    name="training",
    answer=training,
    aliases=("trainings", "培训", "技能"),
    usage="",
    lead_usage="[me | @name | NUMBER]",
    action=Action.OWN_SHIFTS,
    group="shifts",
)
"""Subcommand of /muster."""
