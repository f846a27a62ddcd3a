"""Within how long a share is answered: the inverse of the service level."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.errors import QueueingError
from scheduler.queueing import erlang_a, erlang_c
from scheduler.queueing.percentiles import answered_within


@settings(max_examples=80, deadline=None)
@given(
    erlangs=st.floats(0.5, 150.0),
    spare=st.integers(0, 15),
    aht=st.floats(30.0, 1200.0),
    share=st.floats(0.0, 0.995),
    patience=st.one_of(st.none(), st.floats(30.0, 1800.0)),
)
def test_it_inverts_the_service_level(
    erlangs: float, spare: int, aht: float, share: float, patience: float | None
) -> None:
    agents = int(erlangs) + 1 + spare

    def level(within: float) -> float:
        if patience is None:
            return float(erlang_c.service_level(agents, erlangs, aht_seconds=aht, within_seconds=within))
        return float(
            erlang_a.measures(
                agents, erlangs, aht_seconds=aht, patience_seconds=patience, within_seconds=within
            ).service_level
        )

    found = float(answered_within(agents, erlangs, aht_seconds=aht, share=share, patience_seconds=patience))
    if math.isinf(found):
        assert level(1e7) < share
    else:
        assert level(found) >= share - 1e-9
        assert found == 0.0 or level(max(found - 0.01, 0.0)) < share + 1e-9


def test_erlang_c_has_a_closed_form() -> None:
    # P(W > t) = C exp(-(n - a) t / h), so t = h / (n - a) ln(C / (1 - share)).
    wait = float(erlang_c.wait_probability(14, 10.0))
    expected = 180.0 / 4.0 * math.log(wait / 0.02)
    assert float(answered_within(14, 10.0, aht_seconds=180.0, share=0.98)) == pytest.approx(
        expected, abs=0.01
    )


def test_who_is_never_answered_and_what_is_nonsense() -> None:
    found = answered_within([9, 14], 10.0, aht_seconds=180.0, share=0.5)
    assert np.isinf(found[0])
    assert found[1] == 0.0
    assert np.isinf(answered_within(8, 10.0, aht_seconds=180.0, share=0.9, patience_seconds=60.0))
    with pytest.raises(QueueingError, match="below 1"):
        answered_within(8, 10.0, aht_seconds=180.0, share=1.0)
