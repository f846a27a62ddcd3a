"""After a training or a talk: the leads say who was there, and skills come on record (TI1, TI2).

What somebody learned is put before the leads; only a lead's word lets the roster plan anybody for it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId, SkillRecordId, TeamId, TrainingId
from bot.core.messages import Recipient, Urgency
from bot.core.on_duty import reachable
from bot.core.people import Agent
from bot.core.settings import Settings
from bot.core.training import (
    ASKED,
    Decision,
    DrillPart,
    NewSkill,
    SkillRecord,
    SkillSource,
    Training,
    held,
    is_better,
    unknown_of,
)
from bot.core.training_messages import AttendanceAsked, SkillGranted, TrainingLine
from bot.store.unit_of_work import ReadUnit, Store, UnitOfWork
from bot.usecases.change_shifts import leads_of

__all__ = [
    "Learned",
    "Recorded",
    "TeamTraining",
    "ask",
    "decide",
    "record",
    "record_of",
    "skill_record",
    "team_training",
    "training_of",
]

ASKED_WITHIN: Final = timedelta(hours=12)
"""After a session; a service that was out longer asks nobody about yesterday."""
SHOWN: Final = 20
DAY: Final = timedelta(days=1)
MUSTER: Final = "muster"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A training as recorded; ``proposed``: skills it put before the leads."""

    training: Training
    proposed: tuple[SkillRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """One person's record."""

    agent: Agent
    skills: tuple[SkillRecord, ...]
    trainings: tuple[Training, ...]
    drills: tuple[DrillPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamTraining:
    """``trainings``: the newest first, those nobody has recorded among them; ``proposed`` waits for leads."""

    trainings: tuple[Training, ...]
    proposed: tuple[SkillRecord, ...]


def ask(store: Store, settings: Settings, *, now: datetime) -> int:
    """Ask the leads about sessions that ended; returns how many messages were written.

    Once for each, whatever the number of replicas; where all were reported absent nobody is asked.
    """
    with store.read() as look:
        due = [t for t in _held(look, settings, now) if t.people and not look.trainings.known(t)]
    written = 0
    for one in due:
        with store.unit() as uow:
            number = uow.trainings.add(one, now=now)
            if number is None:
                continue
            if one.there:
                written += _put_question(uow, settings, number, now)
            else:
                absent = [p.agent for p in one.people]
                uow.trainings.record(
                    number, absent, topic=one.topic, skill=one.skill, level=one.level, by=MUSTER, now=now
                )
            uow.commit()
    return written


def _held(uow: ReadUnit, settings: Settings, now: datetime) -> list[Training]:
    planned = uow.rosters.sessions_ended(ASKED, now - ASKED_WITHIN, now)
    if not planned:
        return []
    first = min(p.start for p in planned).date()
    absences = uow.requests.absences(first - DAY, now.date() + DAY)
    agents = uow.people.named({p.agent for p in planned} | {c.agent for c in absences})
    known = {a: person for a, person in agents.items() if person.team in settings.teams}
    return held(planned, absences, known, settings.roster.activities, settings.roles, settings.zone)


def _put_question(uow: UnitOfWork, settings: Settings, number: TrainingId, now: datetime) -> int:
    kept = uow.trainings.get(number)
    assert kept is not None
    written = 0
    for reader in leads_of(uow, settings, kept.team, now=now):
        asked = AttendanceAsked(line=TrainingLine.of(kept))
        key = f"training-{number}-{reader.kind.value}-{reader.name}"
        written += int(uow.outbox.post(reader, asked, key, now, urgency=Urgency.NOTICE))
    return written


def training_of(store: Store, training: TrainingId) -> Training:
    """Raises NotFoundError."""
    with store.read() as uow:
        found = uow.trainings.get(training)
    if found is None:
        raise _no_training()
    return found


def team_training(store: Store, team: TeamId) -> TeamTraining:
    """What a team's leads may have to do, and what was held last."""
    with store.read() as uow:
        waiting = uow.trainings.latest(team, SHOWN, open_only=True)
        newest = uow.trainings.latest(team, SHOWN)
        proposed = uow.skill_records.open_of(team)
    numbers = {t.training for t in waiting}
    return TeamTraining(
        trainings=(*waiting, *(t for t in newest if t.training not in numbers)),
        proposed=tuple(proposed),
    )


def record_of(store: Store, agent: Agent) -> Learned:
    """Skills, trainings and drills of one person."""
    with store.read() as uow:
        drills = uow.incidents.drills_of(agent.agent, SHOWN)
        skills = uow.skill_records.of_agent(agent.agent)
        trainings = uow.trainings.of_agent(agent.agent, SHOWN)
    return Learned(
        agent=agent,
        skills=tuple(skills),
        trainings=tuple(trainings),
        drills=tuple(
            DrillPart(
                scenario=d.scenario,
                started_at=d.started_at,
                steps=sum(s.done_by == agent.agent for s in d.steps),
                cases=sum(c.handled_by == agent.agent for c in d.cases),
            )
            for d in drills
        ),
    )


def record(
    store: Store,
    settings: Settings,
    training: TrainingId,
    *,
    absent: Collection[str],
    topic: str | None,
    skill: str | None,
    level: float | None,
    by: str,
    now: datetime,
    seen: datetime | None = None,
) -> Recorded:
    """Keep who was there; a skill it was about comes on record for them, and is put before the leads.

    ``seen``: when it had been recorded as the lead saw it, None for not yet.  Raises RefusedError where
    somebody else has recorded it since, and for people who were not to be there.
    """
    with store.unit() as uow:
        found = uow.trainings.get(training, locked=True)
        if found is None:
            raise _no_training()
        if found.recorded_at != seen:
            raise RefusedError(
                "training_recorded",
                f"{found.recorded_by} has recorded it already; nothing was changed. See /muster training.",
                person=found.recorded_by,
            )
        people = [p.agent for p in found.people]
        strangers = unknown_of(people, absent)
        if strangers:
            raise RefusedError(
                "training_people",
                f"{', '.join(strangers)} was not to be there; nothing was kept. Known: {', '.join(people)}.",
                people=", ".join(strangers),
                known=", ".join(people),
            )
        missed = {AgentId(a) for a in absent}
        uow.trainings.record(training, missed, topic=topic, skill=skill, level=level, by=by, now=now)
        there = [a for a in people if a not in missed]
        wrong = [
            r.record
            for r in uow.skill_records.of_training(training)
            if r.agent not in there or r.skill != skill
        ]
        uow.skill_records.take_back(wrong)
        if skill is not None:
            _learn(uow, settings, found, there, topic, skill, level, by=by, now=now)
        uow.audit.add(
            by,
            "training.recorded",
            f"training:{training}",
            {"there": len(there), "absent": sorted(missed), "skill": skill},
            now,
        )
        uow.commit()
        kept = uow.trainings.get(training)
        proposed = uow.skill_records.of_training(training)
    assert kept is not None
    waiting = tuple(r for r in proposed if r.decision is Decision.OPEN)
    return Recorded(training=kept, proposed=waiting)


def _learn(
    uow: UnitOfWork,
    settings: Settings,
    found: Training,
    there: Collection[AgentId],
    topic: str | None,
    skill: str,
    level: float | None,
    *,
    by: str,
    now: datetime,
) -> None:
    agents = uow.people.named(there)
    for name in there:
        agent = agents.get(name)
        if agent is None or not agent.active:
            continue
        new = NewSkill(
            agent=name,
            skill=skill,
            level=level,
            since=found.end.astimezone(ZoneInfo(settings.teams[found.team].zone)).date(),
            source=SkillSource.TRAINING,
            topic=topic,
            training=found.training,
        )
        uow.skill_records.keep(new, better=is_better(agent.skills, skill, level), by=by, now=now)


def skill_record(store: Store, number: SkillRecordId) -> tuple[SkillRecord, Agent]:
    """A skill on record, and whose it is.  Raises NotFoundError."""
    with store.read() as uow:
        found = uow.skill_records.get(number)
        agent = None if found is None else uow.people.get(found.agent)
    if found is None or agent is None:
        raise NotFoundError("skill_gone", "There is no such skill on record (any more); nothing was changed.")
    return found, agent


def decide(
    store: Store, records: Collection[SkillRecord], decision: Decision, *, by: str, now: datetime
) -> list[SkillRecord]:
    """Grant skills, or not now; returns those that were still to be decided.

    The roster's skills of who is granted one change with that, and they are told.  Raises RefusedError where
    all had been decided.
    """
    done: list[SkillRecord] = []
    with store.unit() as uow:
        for one in sorted(records, key=lambda r: r.record):
            if not uow.skill_records.decide(one.record, decision, by=by, now=now):
                continue
            done.append(one)
            level = one.level
            if decision is Decision.GRANTED:
                level = _grant(uow, one, by=by, now=now)
            uow.audit.add(
                by,
                f"skill.{decision.value}",
                f"agent:{one.agent}",
                {"skill": one.skill, "level": level, "record": one.record},
                now,
            )
        if not done:
            raise RefusedError("skill_decided", "That was decided already; nothing was changed.")
        uow.commit()
    return done


def _grant(uow: UnitOfWork, one: SkillRecord, *, by: str, now: datetime) -> float:
    agent = uow.people.get(one.agent)
    assert agent is not None
    level = 1.0 if one.level is None else one.level
    # The file may have given more in the meantime.
    level = max(level, agent.skills.get(one.skill, 0.0))
    uow.people.give_skill(one.agent, one.skill, level)
    if reachable(agent):
        told = SkillGranted(skill=one.skill, by=by, level=one.level, topic=one.topic)
        key = f"skill-{one.record}-granted-{int(now.timestamp())}"
        reader = Recipient.direct(agent.agent, agent.team)
        uow.outbox.post(reader, told, key, now, urgency=Urgency.NOTICE)
    return level


def _no_training() -> NotFoundError:
    return NotFoundError(
        "training_gone",
        "There is no such training (any more); nothing was changed. See muster training list.",
    )
