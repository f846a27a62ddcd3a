"""When volume is unusual and when a source is silent; and how seldom that is said for nothing."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from bot.core.volume_watch import HIGH, LOW, Block, band, is_back_inside, is_silent, unusual_side
from forecasting.intraday import Stretch
from tests.support.builders import at
from tests.support.unusual import alarms_a_day

TEN = Stretch(mean=10.0, excess=0.04)
QUARTER = timedelta(minutes=15)


def block(contacts: int, expected: Stretch = TEN) -> Block:
    return Block(start=at(10), end=at(10, 15), contacts=contacts, expected=expected)


@pytest.mark.parametrize(
    ("before", "last", "side"),
    [
        (10, 10, None),
        (19, 19, HIGH),  # both outside 95 %
        (10, 19, None),  # once is chance
        (19, 10, None),  # it is over already
        (2, 2, LOW),
        (19, 2, None),  # on opposite sides
        (10, 30, HIGH),  # far outside
    ],
)
def test_two_in_a_row_or_one_far_outside(before: int, last: int, side: str | None) -> None:
    assert unusual_side([block(before), block(last)]) == side


def test_one_stretch_after_the_opening_only_counts_far_outside() -> None:
    assert unusual_side([block(19)]) is None
    assert unusual_side([block(30)]) == HIGH
    assert unusual_side([]) is None


def test_a_quiet_queue_has_no_low_side() -> None:
    few = Stretch(mean=1.2, excess=0.1)
    assert unusual_side([block(0, few), block(0, few)]) is None


def test_it_is_over_inside_the_80_percent_band() -> None:
    assert not is_back_inside(block(17), HIGH)
    assert is_back_inside(block(15), HIGH)
    assert is_back_inside(block(3), HIGH)
    assert not is_back_inside(block(4), LOW)


def test_the_band_said_is_the_band_judged_by() -> None:
    low, high = band(TEN)
    assert (low, high) == (4, 18)
    assert unusual_side([block(high), block(high)]) is None
    assert unusual_side([block(high + 1), block(high + 1)]) == HIGH
    assert unusual_side([block(low), block(low)]) is None
    assert unusual_side([block(low - 1), block(low - 1)]) == LOW


def test_silence_is_what_chance_does_not_explain_and_lasts() -> None:
    a_lot = Stretch(mean=40.0, excess=0.05)
    assert is_silent(a_lot, at(10), at(10, 14), QUARTER) is None
    chance = is_silent(a_lot, at(10), at(10, 15), QUARTER)
    assert chance is not None
    assert chance < 0.001
    assert is_silent(Stretch(mean=3.0, excess=0.05), at(10), at(12), QUARTER) is None


@pytest.mark.parametrize(("mean", "excess"), [(1.5, 0.05), (10.0, 0.04), (10.0, 0.1), (60.0, 0.04)])
def test_false_alarms_stay_under_the_documented_rate(mean: float, excess: float) -> None:
    """bot/docs/outlook.md: fewer than 0.3 a day and queue where the forecast's band is right."""
    assert alarms_a_day(mean, excess, days=600, seed=3) < 0.3


def test_a_true_surge_is_told_within_half_an_hour_and_an_outage_too() -> None:
    """Two and a half times the volume, and a tenth of it: nine times in ten within two stretches."""
    rng = np.random.default_rng(4)
    for factor, side in ((2.5, HIGH), (0.1, LOW)):
        told = 0
        for _ in range(300):
            counts = rng.poisson(25.0 * factor * rng.gamma(50) / 50, 2)
            expected = Stretch(mean=25.0, excess=0.05)
            told += unusual_side([block(int(c), expected) for c in counts]) == side
        assert told >= 270, (factor, told)
