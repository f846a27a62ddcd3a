"""Improvement measures: an action that is to move a figure, and what it did to it, numerically (SR11, SR12).

How an effect is judged.  A figure moves from week to week without anybody doing anything.  How much, the
weeks before the measure say: sigma = mean of the changes from week to week / 1.128, the estimate behind the
XmR chart (W. A. Shewhart, "Economic Control of Quality of Manufactured Product", 1931; D. J. Wheeler,
"Understanding Variation", 1993), which a slow trend moves less than a standard deviation.  The means of
b weeks and of a weeks then differ by up to 2 sigma sqrt(1/b + 1/a) in nineteen cases of twenty while nothing
has changed; a difference beyond that is called one.  It is no proof of what caused it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from itertools import pairwise
from statistics import fmean
from typing import Final

from bot.core.ids import ActionItemId, AgentId, TeamId

__all__ = [
    "LEAST_AFTER",
    "LEAST_BEFORE",
    "Improvement",
    "ImprovementState",
    "MeasureEffect",
    "Value",
    "Verdict",
    "effect",
    "usual_change",
]

_MOVING_RANGE: Final = 1.128
"""d2 of two values: mean moving range over sigma for a normal distribution."""
_BAND: Final = 2.0
LEAST_BEFORE: Final = 4
LEAST_AFTER: Final = 2
"""Fewer weeks with a value say nothing about what is usual."""


class ImprovementState(Enum):
    RUNNING = "running"
    PERMANENT = "permanent"  # part of the routine now (CA11)
    DROPPED = "dropped"  # with a reason


class Verdict(Enum):
    """What the difference says."""

    BETTER = "better"
    WORSE = "worse"
    OTHER = "other"  # beyond the usual, of a figure that is good neither high nor low
    USUAL = "usual"  # inside the usual change from week to week
    UNKNOWN = "unknown"  # too few weeks with a value


@dataclass(frozen=True, slots=True, kw_only=True)
class Improvement:
    """The action ``item`` as a measure.

    It acts from ``since`` on; ``kpi`` is compared over ``window`` before and after.  ``goal`` in the KPI's
    unit, None where none was set.  ``what``, ``owner``: of the action.
    """

    item: ActionItemId
    team: TeamId
    what: str
    kpi: str
    since: datetime
    window: timedelta
    made_at: datetime
    made_by: str
    goal: float | None = None
    owner: AgentId | None = None
    state: ImprovementState = ImprovementState.RUNNING
    ended_at: datetime | None = None
    ended_by: str | None = None
    because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A figure of a stretch; None where nothing was measured.  ``count``: of how many cases."""

    value: float | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureEffect:
    """What a measure did, as messages carry it: plain values, ``state`` and ``verdict`` by their values.

    ``before`` and ``after`` in the KPI's unit, of ``before_count`` and ``after_count`` cases; ``change``:
    after less before.  ``usual``: a change up to this is usual from week to week.  ``whole``: the window
    after is over.  ``reached``: None without a goal or without a value.
    """

    item: int
    what: str
    kpi: str
    since: datetime
    window_days: int
    state: str
    verdict: str
    before: float | None
    before_count: int
    after: float | None
    after_count: int
    whole: bool
    owner: str | None = None
    goal: float | None = None
    change: float | None = None
    usual: float | None = None
    reached: bool | None = None
    because: str | None = None


def usual_change(weeks: Sequence[float], *, before: int, after: int) -> float | None:
    """Up to where the means of ``before`` and of ``after`` weeks differ while nothing has changed.

    ``weeks``: the figure of each week before the measure, in order.  None for too few.

    >>> round(usual_change([10.0, 12.0, 10.0, 12.0], before=4, after=4), 2)
    2.51
    >>> usual_change([10.0, 12.0], before=4, after=4) is None
    True
    """
    if len(weeks) < LEAST_BEFORE or after < LEAST_AFTER or before < 1:
        return None
    sigma = fmean(abs(b - a) for a, b in pairwise(weeks)) / _MOVING_RANGE
    return _BAND * sigma * math.sqrt(1 / before + 1 / after)


def effect(
    measure: Improvement,
    *,
    before: Value,
    after: Value,
    weeks_before: Sequence[float],
    weeks_after: int,
    lower_is_better: bool | None,
    now: datetime,
) -> MeasureEffect:
    """Judge a measure.

    ``weeks_before``: the figure of each week before it that has one, in order, which may reach back further
    than the window; ``weeks_after``: whole weeks after it so far.  ``lower_is_better`` None: neither is.
    """
    change = usual = None
    verdict = Verdict.UNKNOWN
    if before.value is not None and after.value is not None:
        change = after.value - before.value
        in_window = max(1, min(len(weeks_before), measure.window // timedelta(days=7)))
        usual = usual_change(weeks_before, before=in_window, after=weeks_after)
        if usual is not None:
            verdict = _judged(change, usual, lower_is_better)
    return MeasureEffect(
        item=measure.item,
        what=measure.what,
        kpi=measure.kpi,
        since=measure.since,
        window_days=measure.window.days,
        state=measure.state.value,
        verdict=verdict.value,
        before=before.value,
        before_count=before.count,
        after=after.value,
        after_count=after.count,
        whole=now >= measure.since + measure.window,
        owner=measure.owner,
        goal=measure.goal,
        change=change,
        usual=usual,
        reached=_reached(measure.goal, before.value, after.value, lower_is_better),
        because=measure.because,
    )


def _judged(change: float, usual: float, lower_is_better: bool | None) -> Verdict:
    # Rounding is no change: weeks that are all the same allow none.
    if abs(change) <= usual + 1e-9 * max(1.0, abs(change)):
        return Verdict.USUAL
    if lower_is_better is None:
        return Verdict.OTHER
    return Verdict.BETTER if (change < 0) == lower_is_better else Verdict.WORSE


def _reached(
    goal: float | None, before: float | None, after: float | None, lower_is_better: bool | None
) -> bool | None:
    """A figure that is good neither high nor low is to move from where it was to the goal."""
    if goal is None or after is None:
        return None
    if lower_is_better is None:
        if before is None:
            return None
        lower_is_better = goal < before
    return after <= goal if lower_is_better else after >= goal
