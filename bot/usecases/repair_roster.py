"""Mending the published roster by hand: look at the ways, then take one (SCENARIOS P8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId, RosterId
from bot.core.requests import Cause
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases.ask_changes import Outcome, request
from bot.usecases.change_shifts import trade_of
from bot.usecases.live_rosters import standing
from bot.usecases.report_absence import report
from bot.usecases.roster_problem import build_problem
from scheduler.explain.blocked import Blocked, blocked
from scheduler.repair.changes import Absence, RepairResult
from scheduler.repair.search import repair
from scheduler.roster.people import TimeSpan

__all__ = ["Gaps", "Mended", "apply", "gaps_of", "look"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """What was found; ``outcome`` is what became of the way that was taken, None for a look."""

    roster: RosterId
    result: RepairResult
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """The largest gaps of a version with what stands in the way of closing them."""

    roster: RosterId
    found: tuple[Blocked, ...]


def look(
    store: Store,
    settings: Settings,
    *,
    day: date,
    absent: AgentId | None,
    now: datetime,
    seconds: float = 2.0,
) -> Mended:
    """The ways to mend ``day`` (a date of the roster's zone) without ``absent``; nothing is changed."""
    with store.read() as uow:
        absences = () if absent is None else (_absence(uow, settings, absent, day, now),)
        stands = standing(uow, settings, day, now=now, absences=absences, dates=(day,))
    result = repair(stands.task, seconds=seconds)
    return Mended(roster=stands.version.roster_id, result=result)


def apply(
    store: Store,
    settings: Settings,
    *,
    day: date,
    absent: AgentId | None,
    number: int,
    by: str,
    now: datetime,
) -> Mended:
    """Take way ``number`` (from 1) as `look` counts them: the absence is recorded, who has to agree is asked.

    Raises RefusedError, with nothing changed, for a way that is not there.
    """
    found = look(store, settings, day=day, absent=absent, now=now)
    options = found.result.options
    if not 1 <= number <= len(options):
        raise RefusedError(
            "repair_no_way",
            f"There is no way {number}; there are {len(options)}. Nothing was changed.",
            number=number,
            count=len(options),
        )
    option = options[number - 1]
    if absent is not None and found.result.gone:
        report(store, settings, absent, by=by, now=now, day=_own_date(store, absent, found.result))
    if not option.changes:
        return found
    outcome = request(
        store,
        settings,
        tuple(trade_of(c) for c in option.changes),
        cause=Cause.REPAIR,
        asker=None,
        asked=option.consent,
        by=by,
        now=now,
    )
    return Mended(roster=found.roster, result=found.result, outcome=outcome)


def gaps_of(store: Store, settings: Settings, roster: RosterId, *, most: int = 5) -> Gaps:
    """Why the largest gaps of a roster, draft or published, stay open."""
    with store.read() as uow:
        version = uow.rosters.get(roster)
        if version is None:
            raise NotFoundError("no_roster", f"There is no roster {roster}.", roster=roster)
        problem = build_problem(uow, settings, version.roster.period)
    return Gaps(roster=roster, found=blocked(problem, version.roster, most=most))


def _absence(uow: ReadUnit, settings: Settings, agent: AgentId, day: date, now: datetime) -> Absence:
    """All of ``day`` from now on, and the night of a shift that began on it."""
    if uow.people.get(agent) is None:
        raise NotFoundError("no_agent", f"There is no agent {agent!r}; nothing was changed.", agent=agent)
    zone = ZoneInfo(settings.zone)
    first = datetime.combine(day, time(0), zone).astimezone(UTC)
    last = datetime.combine(day + timedelta(days=1), time(0), zone).astimezone(UTC)
    for shift in uow.rosters.shifts_of(agent, first, last):
        if shift.date == day:
            last = max(last, shift.end)
    if last <= now:
        raise RefusedError("absence_past", "That day is past; nothing was changed.")
    return Absence(agent=agent, span=TimeSpan(start=max(first, now), end=last))


def _own_date(store: Store, agent: AgentId, result: RepairResult) -> date:
    with store.read() as uow:
        person = uow.people.get(agent)
    assert person is not None
    before = result.gone[0].before
    assert before is not None
    return before.start.astimezone(ZoneInfo(person.zone)).date()
