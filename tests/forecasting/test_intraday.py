"""Today against its forecast: exact where there is a closed form, and the same as drawing days by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from forecasting.errors import ForecastingError
from forecasting.forecast import expected_between, share_between
from forecasting.intraday import Stretch, chance_of_none, stretch, tails
from forecasting.uncertainty import sample_paths
from tests.support.builders import at
from tests.support.forecasts import forecast


@pytest.mark.parametrize(("mean", "excess"), [(4.0, 0.0), (4.0, 0.2), (55.0, 0.05), (0.3, 1.0)])
def test_tails_are_those_of_the_distribution(mean: float, excess: float) -> None:
    held = nbinom(1 / excess, 1 / (1 + excess * mean)) if excess else poisson(mean)
    for contacts in (0, 1, 4, 60):
        low, high = tails(contacts, Stretch(mean=mean, excess=excess))
        assert low == pytest.approx(held.cdf(contacts), abs=1e-9)
        assert high == pytest.approx(held.sf(contacts - 1), abs=1e-9)
    assert chance_of_none(Stretch(mean=mean, excess=excess)) == pytest.approx(held.pmf(0))


def test_where_nothing_is_expected_anything_is_beyond_every_band() -> None:
    assert tails(0, Stretch(mean=0.0, excess=0.0)) == (1.0, 1.0)
    assert tails(3, Stretch(mean=0.0, excess=0.0)) == (1.0, 0.0)
    assert chance_of_none(Stretch(mean=0.0, excess=0.0)) == 1.0
    with pytest.raises(ForecastingError):
        tails(-1, Stretch(mean=1.0, excess=0.0))


def test_a_stretch_of_intervals_varies_as_days_drawn_from_the_forecast_do() -> None:
    made = forecast(10.0, days=1, excess=0.08)
    open_ = np.flatnonzero(made.open)
    part = slice(int(open_[0]), int(open_[0]) + 8)
    drawn = sample_paths(made, 20_000, 5)[:, part].sum(axis=1)
    expected = stretch(made, part)
    assert expected.mean == pytest.approx(80.0)
    assert drawn.mean() == pytest.approx(80.0, rel=0.02)
    assert drawn.var() == pytest.approx(80.0 + expected.excess * 80.0**2, rel=0.06)


def test_part_intervals_count_by_their_share() -> None:
    made = forecast(10.0)
    assert expected_between(made, at(10, 5), at(10, 35)) == pytest.approx(20.0)
    assert expected_between(made, at(21, 50), at(23)) == pytest.approx(10 * 10 / 15)
    assert expected_between(made, at(1), at(7)) == 0.0
    assert share_between(made, at(10), at(10, 15)).sum() == pytest.approx(1.0)
    assert stretch(made, share_between(made, at(23), at(23, 30))) == Stretch(mean=0.0, excess=0.0)
