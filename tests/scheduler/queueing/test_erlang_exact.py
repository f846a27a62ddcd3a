"""The formulas against slower ways to the same numbers, and against what must hold for any numbers."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.linalg import expm
from scipy.special import gammaincc, gammaln

from scheduler.errors import QueueingError
from scheduler.queueing import chat, erlang_a, erlang_b, erlang_c
from scheduler.queueing.search import least_agents
from scheduler.queueing.targets import ServiceTarget

loads = st.floats(min_value=0.01, max_value=300.0)
handling = st.floats(min_value=10.0, max_value=3600.0)
waits = st.floats(min_value=0.0, max_value=600.0)
patiences = st.floats(min_value=5.0, max_value=7200.0)


def birth_death(agents: int, erlangs: float, aht: float, patience: float) -> np.ndarray:
    """Stationary probabilities of M/M/n+M by the balance equations, in logarithms, far into the tail."""
    states = int(agents + 40 + 12 * math.sqrt(erlangs * max(patience / aht, 1)) + 4 * erlangs)
    log_p = np.zeros(states)
    for k in range(1, states):
        out = min(k, agents) / aht + max(0, k - agents) / patience
        log_p[k] = log_p[k - 1] + math.log(erlangs / aht / out)
    p = np.exp(log_p - log_p.max())
    return p / p.sum()


def answered_within(agents: int, erlangs: float, aht: float, patience: float, within: float) -> float:
    """Service level by following one waiting contact: those ahead leave by service or by losing patience."""
    p = birth_death(agents, erlangs, aht, patience)
    ahead = p.size - agents
    rates = np.zeros((ahead + 1, ahead + 1))  # the last state: got an agent
    for j in range(ahead):
        leave = agents / aht + j / patience
        rates[j, j - 1 if j else ahead] += leave
        rates[j, j] -= leave + 1 / patience
    served = expm(rates * within)[:ahead, ahead]
    return float(p[:agents].sum() + p[agents:] @ served)


@pytest.mark.parametrize(
    ("agents", "erlangs", "aht", "patience", "within"),
    [
        (10, 10.0, 180.0, 180.0, 20.0),
        (5, 9.0, 240.0, 60.0, 30.0),
        (1, 0.3, 600.0, 1200.0, 60.0),
        (12, 8.0, 300.0, 900.0, 0.0),
        (30, 33.0, 120.0, 30.0, 10.0),
    ],
)
def test_erlang_a_agrees_with_the_chain_solved_numerically(
    agents: int, erlangs: float, aht: float, patience: float, within: float
) -> None:
    m = erlang_a.measures(agents, erlangs, aht_seconds=aht, patience_seconds=patience, within_seconds=within)
    p = birth_death(agents, erlangs, aht, patience)
    waiting = np.maximum(np.arange(p.size) - agents, 0)
    abandonment = float(p @ waiting) / patience / (erlangs / aht)
    assert float(m.wait_probability) == pytest.approx(p[agents:].sum(), rel=1e-9)
    assert float(m.abandonment) == pytest.approx(abandonment, rel=1e-9)
    assert float(m.service_level) == pytest.approx(
        answered_within(agents, erlangs, aht, patience, within), rel=1e-9
    )
    busy = float(p @ np.minimum(np.arange(p.size), agents)) / agents
    assert float(m.occupancy) == pytest.approx(busy, rel=1e-9)


def test_erlang_a_mean_wait_of_the_answered_agrees_with_its_distribution() -> None:
    agents, erlangs, aht, patience = 8, 8.5, 200.0, 150.0
    at = np.linspace(0.0, 3000.0, 30001)
    levels = erlang_a.measures(
        agents, erlangs, aht_seconds=aht, patience_seconds=patience, within_seconds=at
    ).service_level
    m = erlang_a.measures(agents, erlangs, aht_seconds=aht, patience_seconds=patience)
    served = 1.0 - float(m.abandonment)
    assert levels[-1] == pytest.approx(served, rel=1e-9)
    late = served - levels
    mean = float(((late[1:] + late[:-1]) / 2 * np.diff(at)).sum()) / served
    assert float(m.asa_seconds) == pytest.approx(mean, rel=1e-5)


def test_erlang_b_and_c_agree_with_the_poisson_tail_on_random_input() -> None:
    rng = np.random.default_rng(20261122)
    erlangs = rng.uniform(0.05, 900.0, 3000)
    agents = np.floor(erlangs + rng.uniform(0.0, 4.0, 3000) * np.sqrt(erlangs)).astype(int) + 1
    # B = P(X = n) / P(X <= n) with X Poisson.
    pmf = np.exp(agents * np.log(erlangs) - erlangs - gammaln(agents + 1))
    b = pmf / gammaincc(agents + 1, erlangs)
    assert erlang_b.blocking(agents, erlangs) == pytest.approx(b, rel=1e-8)
    # C = 1 / (1 + (1 - rho) n! / a^n * sum_{k<n} a^k / k!)
    below = gammaincc(agents, erlangs) / pmf
    c = 1.0 / (1.0 + (1.0 - erlangs / agents) * below)
    assert erlang_c.wait_probability(agents, erlangs) == pytest.approx(c, rel=1e-8)


@settings(max_examples=150, deadline=None)
@given(erlangs=loads, aht=handling, within=waits, patience=st.none() | patiences, extra=st.integers(1, 60))
@example(erlangs=202.0, aht=10.0, within=0.0, patience=6600.0, extra=1)
def test_service_level_rises_with_agents_and_falls_with_load(
    erlangs: float, aht: float, within: float, patience: float | None, extra: int
) -> None:
    def level(agents: np.ndarray, load: np.ndarray) -> np.ndarray:
        m = chat.measures(
            agents, load, concurrency=1, aht_seconds=aht, within_seconds=within, patience_seconds=patience
        )
        for values in (m.service_level, m.occupancy, m.wait_probability, m.abandonment):
            assert np.all((values >= -1e-12) & (values <= 1 + 1e-12))
        return m.service_level

    around = int(erlangs) + np.arange(-5, 6) + extra // 4
    agents = np.maximum(around, 0)
    assert np.all(np.diff(level(agents, np.full(agents.size, erlangs))) >= -1e-9)
    growing = erlangs * np.linspace(0.5, 1.5, 11)
    assert np.all(np.diff(level(np.full(11, int(erlangs) + extra), growing)) <= 1e-9)


@settings(max_examples=80, deadline=None)
@given(
    erlangs=loads,
    aht=handling,
    within=st.floats(0.0, 120.0),
    share=st.floats(0.5, 0.99),
    patience=st.none() | patiences,
    occupancy=st.none() | st.floats(0.5, 0.95),
)
@example(erlangs=46.0, aht=10.0, within=38.0, share=0.5, patience=46.0, occupancy=None)
def test_least_agents_meet_the_target_and_one_fewer_do_not(
    erlangs: float, aht: float, within: float, share: float, patience: float | None, occupancy: float | None
) -> None:
    target = ServiceTarget(share=share, within_seconds=within, max_occupancy=occupancy)
    n = int(least_agents(erlangs, aht_seconds=aht, target=target, patience_seconds=patience))
    m = chat.measures(
        [n, n - 1], erlangs, concurrency=1, aht_seconds=aht, within_seconds=within, patience_seconds=patience
    )
    holds = (m.service_level >= share) & (m.occupancy <= (occupancy or 1.0) + 1e-9)
    assert holds.tolist() == [True, False]


def test_an_abandonment_limit_can_need_more_than_the_service_level() -> None:
    loose = ServiceTarget(share=0.5, within_seconds=120.0)
    strict = ServiceTarget(share=0.5, within_seconds=120.0, max_abandonment=0.02)
    need = [
        int(least_agents(20.0, aht_seconds=300.0, target=t, patience_seconds=90.0)) for t in (loose, strict)
    ]
    assert need[0] < need[1]
    m = erlang_a.measures([need[1] - 1, need[1]], 20.0, aht_seconds=300.0, patience_seconds=90.0)
    assert m.abandonment[0] > 0.02 >= m.abandonment[1]


@pytest.mark.parametrize("erlangs", [0.5, 9.0, 120.0])
def test_with_endless_patience_erlang_a_is_erlang_c(erlangs: float) -> None:
    agents = int(erlangs + 2 * math.sqrt(erlangs)) + 1
    patient = erlang_a.measures(agents, erlangs, aht_seconds=180.0, patience_seconds=1e8, within_seconds=20.0)
    endless = erlang_c.measures(agents, erlangs, aht_seconds=180.0, within_seconds=20.0)
    assert float(patient.service_level) == pytest.approx(float(endless.service_level), abs=1e-5)
    assert float(patient.asa_seconds) == pytest.approx(float(endless.asa_seconds), rel=1e-3)
    assert float(patient.abandonment) < 1e-5


def test_erlang_a_survives_extreme_overload() -> None:
    m = erlang_a.measures(10, 5000.0, aht_seconds=300.0, patience_seconds=3600.0, within_seconds=20.0)
    assert float(m.abandonment) == pytest.approx(1 - 10 / 5000, rel=1e-9)
    assert float(m.service_level) < 1e-6
    assert float(m.occupancy) == pytest.approx(1.0)


def test_bad_arguments_are_refused_in_words() -> None:
    with pytest.raises(QueueingError, match="erlangs must be numbers and not negative"):
        erlang_b.blocking(3, -1.0)
    with pytest.raises(QueueingError, match="whole numbers"):
        erlang_c.wait_probability(3.5, 2.0)
    with pytest.raises(QueueingError, match="shapes do not go together"):
        erlang_b.blocking([1, 2], [1.0, 2.0, 3.0])
    with pytest.raises(QueueingError, match="more than 50 agents would be needed for a load of 90"):
        least_agents(90.0, aht_seconds=180.0, target=ServiceTarget(), limit=50)
    with pytest.raises(QueueingError, match="without patience use erlang_c"):
        erlang_a.measures(3, 2.0, aht_seconds=60.0, patience_seconds=math.inf)
    for bad in ({"share": 1.0}, {"within_seconds": -1}, {"max_occupancy": 1.2}, {"max_abandonment": 0.0}):
        with pytest.raises(QueueingError):
            ServiceTarget(**bad)


def test_chat_agents_are_the_places_shared_out() -> None:
    target = ServiceTarget(share=0.8, within_seconds=45.0)
    places = least_agents(np.array([0.0, 5.0, 30.0]), aht_seconds=600.0, target=target)
    for concurrency in (1, 2, 3):
        agents = chat.least_chat_agents(
            np.array([0.0, 5.0, 30.0]), concurrency=concurrency, aht_seconds=600.0, target=target
        )
        assert agents.tolist() == [math.ceil(p / concurrency) for p in places]
