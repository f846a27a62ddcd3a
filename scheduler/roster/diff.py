"""What changed between two rosters, per agent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from scheduler.roster.roster import Roster
from scheduler.roster.shifts import Shift

__all__ = ["AgentChanges", "ShiftChange", "diff"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftChange:
    """The same day's shift before and after."""

    before: Shift
    after: Shift


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentChanges:
    """One agent's changes, each sorted by start; at least one is not empty."""

    agent: str
    added: tuple[Shift, ...]
    removed: tuple[Shift, ...]
    changed: tuple[ShiftChange, ...]


def diff(before: Roster | None, after: Roster) -> tuple[AgentChanges, ...]:
    """Changes from ``before`` (None: nothing was published) to ``after``, sorted by agent.

    Agents whose shifts are the same are absent.  Two shifts of one local date are one changed shift;
    a day with several shifts is compared shift by shift in order of start.
    """
    old = {} if before is None else before.by_agent()
    new = after.by_agent()
    changes: list[AgentChanges] = []
    for agent in sorted(old.keys() | new.keys()):
        found = _changes(agent, old.get(agent, ()), new.get(agent, ()))
        if found is not None:
            changes.append(found)
    return tuple(changes)


def _changes(agent: str, old: tuple[Shift, ...], new: tuple[Shift, ...]) -> AgentChanges | None:
    added: list[Shift] = []
    removed: list[Shift] = []
    changed: list[ShiftChange] = []
    old_days, new_days = _by_date(old), _by_date(new)
    for day in sorted(old_days.keys() | new_days.keys()):
        gone = [s for s in old_days.get(day, ()) if s not in new_days.get(day, ())]
        come = [s for s in new_days.get(day, ()) if s not in old_days.get(day, ())]
        pairs = min(len(gone), len(come))
        changed += [ShiftChange(before=b, after=a) for b, a in zip(gone[:pairs], come[:pairs], strict=True)]
        removed += gone[pairs:]
        added += come[pairs:]
    if not (added or removed or changed):
        return None
    return AgentChanges(agent=agent, added=tuple(added), removed=tuple(removed), changed=tuple(changed))


def _by_date(shifts: tuple[Shift, ...]) -> dict[date, list[Shift]]:
    found: dict[date, list[Shift]] = {}
    for shift in shifts:
        found.setdefault(shift.date, []).append(shift)
    return found
