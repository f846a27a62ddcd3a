"""The weekly pack and the live stand-up digest over a year of contacts, and whether their figures are right.

    python -m tests.benchmarks.packs --contacts N --json OUT [--seed S]

A year of contacts is written into a SQLite file (`tests.support.year`).  ``weekly_pack_seconds``: the pack of
the last week, read and put into the outbox; ``digest_seconds``: the stand-up digest of that morning, as the
service writes it; each the median of three in a process that has done it once, ``first_pack_seconds`` and
``first_digest_seconds`` that first time.  ``weekly_pack_cpu_seconds``: what a pack needs of a machine with
nothing else to do.  ``differences``: figures of the pack that differ from a second, plain computation from
raw rows (`tests.support.plain_pack`); ``figures``: how many were compared.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.config.load import load_settings
from bot.core.ids import QueueId, TeamId
from bot.core.kpis.catalogue import Kpi
from bot.core.kpis.goals import Goal
from bot.core.kpis.settings import PackTimes
from bot.core.packs import last_period
from bot.core.settings import Settings
from bot.store.engine import make_engine
from bot.store.schema import check_current
from bot.store.unit_of_work import Store
from bot.usecases import stand_up, weekly_pack
from tests.benchmarks.__main__ import machine
from tests.support.plain_pack import differences, flat, plain_figures
from tests.support.year import make_year

TEAM = TeamId("harbour")
MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 1, 0, 30, tzinfo=UTC)  # Monday 09:00:30 in Shanghai
RUNS = 3
APP = Path(__file__).parents[2] / "app.yaml"


def settings_with_goals() -> Settings:
    """The sample team with a weekly pack and two goals."""
    settings = load_settings(APP, today=MONDAY).settings
    goals = (
        Goal(
            kpi=Kpi.FIRST_RESPONSE_MEAN,
            queue=QueueId("chat"),
            baseline=900.0,
            value=480.0,
            start=date(2026, 11, 1),
            by=date(2026, 12, 1),
        ),
        Goal(kpi=Kpi.CSAT, baseline=75.0, value=85.0, start=date(2026, 10, 1), by=date(2026, 12, 31)),
    )
    held = settings.teams[TEAM]
    monday = PackTimes(at=datetime(2026, 1, 1, 9).time(), weekday=0)
    return replace(settings, teams={TEAM: replace(held, goals=goals, weekly_pack=monday)})


def measure(contacts: int, seed: int, folder: Path) -> dict[str, object]:
    settings = settings_with_goals()
    engine = make_engine(f"sqlite:///{(folder / 'year.db').as_posix()}")
    check_current(engine)
    store = Store(engine)
    began = time.perf_counter()
    make_year(store, settings, contacts=contacts, until=NOW, seed=seed)
    made = time.perf_counter() - began

    moments = iter(range(100))

    def digest() -> None:
        at = NOW + timedelta(minutes=21)
        with store.unit() as uow:  # as if nobody had written this morning's yet
            uow.job_slots.give_back(f"stand_up:{TEAM}", MONDAY.isoformat())
            uow.commit()
        assert stand_up.tick(store, settings, now=at) == 1

    def pack() -> None:
        moved = NOW + timedelta(seconds=next(moments))
        period = last_period("week", NOW, settings.teams[TEAM].zone)
        weekly_pack.post(store, settings, TEAM, period, channel="ops", by="bench", now=moved)

    first = seconds(pack)
    begun = time.process_time()
    packs = statistics.median(seconds(pack) for _ in range(RUNS))
    pack_cpu = (time.process_time() - begun) / RUNS
    first_digest = seconds(digest)
    digests = statistics.median(seconds(digest) for _ in range(RUNS))
    period = last_period("week", NOW, settings.teams[TEAM].zone)
    with store.read() as uow:
        shown = flat(weekly_pack.read_pack(uow, settings, TEAM, period, now=NOW))
    plain = plain_figures(engine, settings, TEAM, period.first, NOW)
    found = differences(shown, plain)
    for line in found[:20]:
        print(f"differs: {line}", file=sys.stderr)
    store.close()
    return {
        "contacts": contacts,
        "seed": seed,
        "generated_seconds": round(made, 1),
        "first_pack_seconds": round(first, 3),
        "weekly_pack_seconds": round(packs, 3),
        "weekly_pack_cpu_seconds": round(pack_cpu, 3),
        "first_digest_seconds": round(first_digest, 3),
        "digest_seconds": round(digests, 3),
        "figures": len(shown),
        "differences": len(found),
        "machine": machine(),
    }


def seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, required=True)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(given.contacts, given.seed, Path(folder))
    given.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
