"""P10: how good the last forecast was, how often certificates were true, and what to set else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import CliContext, ExitCode
from bot.cli.main import cli
from bot.core.contacts import ContactStatus
from bot.store.engine import make_engine
from bot.store.rosters import StoredCertificate
from bot.store.schema import check_current
from bot.store.unit_of_work import Store
from bot.store.volumes import VolumeCount, VolumeSource
from tests.stories.service import publish
from tests.support.builders import PHONE, agent, at, contact
from tests.support.forecasts import forecast, save

CONFIG = Path(__file__).parents[2] / "app.yaml"
MONDAY = date(2026, 11, 16)
NOW = at(9, day=date(2026, 11, 26))
HOURS = (9, 11, 14, 16)
Muster = Callable[..., Result]


@pytest.fixture
def muster(tmp_path: Path) -> Muster:
    """The Thursday after a week with four certified peaks a day, each promised at 0.9.

    Fifty calls were expected in each, 37 or 63 came; where many came on the last four days they waited.
    """
    url = f"sqlite:///{tmp_path / 'muster.db'}"
    store = Store(make_engine(url))
    check_current(store.engine)
    with store.unit() as uow:
        uow.people.upsert(agent("bo"))
        uow.commit()
    number = save(store, forecast(12.5, queue=PHONE, first=MONDAY, excess=0.015))
    publish(store, [("bo", at(9, day=MONDAY), at(18, day=MONDAY))], first=MONDAY)
    judgements, cases = [], []
    for n in range(7 * len(HOURS)):
        day = MONDAY + timedelta(days=n // len(HOURS))
        start = at(HOURS[n % len(HOURS)], day=day)
        end = start + timedelta(hours=1)
        span = [start.isoformat(), end.isoformat()]
        judgements.append(
            {
                "queue": PHONE, "start": span[0], "end": span[1], "stretches": [span],
                "probability": 0.9, "expected_contacts": 50.0,
            }
        )  # fmt: skip
        busy = n % 2 == 1
        waited = timedelta(seconds=90 if busy and n >= 12 else 5)
        for m in range(63 if busy else 37):
            opened = start + timedelta(seconds=50 * m)
            cases.append(
                contact(
                    f"P{n}-{m}",
                    queue=PHONE,
                    opened_at=opened,
                    responded_at=opened + waited,
                    resolved_at=opened + timedelta(minutes=4),
                    status=ContactStatus.SOLVED,
                )
            )
    quarter = timedelta(minutes=15)
    counts = [
        VolumeCount(
            queue=PHONE,
            start=at(8, day=MONDAY + timedelta(days=d)) + q * quarter,
            interval=quarter,
            contacts=11.0,
        )
        for d in range(7)
        for q in range(56)
    ]
    with store.unit() as uow:
        uow.volumes.save(counts, source=VolumeSource.VOLUMES)
        roster = uow.rosters.published(at(12, day=MONDAY))
        assert roster is not None
        uow.rosters.save_certificate(
            StoredCertificate(
                roster=roster.roster_id,
                made_at=at(8, day=MONDAY),
                weakest=0.9,
                inside_share=0.95,
                seed=1,
                paths=100,
                report={"judgements": judgements, "forecasts": {PHONE: number}},
            )
        )
        uow.contacts.save(cases)
        uow.commit()
    store.close()

    def run(*words: str) -> Result:
        environ = {"MUSTER_DATABASE_URL": url, "MUSTER_CONFIG": str(CONFIG)}
        return CliRunner().invoke(cli, [*words], obj=CliContext(environ=environ, clock=lambda: NOW))

    return run


def test_too_sure_certificates_say_by_how_much_volume_was_off_and_what_to_set(
    muster: Muster, tmp_path: Path
) -> None:
    picture = tmp_path / "calibration.svg"
    done = muster("roster", "calibration", "--picture", str(picture))
    assert done.exit_code == ExitCode.DONE, done.output
    assert "The promises are too sure: 0.9 was promised on average, 71% of 28 peaks held." in done.output
    assert "0.9-certificates came true 71%: the volume error is underestimated" in done.output
    assert "the peaks show 22%. Set it to 22%? In app.yaml: staffing.volume_error: 0.22" in done.output
    assert "Certificates and what held" in picture.read_text(encoding="utf-8")
    data = json.loads(muster("roster", "calibration", "--json").output)
    assert (data["verdict"], data["volume_error_proposed"]) == ("too_sure", 0.22)
    assert 0.05 < data["volume_error_assumed"] < 0.15
    assert "来量误差被低估" in muster("--lang", "zh", "roster", "calibration").output


def test_the_last_forecast_is_set_beside_what_came(muster: Muster) -> None:
    done = muster("forecast", "accuracy", "--queue", "phone", "--weeks", "2")
    assert done.exit_code == ExitCode.DONE, done.output
    assert "phone: stored forecasts against what came" in done.output
    assert "13.6%" in done.output, "12.5 were expected each quarter of an hour where 11 came"


def test_before_anything_came_there_is_nothing_to_judge(muster: Muster) -> None:
    done = muster("roster", "calibration", "--weeks", "1", "--json")
    assert done.exit_code == ExitCode.DONE
    bad = muster("roster", "calibration", "--picture", "calibration.txt")
    assert bad.exit_code == ExitCode.REFUSED
    assert "Nothing was written" in bad.output
