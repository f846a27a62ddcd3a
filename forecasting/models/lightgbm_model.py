"""Gradient boosted trees (LightGBM) on lags and the calendar; needs the extra ``lightgbm``.

    log expected(day, interval) = log(mean of the last six weeks' values) + trees(features)

with the Poisson likelihood, one model per week ahead (direct forecasts: the features of week h are the ones
known h weeks before).  The trees learn the departure from the mean of six weeks, because trees cannot go
beyond what they have seen and volumes grow.
Ke et al., "LightGBM", NeurIPS 2017; direct forecasts: Ben Taieb and Hyndman, 2012.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecasting.errors import HistoryError
from forecasting.models.base import FittedForecaster, LearnedEffect, TrainingData, weekday_pattern
from forecasting.models.calendar_columns import day_columns
from forecasting.profiles import fill_unseen

Floats = NDArray[np.float64]

LAGS = 6
"""Values of the same weekday and interval that a forecast looks back on."""
FURTHEST_WEEKS = 8
"""Weeks ahead with a model of their own; what lies further takes the furthest."""
LOG_OFFSET = 0.1
MIN_DAYS = 14
PARAMETERS: Mapping[str, Any] = {
    "objective": "poisson",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.8,
    "lambda_l2": 5.0,
    "max_bin": 127,
    "num_threads": 1,
    "deterministic": True,
    "seed": 1,
    "verbosity": -1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LightGbm:
    """``rounds``: trees of a model.  ``max_days``: only so many of the latest days are learned from [days].

    ``level`` [0 to 1]: the quantile that is learned instead of the mean, by LightGBM's own quantile
    objective, on ratios to the mean of six weeks weighted with it, so that the loss is in contacts.
    """

    rounds: int = 120
    max_days: int = 420
    level: float | None = None

    @property
    def name(self) -> str:
        return "lightgbm"

    def fit(self, training: TrainingData) -> FittedForecaster:
        """Raises HistoryError with fewer than two weeks, which leave nothing to look back on."""
        seen = np.flatnonzero(training.learn.any(axis=1))
        days = int(seen[-1] - seen[0]) + 1 if seen.size else 0
        if days < MIN_DAYS:
            raise HistoryError(f"lags need {MIN_DAYS} days of history, got {days}")
        return FittedLightGbm(settings=self, training=training, weeks=LaggedWeeks.of(training))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LaggedWeeks:
    """What was known at the end of every week, weeks counted back from the table's last day.

    ``lags``: the last learnable values of every weekday and column, newest first, NaN where there are
    fewer, shape (weeks, 7, LAGS, columns).  ``level``: log of the newest week's contacts against the mean
    of the weeks before it, NaN where nothing was seen, shape (weeks,).  Row -1 is what is known today.
    """

    lags: Floats
    level: Floats

    @classmethod
    def of(cls, training: TrainingData) -> LaggedWeeks:
        counts, learn, like = training.table.counts, training.learn, training.like()
        rows, columns = counts.shape
        recent = np.full((7, LAGS, columns), np.nan)
        lags, level = [recent.copy()], [np.nan]
        ends = range(rows % 7 or 7, rows + 1, 7)
        for last in ends:
            first = max(0, last - 7)
            usual, _ = _mean_of_lags(recent)
            actual = expected = 0.0
            for row in range(first, last):
                known = learn[row] & np.isfinite(usual[like[row]])
                actual += float(counts[row][known].sum())
                expected += float(usual[like[row]][known].sum())
                new = learn[row]
                recent[like[row], 1:, new] = recent[like[row], :-1, new]
                recent[like[row], 0, new] = counts[row, new]
            lags.append(recent.copy())
            level.append(np.log((actual + 1) / (expected + 1)) if expected > 0 else np.nan)
        return cls(lags=np.array(lags), level=np.array(level))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedLightGbm:
    """Boosters are trained when a week is first asked for: most forecasts need only some."""

    settings: LightGbm
    training: TrainingData
    weeks: LaggedWeeks
    boosters: dict[int, Any] = field(default_factory=dict)

    def predict_days(self, days: Sequence[date]) -> Floats:
        table = self.training.table
        rows = np.array([(day - table.first_day).days for day in days], dtype=np.int64)
        horizon = np.clip((rows - table.day_count) // 7 + 1, 1, FURTHEST_WEEKS)
        cells = np.zeros((len(days), table.counts.shape[1]))
        for ahead in np.unique(horizon).tolist():
            at = np.flatnonzero(horizon == ahead)
            known = np.full(at.size, self.weeks.level.size - 1)
            features, usual = self._features([days[i] for i in at.tolist()], known)
            booster = self._booster(ahead)
            if booster is None:
                cells[at] = usual
                continue
            raw = booster.predict(features, raw_score=True).reshape(at.size, -1)
            cells[at] = usual * (np.exp(raw) if self.settings.level is None else np.maximum(raw, 0.0))
        return cells

    def effects(self) -> tuple[LearnedEffect, ...]:
        return ()

    def day_variance(self, days: Sequence[date]) -> Floats:
        return np.zeros(len(days))

    def _booster(self, ahead: int) -> Any:
        if ahead not in self.boosters:
            self.boosters[ahead] = self._train(ahead)
        return self.boosters[ahead]

    def _train(self, ahead: int) -> Any | None:
        """None where there is too little to learn from: the mean of the lags stays as it is."""
        from lightgbm import Dataset, train

        table, learn = self.training.table, self.training.learn
        rows = np.arange(max(0, table.day_count - self.settings.max_days), table.day_count)
        # Weeks end with the table: row r was forecast from the end of the week `ahead` weeks before its own.
        week_end = self.weeks.level.size - 1 - (table.day_count - 1 - rows) // 7
        known = week_end - ahead
        rows, known = rows[known >= 1], known[known >= 1]
        days = table.days()
        features, usual = self._features([days[row] for row in rows], known)
        held = (learn[rows] & (usual > LOG_OFFSET)).ravel()
        if held.sum() < 2 * PARAMETERS["min_data_in_leaf"]:
            return None
        target, base = table.counts[rows].ravel()[held], usual.ravel()[held]
        parameters = dict(PARAMETERS)
        if self.settings.level is None:
            data = Dataset(features[held], target, init_score=np.log(base), free_raw_data=True)
        else:
            parameters |= {"objective": "quantile", "alpha": self.settings.level}
            data = Dataset(features[held], target / base, weight=base, free_raw_data=True)
        return train(parameters, data, num_boost_round=self.settings.rounds)

    def _features(self, days: Sequence[date], known: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Features, shape (days x columns, features), and the mean of the lags, shape (days, columns).

        ``known``: the week (a row of ``weeks``) at whose end every day is forecast.
        """
        calendar = self.training.calendar
        pattern = weekday_pattern(calendar, days)
        columns = self.training.table.counts.shape[1]
        usual = np.empty((len(days), columns))
        for week in np.unique(known):
            mean, seen = _mean_of_lags(self.weeks.lags[week])
            usual[known == week] = fill_unseen(np.nan_to_num(mean), seen)[pattern[known == week]]
        base = np.maximum(usual, LOG_OFFSET)
        lags = self.weeks.lags[known, pattern]  # days, LAGS, columns
        relative = np.log(np.maximum(lags, LOG_OFFSET) / base[:, None])
        by_day = np.column_stack(
            [
                pattern,
                [day.day for day in days],
                self.weeks.level[known],
                self.weeks.level[np.maximum(known - 1, 0)],
                day_columns(calendar, days).matrix[:, 7:],
            ]
        )
        features = np.concatenate(
            [
                np.broadcast_to(by_day[:, None], (len(days), columns, by_day.shape[1])),
                np.broadcast_to(np.arange(columns)[None, :, None], (len(days), columns, 1)),
                np.log(base)[:, :, None],
                relative.transpose(0, 2, 1)[:, :, :LAGS],
            ],
            axis=2,
        )
        return features.reshape(len(days) * columns, -1), base


def _mean_of_lags(lags: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Mean over the lags that there are, NaN for none; where there are any.  Shapes (7, columns)."""
    times = np.isfinite(lags).sum(axis=1)
    total = np.nansum(lags, axis=1)
    return np.where(times > 0, total / np.maximum(times, 1), np.nan), times > 0
