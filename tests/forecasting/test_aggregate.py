from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.aggregate import VolumeRow, aggregate_rows, infer_interval, resample
from forecasting.errors import HistoryError
from forecasting.grid import local_midnight

DAY = datetime(2026, 3, 2, tzinfo=UTC)
FIVE = timedelta(minutes=5)
HALF_HOUR = timedelta(minutes=30)


def rows(
    count: int, *, step: timedelta = FIVE, contacts: float = 2, aht: float = float("nan")
) -> list[VolumeRow]:
    return [VolumeRow(start=DAY + i * step, contacts=contacts, aht_seconds=aht) for i in range(count)]


def test_the_interval_is_read_off_the_starts_although_nights_are_absent() -> None:
    starts = [DAY + day * timedelta(days=1) + i * FIVE for day in range(5) for i in range(169)]
    assert infer_interval(starts) == FIVE


def test_an_interval_that_does_not_divide_an_hour_is_refused() -> None:
    with pytest.raises(HistoryError, match="7 minutes"):
        infer_interval([DAY + i * timedelta(minutes=7) for i in range(9)])


def test_one_row_gives_no_interval() -> None:
    with pytest.raises(HistoryError, match="cannot be inferred"):
        infer_interval([DAY])


def test_half_an_hour_is_observed_only_when_all_its_parts_were() -> None:
    held = rows(12)
    del held[7]
    found = aggregate_rows(held, queue="phone", zone="UTC", interval=HALF_HOUR)
    assert found.history.observed[:3].tolist() == [True, False, False]
    assert found.history.offered[:2].tolist() == [12.0, 0.0]
    assert (found.partial_intervals, found.partial_contacts) == (1, 10.0)
    assert found.source_interval == FIVE


def test_handling_time_is_weighted_by_contacts() -> None:
    held = [
        VolumeRow(start=DAY, contacts=1, aht_seconds=100),
        VolumeRow(start=DAY + FIVE * 3, contacts=3, aht_seconds=200),
        VolumeRow(start=DAY + FIVE * 6, contacts=0, aht_seconds=float("nan")),
        VolumeRow(start=DAY + FIVE * 9, contacts=4),
    ]
    history = aggregate_rows(held, queue="phone", zone="UTC", interval=HALF_HOUR).history
    assert history.aht_seconds[0] == pytest.approx(175.0)
    assert np.isnan(history.aht_seconds[1])


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ([], "no rows"),
        ([VolumeRow(start=DAY, contacts=-1), VolumeRow(start=DAY + FIVE, contacts=1)], "not negative"),
        (
            [*rows(12), VolumeRow(start=DAY + timedelta(minutes=62), contacts=1)],
            "does not lie on the source's",
        ),
    ],
)
def test_bad_rows_are_refused_with_what_is_wrong(bad: list[VolumeRow], message: str) -> None:
    with pytest.raises(HistoryError, match=message):
        aggregate_rows(bad, queue="phone", zone="UTC", source_interval=FIVE)


def test_a_finer_interval_cannot_be_made() -> None:
    history = aggregate_rows(rows(4, step=HALF_HOUR), queue="phone", zone="UTC").history
    with pytest.raises(HistoryError, match="multiple"):
        resample(history, timedelta(minutes=15))


@given(
    counts=st.lists(st.integers(0, 50), min_size=12, max_size=200),
    parts=st.sampled_from([3, 6, 12]),
    zone=st.sampled_from(["UTC", "Asia/Kolkata", "Australia/Lord_Howe", "America/New_York"]),
)
def test_coarser_intervals_keep_the_total_of_whole_ones(counts: list[int], parts: int, zone: str) -> None:
    midnight = local_midnight(DAY.date(), zone)
    held = [VolumeRow(start=midnight + i * FIVE, contacts=c) for i, c in enumerate(counts)]
    fine = aggregate_rows(held, queue="phone", zone=zone, source_interval=FIVE).history
    coarse = resample(fine, FIVE * parts)
    assert coarse.offered.sum() == sum(counts[: len(counts) // parts * parts])
    assert coarse.observed.sum() == len(counts) // parts
