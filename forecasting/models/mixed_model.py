"""A linear mixed model for day levels: calendar effects with priors, a level that moves, day noise.

    y = X b + s(t) + l(t) + e,   b ~ N(0, diag(prior_sd^2)),   e ~ N(0, noise^2 + floor)

``s`` and ``l`` are Ornstein-Uhlenbeck processes (correlation exp(-|dt| / days)): a short one for weeks that
run high or low, a long one for the trend.  Ridge regression is the special case without them.  Estimates
are best linear unbiased predictions (Robinson, "That BLUP is a good thing", Statistical Science 6, 1991).
Standard deviations are chosen by marginal likelihood; days far off are weighted down (Huber 1964).

The processes are Markov, so their precision is banded and a fit costs O(n): with C the covariance of
s + l + e, Q the precision of (s, l), H the sum and D the noise,

    C^-1 = D^-1 - D^-1 H (Q + H' D^-1 H)^-1 H' D^-1
    log det C = log det (Q + H' D^-1 H) - log det Q + log det D
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpbtrf, dpbtrs, dpotrf, dpotrs, dtbtrs

Floats = NDArray[np.float64]

SHORT_DAYS = 7.0
LONG_DAYS = 120.0
HUBER = 2.5
"""Leave-one-out residuals beyond this many standard deviations lose weight."""
INTERCEPT_SD = 1.0

_CHOICES: dict[str, tuple[float, ...]] = {
    "noise": (0.02, 0.035, 0.06, 0.1, 0.17, 0.3),
    "short": (0.02, 0.06, 0.12, 0.25),
    "long": (0.03, 0.08, 0.2, 0.45),
    "effects": (0.5, 1.0, 1.7),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Standard deviations on the log scale; ``effects`` multiplies the columns' priors."""

    noise: float = 0.06
    short: float = 0.06
    long: float = 0.2
    effects: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MixedModel:
    """A fitted model.

    ``effect``, ``effect_sd``: posterior of every column's effect on the log scale, shape (columns,);
    ``effect_covariance``: the same, shape (columns, columns).
    ``intercept``; ``short_level``, ``long_level``: the processes on the last fitted day, ``last_day``.
    """

    spread: Spread
    last_day: float
    intercept: float
    effect: Floats
    effect_sd: Floats
    effect_covariance: Floats
    short_level: float
    long_level: float

    def predict(self, days: Floats, columns: Floats) -> Floats:
        """Mean of ``X b + s + l`` on the log scale for days after the last fitted one, shape (n,)."""
        ahead = np.maximum(days - self.last_day, 0.0)
        moving = self.short_level * np.exp(-ahead / SHORT_DAYS) + self.long_level * np.exp(-ahead / LONG_DAYS)
        return np.asarray(self.intercept + columns @ self.effect + moving)


def fit_mixed_model(
    *, days: Floats, values: Floats, columns: Floats, column_sd: Floats, floor: Floats
) -> MixedModel:
    """Fit ``values`` (log level, one per day in ``days``, increasing) on ``columns``.

    ``floor``: known variance of each value (Poisson noise of its count), all shapes (n,); n of at least 1.
    """
    centre = float(np.median(values))
    centred = values - centre
    # What never acted keeps its prior, and costs nothing.
    acted = np.flatnonzero((columns != 0).any(axis=0))
    design = np.column_stack([columns[:, acted], np.ones(values.size)])
    prior_sd = np.append(column_sd[acted], INTERCEPT_SD)
    weights = np.ones(values.size)
    data = _Data.of(days, centred, design)
    spread = Spread()
    for _ in range(2):
        # Effects alone leave the processes as they are, and those are most of the work.
        known: dict[Spread, _Processes] = {}

        def solved(
            chosen: Spread, held: Floats = weights, known: dict[Spread, _Processes] = known
        ) -> _Solution:
            key = replace(chosen, effects=1.0)
            if key not in known:
                known[key] = _Processes(key, data, key.noise**2 / held + floor)
            return _Solution(known[key], prior_sd, chosen.effects)

        spread = _climb(spread, lambda chosen, solved=solved: solved(chosen).worth)  # type: ignore[misc]
        noise = spread.noise**2 / weights + floor
        residual, variance = solved(spread).leave_one_out()
        without = np.maximum(variance - noise, 0.0)
        standard = np.abs(residual) / np.sqrt(without + spread.noise**2 + floor)
        weights = np.minimum(1.0, HUBER / np.maximum(standard, 1e-9))
    last = _Processes(spread, data, spread.noise**2 / weights + floor)
    final = _Solution(last, prior_sd, spread.effects)
    short, long = final.levels()
    effect = np.zeros(column_sd.size)
    effect[acted] = final.effect[:-1]
    covariance = np.diag((column_sd * spread.effects) ** 2)
    covariance[np.ix_(acted, acted)] = final.effect_covariance[:-1, :-1]
    return MixedModel(
        spread=spread,
        last_day=float(days[-1]),
        intercept=centre + float(final.effect[-1]),
        effect=effect,
        effect_sd=np.sqrt(np.diag(covariance)),
        effect_covariance=covariance,
        short_level=short,
        long_level=long,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Data:
    """What hangs on no standard deviation: ``both`` = [X 1 y] in Fortran's order, and for the short and the
    long process the correlation of each day with the next and what is new on it, of a variance of 1."""

    design: Floats
    values: Floats
    both: Floats
    keep: tuple[Floats, Floats]
    innovation: tuple[Floats, Floats]

    @classmethod
    def of(cls, days: Floats, values: Floats, design: Floats) -> _Data:
        step = np.diff(days)
        short, long = step / SHORT_DAYS, step / LONG_DAYS
        return cls(
            design=design,
            values=values,
            both=np.asfortranarray(np.column_stack([design, values])),
            keep=(np.exp(-short), np.exp(-long)),
            innovation=(-np.expm1(-2 * short), -np.expm1(-2 * long)),
        )


class _Processes:
    """What does not hang on the effects' prior; states are interleaved (s_1, l_1, s_2, l_2, ...).

    ``gram``: [X 1 y]' C^-1 [X 1 y].  ``log_c``: log det C.  LAPACK is called without SciPy's wrappers: a fit
    solves forty such systems, and the wrappers took as long as the algebra.
    """

    def __init__(self, spread: Spread, data: _Data, noise: Floats) -> None:
        n = data.values.size
        self.noise, self.data = noise, data
        band = np.zeros((3, 2 * n), order="F")  # lower form: diagonal, first and second subdiagonal
        log_precision = 0.0
        for offset, sd in ((0, spread.short), (1, spread.long)):
            keep, innovation = data.keep[offset], sd**2 * data.innovation[offset]
            gain = keep / innovation
            band[0, offset] += 1 / sd**2
            band[0, offset + 2 :: 2] += 1 / innovation
            band[0, offset : 2 * n - 2 : 2] += keep * gain
            band[2, offset : 2 * n - 2 : 2] = -gain
            log_precision -= np.log(sd**2) + float(np.log(innovation).sum())
        precision = 1 / noise
        band[0] += np.repeat(precision, 2)
        band[1, ::2] = precision
        self.factor, problem = dpbtrf(band, lower=1, overwrite_ab=1)
        _refuse(problem)
        self.log_c = 2 * float(np.log(self.factor[0]).sum()) - log_precision + float(np.log(noise).sum())
        scaled = data.both / noise[:, None]
        half = self.half_solved(scaled)
        self.gram = data.both.T @ scaled - half.T @ half

    def half_solved(self, scaled: Floats) -> Floats:
        """L^-1 H' times the columns of ``scaled``, L L' = Q + H' D^-1 H, shape (2n, columns)."""
        solved, _ = dtbtrs(self.factor, _twice(scaled), uplo="L", overwrite_b=True)
        return np.asarray(solved)

    def inverse(self, right: Floats) -> Floats:
        """C^-1 times the columns of ``right``."""
        scaled = right / self.noise[:, None]
        inner, _ = dpbtrs(self.factor, _twice(scaled), lower=1, overwrite_b=1)
        return np.asarray(scaled - (inner[::2] + inner[1::2]) / self.noise[:, None])

    def inverse_diagonal(self) -> Floats:
        """The diagonal of C^-1, shape (n,).

        From the entries of (L L')^-1 inside the band, last to first (Takahashi, Fagan and Chen, "Formation
        of a sparse bus impedance matrix", 1973): all others are never needed.
        """
        across, beyond = self.factor[1] / self.factor[0], self.factor[2] / self.factor[0]
        across[-1], beyond[-2:] = 0.0, 0.0  # outside the matrix
        next_own = next_beside = second_own = 0.0
        entries = zip((1 / self.factor[0] ** 2).tolist(), across.tolist(), beyond.tolist(), strict=True)
        found: list[tuple[float, float]] = []
        for alone, a, b in reversed(list(entries)):
            by_one = -a * next_own - b * next_beside
            by_two = -a * next_beside - b * second_own
            second_own, next_own = next_own, alone - a * by_one - b * by_two
            next_beside = by_one
            found.append((next_own, by_one))
        own, beside = np.array(found[::-1]).T  # entries (j, j) and (j, j + 1)
        inner = own[::2] + own[1::2] + 2 * beside[::2]
        return np.asarray((1 - inner / self.noise) / self.noise)


class _Solution:
    """The algebra for one choice of spread."""

    def __init__(self, processes: _Processes, prior_sd: Floats, effects: float) -> None:
        self.processes = processes
        gram = processes.gram
        prior = prior_sd.copy()
        prior[:-1] *= effects
        inner = np.array(gram[:-1, :-1], order="F")
        inner.ravel(order="K")[:: prior.size + 1] += 1 / prior**2
        self.inner, problem = dpotrf(inner, lower=1, clean=0, overwrite_a=1)
        _refuse(problem)
        self.effect, _ = dpotrs(self.inner, gram[:-1, -1], lower=1)
        log_k = processes.log_c + 2 * float(np.log(self.inner.diagonal()).sum())
        log_k += 2 * float(np.log(prior).sum())
        self.worth = -0.5 * (float(gram[-1, -1] - gram[:-1, -1] @ self.effect) + log_k)

    @cached_property
    def effect_covariance(self) -> Floats:
        return np.asarray(dpotrs(self.inner, np.eye(self.effect.size), lower=1)[0])

    def leave_one_out(self) -> tuple[Floats, Floats]:
        """Residual and variance of every value predicted from all others (Rasmussen and Williams, 5.4.2)."""
        of = self.processes
        solved = of.inverse(of.data.both)
        dual = solved[:, -1] - solved[:, :-1] @ self.effect  # K^-1 y
        precision = of.inverse_diagonal() - np.einsum(
            "ij,ij->i", solved[:, :-1] @ self.effect_covariance, solved[:, :-1]
        )
        return dual / precision, 1 / precision

    def levels(self) -> tuple[float, float]:
        """The two processes on the last day, given everything."""
        of = self.processes
        rest = (of.data.values - of.data.design @ self.effect) / of.noise
        solved, _ = dpbtrs(of.factor, np.repeat(rest, 2), lower=1)
        return float(solved[-2]), float(solved[-1])


def _twice(rows: Floats) -> Floats:
    """Every row twice, one for each process, in Fortran's order."""
    found = np.empty((2 * rows.shape[0], rows.shape[1]), order="F")
    found[::2] = found[1::2] = rows
    return found


def _refuse(problem: int) -> None:
    """LAPACK's verdict on a factor."""
    if problem:
        raise np.linalg.LinAlgError("the equations of the day levels are singular")


def _climb(start: Spread, worth: Callable[[Spread], float]) -> Spread:
    """Search along one choice after another, to the next as long as that is better; ends when none is.

    Each ``worth`` has one top along a choice, near enough: trying all of them doubled the time of a fit.
    """
    held: dict[Spread, float] = {}

    def known(candidate: Spread) -> float:
        if candidate not in held:
            held[candidate] = worth(candidate)
        return held[candidate]

    best = start
    for _ in range(4):
        before = best
        for field in fields(Spread):
            values = _CHOICES[field.name]
            at = values.index(getattr(best, field.name))
            for step in (1, -1):
                moved = False
                while 0 <= at + step < len(values):
                    candidate = replace(best, **{field.name: values[at + step]})
                    if known(candidate) <= known(best):
                        break
                    best, at, moved = candidate, at + step, True
                if moved:
                    break
        if best == before:
            break
    return best
