"""A seeded sample of the faults benchmark: real processes, real faults, everything told exactly once."""

from __future__ import annotations

import pytest

from tests.benchmarks.faults.__main__ import runs
from tests.benchmarks.faults.staging import cycle

SEED = 20261124
AT_ONCE = 4


@pytest.mark.timeout(300)
@pytest.mark.xdist_group("faults")
def test_whatever_fails_each_message_is_told_once(database_url: str) -> None:
    postgres = database_url.startswith("postgresql")
    numbers = range(len(cycle(two_processes=postgres)))
    done = list(runs(database_url, numbers, seed=SEED, at_once=AT_ONCE))
    unclean = {f"{run.number} {run.fault}": run.tally.problems for run in done if not run.tally.clean}
    assert unclean == {}
    assert {run.fault for run in done} == set(cycle(two_processes=postgres))
    assert all(run.tally.delivered == run.tally.expected >= 10 for run in done)
