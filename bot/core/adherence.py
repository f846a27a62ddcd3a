"""Schedule adherence: how much of the scheduled time somebody did what the roster says, for who chose it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from bot.core.floor import AT_WORK, AgentState, PresenceState
from scheduler.roster.shifts import BREAK, LUNCH, SESSION_KINDS, Segment, Shift

__all__ = ["Adherence", "AdherenceDay", "adherence"]

_PAUSES: Final = frozenset({AgentState.BREAK, AgentState.LUNCH})
_EARLY: Final = timedelta(hours=1)
"""So long before a shift a word still belongs to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdherenceDay:
    """One shift: of ``counted`` scheduled time ``kept`` was spent as scheduled."""

    day: date
    counted: timedelta
    kept: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Adherence:
    """``days``: the shifts in which something was said; ``silent``: how many had no word at all."""

    days: tuple[AdherenceDay, ...]
    silent: int

    @property
    def share(self) -> float | None:
        """Time in adherence over scheduled time, 0 to 1; None where nothing counts."""
        counted = sum((d.counted for d in self.days), start=timedelta(0))
        kept = sum((d.kept for d in self.days), start=timedelta(0))
        return kept / counted if counted else None


def adherence(
    shifts: Sequence[Shift], states: Sequence[PresenceState], *, since: datetime, until: datetime
) -> Adherence:
    """Shifts that began from ``since`` on, as far as they are over at ``until``.

    Work counts as kept while free or busy at the queue, a lunch or break while in either; stand-ups, training
    and talks are left out, because states do not tell them from work.  A shift in which no state was told
    is silent and not counted.  ``states``: in order of time.

    >>> from datetime import UTC
    >>> at = lambda hour, minute=0: datetime(2026, 11, 24, hour, minute, tzinfo=UTC)
    >>> work = Segment(activity="phone", start=at(1), end=at(5), paid=True)
    >>> lunch = Segment(activity=LUNCH, start=at(5), end=at(6), paid=False)
    >>> shift = Shift(date=date(2026, 11, 24), start=at(1), end=at(6), segments=(work, lunch))
    >>> said = [
    ...     PresenceState(state=s, since=t, heard_at=t, source="slack")
    ...     for s, t in ((AgentState.AVAILABLE, at(1, 30)), (AgentState.LUNCH, at(5)))
    ... ]
    >>> adherence([shift], said, since=at(0), until=at(12)).share
    0.9
    """
    days, silent = [], 0
    for shift in shifts:
        if not since <= shift.start < until:
            continue
        if not any(shift.start - _EARLY <= s.since < shift.end for s in states):
            silent += shift.end <= until
            continue
        counted = kept = timedelta(0)
        for segment in shift.segments:
            end = min(segment.end, until)
            if segment.activity in SESSION_KINDS or end <= segment.start:
                continue
            counted += end - segment.start
            kept += _kept(segment, states, end)
        if counted:
            days.append(AdherenceDay(day=shift.date, counted=counted, kept=kept))
    return Adherence(days=tuple(days), silent=silent)


def _kept(segment: Segment, states: Sequence[PresenceState], end: datetime) -> timedelta:
    wanted = _PAUSES if segment.activity in (LUNCH, BREAK) else AT_WORK
    return sum(
        (
            max(timedelta(0), min(upto, end) - max(begin, segment.start))
            for state, begin, upto in _spans(states, end)
            if state in wanted
        ),
        start=timedelta(0),
    )


def _spans(states: Sequence[PresenceState], end: datetime) -> Iterator[tuple[AgentState, datetime, datetime]]:
    """Each state from its moment to the next one's."""
    for one, after in zip(states, [*states[1:], None], strict=True):
        yield one.state, one.since, end if after is None else after.since
