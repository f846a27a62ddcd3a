"""Days as points in the space of their shapes: a singular value decomposition of the days' profiles.

    sqrt(N(day, interval) / level(day)) = profile(weekday, interval) + sum_k score_k(day) f_k(interval)

Shen and Huang, "Interday forecasting and intraday updating of call center arrivals", Manufacturing &
Service Operations Management 10 (2008): days are rows of a matrix of root counts, its leading right singular
vectors ``f_k`` are the ways in which days differ, and a time series model forecasts each score.  There the
first vector is the level; here the level is taken out first and forecast by the calendar regression,
because holidays and events act on it, and the weekday's mean profile with it, because weekdays differ in
shape.  Rows are weighted by their level, which makes residuals of root shares those of root counts.

Scores are forecast like levels: a mean by weekday, and two Ornstein-Uhlenbeck processes, the autoregression
of days with gaps between them (``mixed_model``).  What moves is the shape: calls that come later each week.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from forecasting.models.base import (
    FittedForecaster,
    LearnedEffect,
    TrainingData,
    fit_once,
    weekday_pattern,
)
from forecasting.models.mixed_model import MixedModel, fit_mixed_model
from forecasting.models.regression import CalendarRegression, FittedCalendarRegression
from forecasting.profiles import HALF_LIFE_DAYS, fill_unseen

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

FILLS = 5
"""Times the cells that were not seen are replaced by what the decomposition says of them."""
MAD_TO_SD = 1.4826
SCORE_SD = 0.1
"""Scores are scaled to this standard deviation, the middle of what ``mixed_model`` chooses from."""
WEEKDAY_SD = 0.05
"""How far weekdays' mean scores lie apart: half of what days do, because the profile knows weekdays."""
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
        shapes: tuple[Shape, ...] = ()
        count = min(self.scores, rows.size // MIN_DAYS_PER_SCORE, columns.size - 1)
        if count > 0:
            seen = training.learn[rows][:, columns]
            height = profiles.level[rows]
            usual = np.sqrt(profiles.share)[training.like()[rows]][:, columns]
            root = np.sqrt(table.counts[rows][:, columns] / height[:, None])
            age = table.day_count - 1 - rows
            shapes = _shapes(
                np.where(seen, root - usual, 0.0),
                seen,
                weight=0.5 ** (age / HALF_LIFE_DAYS) * height / height.mean(),
                count=count,
                days=rows.astype(np.float64),
                like=training.like()[rows],
                # A root share has the noise of a root count, 1/4, divided by the level.
                noise=1 / (4 * height),
            )
        return FittedDaySvd(level=level, columns=columns, shapes=shapes)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """``vector``: how the root shares change by a score of 1, shape (columns,); ``unit`` scales the model's
    values to scores."""

    vector: Floats
    unit: float
    model: MixedModel

    def change(self, position: Floats, like: NDArray[np.int64]) -> Floats:
        """Change of root shares on the days at ``position`` with weekday ``like``, shape (days, columns)."""
        score = self.unit * self.model.predict(position, np.eye(7)[like])
        return np.asarray(score[:, None] * self.vector)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedDaySvd:
    """``columns``: those of the day table that the shapes have."""

    level: FittedCalendarRegression
    columns: NDArray[np.intp]
    shapes: tuple[Shape, ...]

    def predict_days(self, days: Sequence[date]) -> Floats:
        profiles, calendar = self.level.profiles, self.level.calendar
        pattern = weekday_pattern(calendar, days)
        usual = fill_unseen(profiles.share, profiles.seen)[pattern]
        root = np.sqrt(usual)
        position = np.array([(day - self.level.first_day).days for day in days], dtype=np.float64)
        for shape in self.shapes:
            root[:, self.columns] += shape.change(position, pattern)
        moved = np.maximum(root, 0.0) ** 2
        seen = profiles.seen | ~profiles.seen.any(axis=1, keepdims=True)
        # Cells never seen follow the nearest seen one, as in all models: the change says nothing of them.
        nearest = fill_unseen(np.tile(np.arange(seen.shape[1], dtype=np.float64), (7, 1)), profiles.seen)
        moved = np.take_along_axis(moved, nearest.astype(np.intp)[pattern], axis=1)
        total, was = (moved * seen[pattern]).sum(axis=1), (usual * seen[pattern]).sum(axis=1)
        scale = np.divide(was, total, out=np.zeros_like(total), where=total > 0)
        return np.asarray(self.level.levels(days)[:, None] * scale[:, None] * moved)

    def effects(self) -> tuple[LearnedEffect, ...]:
        """Those of the level; shapes are not told."""
        return self.level.effects()

    def day_variance(self, days: Sequence[date]) -> Floats:
        return self.level.day_variance(days)


def _shapes(
    residual: Floats,
    seen: Mask,
    *,
    weight: Floats,
    count: int,
    days: Floats,
    like: NDArray[np.int64],
    noise: Floats,
) -> tuple[Shape, ...]:
    """Leading right singular vectors of the weighted residuals, with a model of each one's scores.

    ``residual``: 0 where not ``seen``, shape (days, columns); ``weight``, ``noise``: shape (days,).
    """
    filled = residual
    root = np.sqrt(weight)[:, None]
    for _ in range(FILLS):
        _, size, vectors = np.linalg.svd(root * filled, full_matrices=False)
        vectors = vectors[:count][size[:count] > 1e-9 * max(float(size[0]), 1e-12)]
        scores = filled @ vectors.T
        if seen.all():
            break
        filled = np.where(seen, residual, scores @ vectors)
    shapes = []
    for vector, score in zip(vectors, scores.T, strict=True):
        unit = MAD_TO_SD * float(np.median(np.abs(score))) / SCORE_SD
        if unit > 0:
            model = fit_mixed_model(
                days=days,
                values=score / unit,
                columns=np.eye(7)[like],
                column_sd=np.full(7, WEEKDAY_SD),
                floor=noise / unit**2,
            )
            shapes.append(Shape(vector=vector, unit=unit, model=model))
    return tuple(shapes)
