"""`muster training`: trainings that were held, who was there, and what people can do (TI1, TI2, TI10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.forecast_text import JSON
from bot.cli.planning import echo_json

if TYPE_CHECKING:
    from bot.core.ids import TeamId
    from bot.core.training import SkillRecord, Training
    from bot.i18n.formats import Formats

__all__ = ["training"]

_TEAM = click.option("--team", help="training.cli.help_team")


@click.group(help="training.cli.help")
def training() -> None:
    pass


@training.command(name="list", help="training.cli.help_list")
@_TEAM
@JSON
@pass_cli
def list_(context: CliContext, team: str | None, as_json: bool) -> int:
    from bot.reports.training_text import skill_text, training_text
    from bot.usecases.train import team_training

    which = context.team(team)
    _need(context, which)
    found = team_training(context.store, which)
    if as_json:
        echo_json(
            {
                "trainings": [_plain(one) for one in found.trainings],
                "proposed": [_plain_skill(one) for one in found.proposed],
            }
        )
        return ExitCode.DONE
    f = _formats(context, which)
    if not found.trainings:
        context.say("training.cli.none")
    for one in found.trainings:
        click.echo(training_text(one, context.t, f))
    for skill in found.proposed:
        context.say(
            "training.cli.proposed",
            number=skill.record,
            person=skill.agent,
            skill=skill_text(skill, context.t, f),
        )
    if any(one.recorded_at is None for one in found.trainings):
        context.next("muster training attend NUMBER")
    elif found.proposed:
        context.next("muster training grant NUMBER")
    return ExitCode.DONE


@training.command(help="training.cli.help_attend")
@click.argument("number", type=click.IntRange(1))
@click.option("--absent", multiple=True, metavar="AGENT", help="training.cli.help_absent")
@click.option("--topic", help="training.cli.help_topic")
@click.option("--skill", help="training.cli.help_skill")
@click.option("--level", help="training.cli.help_level")
@pass_cli
def attend(
    context: CliContext,
    number: int,
    absent: tuple[str, ...],
    topic: str | None,
    skill: str | None,
    level: str | None,
) -> int:
    from bot.core.ids import TrainingId
    from bot.core.training import read_level, read_skill, read_topic
    from bot.reports.training_text import skill_text, training_text
    from bot.usecases.train import record, training_of

    found = training_of(context.store, TrainingId(number))
    _need(context, found.team)
    away = [p.agent for p in found.people if p.away]
    done = record(
        context.store,
        context.settings,
        found.training,
        absent={*absent, *away},
        topic=found.topic if topic is None else read_topic(topic),
        skill=found.skill if skill is None else read_skill(skill),
        level=found.level if level is None else read_level(level),
        by=context.operator,
        now=context.now(),
        seen=found.recorded_at,
    )
    f = _formats(context, found.team)
    click.echo(training_text(done.training, context.t, f))
    for one in done.proposed:
        context.say(
            "training.cli.proposed",
            number=one.record,
            person=one.agent,
            skill=skill_text(one, context.t, f),
        )
    if done.proposed:
        context.next("muster training grant NUMBER")
    return ExitCode.DONE


@training.command(help="training.cli.help_grant")
@click.argument("number", type=click.IntRange(1))
@click.option("--not-now", "not_now", is_flag=True, help="training.cli.help_not_now")
@pass_cli
def grant(context: CliContext, number: int, not_now: bool) -> int:
    from bot.core.ids import SkillRecordId
    from bot.core.training import Decision
    from bot.usecases.train import decide, skill_record

    one, agent = skill_record(context.store, SkillRecordId(number))
    _need(context, agent.team)
    decision = Decision.NOT_NOW if not_now else Decision.GRANTED
    decide(context.store, [one], decision, by=context.operator, now=context.now())
    context.say(f"training.cli.{decision.value}", people=agent.agent, skill=one.skill)
    if decision is Decision.GRANTED:
        context.next("muster roster solve")
    return ExitCode.DONE


@training.command(help="training.cli.help_record")
@click.argument("agent")
@JSON
@pass_cli
def record(context: CliContext, agent: str, as_json: bool) -> int:
    from bot.core.errors import NotFoundError
    from bot.core.ids import AgentId
    from bot.core.permissions import Action
    from bot.reports.training_text import drill_text, skill_text, training_text
    from bot.usecases.train import record_of

    with context.store.read() as uow:
        person = uow.people.get(AgentId(agent))
    if person is None:
        raise NotFoundError("no_agent", f"There is no agent {agent!r}; nothing was shown.", agent=agent)
    context.need(Action.PERSONAL_FIGURES, person=person)
    found = record_of(context.store, person)
    if as_json:
        echo_json(
            {
                "agent": person.agent,
                "skills": [_plain_skill(one) for one in found.skills],
                "trainings": [
                    {**_plain(one, people=False), "attended": person.agent in one.there}
                    for one in found.trainings
                ],
                "drills": [
                    {
                        "scenario": d.scenario,
                        "started_at": d.started_at.isoformat(),
                        "steps": d.steps,
                        "cases": d.cases,
                    }
                    for d in found.drills
                ],
            }
        )
        return ExitCode.DONE
    f = _formats(context, person.team)
    t = context.t
    parts = (
        ("skills", [skill_text(one, t, f) for one in found.skills]),
        ("trainings", [training_text(one, t, f, agent=person.agent) for one in found.trainings]),
        ("drills", [drill_text(one, t, f) for one in found.drills]),
    )
    for name, rows in parts:
        context.say(f"training.heading.{name}")
        for row in rows or [t.text(f"training.no_{name}")]:
            click.echo(f"  {row}")
    return ExitCode.DONE


def _need(context: CliContext, team: TeamId) -> None:
    """Raise NotAllowedError unless the operator leads the team, or nobody is asked for."""
    from bot.core.permissions import Action

    context.need(Action.TRAINING_KEEP, team=team)


def _formats(context: CliContext, team: TeamId) -> Formats:
    from bot.i18n.formats import Formats

    known = context.settings.teams.get(team)
    return Formats(context.locale, context.settings.zone if known is None else known.zone)


def _plain(one: Training, *, people: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = {
        "training": one.training,
        "team": one.team,
        "kind": one.kind,
        "start": one.start.isoformat(),
        "end": one.end.isoformat(),
        "topic": one.topic,
        "skill": one.skill,
        "level": one.level,
        "recorded": one.recorded_at is not None,
    }
    if people:
        found["people"] = [{"agent": p.agent, "attended": p.attended, "away": p.away} for p in one.people]
    return found


def _plain_skill(one: SkillRecord) -> dict[str, Any]:
    return {
        "record": one.record,
        "agent": one.agent,
        "skill": one.skill,
        "level": one.level,
        "since": one.since.isoformat(),
        "source": one.source.value,
        "decision": None if one.decision is None else one.decision.value,
    }
