"""StaffingCause: why a queue was short in an interval, as arithmetic that adds up.

    short = needed - there
    needed = people for the forecast + by volume + by handling time
    there = rostered - away
    short = not rostered + away,  not rostered = needed - rostered

All people are whole, so the parts add up exactly.  What is not known is None and is said so; no part is
ever made up to close a gap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.core.break_moves import BreakMove
from bot.core.data_age import DataAge
from bot.core.floor import AgentState, PresenceState
from bot.core.ids import AgentId, QueueId
from bot.core.on_duty import OnShift
from scheduler.roster.shifts import RESERVED_ACTIVITIES

__all__ = [
    "AwayPart",
    "CausePart",
    "Here",
    "LateCost",
    "Need",
    "SeenVolume",
    "StaffingCause",
    "gap_parts",
    "here_now",
    "late_cost",
    "need_parts",
    "needed",
    "volume_window",
]

NOTHING: Final = 1e-6
"""Contacts: where fewer were expected none were, and what came is no multiple of them."""
LEAST_MEASURED: Final = 10
"""Contacts with a handling time that a measured mean must rest on."""

NeedOf = Callable[[float, float], int]
"""(contacts of the interval, handling time [s]) to people at the queue."""
ShareInTime = Callable[[int], float]
"""People at the queue to the share of contacts answered in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenVolume:
    """``contacts`` came in [start, end) where ``expected`` were forecast."""

    start: datetime
    end: datetime
    contacts: int
    expected: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """People an interval needed at the queue.

    ``by_forecast``: for ``forecast_contacts`` of ``planned_aht_seconds`` each.  ``by_volume``: more (or
    fewer) because of what really came; ``by_handling``: because of how long it really took, measured over
    ``aht_contacts``.  ``planned``: people the roster was to have, with assurance and shrinkage.
    ``forecast_contacts`` None: the requirement names people, but no forecast stands behind it.
    """

    by_forecast: int
    by_volume: int = 0
    by_handling: int = 0
    planned: int | None = None
    forecast_contacts: float | None = None
    planned_aht_seconds: float | None = None
    seen: SeenVolume | None = None
    aht_seconds: float | None = None
    aht_contacts: int = 0

    @property
    def people(self) -> int:
        return self.by_forecast + self.by_volume + self.by_handling

    @property
    def contacts(self) -> float | None:
        """Contacts of the interval as far as they are known: the forecast, moved by what really came."""
        if self.forecast_contacts is None or self.seen is None or self.seen.expected < NOTHING:
            return self.forecast_contacts
        return self.forecast_contacts * self.seen.contacts / self.seen.expected

    @property
    def handling_seconds(self) -> float | None:
        """Handling time [s], measured where it is."""
        return self.planned_aht_seconds if self.aht_seconds is None else self.aht_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class AwayPart:
    """``people`` rostered at the queue who are not there, and why: break, elsewhere, off."""

    code: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """Who is at a queue: the parts of ``away`` sum to rostered - present.

    ``present`` counts the ``unreported`` of the roster as there.  ``unplaced``: at work with the queue's
    skill, while the roster has them nowhere; not counted.
    """

    present: int
    away: tuple[AwayPart, ...] = ()
    unreported: int = 0
    unplaced: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CausePart:
    """A part of a sum, in people; below 0 where it helps."""

    code: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LateCost:
    """What a gap costs in contacts: of ``contacts`` so many are expected not to be answered within
    ``within_seconds`` [s], ``late`` with the people there and ``late_anyway`` with those needed."""

    contacts: float
    within_seconds: float
    late: float
    late_anyway: float

    @property
    def because(self) -> float:
        """Contacts late for want of people."""
        return self.late - self.late_anyway


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffingCause:
    """One queue in the interval [start, end) that contains ``at``.

    ``need`` None: neither requirement nor forecast.  ``rostered`` None: no roster is published; else people
    the roster has at the queue at ``at``, ``resting`` those on a break it has for them then.  ``here`` None:
    presence is not known.  ``silent_since``: the queue's data stops there, so its volume is not known.
    ``moves``: breaks still to come that could lie elsewhere, inside the rules.  ``cost``: what the gap costs,
    where people are missing and customers wait on the line.
    """

    queue: str
    start: datetime
    end: datetime
    at: datetime
    age: DataAge
    need: Need | None = None
    rostered: int | None = None
    resting: int = 0
    here: Here | None = None
    silent_since: datetime | None = None
    moves: tuple[BreakMove, ...] = ()
    cost: LateCost | None = None

    @property
    def there(self) -> int | None:
        """People at the queue: present where known, else rostered."""
        return self.rostered if self.here is None else self.here.present

    @property
    def short(self) -> int | None:
        """People missing; below 0 where more were there than needed, None where either side is unknown."""
        return None if self.need is None or self.there is None else self.need.people - self.there


def gap_parts(cause: StaffingCause) -> tuple[CausePart, ...]:
    """The parts of the gap; they sum to ``cause.short``.  Empty where that is not known.

    >>> from datetime import UTC
    >>> at = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
    >>> cause = StaffingCause(
    ...     queue="chat", start=at, end=at, at=at, age=DataAge(at=at), rostered=10,
    ...     need=Need(by_forecast=9, by_volume=2),
    ...     here=Here(present=9, away=(AwayPart(code="break", people=1),)),
    ... )
    >>> cause.short, [(p.code, p.people) for p in gap_parts(cause)]
    (2, [('not_rostered', 1), ('break', 1)])
    """
    if cause.need is None or cause.short is None:
        return ()
    if cause.rostered is None:
        # Presence without a roster: nobody was planned, so nobody is away.
        return (CausePart(code="not_there", people=cause.short),)
    parts = [CausePart(code="not_rostered", people=cause.need.people - cause.rostered)]
    if cause.here is not None:
        parts += [CausePart(code=a.code, people=a.people) for a in cause.here.away]
    return tuple(p for p in parts if p.people)


def need_parts(need: Need) -> tuple[CausePart, ...]:
    """The parts of the need; they sum to ``need.people``."""
    return (
        CausePart(code="forecast", people=need.by_forecast),
        CausePart(code="volume", people=need.by_volume),
        CausePart(code="handling", people=need.by_handling),
    )


def late_cost(cause: StaffingCause, share_in_time: ShareInTime, *, within_seconds: float) -> LateCost | None:
    """What the gap of ``cause`` costs: (share in time with those needed - with those there) x contacts.

    None where nobody is missing, or the contacts or the people are not known.  ``share_in_time``: by people
    at the queue, for the contacts and handling time of ``cause.need``.

    >>> from datetime import UTC
    >>> at = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
    >>> cause = StaffingCause(
    ...     queue="chat", start=at, end=at, at=at, age=DataAge(at=at), rostered=9,
    ...     need=Need(by_forecast=11, forecast_contacts=50, planned_aht_seconds=240),
    ... )
    >>> cost = late_cost(cause, lambda people: 0.8 if people >= 11 else 0.5, within_seconds=30)
    >>> cost.late, round(cost.late_anyway, 1), round(cost.because, 1)
    (25.0, 10.0, 15.0)
    """
    need, there = cause.need, cause.there
    if need is None or there is None or need.people <= there or not need.contacts:
        return None
    late, anyway = ((1.0 - share_in_time(people)) * need.contacts for people in (max(there, 0), need.people))
    return LateCost(contacts=need.contacts, within_seconds=within_seconds, late=late, late_anyway=anyway)


def volume_window(
    start: datetime, end: datetime, until: datetime, *, earliest: datetime | None = None
) -> tuple[datetime, datetime] | None:
    """The stretch whose volume stands for the interval [start, end), as seen until ``until``.

    The interval itself; where less than half of it has passed, together with the one before it (not
    beyond ``earliest``): a few minutes say nothing.  None where nothing has passed.
    """
    length = end - start
    seen = min(until, end)
    first = start if seen - start >= length / 2 else start - length
    if earliest is not None:
        first = max(first, earliest)
    return (first, seen) if seen > first else None


def needed(
    need_of: NeedOf,
    *,
    forecast_contacts: float,
    planned_aht_seconds: float,
    planned: int | None,
    seen: SeenVolume | None,
    measured: Sequence[float],
) -> Need:
    """The need with what changed it, one after the other: the forecast, then volume, then handling time.

    ``measured``: handling times [s] of the latest contacts; fewer than ten measure nothing.
    """
    by_forecast = need_of(forecast_contacts, planned_aht_seconds)
    need = Need(
        by_forecast=by_forecast,
        planned=planned,
        forecast_contacts=forecast_contacts,
        planned_aht_seconds=planned_aht_seconds,
        seen=seen,
    )
    contacts = forecast_contacts
    if seen is not None and seen.expected >= NOTHING:
        contacts = forecast_contacts * seen.contacts / seen.expected
        need = replace(need, by_volume=need_of(contacts, planned_aht_seconds) - by_forecast)
    if len(measured) >= LEAST_MEASURED:
        aht = sum(measured) / len(measured)
        by_handling = need_of(contacts, aht) - by_forecast - need.by_volume
        need = replace(need, by_handling=by_handling, aht_seconds=aht, aht_contacts=len(measured))
    return need


def here_now(
    on_shift: Iterable[OnShift],
    states: Mapping[AgentId, PresenceState],
    queue: QueueId,
    *,
    able: Collection[AgentId] = (),
) -> Here | None:
    """Who is at a queue, from the roster and the reported states; None where no state is known.

    Somebody of the roster without a state is taken to be there and counted as unreported.  States do not
    name a queue: of those ``able`` to work it who are at work while the roster has them nowhere, nobody can
    say where they are, so they are ``unplaced`` and counted nowhere.

    >>> from datetime import UTC
    >>> t = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
    >>> shift = [OnShift(agent=AgentId(a), activity="chat", until=t, shift_end=t) for a in "abc"]
    >>> said = {"a": AgentState.BUSY, "b": AgentState.LUNCH}
    >>> states = {
    ...     AgentId(a): PresenceState(state=s, since=t, heard_at=t, source="acd") for a, s in said.items()
    ... }
    >>> here = here_now(shift, states, QueueId("chat"))
    >>> here.present, [(p.code, p.people) for p in here.away], here.unreported
    (2, [('break', 1)], 1)
    """
    if not states:
        return None
    placed = {entry.agent: entry.activity for entry in on_shift}
    rostered = {agent for agent, activity in placed.items() if activity == queue}
    why: Counter[str] = Counter()
    for agent in rostered:
        state = states.get(agent)
        if state is not None and not state.at_work:
            why[_WHY[state.state]] += 1
    working = {agent for agent, activity in placed.items() if activity not in RESERVED_ACTIVITIES}
    unplaced = sum(
        1 for agent, state in states.items() if state.at_work and agent in able and agent not in working
    )
    return Here(
        present=len(rostered) - sum(why.values()),
        away=tuple(AwayPart(code=code, people=why[code]) for code in sorted(why)),
        unreported=sum(agent not in states for agent in rostered),
        unplaced=unplaced,
    )


_WHY: Final = {
    AgentState.BREAK: "break",
    AgentState.LUNCH: "break",
    AgentState.TRAINING: "elsewhere",
    AgentState.AWAY: "elsewhere",
    AgentState.OFFLINE: "off",
}
