"""What can go wrong in forecasting; every message says what was expected and what came."""

__all__ = ["ForecastingError", "GridError", "HistoryError"]


class ForecastingError(Exception):
    """Base of all errors of this library; permanent: the same input fails again."""


class GridError(ForecastingError):
    """A time axis that cannot exist, or an instant outside of it."""


class HistoryError(ForecastingError):
    """A history from which no honest forecast can be made."""
