"""The only list of models: name to factory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from forecasting.errors import ForecastingError, MissingExtraError
from forecasting.models.base import Forecaster
from forecasting.models.day_svd import DaySvd
from forecasting.models.ensemble import Ensemble
from forecasting.models.level_profile import LevelProfile
from forecasting.models.mean_of_weeks import MeanOfWeeks
from forecasting.models.median_of_weeks import MedianOfWeeks
from forecasting.models.poisson_regression import PoissonRegression
from forecasting.models.regression import CalendarRegression
from forecasting.models.seasonal_naive import SeasonalNaive

MODELS: Mapping[str, Callable[[], Forecaster]] = {
    "mean_of_weeks": MeanOfWeeks,
    "median_of_weeks": MedianOfWeeks,
    "seasonal_naive": SeasonalNaive,
    "calendar_regression": CalendarRegression,
    "poisson_regression": PoissonRegression,
    "level_profile": LevelProfile,
    "day_svd": DaySvd,
    "ensemble": Ensemble,
}

DEFAULT_MODEL = "mean_of_weeks"
"""What is used unless another model beats it in the backtest."""
PREFERRED_MODEL = "ensemble"
"""What is used of those that beat it, unless another is clearly better still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraModel:
    """A model that needs an optional extra: ``module`` and ``factory`` here, ``package`` from outside."""

    module: str
    factory: str
    package: str
    extra: str

    @property
    def installed(self) -> bool:
        return find_spec(self.package) is not None


EXTRA_MODELS: Mapping[str, ExtraModel] = {
    "lightgbm": ExtraModel(
        module="forecasting.models.lightgbm_model", factory="LightGbm", package="lightgbm", extra="lightgbm"
    ),
    "mstl": ExtraModel(
        module="forecasting.models.statsforecast_model",
        factory="Mstl",
        package="statsforecast",
        extra="statsforecast",
    ),
}
"""Competes only where it is named: a hundred times slower than the others, and seldom better."""


def make_models(names: Sequence[str] | None = None) -> tuple[Forecaster, ...]:
    """The named models (all of ``MODELS`` where None), the default first and always among them.

    Raises ForecastingError with the names there are, MissingExtraError where a model's extra is absent.
    """
    wanted = list(MODELS) if names is None else list(dict.fromkeys([DEFAULT_MODEL, *names]))
    known = (*MODELS, *EXTRA_MODELS)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ForecastingError(f"no model named {unknown[0]!r}; there are {', '.join(known)}")
    require_extras(wanted)
    return tuple(MODELS[name]() if name in MODELS else _make_extra(name) for name in wanted)


def require_extras(names: Sequence[str]) -> None:
    """Raises MissingExtraError for the first named model whose package is not installed."""
    for name in names:
        extra = EXTRA_MODELS.get(name)
        if extra is not None and not extra.installed:
            raise MissingExtraError(model=name, package=extra.package, extra=extra.extra)


def _make_extra(name: str) -> Forecaster:
    extra = EXTRA_MODELS[name]
    made: Forecaster = getattr(import_module(extra.module), extra.factory)()
    return made
