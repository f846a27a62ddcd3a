"""Days as points in the space of their shapes: a singular value decomposition of the days' profiles.

    sqrt(N(day, interval) / level(day)) = profile(weekday, interval) + sum_k score_k(day) f_k(interval)

Shen and Huang, "Interday forecasting and intraday updating of call center arrivals", Manufacturing &
Service Operations Management 10 (2008): days are rows of a matrix of root counts, its leading right singular
vectors ``f_k`` are the ways in which days differ, and a time series model forecasts each score by weekday.
There the first vector is the level; here the level is taken out first and forecast by the calendar
regression, because holidays and events act on it, and the weekday's mean profile with it, because weekdays
differ in shape.  Rows are weighted by their level, which makes residuals of root shares those of root counts.

A score is forecast by its weekday's mean and what its last days depart from that by (simple exponential
smoothing).  What moves is the shape: calls that come later each week.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from forecasting.models.base import (
    FittedForecaster,
    LearnedEffect,
    TrainingData,
    fit_once,
    weekday_pattern,
)
from forecasting.models.regression import CalendarRegression, FittedCalendarRegression
from forecasting.profiles import HALF_LIFE_DAYS, fill_unseen

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

FILLS = 5
"""Times the cells that were not seen are replaced by what the decomposition says of them."""
SMOOTHING = (0.02, 0.05, 0.1, 0.2)
"""Weights of the newest day that are tried; without any, only the weekday's mean is used."""
MIN_GAIN = 0.1
"""A weight must lower the squared error by this share: no shape moves by chance alone."""
WEEKDAY_SHRINKAGE = 10.0
"""Days of its weekday at which a mean counts half: the profile knows what weekdays have in common."""
AHEAD_DAYS = 7
MIN_DAYS_PER_SCORE = 7
"""A score needs a week of days of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySvd:
    """``scores``: how many ways in which days may differ.  ``level``: the model of the days' levels."""

    scores: int = 3
    level: CalendarRegression = field(default_factory=CalendarRegression)

    @property
    def name(self) -> str:
        return "day_svd"

    def fit(self, training: TrainingData) -> FittedForecaster:
        """Raises HistoryError where no day was seen well enough to give a level."""
        level = fit_once(self.level, training)
        assert isinstance(level, FittedCalendarRegression)
        profiles, table = level.profiles, training.table
        rows = np.flatnonzero(np.nan_to_num(profiles.level) > 0)[-self.level.max_days :]
        columns = np.flatnonzero(training.learn[rows].any(axis=0))
        change = np.zeros((7, columns.size))
        count = min(self.scores, rows.size // MIN_DAYS_PER_SCORE, columns.size - 1)
        if count > 0:
            like = training.like()[rows]
            seen = training.learn[rows][:, columns]
            height = profiles.level[rows]
            root = np.sqrt(table.counts[rows][:, columns] / height[:, None])
            usual = np.sqrt(profiles.share)[like][:, columns]
            weight = 0.5 ** ((table.day_count - 1 - rows) / HALF_LIFE_DAYS)
            scores, vectors = _decomposed(np.where(seen, root - usual, 0.0), seen, weight * height, count)
            change = _expected_scores(scores, rows, like, weight) @ vectors
        return FittedDaySvd(level=level, columns=columns, change=change)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedDaySvd:
    """``change`` of the root shares in ``columns`` of the day table, weekday by column."""

    level: FittedCalendarRegression
    columns: NDArray[np.intp]
    change: Floats

    def predict_days(self, days: Sequence[date]) -> Floats:
        share = self._share()[weekday_pattern(self.level.calendar, days)]
        return np.asarray(self.level.levels(days)[:, None] * share)

    def effects(self) -> tuple[LearnedEffect, ...]:
        """Those of the level; shapes are not told."""
        return self.level.effects()

    def day_variance(self, days: Sequence[date]) -> Floats:
        return self.level.day_variance(days)

    def _share(self) -> Floats:
        """Weekday by column; the seen cells of a weekday keep the sum they have in the profile."""
        profiles = self.level.profiles
        seen = profiles.seen
        root = np.sqrt(fill_unseen(profiles.share, seen))
        root[:, self.columns] += self.change
        moved = np.maximum(root, 0.0) ** 2
        # A weekday never seen has the others' mean profile in all cells that were seen on any of them.
        known = np.where(seen.any(axis=1, keepdims=True), seen, seen.any(axis=0))
        total = (moved * known).sum(axis=1, keepdims=True)
        was = (fill_unseen(profiles.share, seen) * known).sum(axis=1, keepdims=True)
        scale = np.divide(was, total, out=np.zeros_like(total), where=total > 0)
        # Cells never seen follow the nearest seen one, as in all models: the change says nothing of them.
        return fill_unseen(moved * scale, known)


def _decomposed(residual: Floats, seen: Mask, weight: Floats, count: int) -> tuple[Floats, Floats]:
    """Scores, shape (days, count), and leading right singular vectors, shape (count, columns), of the
    residuals (0 where not ``seen``) with days weighted by ``weight``."""
    filled = residual
    root = np.sqrt(weight / weight.mean())[:, None]
    for _ in range(FILLS):
        vectors = np.linalg.svd(root * filled, full_matrices=False)[2][:count]
        scores = filled @ vectors.T
        if seen.all():
            break
        filled = np.where(seen, residual, scores @ vectors)
    return scores, vectors


def _expected_scores(
    scores: Floats, rows: NDArray[np.intp], like: NDArray[np.int64], weight: Floats
) -> Floats:
    """Scores of the coming days by weekday, shape (7, count); ``rows`` of the day table, increasing."""
    of_weekday = np.eye(7)[like] * weight[:, None]
    mean = (of_weekday.T @ scores) / (of_weekday.sum(axis=0) + WEEKDAY_SHRINKAGE)[:, None]
    rest = scores - mean[like]
    before = np.searchsorted(rows, rows - AHEAD_DAYS, side="right") - 1
    told = before >= 0
    weights = weight[told, None]
    moving = np.zeros(scores.shape[1])
    least = (1 - MIN_GAIN) * (weights * rest[told] ** 2).sum(axis=0)
    for newest in SMOOTHING:
        state = lfilter([newest], [1.0, newest - 1.0], rest, axis=0)
        error = (weights * (rest[told] - state[before[told]]) ** 2).sum(axis=0)
        moving = np.where(error < least, state[-1], moving)
        least = np.minimum(error, least)
    return np.asarray(mean + moving)
