"""A draft against the live roster of its days: who changes, hours, cover (SCENARIOS P6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.core.errors import NotFoundError
from bot.core.ids import AgentId, RosterId
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.plan_roster import Assessment, assess_within
from bot.usecases.publish_roster import begins
from scheduler.roster.diff import AgentChanges, diff
from scheduler.roster.roster import Roster

__all__ = ["Comparison", "Cover", "compare", "cover_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Of one queue: agent-hours missing on the live roster (None without one) and on the draft."""

    queue: str
    before: float | None
    after: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """``live`` is None where nothing is published for these days.

    ``hours``: paid hours of each person whose shifts change, before and after.  ``short_notice``: people with
    a change sooner than the notice promised.
    """

    draft: Assessment
    live: Assessment | None
    changes: tuple[AgentChanges, ...]
    hours: Mapping[AgentId, tuple[float, float]]
    cover: tuple[Cover, ...]
    short_notice: tuple[AgentId, ...]


def compare(store: Store, settings: Settings, roster: RosterId, *, now: datetime) -> Comparison:
    """Both rosters as the checker sees them today; nothing is written.  Raises NotFoundError."""
    with store.read() as uow:
        version = uow.rosters.get(roster)
        if version is None:
            raise NotFoundError("no_roster", f"There is no roster {roster}.", roster=roster)
        published = uow.rosters.published_for(version.roster.period)
        draft = assess_within(uow, settings, roster)
        live = None if published is None else assess_within(uow, settings, published.roster_id)
    before = None if published is None else published.roster
    changes = diff(before, version.roster)
    notice = settings.roster.publish.notice
    return Comparison(
        draft=draft,
        live=live,
        changes=changes,
        hours={AgentId(c.agent): (_paid(before, c.agent), _paid(version.roster, c.agent)) for c in changes},
        cover=cover_of(draft, live),
        short_notice=tuple(
            AgentId(c.agent) for c in changes if any(now < at < now + notice for at in begins(c))
        ),
    )


def _paid(roster: Roster | None, agent: str) -> float:
    shifts = () if roster is None else roster.by_agent().get(agent, ())
    return sum(shift.paid_time.total_seconds() for shift in shifts) / 3600


def cover_of(draft: Assessment, live: Assessment | None) -> tuple[Cover, ...]:
    """Missing agent-hours by queue, on ``live`` before and on ``draft`` after."""

    def missing(assessment: Assessment) -> dict[str, float]:
        found: dict[str, float] = {}
        for gap in assessment.uncovered:
            hours = gap.missing * (gap.end - gap.start).total_seconds() / 3600
            found[gap.queue] = found.get(gap.queue, 0.0) + hours
        return found

    after, before = missing(draft), None if live is None else missing(live)
    return tuple(
        Cover(
            queue=c.queue,
            before=None if before is None else before.get(c.queue, 0.0),
            after=after.get(c.queue, 0.0),
        )
        for c in draft.coverage
    )
