"""When too few answers in time are no accident: figures from binomial tables."""

from __future__ import annotations

import pytest
from scipy.stats import binom

from bot.core.service_watch import is_back, is_below


@pytest.mark.parametrize("judged", [10, 17, 40, 120])
@pytest.mark.parametrize("share", [0.8, 0.9])
def test_it_is_below_where_at_most_two_in_a_hundred_such_half_hours_would_be_accidents(
    judged: int, share: float
) -> None:
    for within in range(judged + 1):
        expected = within < share * judged and binom.cdf(within, judged, share) <= 0.02
        assert is_below(judged, within, share) is bool(expected)


def test_few_contacts_say_nothing() -> None:
    assert not is_below(9, 0, 0.8)


def test_back_is_on_target_and_not_a_moment_before() -> None:
    assert not is_back(20, 15, 0.8)
    assert is_back(20, 16, 0.8)
    assert is_back(0, 0, 0.8)
