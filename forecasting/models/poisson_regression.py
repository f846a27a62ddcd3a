"""Poisson regression of interval counts: everything about an interval in one logarithm.

    log E N(day, interval) = a + x(day) b + s(day) + l(day) + p(interval) + d(weekday, interval)

``x`` are the calendar columns, ``s`` and ``l`` a short and a long moving level, ``p`` the common profile,
``d`` how the weekday departs from it.  Counts enter as they are, so a quiet queue needs no offset under the
logarithm, a day seen in part counts for what was seen, and what is forecast is a mean and not a median.
Generalised linear model with log link: Nelder and Wedderburn, JRSS A 135 (1972).  All effects but ``a`` are
penalised; the profiles are penalised splines (Eilers and Marx, Statistical Science 11, 1996), the levels
Ornstein-Uhlenbeck processes between knots.  Each group's penalty follows from the data: the steps of
Fellner and Schall in the form of Wood and Fasiolo, Biometrics 73 (2017), eq. 4.

Counts are more dispersed than Poisson, and a day's counts depart together.  So there are two dispersions
(quasi-likelihood, McCullagh and Nelder, "Generalized Linear Models", 1989, 9): of whole days for what
acts on days, of intervals around their day for the profiles.

A day's effects are the same for all its intervals, and a weekday's profile for all its days: the normal
equations are put together from sums over days and over intervals, never from a row per interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline
from scipy.linalg.blas import dsymv
from scipy.linalg.lapack import dpotrf, dpotri

from forecasting.calendars import ForecastCalendar
from forecasting.effects import entered_effect
from forecasting.errors import HistoryError
from forecasting.models.base import (
    FittedForecaster,
    LearnedEffect,
    TrainingData,
    WeekdayTableForecast,
    weekday_pattern,
)
from forecasting.models.calendar_columns import day_columns
from forecasting.models.learned_effects import ColumnEffects
from forecasting.profiles import fill_unseen

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

SHORT_DAYS = 14.0
LONG_DAYS = 120.0
SHORT_KNOT_DAYS, LONG_KNOT_DAYS = 7, 28
"""Distance of the knots of the moving levels, the last one on the last day [days]."""
COMMON_SPLINES = 48
"""The common profile has one parameter per interval up to so many intervals, and so many from there on."""
WEEKDAY_SPLINES = 10
STEPS = 12
"""Newton steps at most; half as many are usual."""
MIN_STEPS = 6
CLOSE = 1e-3
"""Steps end when no parameter moves further than this [log]."""
LARGEST_STEP = 1.5
FIRST_DAY_SD, FIRST_INTERVAL_SD = 0.05, 0.1
LEAST_DAY_SD, LEAST_INTERVAL_SD = 0.01, 0.02
"""Below these relative standard deviations no history is believed to be regular."""
LEAST_RESIDUAL_SHARE = 0.3
"""Of all days, whatever the number of parameters: a dispersion is not estimated from what is left over."""
FURTHEST_LOG = 12.0
"""An interval that is never called has e^-12 of the mean: the logarithm of nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoissonRegression:
    """``half_life_days``: the weight of a day halves with it; ``max_days``: none beyond [days]."""

    half_life_days: float = 140.0
    max_days: int = 420

    @property
    def name(self) -> str:
        return "poisson_regression"

    def fit(self, training: TrainingData) -> FittedForecaster:
        """Raises HistoryError where nothing may be learned from."""
        counts = _Counts.of(training, self)
        if not counts.counts.any():
            empty = np.zeros((7, training.table.counts.shape[1]))
            return WeekdayTableForecast(
                values=empty, seen=np.ones_like(empty, dtype=np.bool_), calendar=training.calendar
            )
        return _fitted(counts, training)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedPoissonRegression:
    """``mean``: contacts of an interval on a day without effects, weekday by column of the day table.

    ``short``, ``long``: the moving levels on ``last_day`` [log].  ``effects_of_columns``: on the log scale.
    """

    mean: Floats
    seen: Mask
    short: float
    long: float
    last_day: date
    calendar: ForecastCalendar
    effects_of_columns: ColumnEffects

    def predict_days(self, days: Sequence[date]) -> Floats:
        ahead = np.array([max(0, (day - self.last_day).days) for day in days], dtype=np.float64)
        known = day_columns(self.calendar, days, known=self.effects_of_columns.columns)
        moving = self.short * np.exp(-ahead / SHORT_DAYS) + self.long * np.exp(-ahead / LONG_DAYS)
        level = np.exp(known.matrix @ self.effects_of_columns.mean + moving)
        return np.asarray(
            level[:, None] * fill_unseen(self.mean, self.seen)[weekday_pattern(self.calendar, days)]
        )

    def effects(self) -> tuple[LearnedEffect, ...]:
        """Factors relative to an ordinary day; weekdays relative to the mean of the weekdays seen."""
        return self.effects_of_columns.learned()

    def day_variance(self, days: Sequence[date]) -> Floats:
        """The posterior variance of the events' curves on the days."""
        return self.effects_of_columns.event_variance(self.calendar, days)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Counts:
    """What is fitted, days by learnable columns: ``counts`` without lifts entered by hand, 0 where not
    ``seen``; ``weight`` of every day; ``rows`` and ``columns`` of the day table."""

    counts: Floats
    seen: Mask
    weight: Floats
    like: NDArray[np.int64]
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    days: list[date]

    @classmethod
    def of(cls, training: TrainingData, settings: PoissonRegression) -> _Counts:
        table, learn = training.table, training.learn
        rows = np.flatnonzero(learn.any(axis=1))
        rows = rows[rows >= table.day_count - settings.max_days] if rows.size else rows
        if rows.size == 0:
            raise HistoryError("no interval of the last days may be learned from")
        columns = np.flatnonzero(learn[rows].any(axis=0))
        seen = learn[rows][:, columns]
        every = table.days()
        days = [every[row] for row in rows]
        lift = np.exp(entered_effect(training.calendar, days)[0])
        return cls(
            counts=np.where(seen, table.counts[rows][:, columns] / lift[:, None], 0.0),
            seen=seen,
            weight=0.5 ** ((table.day_count - 1 - rows) / settings.half_life_days),
            like=training.like()[rows],
            rows=rows,
            columns=columns,
            days=days,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Penalty:
    """``strength`` times a quadratic form of the parameters in ``part``, kept in [``least``, ``most``].

    ``folded``: the form's upper triangle with its lower one added, for sums over symmetric matrices.
    ``of_days``: its parameters act on whole days, so that days' dispersion is theirs.
    """

    part: slice
    form: Floats
    folded: Floats
    strength: float
    least: float
    most: float
    of_days: bool

    def traced(self, inverse: Floats) -> float:
        """Trace of the form times its part of a symmetric matrix, of which the upper triangle is read."""
        return float(np.vdot(inverse[self.part, self.part], self.folded))

    def followed(self, parameters: Floats, inverse: Floats, dispersion: float) -> _Penalty:
        """With the strength that one step of Fellner and Schall gives; ``inverse`` as in ``traced``."""
        own, form = parameters[self.part], self.form
        used = form.shape[0] - self.strength * dispersion * self.traced(inverse)
        wanted = max(used, 1e-3) / max(float(own @ form @ own), 1e-12)
        step = float(np.clip(wanted, self.strength / 5, self.strength * 5))
        return replace(self, strength=float(np.clip(step, self.least, self.most)))


class _Equations:
    """The parameters in order (intercept, calendar columns, knots of both levels, common profile, profile of
    each weekday) and the penalised normal equations for given means."""

    def __init__(self, counts: _Counts, matrix: Floats, column_sd: Floats) -> None:
        self.counts = counts
        short_knots, long_knots = _knots(counts.rows, SHORT_KNOT_DAYS), _knots(counts.rows, LONG_KNOT_DAYS)
        self.of_day = np.hstack([np.ones((counts.rows.size, 1)), matrix, short_knots, long_knots])
        self.common = _splines(counts.columns.size, COMMON_SPLINES)
        self.own = _splines(counts.columns.size, WEEKDAY_SPLINES)
        self.rows_of = [np.flatnonzero(counts.like == weekday) for weekday in range(7)]
        days, common, own = self.of_day.shape[1], self.common.shape[1], self.own.shape[1]
        self.size = days + common + 7 * own
        self.day_part = slice(0, days)
        self.common_part = slice(days, days + common)
        self.own_parts = [slice(days + common + w * own, days + common + (w + 1) * own) for w in range(7)]
        self.column_part = slice(1, 1 + column_sd.size)
        self.short_knot = 1 + column_sd.size
        self.long_knot = self.short_knot + short_knots.shape[1]
        short = slice(self.short_knot, self.long_knot)
        long = slice(self.long_knot, days)
        smooth = _roughness(common, 2) + 1e-4 * np.eye(common)
        alike = np.asarray(np.kron(np.eye(7), _roughness(own, 1) + 0.1 * np.eye(own)), dtype=np.float64)
        every = slice(days + common, self.size)
        prior = np.asarray(np.diag(column_sd**-2), dtype=np.float64)
        # Columns: priors that may be half or 1.7 times as wide.  Levels: 2 to 50 % to move.
        self.penalties = [
            _penalty(self.column_part, prior, sd=1.0, least=0.5, most=1.7, days=True),
            _penalty(
                short,
                _precision(short, SHORT_KNOT_DAYS / SHORT_DAYS),
                sd=0.06,
                least=0.02,
                most=0.5,
                days=True,
            ),
            _penalty(
                long, _precision(long, LONG_KNOT_DAYS / LONG_DAYS), sd=0.2, least=0.02, most=0.5, days=True
            ),
            _penalty(self.common_part, smooth, sd=0.1, least=1e-3, most=10.0, days=False),
            _penalty(every, alike, sd=0.1, least=1e-3, most=10.0, days=False),
        ]

    def log_mean(self, parameters: Floats) -> Floats:
        """Shape (days, columns)."""
        profile = self.common @ parameters[self.common_part] + np.array(
            [self.own @ parameters[part] for part in self.own_parts]
        )
        return np.asarray((self.of_day @ parameters[self.day_part])[:, None] + profile[self.counts.like])

    def normal(self, weight: Floats) -> Floats:
        """Fisher information for working weights of shape (days, columns): the upper triangle of a matrix of
        shape (size, size) in Fortran's order, zero below its diagonal blocks."""
        day, common, own = self.of_day, self.common, self.own
        matrix = np.zeros((self.size, self.size), order="F")
        rooted = day * np.sqrt(weight.sum(axis=1))[:, None]
        matrix[self.day_part, self.day_part] = rooted.T @ rooted
        matrix[self.day_part, self.common_part] = day.T @ (weight @ common)
        matrix[self.common_part, self.common_part] = common.T @ (weight.sum(axis=0)[:, None] * common)
        by_own = weight @ own
        for rows, part in zip(self.rows_of, self.own_parts, strict=True):
            down = weight[rows].sum(axis=0)[:, None] * own
            matrix[self.day_part, part] = day[rows].T @ by_own[rows]
            matrix[self.common_part, part] = common.T @ down
            matrix[part, part] = own.T @ down
        return matrix

    def score(self, residual: Floats) -> Floats:
        """Gradient of the likelihood for weighted residuals of shape (days, columns), shape (size,)."""
        gradient = np.zeros(self.size)
        gradient[self.day_part] = self.of_day.T @ residual.sum(axis=1)
        gradient[self.common_part] = self.common.T @ residual.sum(axis=0)
        for rows, part in zip(self.rows_of, self.own_parts, strict=True):
            gradient[part] = self.own.T @ residual[rows].sum(axis=0)
        return gradient


def _fitted(counts: _Counts, training: TrainingData) -> FittedPoissonRegression:
    held = day_columns(training.calendar, counts.days)
    equations = _Equations(counts, held.matrix, held.prior_sd)
    parameters, inverse, dispersion = _climb(counts, equations)
    columns = equations.column_part
    upper = np.triu(inverse[columns, columns])
    profile = np.array(
        [
            equations.common @ parameters[equations.common_part] + equations.own @ parameters[part]
            for part in equations.own_parts
        ]
    )
    mean = np.zeros((7, training.table.counts.shape[1]))
    seen = np.zeros(mean.shape, dtype=np.bool_)
    mean[:, counts.columns] = np.exp(parameters[0] + profile)
    for weekday, rows in enumerate(equations.rows_of):
        seen[weekday, counts.columns] = counts.seen[rows].any(axis=0)
    usual = float(counts.counts.sum()) / counts.rows.size
    return FittedPoissonRegression(
        mean=mean,
        seen=seen,
        short=float(parameters[equations.short_knot]),
        long=float(parameters[equations.long_knot]),
        last_day=counts.days[-1],
        calendar=training.calendar,
        effects_of_columns=ColumnEffects(
            columns=held.columns,
            times=(held.matrix != 0).sum(axis=0),
            mean=parameters[columns],
            covariance=dispersion * (upper + np.triu(upper, 1).T),
            day_noise=float(np.sqrt(dispersion / usual)),
        ),
    )


def _climb(counts: _Counts, equations: _Equations) -> tuple[Floats, Floats, float]:
    """Newton steps with penalties and dispersions following: parameters, the upper triangle of the inverse
    of the penalised information, and the days' dispersion, by which it becomes a covariance."""
    seen, own = counts.seen, counts.counts
    held = seen * counts.weight[:, None]
    every = held.sum()
    usual = float((own * held).sum() / every)
    day_size = float(own.sum()) / counts.rows.size
    by_column = (own * held).sum(axis=0) / np.maximum(held.sum(axis=0), 1e-12)
    parameters = np.zeros(equations.size)
    parameters[0] = np.log(usual)
    start = np.log(np.maximum(by_column / usual, 0.02))
    parameters[equations.common_part] = np.linalg.lstsq(equations.common, start, rcond=None)[0]
    penalties = equations.penalties
    of_days, of_intervals = FIRST_DAY_SD**2 * day_size, FIRST_INTERVAL_SD**2 * usual
    fixed = 1e-6 * every * usual
    inverse = np.eye(equations.size)
    for step in range(STEPS):
        log_mean = equations.log_mean(parameters)
        mean = np.exp(np.clip(log_mean, parameters[0] - FURTHEST_LOG, parameters[0] + FURTHEST_LOG))
        penalised = equations.normal(mean * held)
        # The intercept is free; this only keeps the equations regular.
        penalised[0, 0] += fixed
        pull = np.zeros(equations.size)
        for penalty in penalties:
            size = penalty.strength * (of_days if penalty.of_days else of_intervals)
            penalised[penalty.part, penalty.part] += size * penalty.form
            pull[penalty.part] += size * (penalty.form @ parameters[penalty.part])
        inverse = _inverse(penalised)
        move = dsymv(1.0, inverse, equations.score((own - mean) * held) - pull)
        furthest = float(np.abs(move).max())
        parameters = parameters + move * min(1.0, LARGEST_STEP / max(furthest, 1e-12))
        if step < 2:
            continue  # far from the counts, what is left over says nothing of their dispersion
        # The trace of inverse times information over the day's part: all of it but what penalties hold.
        used = equations.of_day.shape[1] - fixed * float(inverse[0, 0])
        used -= sum(p.strength * of_days * p.traced(inverse) for p in penalties if p.of_days)
        of_days, of_intervals = _dispersions(counts, mean, held, used)
        of_days = max(of_days, LEAST_DAY_SD**2 * day_size)
        of_intervals = max(of_intervals, LEAST_INTERVAL_SD**2 * usual)
        if furthest < CLOSE and step > MIN_STEPS:
            break
        penalties = [
            penalty.followed(parameters, inverse, of_days if penalty.of_days else of_intervals)
            for penalty in penalties
        ]
    return parameters, inverse, of_days


def _inverse(upper: Floats) -> Floats:
    """Of a symmetric positive definite matrix, both by their upper triangle; ``upper`` is overwritten."""
    factor, problem = dpotrf(upper, lower=0, clean=0, overwrite_a=1)
    if not problem:
        found, problem = dpotri(factor, lower=0, overwrite_c=1)
    if problem:
        raise np.linalg.LinAlgError("the penalised information is singular")
    return np.asarray(found)


def _dispersions(counts: _Counts, mean: Floats, held: Floats, used: float) -> tuple[float, float]:
    """Pearson's: squared departures over the mean, of whole days and of intervals around their day.

    ``used``: effective parameters that act on days.
    """
    expected = (mean * counts.seen).sum(axis=1)
    actual = counts.counts.sum(axis=1)
    departure = (actual - expected) ** 2 / np.maximum(expected, 1e-12)
    left = max(LEAST_RESIDUAL_SHARE, 1 - used / counts.rows.size)
    of_days = float((counts.weight * departure).sum() / (counts.weight.sum() * left))
    around = mean * (actual / np.maximum(expected, 1e-12))[:, None]
    squares = (counts.counts - around) ** 2 / np.maximum(around, 1e-12) * held
    return of_days, float(squares[around > 0].sum() / held.sum())


def _penalty(part: slice, form: Floats, *, sd: float, least: float, most: float, days: bool) -> _Penalty:
    """Strengths from standard deviations: first, least and most."""
    folded = np.triu(form) + np.tril(form, -1).T
    return _Penalty(
        part=part, form=form, folded=folded, strength=sd**-2, least=most**-2, most=least**-2, of_days=days
    )


def _knots(rows: NDArray[np.intp], distance: int) -> Floats:
    """Linear interpolation between knots counted back from the last day, shape (days, knots)."""
    position = (rows[-1] - rows) / distance
    below = np.floor(position).astype(np.intp)
    hats = np.zeros((rows.size, int(below.max()) + 2))
    at = np.arange(rows.size)
    hats[at, below] = 1 - (position - below)
    hats[at, below + 1] += position - below
    return hats


def _precision(part: slice, distance: float) -> Floats:
    """Of an Ornstein-Uhlenbeck process of variance 1 at the knots (at least 2) of a part of the parameters;
    ``distance`` between them in units of the process's length."""
    count = part.stop - part.start
    keep = float(np.exp(-distance))
    form = np.diag(np.full(count, 1 + keep**2))
    form[0, 0] = form[-1, -1] = 1.0
    at = np.arange(count - 1)
    form[at, at + 1] = form[at + 1, at] = -keep
    return np.asarray(form / (1 - keep**2))


def _roughness(count: int, order: int) -> Floats:
    """Sum of squared differences of the order, as a quadratic form; of no order where there are too few."""
    differences = np.diff(np.eye(count), min(order, count - 1), axis=0)
    return np.asarray(differences.T @ differences)


@lru_cache(maxsize=32)
def _splines(columns: int, most: int) -> Floats:
    """One function per column, or ``most`` cubic B-splines where there are more columns."""
    if columns <= most:
        basis = np.eye(columns)
    else:
        inner = np.linspace(0.0, 1.0, most - 2)
        knots = np.concatenate([np.zeros(3), inner, np.ones(3)])
        at = np.clip(np.arange(columns) / (columns - 1), 0.0, 1.0 - 1e-9)
        basis = BSpline.design_matrix(at, knots, 3).toarray()
    basis.setflags(write=False)
    return np.asarray(basis)
