"""What a roster would be without some of its people (SCENARIOS P6).  Nothing is written."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId, RosterId
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.compare_rosters import Cover, cover_of
from bot.usecases.plan_roster import Assessment, assess_within, assessment
from bot.usecases.roster_problem import build_problem
from scheduler.roster.roster import UncoveredInterval

__all__ = ["WhatIf", "without"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WhatIf:
    """``shifts`` of ``hours`` paid hours fall away; nobody takes them.

    ``cover``: missing agent-hours by queue before and after; ``opened``: the gaps that are there then, the
    largest first.
    """

    before: Assessment
    after: Assessment
    shifts: int
    hours: float
    cover: tuple[Cover, ...]
    opened: tuple[UncoveredInterval, ...]


def without(store: Store, settings: Settings, roster: RosterId, agents: Collection[AgentId]) -> WhatIf:
    """The roster without the shifts of ``agents``, everybody else's as they stand.

    Raises NotFoundError for an unknown roster and RefusedError where none of them has a shift on it.
    """
    with store.read() as uow:
        version = uow.rosters.get(roster)
        if version is None:
            raise NotFoundError("no_roster", f"There is no roster {roster}.", roster=roster)
        before = assess_within(uow, settings, roster)
        problem = build_problem(uow, settings, version.roster.period, need_requirement=False)
    gone = [a for a in version.roster.assignments if a.agent in agents]
    if not gone:
        raise RefusedError(
            "what_if_nobody",
            f"None of them has a shift on roster {roster}; nothing was worked out.",
            roster=roster,
        )
    kept = tuple(a for a in version.roster.assignments if a.agent not in agents)
    rest = replace(version, roster=replace(version.roster, assignments=kept))
    after = assessment(problem, rest, required_known=before.required_known)
    return WhatIf(
        before=before,
        after=after,
        shifts=len(gone),
        hours=sum(a.shift.paid_time.total_seconds() for a in gone) / 3600,
        cover=cover_of(after, before),
        opened=tuple(sorted(after.uncovered, key=lambda u: (-u.missing, u.start))),
    )
