from __future__ import annotations

import doctest
import importlib
import pkgutil
from collections.abc import Callable

import numpy as np
import pytest

import forecasting
from forecasting.errors import ForecastingError
from forecasting.metrics import bias, coverage, mase, pinball, wape


def test_worked_examples_in_the_documentation_run() -> None:
    tried = 0
    for found in pkgutil.walk_packages(forecasting.__path__, "forecasting."):
        result = doctest.testmod(importlib.import_module(found.name))
        assert result.failed == 0, found.name
        tried += result.attempted
    assert tried >= 15


def test_wape_is_pooled_and_not_the_mean_of_percentages() -> None:
    actual, forecast = np.array([100.0, 1.0]), np.array([90.0, 2.0])
    assert wape(actual, forecast) == pytest.approx(11 / 101)
    assert bias(actual, forecast) == pytest.approx(-9 / 101)


def test_nothing_to_score_is_not_a_number_and_not_zero() -> None:
    assert np.isnan(wape(np.zeros(3), np.ones(3)))
    assert np.isnan(coverage(np.zeros(0), np.zeros(0), np.zeros(0)))


def test_mase_of_the_seasonal_naive_forecast_inside_its_training_is_one() -> None:
    training = np.array([3.0, 5.0, 4.0, 7.0, 3.0, 9.0])
    assert mase(training[2:], training[:-2], training, 2) == pytest.approx(1.0)


def test_pinball_at_one_half_is_half_the_absolute_error() -> None:
    actual, forecast = np.array([1.0, 8.0, 3.0]), np.array([2.0, 5.0, 3.0])
    assert pinball(actual, forecast, 0.5) == pytest.approx(np.mean(np.abs(actual - forecast)) / 2)


@pytest.mark.parametrize(("level", "loss"), [(0.1, 3.2 / 4), (0.5, 4.0 / 4), (0.9, 4.8 / 4)])
def test_pinball_against_numbers_worked_out_by_hand(level: float, loss: float) -> None:
    # Two too low by 2 and 3, one right, one too high by 3: level x 5 + (1 - level) x 3, over four.
    actual, quantile = np.array([12.0, 5.0, 7.0, 0.0]), np.array([10.0, 2.0, 7.0, 3.0])
    assert pinball(actual, quantile, level) == pytest.approx(loss)


def test_pinball_is_least_at_the_true_quantile() -> None:
    actual = np.random.default_rng(3).normal(100, 10, 4000)
    losses = {q: pinball(actual, np.full(4000, q), 0.9) for q in (100.0, 106.0, 112.8, 119.0, 125.0)}
    assert min(losses, key=losses.__getitem__) == 112.8


@pytest.mark.parametrize(
    "call",
    [
        lambda: wape(np.zeros(2), np.zeros(3)),
        lambda: pinball(np.zeros(2), np.zeros(2), 1.0),
        lambda: mase(np.zeros(2), np.zeros(2), np.zeros(5), 7),
    ],
)
def test_arguments_that_make_no_sense_are_refused(call: Callable[[], float]) -> None:
    with pytest.raises(ForecastingError):
        call()
