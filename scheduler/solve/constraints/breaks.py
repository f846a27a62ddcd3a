"""Lunch and short breaks: windows and spacing, exactly, on cumulative counts.

Shifts of a family are taken in order of start and the k-th shift gets the k-th of each pause.  As
windows move with the start, this matching exists whenever any does, so counts lose nothing.
"""

from __future__ import annotations

from scheduler.solve.variables import RosterModel

__all__ = ["add_breaks"]


def add_breaks(roster: RosterModel) -> None:
    """Every pause starts inside its window and ``spacing`` after the pause before it."""
    model = roster.model
    for variables in roster.families:
        family = variables.family
        for j, pause in enumerate(family.pauses):
            first = variables.first_pause[j]
            for k, count in enumerate(variables.paused[j]):
                t = first + k
                if k:
                    model.add(count >= variables.paused[j][k - 1])
                model.add(count <= variables.started_by(t - pause.earliest))
                if t - pause.latest >= family.starts[0]:
                    model.add(count >= variables.started_by(t - pause.latest))
                if j:
                    before = family.pauses[j - 1]
                    model.add(count <= variables.paused_by(j - 1, t - before.length - family.spacing))
            if j:
                # From the last window's end on everything has started; the pause before must allow it.
                last = family.starts[-1] + pause.latest
                before = family.pauses[j - 1]
                earlier = variables.paused_by(j - 1, last - before.length - family.spacing)
                model.add(variables.started[-1] <= earlier)
