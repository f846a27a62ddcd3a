"""The next hour from a live state: right in cases one can work out, and honest over many simulated days."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scheduler.errors import SimulationError
from scheduler.simulation.ahead import LiveQueue, Stretch, play_ahead
from tests.support.mornings import predictions

INF = np.inf


def live(**fields: object) -> LiveQueue:
    values: dict[str, object] = {
        "waiting_due": np.zeros(0),
        "in_hand": 0,
        "means": np.zeros(12),
        "interval_seconds": 300.0,
        "own_excess": 0.0,
        "level": None,
        "promises": np.array([INF]),
        "aht_seconds": 240.0,
    }
    return LiveQueue(**{**values, **fields})  # type: ignore[arg-type]


def crew(count: int, start: float = -3600, end: float = 7200) -> list[Stretch]:
    return [Stretch(agent=f"a{i}", start=start, end=end) for i in range(count)]


def test_nobody_there_breaks_every_promise_of_the_window_and_only_these() -> None:
    queue = live(waiting_due=np.array([-5.0, 600.0, 1199.0, 1200.0, 2999.0, 3000.0, INF]))
    ahead = play_ahead(queue, [], window=(1200.0, 3000.0), paths=5, seed=1)
    assert ahead.broken.tolist() == [2] * 5
    assert (ahead.chance(2), ahead.chance(3), ahead.expected) == (1.0, 0.0, 2.0)


def test_enough_people_break_none() -> None:
    queue = live(waiting_due=np.full(20, 1500.0), means=np.full(12, 4.0), promises=np.array([600.0]))
    assert play_ahead(queue, crew(40), window=(1200.0, 3000.0), paths=50, seed=1).broken.max() == 0


def test_the_urgent_one_is_taken_before_those_who_wait_longer() -> None:
    """One agent, free at once; what is due at 1,250 s is safe although ten others wait."""
    queue = live(waiting_due=np.array([1250.0, *[9000.0] * 10]), aht_seconds=2000.0)
    assert play_ahead(queue, crew(1), window=(1200.0, 3000.0), paths=50, seed=1).broken.max() == 0


def test_a_break_that_is_coming_counts() -> None:
    """Everybody away from 20 to 50 minutes ahead, calls promised five minutes."""
    queue = live(means=np.full(12, 5.0), promises=np.array([300.0]), aht_seconds=60.0)
    paused = crew(6, end=1200.0) + crew(6, start=3000.0)
    together = play_ahead(queue, paused, window=(1200.0, 3000.0), paths=100, seed=1)
    staying = play_ahead(queue, crew(6), window=(1200.0, 3000.0), paths=100, seed=1)
    assert staying.expected < 0.1
    assert together.expected > 15


def test_places_busy_now_are_not_free_now() -> None:
    queue = live(waiting_due=np.full(4, 1260.0), aht_seconds=3600.0, in_hand=4)
    busy = play_ahead(queue, crew(4), window=(1200.0, 3000.0), paths=400, seed=1)
    free = play_ahead(
        live(waiting_due=np.full(4, 1260.0), aht_seconds=3600.0), crew(4), window=(1200.0, 3000.0),
        paths=400, seed=1,
    )  # fmt: skip
    assert free.broken.max() == 0
    # Each place is still busy at 1,260 s with probability e^-0.35.
    assert busy.expected > 4 * math.exp(-0.35) * 0.8


def test_letters_are_answered_when_they_are_done() -> None:
    queue = live(waiting_due=np.array([1260.0]), aht_seconds=1e6)
    begun = play_ahead(queue, crew(1), window=(1200.0, 3000.0), paths=50, seed=1)
    letter = live(waiting_due=np.array([1260.0]), aht_seconds=1e6, answered_at_end=True)
    done = play_ahead(letter, crew(1), window=(1200.0, 3000.0), paths=50, seed=1)
    assert (begun.broken.max(), done.broken.min()) == (0, 1)


def test_who_hangs_up_breaks_no_promise() -> None:
    queue = live(waiting_due=np.full(50, 2000.0), patience_seconds=60.0)
    assert play_ahead(queue, [], window=(1200.0, 3000.0), paths=20, seed=1).broken.max() == 0


def test_the_same_seed_is_the_same_future_whatever_is_staffed() -> None:
    queue = live(means=np.full(12, 8.0), promises=np.array([300.0]), level=(20.0, 20.0), own_excess=0.02)
    first = play_ahead(queue, crew(5), window=(1200.0, 3000.0), paths=60, seed=4)
    again = play_ahead(queue, crew(5), window=(1200.0, 3000.0), paths=60, seed=4)
    more = play_ahead(queue, crew(6), window=(1200.0, 3000.0), paths=60, seed=4)
    assert first.broken.tolist() == again.broken.tolist()
    assert np.all(more.broken <= first.broken)
    assert play_ahead(queue, crew(5), window=(1200.0, 3000.0), paths=60, seed=5).broken.tolist() != (
        first.broken.tolist()
    )


def test_what_cannot_be_played_is_refused() -> None:
    with pytest.raises(SimulationError):
        live(promises=np.zeros(0))
    with pytest.raises(SimulationError):
        live(absence=1.0)
    with pytest.raises(SimulationError):
        play_ahead(live(), [], window=(100.0, 50.0), paths=10, seed=1)


# -- calibration -------------------------------------------------------------------------------------------


def test_predicted_probabilities_come_true_as_often_as_they_say() -> None:
    """240 predictions over simulated mornings: the small form of `tests.benchmarks.outlook`.

    Tolerance: over all within 0.06 of the frequency, in each third of the scale within 0.15; and the
    predictions know far more than the mean frequency does (Brier skill above 0.3).
    """
    both = [*predictions(30, 7, seed=11, paths=150), *predictions(30, 8, seed=12, paths=150)]
    p, y = np.array([a for a, _ in both]), np.array([b for _, b in both], dtype=np.float64)
    assert abs(p.mean() - y.mean()) < 0.06, (p.mean(), y.mean())
    for low, high in ((0.0, 1 / 3), (1 / 3, 2 / 3), (2 / 3, 1.01)):
        band = (p >= low) & (p < high)
        assert band.sum() >= 30, (low, int(band.sum()))
        assert abs(p[band].mean() - y[band].mean()) < 0.15, (low, p[band].mean(), y[band].mean())
    assert 1 - np.mean((p - y) ** 2) / np.mean((y - y.mean()) ** 2) > 0.3
