"""What can go wrong in forecasting; every message says what was expected and what came."""

__all__ = ["ForecastingError", "GridError", "HistoryError", "MissingExtraError"]


class ForecastingError(Exception):
    """Base of all errors of this library; permanent: the same input fails again."""


class GridError(ForecastingError):
    """A time axis that cannot exist, or an instant outside of it."""


class HistoryError(ForecastingError):
    """A history from which no honest forecast can be made."""


class MissingExtraError(ForecastingError):
    """What was asked for (a model, frames) needs a package that is not installed; ``command`` installs it."""

    def __init__(self, *, model: str, package: str, extra: str) -> None:
        self.model = model
        self.command = f"pip install 'muster[{extra}]'"
        super().__init__(f"{model!r} needs the package {package}, which is not installed: {self.command}")
