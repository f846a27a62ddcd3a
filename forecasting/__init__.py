"""Volumes and handling times per queue and interval: the public names.

One call does the work: ``make_forecast``.  Everything else is there to look inside it.
Names are loaded on first use (PEP 562): the scheduler shares ``forecasting.grid`` and must not pay for SciPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forecasting.aggregate import Aggregation, VolumeRow, aggregate_rows, infer_interval, resample
    from forecasting.backtest import BacktestResult, BacktestScore, WeekResult, run_backtest, weeks_to_test
    from forecasting.calendars import ForecastCalendar, OpenPeriod, SpecialDay
    from forecasting.caveats import ForecastWarning, WarningCode
    from forecasting.cleaning import Cleaning, Finding, FindingKind, find_unusual
    from forecasting.day_table import DayTable
    from forecasting.errors import ForecastingError, GridError, HistoryError
    from forecasting.events import DatedEvent, EventNature, Lift, known_events
    from forecasting.forecast import LEVELS, VolumeForecast
    from forecasting.grid import IntervalGrid, local_midnight
    from forecasting.handling_time import HandlingTime, fit_handling_time
    from forecasting.history import VolumeHistory
    from forecasting.models.base import EffectKind, FittedForecaster, Forecaster, LearnedEffect, TrainingData
    from forecasting.models.registry import DEFAULT_MODEL, MODELS, make_models
    from forecasting.opening_hours import calendar_from_history, opening_pattern
    from forecasting.pipeline import ForecastOutcome, make_forecast, next_grid
    from forecasting.selection import Selection, SelectionReason, select_model
    from forecasting.uncertainty import ErrorSpread, count_quantiles, sample_paths

__all__ = [
    "DEFAULT_MODEL",
    "LEVELS",
    "MODELS",
    "Aggregation",
    "BacktestResult",
    "BacktestScore",
    "Cleaning",
    "DatedEvent",
    "DayTable",
    "EffectKind",
    "ErrorSpread",
    "EventNature",
    "Finding",
    "FindingKind",
    "FittedForecaster",
    "ForecastCalendar",
    "ForecastOutcome",
    "ForecastWarning",
    "Forecaster",
    "ForecastingError",
    "GridError",
    "HandlingTime",
    "HistoryError",
    "IntervalGrid",
    "LearnedEffect",
    "Lift",
    "OpenPeriod",
    "Selection",
    "SelectionReason",
    "SpecialDay",
    "TrainingData",
    "VolumeForecast",
    "VolumeHistory",
    "VolumeRow",
    "WarningCode",
    "WeekResult",
    "aggregate_rows",
    "calendar_from_history",
    "count_quantiles",
    "find_unusual",
    "fit_handling_time",
    "infer_interval",
    "known_events",
    "local_midnight",
    "make_forecast",
    "make_models",
    "next_grid",
    "opening_pattern",
    "resample",
    "run_backtest",
    "sample_paths",
    "select_model",
    "weeks_to_test",
]

_HOME = {
    "Aggregation": "forecasting.aggregate",
    "BacktestResult": "forecasting.backtest",
    "BacktestScore": "forecasting.backtest",
    "Cleaning": "forecasting.cleaning",
    "DEFAULT_MODEL": "forecasting.models.registry",
    "DatedEvent": "forecasting.events",
    "DayTable": "forecasting.day_table",
    "EffectKind": "forecasting.models.base",
    "ErrorSpread": "forecasting.uncertainty",
    "EventNature": "forecasting.events",
    "Finding": "forecasting.cleaning",
    "FindingKind": "forecasting.cleaning",
    "FittedForecaster": "forecasting.models.base",
    "ForecastCalendar": "forecasting.calendars",
    "ForecastOutcome": "forecasting.pipeline",
    "ForecastWarning": "forecasting.caveats",
    "Forecaster": "forecasting.models.base",
    "ForecastingError": "forecasting.errors",
    "GridError": "forecasting.errors",
    "HandlingTime": "forecasting.handling_time",
    "HistoryError": "forecasting.errors",
    "IntervalGrid": "forecasting.grid",
    "LEVELS": "forecasting.forecast",
    "LearnedEffect": "forecasting.models.base",
    "Lift": "forecasting.events",
    "MODELS": "forecasting.models.registry",
    "OpenPeriod": "forecasting.calendars",
    "Selection": "forecasting.selection",
    "SelectionReason": "forecasting.selection",
    "SpecialDay": "forecasting.calendars",
    "TrainingData": "forecasting.models.base",
    "VolumeForecast": "forecasting.forecast",
    "VolumeHistory": "forecasting.history",
    "VolumeRow": "forecasting.aggregate",
    "WarningCode": "forecasting.caveats",
    "WeekResult": "forecasting.backtest",
    "aggregate_rows": "forecasting.aggregate",
    "run_backtest": "forecasting.backtest",
    "calendar_from_history": "forecasting.opening_hours",
    "count_quantiles": "forecasting.uncertainty",
    "find_unusual": "forecasting.cleaning",
    "fit_handling_time": "forecasting.handling_time",
    "infer_interval": "forecasting.aggregate",
    "known_events": "forecasting.events",
    "local_midnight": "forecasting.grid",
    "make_forecast": "forecasting.pipeline",
    "make_models": "forecasting.models.registry",
    "next_grid": "forecasting.pipeline",
    "opening_pattern": "forecasting.opening_hours",
    "resample": "forecasting.aggregate",
    "sample_paths": "forecasting.uncertainty",
    "select_model": "forecasting.selection",
    "weeks_to_test": "forecasting.backtest",
}


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'forecasting' has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
