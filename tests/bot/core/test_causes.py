"""Pareto's order of causes: by hand, and what holds for any counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.causes import VITAL_SHARE, pareto

COUNTS = st.dictionaries(st.text(max_size=6), st.integers(min_value=0, max_value=10_000), max_size=12)


def test_eighty_percent_exactly_is_enough() -> None:
    found = pareto({"process": 5, "training": 3, "system": 2})
    assert [line.key for line in found.vital] == ["process", "training"]
    assert found.lines[1].cumulative == pytest.approx(0.8)


def test_without_counts_there_are_no_lines_and_what_is_unnamed_stands_apart() -> None:
    found = pareto({"process": 0}, unnamed=4)
    assert (found.lines, found.vital, found.total, found.unnamed) == ((), (), 0, 4)


def test_equal_counts_stand_by_name() -> None:
    assert [line.key for line in pareto({"b": 2, "a": 2, "c": 3}).lines] == ["c", "a", "b"]


def test_no_count_is_below_nothing() -> None:
    with pytest.raises(ValueError, match="below 0"):
        pareto({"process": -1})


@given(COUNTS)
def test_lines_carry_everything_in_order(counts: dict[str, int]) -> None:
    found = pareto(counts)
    assert {line.key: line.count for line in found.lines} == {k: n for k, n in counts.items() if n}
    assert found.total == sum(counts.values())
    held = [line.count for line in found.lines]
    assert held == sorted(held, reverse=True)
    if found.lines:
        assert found.lines[-1].cumulative == 1.0
        assert sum(line.share for line in found.lines) == pytest.approx(1.0)


@given(COUNTS)
def test_the_vital_few_are_the_fewest_that_reach_the_line(counts: dict[str, int]) -> None:
    found = pareto(counts)
    vital = found.vital
    assert found.lines[: len(vital)] == vital
    if found.lines:
        assert sum(line.count for line in vital) * 5 >= found.total * 4
        assert sum(line.count for line in vital[:-1]) * 5 < found.total * 4
        assert vital[-1].cumulative >= VITAL_SHARE
