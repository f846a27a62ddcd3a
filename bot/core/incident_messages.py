"""What is said about incidents and drills.  ``drill``: it begins with TEST, whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.core.incidents import IncidentStep, Wording

__all__ = [
    "KINDS",
    "BacklogLine",
    "ContactLine",
    "IncidentBacklog",
    "IncidentCard",
    "IncidentMessage",
    "IncidentNews",
    "IncidentTold",
    "ReviewMissing",
    "StepGiven",
    "StepLate",
    "StepLine",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLine:
    name: str
    reach: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """One step as it stands when the message is written."""

    number: int
    texts: tuple[Wording, ...]
    role: str | None = None
    owner: str | None = None
    due_at: datetime | None = None
    taken: bool = False
    done_at: datetime | None = None
    done_by: str | None = None

    @classmethod
    def of(cls, step: IncidentStep) -> StepLine:
        return cls(
            number=step.number,
            texts=step.texts,
            role=step.role,
            owner=step.owner,
            due_at=step.due_at,
            taken=step.taken_at is not None,
            done_at=step.done_at,
            done_by=step.done_by,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentCard:
    """In the team's alert channel, edited in place.  ``window_until``: targets may slip so long."""

    incident: int
    titles: tuple[Wording, ...]
    what: str
    drill: bool
    state: str
    started_at: datetime
    by: str
    steps: tuple[StepLine, ...]
    contacts: tuple[ContactLine, ...] = ()
    cause: str | None = None
    recover_by: datetime | None = None
    compensation: str | None = None
    window_until: datetime | None = None
    over_at: datetime | None = None
    backlog_left: int | None = None
    cases: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentNews:
    """To the card's thread.  ``news``: the entry ``incident.news.<news>``; ``count`` of what it counts."""

    incident: int
    titles: tuple[Wording, ...]
    drill: bool
    news: str
    by: str
    step: StepLine | None = None
    words: str = ""
    until: datetime | None = None
    compensation: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StepGiven:
    """To whoever a step was given to when the incident began."""

    incident: int
    titles: tuple[Wording, ...]
    drill: bool
    what: str
    step: StepLine


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLate:
    """To the owner and the leads on duty: a step's time has passed."""

    incident: int
    titles: tuple[Wording, ...]
    drill: bool
    step: StepLine


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentTold:
    """To the team's agents on shift (CA9): ``stage`` started, updated, over."""

    incident: int
    titles: tuple[Wording, ...]
    stage: str
    what: str
    cause: str | None = None
    recover_by: datetime | None = None
    compensation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BacklogLine:
    """One case of the backlog; ``case``: the number of a simulated one."""

    ref: str
    queue: str = ""
    due_at: datetime | None = None
    owner: str | None = None
    case: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentBacklog:
    """To the thread, edited in place: what came or waited meanwhile, by promise, until nothing is left."""

    incident: int
    titles: tuple[Wording, ...]
    drill: bool
    lines: tuple[BacklogLine, ...]
    left: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewMissing:
    """To the leads on duty: an incident is over and nobody has written down what was learnt."""

    incident: int
    titles: tuple[Wording, ...]
    over_at: datetime


IncidentMessage = (
    IncidentCard | IncidentNews | StepGiven | StepLate | IncidentTold | IncidentBacklog | ReviewMissing
)

KINDS: Final[Mapping[str, type[Any]]] = {
    "incident_card": IncidentCard,
    "incident_news": IncidentNews,
    "incident_step_given": StepGiven,
    "incident_step_late": StepLate,
    "incident_told": IncidentTold,
    "incident_backlog": IncidentBacklog,
    "incident_review_missing": ReviewMissing,
}
