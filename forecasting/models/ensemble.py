"""The mean of several models' forecasts: their errors are not the same, and some of them cancel.

    forecast(day, interval) = mean over the members' forecasts

Bates and Granger, "The combination of forecasts", Operational Research Quarterly 20 (1969).  The weights are
equal: learned ones have their own error, which costs more than they bring where members are about as good
and err together (Clemen, International Journal of Forecasting 5, 1989; Smith and Wallis, Oxford Bulletin of
Economics and Statistics 71, 2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from forecasting.errors import HistoryError
from forecasting.models.base import (
    EffectKind,
    FittedForecaster,
    Forecaster,
    LearnedEffect,
    TrainingData,
    fit_once,
)
from forecasting.models.day_svd import DaySvd
from forecasting.models.level_profile import LevelProfile
from forecasting.models.poisson_regression import PoissonRegression

Floats = NDArray[np.float64]

MEMBERS: tuple[Forecaster, ...] = (DaySvd(), LevelProfile(), PoissonRegression())
"""One each of the logarithm, the square root and the count itself; ``day_svd`` has the level of the calendar
regression, which as a fourth would only count twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ensemble:
    """Members that compete as well are fitted once for both (``fit_once``)."""

    members: tuple[Forecaster, ...] = MEMBERS

    @property
    def name(self) -> str:
        return "ensemble"

    def fit(self, training: TrainingData) -> FittedForecaster:
        """Of the members that can be fitted; raises the last one's HistoryError where none can."""
        fitted: list[FittedForecaster] = []
        problem = HistoryError("an ensemble needs a member")
        for member in self.members:
            try:
                fitted.append(fit_once(member, training))
            except HistoryError as error:
                problem = error
        if not fitted:
            raise problem
        return FittedEnsemble(members=tuple(fitted))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedEnsemble:
    members: tuple[FittedForecaster, ...]

    def predict_days(self, days: Sequence[date]) -> Floats:
        return np.asarray(np.mean([member.predict_days(days) for member in self.members], axis=0))

    def effects(self) -> tuple[LearnedEffect, ...]:
        """What every member tells, averaged on the log scale; so are the ends of the ranges, for members
        learned from the same days err together.  An event's day is that of the first member."""
        told: dict[tuple[EffectKind, int, str], list[LearnedEffect]] = {}
        for member in self.members:
            for effect in member.effects():
                number = 0 if effect.kind is EffectKind.EVENT else effect.number
                told.setdefault((effect.kind, number, effect.event), []).append(effect)
        return tuple(
            LearnedEffect(
                kind=effects[0].kind,
                number=effects[0].number,
                factor=_middle([effect.factor for effect in effects]),
                low=_middle([effect.low for effect in effects]),
                high=_middle([effect.high for effect in effects]),
                days=min(effect.days for effect in effects),
                event=effects[0].event,
            )
            for effects in told.values()
            if len(effects) == len(self.members)
        )

    def day_variance(self, days: Sequence[date]) -> Floats:
        """The members' mean: they err together, so none of it cancels."""
        return np.asarray(np.mean([member.day_variance(days) for member in self.members], axis=0))


def _middle(factors: Sequence[float]) -> float:
    """Geometric mean; 0 where one is 0."""
    return float(np.exp(np.mean(np.log(factors)))) if min(factors) > 0 else 0.0
