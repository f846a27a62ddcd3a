"""Shares of types and channels, and what they say of the handling time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.errors import ForecastingError
from forecasting.mix import Counted, mixed_handling_time, parts_of
from forecasting.standard_handling_time import Standard

STANDARDS = {"complaint": Standard(low=600, high=900), "order": Standard(low=300, high=480)}

counts = st.lists(
    st.tuples(st.integers(0, 5000), st.floats(0, 1), st.floats(1, 3000)), min_size=1, max_size=7
)


def counted(rows: list[tuple[int, float, float]]) -> list[Counted]:
    return [
        Counted(part=f"p{i}", contacts=n, handled=int(n * known), seconds=int(n * known) * mean)
        for i, (n, known, mean) in enumerate(rows)
    ]


@given(counts)
def test_shares_add_up_whatever_was_counted(rows: list[tuple[int, float, float]]) -> None:
    found = parts_of(counted(rows), standards={}, default_seconds=240.0)
    if not sum(n for n, _, _ in rows):
        assert found == ()
        return
    assert sum(part.share for part in found) == pytest.approx(1.0, abs=1e-12)
    for part in found:
        assert 0 <= part.low <= part.share <= part.high <= 1 or len(found) > 1
        assert part.aht_seconds > 0
        assert 0 < part.aht_unsure <= 0.25 + 1e-9
    mean, unsure = mixed_handling_time(found)
    assert min(p.aht_seconds for p in found) - 1e-6 <= mean <= max(p.aht_seconds for p in found) + 1e-6
    assert 0 < unsure <= 0.26


def test_a_standard_gives_way_to_contacts_as_they_come() -> None:
    def of(handled: int) -> float:
        row = Counted(part="order", contacts=1000, handled=handled, seconds=handled * 200.0)
        return parts_of([row], standards=STANDARDS, default_seconds=240.0)[0].aht_seconds

    assert of(0) == pytest.approx(390.0)
    # 390 s, sure to 18 %, are worth some 44 contacts: half way after as many.
    assert of(44) == pytest.approx((390 + 200) / 2, abs=1)
    assert of(2000) == pytest.approx(204, abs=2)


def test_a_queue_without_handling_times_has_those_of_its_types() -> None:
    rows = [Counted(part="order", contacts=80), Counted(part="complaint", contacts=20)]
    mean, unsure = mixed_handling_time(parts_of(rows, standards=STANDARDS, default_seconds=240.0))
    assert mean == pytest.approx(0.8 * 390 + 0.2 * 750, rel=0.01)
    assert 0.05 < unsure < 0.18


def test_more_contacts_make_a_share_surer() -> None:
    def width(n: int) -> float:
        rows = [Counted(part="a", contacts=3 * n), Counted(part="b", contacts=n)]
        part = parts_of(rows, standards={}, default_seconds=240.0)[1]
        return part.high - part.low

    assert width(2500) == pytest.approx(width(25) / 10, rel=0.1)


def test_a_standard_that_cannot_be_is_refused() -> None:
    for low, high in ((0, 10), (20, 10)):
        with pytest.raises(ForecastingError, match="0 < low <= high"):
            Standard(low=low, high=high)
    with pytest.raises(ForecastingError):
        mixed_handling_time([])
