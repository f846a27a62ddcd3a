"""Which model for this queue, and why, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from forecasting.backtest import BacktestResult, BacktestScore
from forecasting.metrics import wape
from forecasting.models.registry import DEFAULT_MODEL

MIN_WEEKS = 2
"""Fewer tested weeks are no test."""
MIN_GAIN = 0.01
"""A challenger must lower the WAPE by this share of the default's: nearer is a draw, and a draw goes to
the simpler model."""


class SelectionReason(Enum):
    BEAT_DEFAULT = "beat_default"
    DEFAULT_NOT_BEATEN = "default_not_beaten"
    TOO_SHORT_TO_TEST = "too_short_to_test"
    NO_CONTACTS_TO_SCORE = "no_contacts_to_score"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """``wape`` and ``default_wape``: mean over the horizons [ratio], NaN where nothing was tested.

    ``weeks_won``: tested weeks (week and horizon) in which the chosen model had the lower error than the
    default, of ``weeks``.  ``scores``: every model and horizon, the losers too.
    """

    model: str
    reason: SelectionReason
    wape: float
    default_wape: float
    weeks: int
    weeks_won: int
    scores: tuple[BacktestScore, ...]


def select_model(result: BacktestResult, *, default: str = DEFAULT_MODEL) -> Selection:
    """The model with the lowest mean WAPE over the horizons, if it truly beats the default.

    Truly: by 1 % of the default's WAPE at least, in half of the tested weeks at least, and at no horizon
    worse than the default.
    """
    scores = result.scores()
    of_default = {score.horizon: score.wape for score in scores if score.model == default}
    nan = float("nan")
    if not scores or not of_default:
        tested = len(result.of(default))
        reason = SelectionReason.NO_CONTACTS_TO_SCORE if tested else SelectionReason.TOO_SHORT_TO_TEST
        return Selection(
            model=default, reason=reason, wape=nan, default_wape=nan, weeks=tested, weeks_won=0, scores=scores
        )
    base = float(np.mean(list(of_default.values())))
    weeks = len(result.of(default))
    if max(score.weeks for score in scores) < MIN_WEEKS:
        return Selection(
            model=default,
            reason=SelectionReason.TOO_SHORT_TO_TEST,
            wape=base,
            default_wape=base,
            weeks=weeks,
            weeks_won=0,
            scores=scores,
        )
    best, best_wape, best_won = default, base, 0
    for model in dict.fromkeys(score.model for score in scores):
        own = {score.horizon: score.wape for score in scores if score.model == model}
        if model == default or set(own) != set(of_default):
            continue
        mean = float(np.mean(list(own.values())))
        won, compared = _weeks_won(result, model, default)
        worse = any(own[h] > of_default[h] for h in own)
        if mean < best_wape and mean <= (1 - MIN_GAIN) * base and 2 * won >= compared and not worse:
            best, best_wape, best_won = model, mean, won
    return Selection(
        model=best,
        reason=SelectionReason.DEFAULT_NOT_BEATEN if best == default else SelectionReason.BEAT_DEFAULT,
        wape=best_wape,
        default_wape=base,
        weeks=weeks,
        weeks_won=best_won,
        scores=scores,
    )


def _weeks_won(result: BacktestResult, model: str, default: str) -> tuple[int, int]:
    theirs = {(week.first_day, week.horizon): week for week in result.of(default)}
    won = compared = 0
    for week in result.of(model):
        other = theirs.get((week.first_day, week.horizon))
        if other is None or week.actual.sum() <= 0:
            continue
        compared += 1
        won += wape(week.actual, week.forecast) < wape(other.actual, other.forecast)
    return won, compared
