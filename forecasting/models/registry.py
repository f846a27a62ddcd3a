"""The only list of models: name to factory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from forecasting.errors import ForecastingError
from forecasting.models.base import Forecaster
from forecasting.models.mean_of_weeks import MeanOfWeeks
from forecasting.models.regression import CalendarRegression
from forecasting.models.seasonal_naive import SeasonalNaive

MODELS: Mapping[str, Callable[[], Forecaster]] = {
    "mean_of_weeks": MeanOfWeeks,
    "seasonal_naive": SeasonalNaive,
    "calendar_regression": CalendarRegression,
}

DEFAULT_MODEL = "mean_of_weeks"
"""What is used unless another model beats it in the backtest."""


def make_models(names: Sequence[str] | None = None) -> tuple[Forecaster, ...]:
    """The named models (all where None), the default first and always among them.

    Raises ForecastingError with the names there are.
    """
    wanted = list(MODELS) if names is None else list(dict.fromkeys([DEFAULT_MODEL, *names]))
    unknown = [name for name in wanted if name not in MODELS]
    if unknown:
        raise ForecastingError(f"no model named {unknown[0]!r}; there are {', '.join(MODELS)}")
    return tuple(MODELS[name]() for name in wanted)
