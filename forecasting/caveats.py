"""What a planner must know before trusting a forecast: kinds with numbers, sentences are made elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum


class WarningCode(Enum):
    """The numbers each code carries are named behind it."""

    HISTORY_TOO_SHORT = "history_too_short"  # days, needed_days, fewest_samples, most_samples (per weekday)
    HISTORY_SHORT = "history_short"  # days, needed_days: enough to test, too little for month effects
    HISTORY_GAP = "history_gap"  # days; first_day: the longest stretch without any row
    HISTORY_STALE = "history_stale"  # days: between the last row and the first interval forecast
    NOT_TESTED = "not_tested"  # weeks: no backtest was possible, the default model was taken
    BAND_ASSUMED = "band_assumed"  # half_width: relative, of the 80 % band; not measured
    ALL_ZERO = "all_zero"  # intervals: every observed open interval is zero, and so is the forecast
    NO_OPEN_INTERVALS = "no_open_intervals"  # intervals: the queue is closed throughout the target
    UNSEEN_HOURS = "unseen_hours"  # intervals, contacts: open in the target, never seen in the history
    HOURS_INFERRED = "hours_inferred"  # weekdays: opening hours were read off the history
    AHT_ASSUMED = "aht_assumed"  # seconds: no handling times in the history
    OUTSIDE_HOURS = "outside_hours"  # contacts, share: arrived where the calendar is closed
    DOUBLED_IMPORT = "doubled_import"  # days: left out because imported twice, as it seems
    UNUSUAL_DAYS = "unusual_days"  # days: one-off days left out of the learning
    EVENTS_UNUSED = "events_unused"  # events; first_day: in the target, and the chosen model knows no events
    OUTAGES = "outages"  # runs, contacts: hours without records left out of the learning


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastWarning:
    code: WarningCode
    numbers: Mapping[str, float] = field(default_factory=dict)
    first_day: date | None = None
