"""Real weeks forecast, staffed and played: sure peaks for fewer hours than a margin takes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.call_by_call import as_it_was, history_of, read_calls
from tests.benchmarks.certificates import judged
from tests.benchmarks.forecast import calendar_for, read_volumes
from tests.benchmarks.truth import Setting, benchmark, finest, recorded, weeks_of

pytestmark = pytest.mark.real_data


def test_anonymous_bank_against_what_came(shared_data: Path) -> None:
    folder = shared_data / "anonymous_bank"
    file, zone = folder / "calls_6min_1999.csv", "Asia/Jerusalem"
    history = read_volumes(file, zone=zone, interval=timedelta(minutes=30))
    fine, minutes = finest(file, zone, 30)
    assert minutes == 6
    services = recorded(folder / "calls_january.txt")
    assert 170 < services.mean() < 200
    weeks = weeks_of(history, fine, calendar_for(history), 4)
    setting = Setting(aht=181.0, patience=358.0, plays=5, services=services)
    rows = benchmark(weeks, setting)
    hours = {(model, share): relative for model, share, relative in rows}
    assert 1.0 < hours["oracle", 0.9] < hours["muster", 0.9]
    assert hours["muster", 0.9] < hours["muster_everywhere", 0.9]
    assert hours["muster", 0.9] < 0.96 * hours["mean6", 0.9]
    # Asked for 0.9 beforehand; the bands of this series are on the wide side, so more came true.
    (reached,) = (share for model, share, _ in rows if model == "muster_0.9")
    assert reached >= 0.88
    promises = judged(weeks, setting, probability=0.9, paths=100)
    assert len(promises) == sum(int(week.peak.sum()) for week in weeks), (
        "no peak of 30 contacts joins another"
    )
    promised, held = (float(np.mean([getattr(p, a) for p in promises])) for a in ("promised", "held"))
    assert promised == pytest.approx(held, abs=0.04)


def test_february_as_the_real_centre_answered_it(shared_data: Path) -> None:
    folder = shared_data / "anonymous_bank"
    zone = "Asia/Jerusalem"
    january, february = (read_calls(folder / f"calls_{m}.txt", zone) for m in ("january", "february"))
    real = as_it_was(february)
    assert (real["calls"], real["in_menu"]) == (33_066, 1_941)
    assert real["in_time_of_all"] == pytest.approx(0.49, abs=0.005)
    assert real["in_time_of_queued"] == pytest.approx(0.52, abs=0.005)
    assert january.mean_handling == pytest.approx(185, abs=5)
    assert 330 < january.mean_patience < 400
    history = history_of(january, zone)
    queued = int((~january.in_menu).sum())
    assert float(np.nansum(history.offered)) == pytest.approx(queued)
