"""Numbers that stand in books and papers."""

import numpy as np
import pytest

from scheduler.queueing import erlang_a, erlang_b, erlang_c
from scheduler.queueing.search import least_agents
from scheduler.queueing.targets import ServiceTarget


@pytest.mark.parametrize(
    ("agents", "erlangs", "lost"),
    [
        # The Erlang B traffic table (ITU/Ericsson tables; offered traffic for a given loss).
        (10, 3.092, 0.001),
        (10, 4.461, 0.01),
        (20, 12.03, 0.01),
        (50, 37.90, 0.01),
        (100, 84.06, 0.01),
        (10, 5.084, 0.02),
        (30, 21.93, 0.02),
        (10, 6.216, 0.05),
    ],
)
def test_erlang_b_agrees_with_the_traffic_tables(agents: int, erlangs: float, lost: float) -> None:
    # The tables give the load to four digits, so the loss is good to about one in a thousand.
    assert float(erlang_b.blocking(agents, erlangs)) == pytest.approx(lost, rel=3e-3)


def test_seven_agents_with_five_erlangs_make_a_third_wait() -> None:
    assert float(erlang_c.wait_probability(7, 5.0)) == pytest.approx(0.3241, abs=5.1e-5)


def test_hundred_calls_in_half_an_hour_need_fourteen_agents_for_80_20() -> None:
    assert int(least_agents(10.0, aht_seconds=180.0, target=ServiceTarget())) == 14


def test_garnett_mandelbaum_reiman_table_with_and_without_abandonment() -> None:
    """Garnett, Mandelbaum, Reiman (2002), section 1: 50 agents, 48 calls a minute.

    A call takes a minute, patience is two.  Without abandonment the mean wait is 20.8 s, utilisation 96 %;
    with it 3.1 % abandon, utilisation is 93 %, and the mean wait of all is 3.7 s.
    """
    never_leaves = erlang_c.measures(50, 48.0, aht_seconds=60.0)
    assert float(never_leaves.asa_seconds) == pytest.approx(20.8, abs=0.05)
    assert float(never_leaves.occupancy) == pytest.approx(0.96)
    leaves = erlang_a.measures(50, 48.0, aht_seconds=60.0, patience_seconds=120.0)
    assert float(leaves.abandonment) == pytest.approx(0.031, abs=5e-4)
    assert float(leaves.occupancy) == pytest.approx(0.93, abs=5e-3)
    wait_of_all = float(leaves.abandonment) * 120.0  # Little: abandonment rate = patience rate x waiting
    assert wait_of_all == pytest.approx(3.7, abs=0.05)


def test_no_load_and_no_agents_are_defined() -> None:
    for patience in (None, 120.0):

        def measures(agents: int, erlangs: float, patience: float | None = patience) -> list[float]:
            if patience is None:
                m = erlang_c.measures(agents, erlangs, aht_seconds=180.0, within_seconds=20.0)
            else:
                m = erlang_a.measures(
                    agents, erlangs, aht_seconds=180.0, within_seconds=20.0, patience_seconds=patience
                )
            return [float(x) for x in (m.service_level, m.asa_seconds, m.occupancy, m.wait_probability)]

        assert measures(0, 0.0) == [1.0, 0.0, 0.0, 0.0]
        assert measures(5, 0.0) == [1.0, 0.0, 0.0, 0.0]
        assert measures(0, 3.0) == [0.0, np.inf, 1.0, 1.0]
    overload = erlang_c.measures(5, 5.0, aht_seconds=180.0, within_seconds=20.0)
    assert float(overload.service_level) == 0.0
    assert float(overload.asa_seconds) == np.inf
    assert int(least_agents(0.0, aht_seconds=180.0, target=ServiceTarget())) == 0
