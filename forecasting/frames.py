"""Frames in and out: the library in a notebook.  Needs pandas, which nothing else here does.

    pip install 'muster[frames]'

A frame of volumes has one row per interval: ``start`` (aware, or local to the zone), ``contacts``, and where
known ``aht_seconds``.  Everything that comes back is indexed by the local start of the interval.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from forecasting.aggregate import VolumeRow, aggregate_rows
from forecasting.backtest import BacktestResult
from forecasting.errors import HistoryError, MissingExtraError
from forecasting.forecast import VolumeForecast
from forecasting.grid import IntervalGrid
from forecasting.history import VolumeHistory

if TYPE_CHECKING:
    from pandas import DataFrame, DatetimeIndex

__all__ = ["forecast_frame", "history_frame", "history_from_frame", "scores_frame"]


def history_from_frame(
    frame: DataFrame,
    *,
    queue: str,
    zone: str,
    interval: timedelta | None = None,
    start: str = "start",
    contacts: str = "contacts",
    aht_seconds: str = "aht_seconds",
) -> VolumeHistory:
    """A history from a frame; ``interval``: aggregated to it, the frame's own where None.

    ``start`` may be a column or the index.  Starts without a zone are local to ``zone``; a local time that
    the clock skips is refused, one that comes twice is the first, or both where it stands twice in order.
    Raises HistoryError for missing columns and whatever ``aggregate_rows`` refuses, MissingExtraError
    without pandas.

    >>> import pandas as pd
    >>> index = pd.date_range("2026-03-02 09:00", periods=4, freq="30min", name="start")
    >>> frame = pd.DataFrame({"contacts": [3, 5, 4, 6]}, index=index)
    >>> history = history_from_frame(frame, queue="phone", zone="Asia/Shanghai")
    >>> (history.grid.interval_seconds, float(history.offered.sum()), int(history.observed.sum()))
    (1800.0, 18.0, 4)
    """
    pd = _pandas()
    table = frame.reset_index() if start not in frame.columns and start in frame.index.names else frame
    missing = [name for name in (start, contacts) if name not in table.columns]
    if missing:
        raise HistoryError(
            f"the frame has no column {missing[0]!r}; it has {', '.join(map(str, table.columns))}"
        )
    when = pd.to_datetime(table[start])
    if when.isna().any():
        raise HistoryError(f"{start}: {int(when.isna().sum())} rows have no time")
    if when.dt.tz is None:
        starts = _instants([time.to_pydatetime() for time in when], zone)
    else:
        starts = [time.to_pydatetime() for time in when.dt.tz_convert("UTC")]
    handled = (
        table[aht_seconds].to_numpy(float) if aht_seconds in table.columns else [float("nan")] * len(table)
    )
    rows = [
        VolumeRow(start=at, contacts=float(count), aht_seconds=float(aht))
        for at, count, aht in zip(starts, table[contacts].to_numpy(float), handled, strict=True)
    ]
    return aggregate_rows(rows, queue=queue, zone=zone, interval=interval).history


def _instants(local: list[datetime], zone: str) -> list[datetime]:
    """Local times as instants; the second of two equal ones is the later hour of a clock that goes back."""
    tz = ZoneInfo(zone)
    seen: set[datetime] = set()
    found: list[datetime] = []
    for time in local:
        at = time.replace(tzinfo=tz, fold=int(time in seen)).astimezone(UTC)
        if at.astimezone(tz).replace(tzinfo=None) != time:
            raise HistoryError(f"{time.isoformat(' ')} is a local time that {zone} does not have")
        seen.add(time)
        found.append(at)
    return found


def history_frame(history: VolumeHistory) -> DataFrame:
    """Observed intervals: ``contacts`` and ``aht_seconds`` (NaN where unknown)."""
    frame = _pandas().DataFrame(
        {"contacts": history.offered, "aht_seconds": history.aht_seconds}, index=_index(history.grid)
    )
    return frame[history.observed]


def forecast_frame(forecast: VolumeForecast) -> DataFrame:
    """Every interval: ``mean``, the quantiles as ``q05`` to ``q95``, ``aht_seconds`` and ``open``."""
    columns: dict[str, Any] = {"mean": forecast.mean}
    columns |= {f"q{round(100 * level):02d}": values for level, values in forecast.quantiles.items()}
    columns |= {"aht_seconds": forecast.aht_seconds, "open": forecast.open}
    return _pandas().DataFrame(columns, index=_index(forecast.grid))


def scores_frame(result: BacktestResult) -> DataFrame:
    """The backtest's scores: one row per model and horizon [weeks]."""
    rows = [
        {
            "model": score.model,
            "horizon_weeks": score.horizon,
            "wape": score.wape,
            "bias": score.bias,
            "weeks": score.weeks,
            "contacts": score.contacts,
        }
        for score in result.scores()
    ]
    return _pandas().DataFrame(rows)


def _index(grid: IntervalGrid) -> DatetimeIndex:
    pd = _pandas()
    index: DatetimeIndex = pd.DatetimeIndex(list(grid.starts()), tz="UTC", name="start").tz_convert(grid.zone)
    return index


def _pandas() -> Any:
    try:
        import pandas
    except ImportError as error:
        raise MissingExtraError(model="frames", package="pandas", extra="frames") from error
    return pandas
