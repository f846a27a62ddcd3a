"""Lunch and short breaks: windows and spacing, exactly, on cumulative counts.

Shifts of a family are taken in order of start and the k-th shift gets the k-th of each pause.  As
windows move with the start, this matching exists whenever any does, so counts lose nothing.
"""

from __future__ import annotations

from scheduler.solve.candidates import Family
from scheduler.solve.variables import RosterModel

__all__ = ["add_breaks"]


def add_breaks(roster: RosterModel) -> None:
    """Every pause starts inside its window, outside sessions, and ``spacing`` after the pause before it."""
    model = roster.model
    for variables in roster.families:
        family = variables.family
        for j, pause in enumerate(family.pauses):
            first = variables.first_pause[j]
            for k, count in enumerate(variables.paused[j]):
                t = first + k
                if k:
                    model.add(count >= variables.paused[j][k - 1])
                if _blocked(family, t, pause.length):
                    model.add(count == (variables.paused[j][k - 1] if k else 0))
                model.add(count <= variables.started_by(t - pause.earliest))
                if t - pause.latest >= family.starts[0]:
                    model.add(count >= variables.started_by(t - pause.latest))
                if j:
                    before = family.pauses[j - 1]
                    model.add(count <= variables.paused_by(j - 1, t - before.length - family.spacing))
            last = family.starts[-1] + pause.latest
            if _blocked(family, last, pause.length):
                model.add(variables.started[-1] == variables.paused_by(j, last - 1))
            if j:
                # From the last window's end on everything has started; the pause before must allow it.
                before = family.pauses[j - 1]
                earlier = variables.paused_by(j - 1, last - before.length - family.spacing)
                model.add(variables.started[-1] <= earlier)


def _blocked(family: Family, start: int, length: int) -> bool:
    """Whether a pause there would lie in a session; where is the same for every shift of the family."""
    return any(first < start + length and start < end for first, end in family.blocks)
