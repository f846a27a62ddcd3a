"""Which model for this queue, and why, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from forecasting.backtest import BacktestResult, BacktestScore
from forecasting.metrics import wape
from forecasting.models.registry import DEFAULT_MODEL, PREFERRED_MODEL

MIN_WEEKS = 2
"""Fewer tested weeks are no test."""
MIN_GAIN = 0.01
"""A challenger must lower the WAPE by this share of the default's: nearer is a draw, and a draw goes to
the simpler model."""
MAX_LOSS = 0.03
"""At no horizon may a challenger's WAPE be higher than the default's by more than this share of it: by less,
ten weeks of one queue do not tell which is better there."""
MIN_GAIN_ON_PREFERRED = 0.02
"""And by this share of the preferred model's, where that one beats the default too: the best of many that are
about as good is the luckiest, and the mean of them is the one that stays good."""


class SelectionReason(Enum):
    BEAT_DEFAULT = "beat_default"
    PREFERRED_BEAT_DEFAULT = "preferred_beat_default"
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


def select_model(
    result: BacktestResult, *, default: str = DEFAULT_MODEL, preferred: str = PREFERRED_MODEL
) -> Selection:
    """The preferred model if it truly beats the default; another one only if it truly beats both.

    Truly: by 1 % of the default's WAPE at least (2 % of the preferred model's), in half of the tested weeks
    at least, and at no horizon clearly worse than the default (by more than 3 %).  Without the preferred
    model, the lowest mean WAPE over the horizons of those that truly beat the default.
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
    able: dict[str, tuple[float, int]] = {}
    for model in dict.fromkeys(score.model for score in scores):
        own = {score.horizon: score.wape for score in scores if score.model == model}
        if model == default or set(own) != set(of_default):
            continue
        mean = float(np.mean(list(own.values())))
        won, compared = _weeks_won(result, model, default)
        worse = any(own[h] > (1 + MAX_LOSS) * of_default[h] for h in own)
        if mean <= (1 - MIN_GAIN) * base and 2 * won >= compared and not worse:
            able[model] = mean, won
    best = _best_of(able, result, preferred=preferred) if able else default
    best_wape, best_won = able.get(best, (base, 0))
    if best == default:
        reason = SelectionReason.DEFAULT_NOT_BEATEN
    elif best == preferred:
        reason = SelectionReason.PREFERRED_BEAT_DEFAULT
    else:
        reason = SelectionReason.BEAT_DEFAULT
    return Selection(
        model=best,
        reason=reason,
        wape=best_wape,
        default_wape=base,
        weeks=weeks,
        weeks_won=best_won,
        scores=scores,
    )


def _best_of(able: dict[str, tuple[float, int]], result: BacktestResult, *, preferred: str) -> str:
    """Of the models that beat the default (with mean WAPE and weeks won)."""
    if preferred in able:
        limit = (1 - MIN_GAIN_ON_PREFERRED) * able[preferred][0]
        better = {preferred: able[preferred]}
        for model, (mean, won) in able.items():
            of_preferred, compared = _weeks_won(result, model, preferred)
            if mean <= limit and 2 * of_preferred >= compared:
                better[model] = mean, won
        able = better
    return min(able, key=lambda model: able[model][0])


def _weeks_won(result: BacktestResult, model: str, rival: str) -> tuple[int, int]:
    theirs = {(week.first_day, week.horizon): week for week in result.of(rival)}
    won = compared = 0
    for week in result.of(model):
        other = theirs.get((week.first_day, week.horizon))
        if other is None or week.actual.sum() <= 0:
            continue
        compared += 1
        won += wape(week.actual, week.forecast) < wape(other.actual, other.forecast)
    return won, compared
