"""The banded algebra against the plain formulas it stands for."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.models.mixed_model import (
    LONG_DAYS,
    SHORT_DAYS,
    Spread,
    _Data,
    _Processes,
    _Solution,
    fit_mixed_model,
)


@pytest.fixture
def problem() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(4)
    days = np.cumsum(rng.choice([1.0, 1.0, 1.0, 3.0], 60))
    columns = (rng.random((60, 5)) < 0.3).astype(float)
    values = columns @ np.array([0.3, -0.2, 0.0, 0.1, 0.4]) + rng.normal(0, 0.05, 60)
    return {
        "days": days,
        "values": values - np.median(values),
        "design": np.column_stack([columns, np.ones(60)]),
        "prior_sd": np.array([0.7, 0.7, 0.1, 0.1, 0.2, 1.0]),
        "noise": rng.uniform(0.002, 0.01, 60),
    }


def test_likelihood_effects_and_leave_one_out_equal_the_dense_solution(
    problem: dict[str, np.ndarray],
) -> None:
    spread = Spread(noise=0.06, short=0.05, long=0.2, effects=1.7)
    prior_sd = problem.pop("prior_sd")
    data = _Data.of(problem["days"], problem["values"], problem["design"])
    banded = _Solution(_Processes(spread, data, problem["noise"]), prior_sd, spread.effects)
    prior = prior_sd * np.array([1.7] * 5 + [1.0])
    distance = np.abs(problem["days"][:, None] - problem["days"][None, :])
    moving = 0.05**2 * np.exp(-distance / SHORT_DAYS) + 0.2**2 * np.exp(-distance / LONG_DAYS)
    covariance = (problem["design"] * prior**2) @ problem["design"].T + moving + np.diag(problem["noise"])
    inverse = np.linalg.inv(covariance)
    y = problem["values"]
    _, log_determinant = np.linalg.slogdet(covariance)

    assert banded.worth == pytest.approx(-0.5 * (y @ inverse @ y + log_determinant), rel=1e-9)
    assert banded.effect == pytest.approx(prior**2 * (problem["design"].T @ inverse @ y), rel=1e-6, abs=1e-9)
    residual, variance = banded.leave_one_out()
    assert variance == pytest.approx(1 / np.diag(inverse), rel=1e-6)
    assert residual == pytest.approx(inverse @ y / np.diag(inverse), rel=1e-6, abs=1e-9)
    last = moving[-1] @ inverse @ y
    assert sum(banded.levels()) == pytest.approx(last, rel=1e-6)


def test_known_effects_are_found_and_absent_ones_shrunk() -> None:
    rng = np.random.default_rng(8)
    days = np.arange(200.0)
    columns = np.column_stack([days % 7 == 0, days % 10 == 3, days % 11 == 5]).astype(float)
    values = 6 + columns @ np.array([0.25, 0.1, 0.0]) + rng.normal(0, 0.03, 200)
    model = fit_mixed_model(
        days=days,
        values=values,
        columns=columns,
        column_sd=np.array([0.7, 0.1, 0.1]),
        floor=np.full(200, 1e-4),
    )
    assert model.effect == pytest.approx([0.25, 0.1, 0.0], abs=0.03)
    assert np.all(np.abs(model.effect - [0.25, 0.1, 0.0]) < 4 * model.effect_sd)


def test_one_wild_day_does_not_move_the_level() -> None:
    rng = np.random.default_rng(8)
    days = np.arange(60.0)
    values = 5 + rng.normal(0, 0.03, 60)
    values[55] += 2.0
    model = fit_mixed_model(
        days=days,
        values=values,
        columns=np.zeros((60, 1)),
        column_sd=np.array([0.1]),
        floor=np.full(60, 1e-4),
    )
    assert model.predict(np.array([61.0]), np.zeros((1, 1)))[0] == pytest.approx(5.0, abs=0.08)


def test_a_single_day_is_enough_to_say_its_level() -> None:
    model = fit_mixed_model(
        days=np.array([0.0]),
        values=np.array([4.0]),
        columns=np.zeros((1, 2)),
        column_sd=np.array([0.1, 0.1]),
        floor=np.array([0.01]),
    )
    assert model.predict(np.array([3.0]), np.zeros((1, 2)))[0] == pytest.approx(4.0)
