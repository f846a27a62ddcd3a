"""What a certificate promises, whom it names, and how it compares with what came."""

from datetime import date, timedelta

import numpy as np
import pytest

from forecasting.grid import IntervalGrid
from scheduler.errors import SimulationError
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.simulation import PathsHold, PlayedQueue, certify, certify_against
from scheduler.staffing import Assurance, ShrinkagePlan, Workload, requirement
from scheduler.staffing.peaks import judged_together, peak_intervals
from tests.scheduler.simulation.stage import everybody, half_hours, minutes, queue

WEEK = IntervalGrid.for_days(
    first=date(2026, 11, 23), days=7, interval=timedelta(minutes=30), zone="Europe/Lisbon"
)


def paths(played: PlayedQueue, count: int) -> dict[str, np.ndarray]:
    return {played.name: np.tile(played.workload.contacts, (count, 1))}


def test_ample_staff_passes_and_thin_staff_is_named_with_what_is_missing() -> None:
    grid = half_hours(8)
    played = queue(grid, contacts=60.0)
    need = int(requirement(played.workload, played.target, ShrinkagePlan()).base_agents.max())
    ample = certify([played], everybody(grid, need + 4), paths(played, 100), seed=1)
    assert ample.passed
    assert ample.gate is not None
    assert ample.gate >= 0.95
    assert all(j.missing_agents == 0 for j in ample.judgements)
    thin = certify([played], everybody(grid, need - 2), paths(played, 100), seed=1)
    assert not thin.passed
    weakest = thin.weakest[0]
    assert weakest.probability == thin.gate
    assert weakest.missing_agents >= 2
    assert weakest.staffed_agents == need - 2
    assert thin.share_inside["phone"] < ample.share_inside["phone"]
    assert thin.staffed_hours == (need - 2) * 4.0


def test_the_weakest_are_the_five_lowest_and_the_hole_comes_first() -> None:
    grid = half_hours(40)
    played = queue(grid, contacts=40.0)
    staff = [*everybody(grid, 6), minutes("x", 0, 330), minutes("x", 360, 1200), minutes("y", 0, 1200)]
    hole = [minutes("z", 0, 330), minutes("z", 360, 1200)]
    windows = {"phone": np.ones(40, dtype=bool)}
    found = certify([played], staff + hole, paths(played, 60), seed=7, peaks=windows)
    assert len(found.judgements) == 40
    assert found.weakest[0].intervals == (11,), "two of nine are away from minute 330 to 360"
    probabilities = sorted(j.probability for j in found.judgements)
    assert [j.probability for j in found.weakest] == probabilities[:5]


def test_the_same_seed_gives_the_same_certificate() -> None:
    grid = half_hours(8)
    played = queue(grid, contacts=35.0, patience=90.0)

    def judged(seed: int) -> list[tuple[float, float]]:
        found = certify([played], everybody(grid, 5), paths(played, 30), seed=seed)
        return [(j.probability, j.service_level) for j in found.judgements]

    assert judged(5) == judged(5)
    assert judged(5) != judged(6)


def test_small_queues_are_judged_over_neighbouring_peak_intervals() -> None:
    grid = half_hours(40)
    played = queue(grid, contacts=8.0, target=ServiceTarget(share=0.65))
    found = certify([played], everybody(grid, 2), paths(played, 100), seed=2)
    assert [j.expected_contacts for j in found.judgements] == [32.0, 48.0], "ten peak intervals of eight"
    single = found.report.queues["phone"]
    alone = np.mean(single.service_level[:, :10] >= 0.65, axis=0)
    assert found.passed
    assert alone.min() < found.threshold, "judged one by one a good roster would be refused"


def test_groups_stay_within_a_day_where_the_day_has_enough() -> None:
    monday, tuesday = date(2026, 11, 23), date(2026, 11, 24)
    dates = [monday] * 4 + [tuesday] * 4
    peak = np.ones(8, dtype=bool)
    assert judged_together(np.full(8, 15.0), peak, dates) == ((0, 1), (2, 3), (4, 5), (6, 7))
    assert judged_together(np.full(8, 12.0), peak, dates) == ((0, 1, 2, 3), (4, 5, 6, 7))
    assert judged_together(np.full(8, 5.0), peak, dates) == ((0, 1, 2, 3, 4, 5, 6, 7),)
    assert judged_together(np.full(8, 5.0), ~peak, dates) == ()


def test_peaks_are_the_top_quarter_of_each_week_unless_windows_are_given() -> None:
    two_weeks = IntervalGrid.for_days(
        first=date(2026, 11, 23), days=14, interval=timedelta(minutes=30), zone="Europe/Lisbon"
    )
    hour = two_weeks.minutes_of_day() // 60
    is_open = (hour >= 8) & (hour < 20)
    contacts = np.where(is_open, 10.0 + hour, 0.0)
    contacts[two_weeks.count // 2 :] *= 10  # a busy second week takes no peaks from the first
    peak = peak_intervals(contacts, is_open, two_weeks)
    for week in (slice(0, two_weeks.count // 2), slice(two_weeks.count // 2, None)):
        assert peak[week].sum() == is_open[week].sum() / 4
        assert hour[week][peak[week]].min() == 17
    assert not np.any(peak & ~is_open)
    grid = half_hours(8)
    played = queue(grid, contacts=40.0)
    window = np.zeros(8, dtype=bool)
    window[5] = True
    found = certify([played], everybody(grid, 9), paths(played, 10), seed=1, peaks={"phone": window})
    assert [j.intervals for j in found.judgements] == [(5,)]
    assert found.judgements[0].start == grid.start_of(5)
    assert found.judgements[0].end == grid.start_of(6)


def test_nothing_expected_is_nothing_to_fail() -> None:
    grid = half_hours(4)
    found = certify([queue(grid, contacts=0.0)], [], {"phone": np.zeros((3, 4))}, seed=1)
    assert found.gate is None
    assert found.passed
    assert found.weakest == ()
    assert np.isnan(found.share_inside["phone"])


def test_mail_is_judged_by_what_is_finished_in_time() -> None:
    hour = WEEK.minutes_of_day() // 60
    is_open = (hour >= 9) & (hour < 18) & (WEEK.weekdays() < 5)
    mail = PlayedQueue(
        workload=Workload(
            queue="mail",
            skill="mail",
            kind=WorkKind.DEFERRABLE,
            grid=WEEK,
            contacts=np.where(is_open, 6.0, 0.5),
            aht_seconds=np.full(WEEK.count, 420.0),
            open=is_open,
        ),
        target=ServiceTarget(share=0.9, within_seconds=4 * 3600.0),
    )
    need = requirement(mail.workload, mail.target, ShrinkagePlan()).base_agents
    spans = [
        minutes(f"m{a}", 30 * i, 30 * i + 30, "mail", WEEK.start)
        for i in np.flatnonzero(need).tolist()
        for a in range(need[i])
    ]
    enough = certify([mail], spans, paths(mail, 60), seed=3)
    assert enough.passed
    half = certify([mail], [s for s in spans if s.agent == "m0"], paths(mail, 60), seed=3)
    assert half.gate is not None
    assert half.gate < 0.5


def test_absence_lowers_the_promise_and_a_stop_keeps_it_honest() -> None:
    grid = half_hours(8)
    played = queue(grid, contacts=60.0)
    staff = everybody(grid, 10)
    full = certify([played], staff, paths(played, 80), seed=4)
    thinned = certify([played], staff, paths(played, 80), seed=4, absence=0.15)
    assert full.gate is not None
    assert thinned.gate is not None
    assert thinned.gate < full.gate - 0.1
    calls = iter(range(100))
    stopped = certify([played], staff, paths(played, 80), seed=4, should_stop=lambda: next(calls) >= 9)
    assert (stopped.paths, stopped.paths_asked) == (10, 80)


def test_against_what_came_intervals_are_inside_or_not() -> None:
    grid = half_hours(8)
    played = queue(grid, contacts=60.0)
    came = np.array([60, 60, 60, 120, 60, 60, 0, 60])
    found = certify_against([played], everybody(grid, 11), {"phone": came}, seed=1, repeats=20)
    phone = found.queues["phone"]
    assert phone.inside.tolist() == [True, True, True, False, False, True, False, True]
    assert np.isnan(phone.service_level[6])
    assert phone.share_inside == pytest.approx(5 / 7)
    assert phone.peak.tolist() == [True, True] + [False] * 6
    assert phone.peak_share_inside == 1.0
    assert phone.contacts == came.sum()
    assert phone.overall_abandonment == 0.0
    assert found.repeats == 20
    assert found.staffed_hours == 44.0


def test_bad_arguments_are_refused_in_words() -> None:
    grid = half_hours(4)
    played = queue(grid)
    with pytest.raises(SimulationError, match="threshold"):
        certify([played], [], paths(played, 2), seed=1, threshold=0.0)
    with pytest.raises(SimulationError, match="peaks of queue 'phone' must have shape"):
        certify([played], [], paths(played, 2), seed=1, peaks={"phone": np.ones(3, dtype=bool)})
    with pytest.raises(SimulationError, match="repeats"):
        certify_against([played], [], {"phone": np.zeros(4)}, seed=1, repeats=0)
    with pytest.raises(SimulationError, match="whole numbers"):
        certify([played], [], {"phone": np.full((2, 4), 0.5)}, seed=1, holds=PathsHold.COUNTS)


@pytest.mark.parametrize(
    ("contacts", "excess", "absence", "probability"),
    [(60.0, 0.005, 0.0, 0.9), (200.0, 0.01, 0.08, 0.9), (12.0, 0.02, 0.0, 0.8), (60.0, 0.03, 0.05, 0.95)],
)
def test_a_roster_staffed_for_a_probability_is_certified_with_it(
    contacts: float, excess: float, absence: float, probability: float
) -> None:
    grid = half_hours(16)
    played = queue(grid, contacts=contacts, aht=240.0, patience=240.0)
    peak = np.zeros(16, dtype=bool)
    peak[4:12] = True
    sure = Assurance(probability=probability, peak=peak, load_excess=np.full(16, excess))
    need = requirement(played.workload, played.target, ShrinkagePlan.flat(absence), assurance=sure)
    rostered = int(need.scheduled_agents[peak].max())
    assert set(need.scheduled_agents[peak]) == {rostered}
    log_sd = np.sqrt(np.log1p(excess))
    factors = np.exp(log_sd * np.random.default_rng(8).standard_normal((400, 1)) - log_sd**2 / 2)
    found = certify(
        [played],
        everybody(grid, rostered),
        {"phone": factors * played.workload.contacts},
        seed=9,
        holds=PathsHold.RATES,
        peaks={"phone": peak},
        absence=absence,
    )
    held = float(np.mean([j.probability for j in found.judgements]))
    # Whole people: the least number that suffices usually gives more than was asked for.
    assert probability - 0.025 <= held
    two_fewer = certify(
        [played],
        everybody(grid, rostered - 2),
        {"phone": factors * played.workload.contacts},
        seed=9,
        holds=PathsHold.RATES,
        peaks={"phone": peak},
        absence=absence,
    )
    assert float(np.mean([j.probability for j in two_fewer.judgements])) < probability
