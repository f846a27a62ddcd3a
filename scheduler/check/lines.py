"""What a roster is judged by, interval by interval: queues and presence rules as lines with convex prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scheduler.check.coverage import coverage
from scheduler.check.presence import least_per_interval, presence_cover
from scheduler.check.score import cover_limits
from scheduler.roster.people import RosterAgent
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster

__all__ = ["Lines", "cover_lines", "marginal_prices", "presence_lines"]

#: Tops of steps per interval, and the weights of the steps.
_Steps = tuple[list[NDArray[np.int64]], list[float]]
#: A step without end.
_ENDLESS = 2**30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lines:
    """What intervals are covered by: queues first, then people of presence rules, at work and in seats.

    Arrays over (line, interval, step) or (line, step); weights are paid minutes per interval.
    """

    required: NDArray[np.int64]
    under_tops: NDArray[np.int64]
    under: NDArray[np.float64]
    over_tops: NDArray[np.int64]
    over: NDArray[np.float64]
    queues: int

    @property
    def count(self) -> int:
        return int(self.required.shape[0])


def cover_lines(problem: RosterProblem, given: Roster) -> tuple[Lines, NDArray[np.int64]]:
    """A problem's lines, and the people a roster puts on them: an array (line, interval)."""
    minutes, count = problem.interval_minutes, problem.grid.count
    weights = problem.weights
    required: list[NDArray[np.int64]] = []
    at: list[NDArray[np.int64]] = []
    under: list[_Steps] = []
    over: list[_Steps] = []

    def tops(kind: tuple[Any, ...], need: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        table = {}
        for n in np.unique(need).tolist():
            below, found = 0, []
            for holds, _ in cover_limits(kind, n):
                below = _ENDLESS if holds is None else below + holds
                found.append(below)
            table[n] = found
        return [np.array([table[n][k] for n in need.tolist()], dtype=np.int64) for k in range(len(kind))]

    for cover in coverage(problem, given):
        required.append(cover.required)
        at.append(cover.at_work)
        few, many = weights.under_cover, weights.over_cover
        under.append((tops(few, cover.required), [float(s.weight * minutes) for s in few]))
        over.append((tops(many, cover.required), [float(s.weight * minutes) for s in many]))
    endless = np.full(count, _ENDLESS, dtype=np.int64)
    for presence in presence_cover(problem, given):
        price = float(presence.rule.weight * minutes)
        if presence.rule.least:
            required.append(least_per_interval(problem, presence.rule))
            at.append(presence.at_work)
            under.append(([endless], [price]))
            over.append(([endless], [0.0]))
        if presence.rule.most is not None:
            required.append(np.zeros(count, dtype=np.int64))
            at.append(presence.seated)
            seats = np.full(count, presence.rule.most, dtype=np.int64)
            under.append(([endless], [0.0]))
            over.append(([seats, endless], [0.0, price]))
    width = max(len(weight) for _, weight in (*under, *over))

    def padded(steps: list[_Steps]) -> NDArray[np.int64]:
        stack = [tops + [endless] * (width - len(tops)) for tops, _ in steps]
        return np.ascontiguousarray(np.array(stack, dtype=np.int64).transpose(0, 2, 1))

    def weight(steps: list[_Steps]) -> NDArray[np.float64]:
        return np.array([held + [held[-1]] * (width - len(held)) for _, held in steps], dtype=np.float64)

    lines = Lines(
        required=np.array(required, dtype=np.int64),
        under_tops=padded(under),
        under=weight(under),
        over_tops=padded(over),
        over=weight(over),
        queues=len(problem.queues),
    )
    return lines, np.array(at, dtype=np.int64)


def presence_lines(problem: RosterProblem, agent: RosterAgent) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Numbers of the presence lines an agent counts in, at work and in a seat."""
    line = len(problem.queues)
    work: list[int] = []
    seats: list[int] = []
    for rule in problem.rules.presence:
        counts = rule.attribute is None or rule.attribute in agent.attributes
        if rule.least:
            work += [line] if counts else []
            line += 1
        if rule.most is not None:
            seats += [line] if counts else []
            line += 1
    return np.array(work, dtype=np.int32), np.array(seats, dtype=np.int32)


def marginal_prices(lines: Lines, at: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What one person more, and one person fewer, costs on each line and interval [paid minutes].

    ``at``: people there now, shape (line, interval), as both results.
    """
    off = lines.required - at

    def few(number: NDArray[np.int64]) -> NDArray[np.float64]:
        return _weight_of(number, lines.under_tops, lines.under)

    def many(number: NDArray[np.int64]) -> NDArray[np.float64]:
        return _weight_of(number, lines.over_tops, lines.over)

    more = np.where(off > 0, -few(off), many(1 - off))
    fewer = np.where(off < 0, -many(-off), few(1 + off))
    return more, fewer


def _weight_of(
    number: NDArray[np.int64], tops: NDArray[np.int64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The weight of the ``number``-th person off, counted from 1; anything where it is below 1."""
    step = np.minimum((number[:, :, None] > tops).sum(axis=2), weights.shape[1] - 1)
    return np.take_along_axis(weights, step, axis=1)
