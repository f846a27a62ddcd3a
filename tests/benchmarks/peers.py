"""Forecasting libraries beside the product's models: statsforecast's MSTL, Prophet and LightGBM.

`tests.benchmarks.forecast --peers` backtests each of them over the same weeks and horizons as the others.
What all get is the same: the history as the product cleaned it (``learn``: closures, outages and doubled
imports are out), opening hours and closures known in advance, dated events where they are given.  The point
forecast and the band are the library's own; below 0 they are 0.  One set of settings for all queues.

- ``mstl``: the day's and the week's season, trend by AutoETS, all defaults; closed times are cut out, because
  it takes no calendar.  Band: that of AutoETS.  At most the last 420 days.
- ``prophet``: the day's and the week's season, multiplicative, open intervals only; the product's calendar
  columns (closures, day of the month) as regressors, the days around events as its holidays.  Band: its own,
  of 1000 simulated futures.
- ``lightgbm``: trees on the same columns and the last six values known at the horizon, one model per week
  ahead (``forecasting.models.lightgbm_model``).  Band: its own quantile objective.  At most 420 days.

The libraries are the extra ``peers``; one that is absent or does not work is left out, and that is said.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from forecasting.calendars import ForecastCalendar
from forecasting.day_table import cells_of
from forecasting.events import EventNature
from forecasting.grid import IntervalGrid
from forecasting.models.base import TrainingData
from forecasting.models.calendar_columns import day_columns
from forecasting.models.lightgbm_model import LightGbm
from forecasting.models.statsforecast_model import FittedMstl, Mstl

Floats = NDArray[np.float64]

LEVELS = (0.1, 0.5, 0.9)
INSTALL = "pip install -e '.[peers]', or with uv: uv pip sync --require-hashes requirements-peers.lock"
WINDOWS = {EventNature.CAMPAIGN: (0, 20), EventNature.DEADLINE: (-7, 3), EventNature.OUTAGE: (0, 2)}
"""Calendar days around an event that Prophet learns an effect of their own for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PeerForecast:
    """``mean`` and every quantile: contacts per interval, shape (days, columns of the day table)."""

    mean: Floats
    quantiles: Mapping[float, Floats]

    def on_grid(self, grid: IntervalGrid, calendar: ForecastCalendar) -> PeerForecast:
        """On the intervals of a grid that begins with the first day: 0 where closed, never below 0,
        quantiles in order."""
        _, _, rows, columns = cells_of(grid)
        is_open = calendar.open_mask(grid)

        def there(cells: Floats) -> Floats:
            return np.where(is_open, np.maximum(cells[rows, columns], 0.0), 0.0)

        levels = sorted(self.quantiles)
        ordered = np.sort([there(self.quantiles[level]) for level in levels], axis=0)
        return PeerForecast(mean=there(self.mean), quantiles=dict(zip(levels, ordered, strict=True)))


class Peer(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def package(self) -> str:
        """What is imported."""
        ...

    def forecast(self, training: TrainingData, days: Sequence[date]) -> PeerForecast:
        """Fitted on the training and asked for days after it, at LEVELS."""
        ...


class MstlPeer:
    name = "mstl"
    package = "statsforecast"

    def forecast(self, training: TrainingData, days: Sequence[date]) -> PeerForecast:
        fitted = Mstl().fit(training)
        assert isinstance(fitted, FittedMstl)
        series = fitted.series
        last = max(max(days), series.next_day + timedelta(days=6))
        steps = len(series.days_until(last)) * series.day_length
        said = fitted.fitted.predict(h=steps, level=[80])
        mean, low, high = (
            series.on_days(np.asarray(said[part], dtype=np.float64), days)
            for part in ("mean", "lo-80", "hi-80")
        )
        # Its errors are normal: the median is the mean.
        return PeerForecast(mean=mean, quantiles={0.1: low, 0.5: mean, 0.9: high})


class LightGbmPeer:
    name = "lightgbm"
    package = "lightgbm"

    def forecast(self, training: TrainingData, days: Sequence[date]) -> PeerForecast:
        return PeerForecast(
            mean=LightGbm().fit(training).predict_days(days),
            quantiles={level: LightGbm(level=level).fit(training).predict_days(days) for level in LEVELS},
        )


class ProphetPeer:
    name = "prophet"
    package = "prophet"

    def forecast(self, training: TrainingData, days: Sequence[date]) -> PeerForecast:
        from pandas import DataFrame

        table = training.table
        plain = replace(training.calendar, events=())
        # Its own season has the weekdays, which are the first seven columns.
        of_days = {day: day_columns(plain, [day]).matrix[0, 7:] for day in (*table.days(), *days)}
        names = [f"calendar{i}" for i in range(of_days[days[0]].size)]

        def frame(cells: Sequence[tuple[date, int]]) -> Any:
            starts = [datetime.combine(day, time(0)) + timedelta(minutes=minute) for day, minute in cells]
            made = DataFrame([of_days[day] for day, _ in cells], columns=names)
            made.insert(0, "ds", starts)
            return made

        rows, columns = np.nonzero(training.learn & table.open_by(training.calendar))
        all_days, minutes = table.days(), table.minutes.tolist()
        history = frame([(all_days[r], minutes[c]) for r, c in zip(rows, columns, strict=True)])
        history["y"] = table.counts[rows, columns]
        around = sorted(event_days(training.calendar))
        model = _quiet_prophet(
            daily_seasonality=True,
            weekly_seasonality=True,
            yearly_seasonality=False,  # a season needs two years, no set has them
            seasonality_mode="multiplicative",
            interval_width=0.8,
            holidays=DataFrame(around, columns=["ds", "holiday"]) if around else None,
        )
        for name in names:
            model.add_regressor(name)
        model.fit(history, seed=1)
        np.random.seed(1)  # Prophet draws from the global generator
        said = model.predict(frame([(day, minute) for day in days for minute in minutes]))
        mean, low, high = (
            said[part].to_numpy(dtype=np.float64).reshape(len(days), len(minutes))
            for part in ("yhat", "yhat_lower", "yhat_upper")
        )
        return PeerForecast(mean=mean, quantiles={0.1: low, 0.5: mean, 0.9: high})


def event_days(calendar: ForecastCalendar) -> set[tuple[date, str]]:
    """(day, name): every day around an event, named by its kind and the distance to it."""
    found: set[tuple[date, str]] = set()
    for event in calendar.events:
        before, after = WINDOWS.get(event.nature, (0, 0))
        centre = event.last_day if event.nature is EventNature.DEADLINE else event.first_day
        for distance in range(before, after + 1):
            found.add((centre + timedelta(days=distance), f"{event.kind}{distance:+d}"))
    return found


def _quiet_prophet(**settings: Any) -> Any:
    logging.getLogger("prophet.plot").setLevel(logging.CRITICAL)  # it misses plotly, which nobody needs here
    from prophet import Prophet

    logging.getLogger("cmdstanpy").setLevel(logging.WARNING)
    return Prophet(**settings)


ALL: tuple[Peer, ...] = (MstlPeer(), ProphetPeer(), LightGbmPeer())


def fault_of(peer: Peer) -> str | None:
    """Why a peer cannot take part; None where it can."""
    if find_spec(peer.package) is None:
        return f"the package {peer.package} is not installed ({INSTALL})"
    if isinstance(peer, ProphetPeer):
        try:
            _quiet_prophet()
        except Exception as error:  # whatever it is, the others can be measured
            return f"Prophet's compiled Stan model cannot be used here: {error}"
    return None


def versions() -> dict[str, str]:
    """Installed versions of the peers' packages."""
    return {peer.package: version(peer.package) for peer in ALL if find_spec(peer.package) is not None}
