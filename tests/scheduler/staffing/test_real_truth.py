"""Real weeks forecast, staffed and played: sure peaks for fewer hours than a margin takes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

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
