"""Trainings and talks that were held, who was there, and what people can do since when (TI1, TI2, TI10)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.errors import RefusedError
from bot.core.ids import AgentId, SkillRecordId, TeamId, TrainingId
from bot.core.people import Agent, Role, RoleList
from bot.core.planned_activities import ActivitySettings
from bot.core.privacy import refuse_personal
from bot.core.requests import Cause, MadeChange
from scheduler.roster.shifts import SessionKind, Shift

__all__ = [
    "ASKED",
    "HIGHEST_LEVEL",
    "LONGEST_TOPIC",
    "Attendance",
    "Decision",
    "DrillPart",
    "NewSkill",
    "Planned",
    "SkillRecord",
    "SkillSource",
    "Training",
    "held",
    "is_better",
    "read_level",
    "read_skill",
    "read_topic",
    "unknown_of",
]

ASKED: Final = tuple(kind for kind in SessionKind if kind.is_personal)
"""Kinds of sessions that leads are asked about: the others are for whoever is at work then."""
HIGHEST_LEVEL: Final = 2.0
"""Proficiency as in agents.csv."""
LONGEST_TOPIC: Final = 80
_SKILL: Final = re.compile(r"[\w.\- ]{1,64}")


class SkillSource(Enum):
    """Where a skill on record comes from; the values stand in rows."""

    TRAINING = "training"
    TEST = "test"
    IMPORT = "import"


class Decision(Enum):
    """What became of a skill that was put before the leads."""

    OPEN = "open"
    GRANTED = "granted"
    NOT_NOW = "not_now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One person's session as the published roster has it."""

    agent: AgentId
    kind: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """``away``: reported absent, so not there whoever says nothing."""

    agent: AgentId
    attended: bool
    away: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """A session of a team.  ``topic``, ``skill`` and ``level``: what it was about, where that is known.

    ``recorded_at`` is None until a lead has said who was there.
    """

    training: TrainingId
    team: TeamId
    kind: str
    start: datetime
    end: datetime
    people: tuple[Attendance, ...]
    topic: str | None = None
    skill: str | None = None
    level: float | None = None
    recorded_at: datetime | None = None
    recorded_by: str | None = None

    @property
    def there(self) -> tuple[AgentId, ...]:
        """Who attended, or is taken to have until a lead says otherwise."""
        return tuple(p.agent for p in self.people if p.attended)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSkill:
    """What is to be put on record."""

    agent: AgentId
    skill: str
    level: float | None
    since: date
    source: SkillSource
    topic: str | None = None
    training: TrainingId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillRecord:
    """What somebody can do, since when.  ``decision``: None where the roster knows it already."""

    record: SkillRecordId
    agent: AgentId
    skill: str
    level: float | None
    since: date
    source: SkillSource
    topic: str | None = None
    decision: Decision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillPart:
    """A drill somebody took part in: steps they ended and simulated cases they handled."""

    scenario: str
    started_at: datetime
    steps: int
    cases: int


def held(
    planned: Iterable[Planned],
    absences: Iterable[MadeChange],
    agents: Mapping[AgentId, Agent],
    activities: Sequence[ActivitySettings],
    roles: RoleList,
    zone: str,
) -> list[Training]:
    """Sessions that ended, by team and time, with everybody who was to be there.

    Who was reported absent counts as not there.  A lead in a talk, or in a training that app.yaml has led by
    one, gives it: of them nobody is asked.  Numbers are not given yet.
    """
    people: dict[tuple[TeamId, str, datetime, datetime], dict[AgentId, bool]] = {}
    for one in planned:
        agent = agents.get(one.agent)
        if agent is not None:
            people.setdefault((agent.team, one.kind, one.start, one.end), {})[one.agent] = True
    for change in absences:
        agent = agents.get(change.agent)
        if change.cause is not Cause.ABSENCE or agent is None or change.before is None:
            continue
        for segment in change.before.segments:
            key = (agent.team, segment.activity, segment.start, segment.end)
            if key in people and not _has(change.after, segment.activity, segment.start):
                people[key].setdefault(change.agent, False)
    found = []
    for (team, kind, start, end), there in sorted(people.items()):
        activity = _activity(activities, kind, start, end, zone)
        led = kind == SessionKind.ONE_TO_ONE or (activity is not None and activity.leader == "lead")
        leads = {a for a in there if roles.role_of(agents[a].email, agents[a].role) is not Role.AGENT}
        left_out = leads if led and leads != set(there) else set()
        found.append(
            Training(
                training=TrainingId(0),
                team=team,
                kind=kind,
                start=start,
                end=end,
                people=tuple(
                    Attendance(agent=a, attended=present, away=not present)
                    for a, present in sorted(there.items())
                    if a not in left_out
                ),
                topic=None if activity is None else activity.name,
                skill=None if activity is None else activity.teaches,
                level=None if activity is None else activity.level,
            )
        )
    return found


def _has(shift: Shift | None, activity: str, start: datetime) -> bool:
    return shift is not None and any(s.activity == activity and s.start == start for s in shift.segments)


def _activity(
    activities: Sequence[ActivitySettings], kind: str, start: datetime, end: datetime, zone: str
) -> ActivitySettings | None:
    """The one activity of app.yaml it can have been; None where several could."""
    first, last = (at.astimezone(ZoneInfo(zone)) for at in (start, end))
    fitting = []
    for one in activities:
        since, until = one.between
        late = last.time() > until if until > since and last.date() == first.date() else False
        if one.kind == kind and one.length == end - start and first.weekday() in one.weekdays:
            fitting += [] if first.time() < since or late else [one]
    return fitting[0] if len(fitting) == 1 else None


def is_better(known: Mapping[str, float], skill: str, level: float | None) -> bool:
    """Whether a record says more than the roster's skills do: a new skill, or a higher level of one.

    A lower level changes nothing: what is on record is for help, never against somebody (TI7).

    >>> [is_better({"phone": 0.8}, *more) for more in (("chat", None), ("phone", 1.0), ("phone", 0.5))]
    [True, True, False]
    """
    return skill not in known or (level is not None and level > known[skill])


def read_skill(text: str) -> str | None:
    """The skill named; None for nothing.  Raises RefusedError."""
    name = " ".join(text.split())
    if name and not _SKILL.fullmatch(name):
        raise RefusedError(
            "training_skill",
            "A skill is up to 64 letters, digits, points and hyphens, as in agents.csv; nothing was kept.",
        )
    refuse_personal(name)
    return name or None


def read_level(text: str) -> float | None:
    """A level above 0 and up to 2; None for nothing.  Raises RefusedError."""
    if not text.strip():
        return None
    try:
        level = float(text.strip().replace(",", "."))
    except ValueError:
        level = 0.0
    if not 0 < level <= HIGHEST_LEVEL:
        raise RefusedError(
            "training_level", "A level is a number above 0 and up to 2, as in agents.csv; nothing was kept."
        )
    return level


def read_topic(text: str) -> str | None:
    """What it was about, on one line; None for nothing.  Raises RefusedError."""
    words = " ".join(text.split())
    if len(words) > LONGEST_TOPIC:
        raise RefusedError(
            "training_topic",
            f"A topic has at most {LONGEST_TOPIC} characters; nothing was kept.",
            longest=LONGEST_TOPIC,
        )
    refuse_personal(words)
    return words or None


def unknown_of(people: Collection[AgentId], named: Collection[str]) -> list[str]:
    """Of those named, who was not to be there.

    >>> unknown_of([AgentId("bo")], ["bo", "chen"])
    ['chen']
    """
    return sorted(set(named) - set(people))
