"""``python -m tests.benchmarks.load --open N --database URL --json OUT``.

With N open cases: the tick (and with a tenth of them, to show what it follows), the intake over real HTTP
while ticks run, how late alerts leave, how 500 of them drain, and slash commands beside a solve.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.store.engine import make_engine
from bot.store.unit_of_work import Store
from tests.benchmarks.__main__ import machine
from tests.benchmarks.faults import service
from tests.benchmarks.faults.databases import Databases
from tests.benchmarks.load import filling, measures
from tests.benchmarks.load.commands import commands

PARTS = ("tick", "intake", "lateness", "line", "drain", "commands")


def measure(
    databases: Databases, count: int, *, seconds: float, rate: float, parts: tuple[str, ...]
) -> dict[str, Any]:
    found: dict[str, Any] = {"open": count}
    if "tick" in parts:
        with databases.fresh() as url, closing(Store(make_engine(url))) as store:
            filling.fill(store, count // 10, now=datetime.now(UTC))
            found["tick_with_a_tenth"] = measures.tick(store, start=1, grouped=True)
    with databases.fresh() as url, closing(Store(make_engine(url))) as store:
        begun = time.monotonic()
        filling.fill(store, count, now=datetime.now(UTC))
        found["filled_in_seconds"] = round(time.monotonic() - begun, 1)
        if "tick" in parts:
            found["tick"] = measures.tick(store, start=1, grouped=True)
            found["tick_each_alone"] = measures.tick(store, start=2_001, grouped=False)
            _forget_messages(store)
        if "intake" in parts:
            found["intake"] = measures.intake(store, url, seconds=seconds, rate=rate, start=4_001)
            _forget_messages(store)
        if "lateness" in parts:
            found["lateness"] = measures.lateness(store, url, count=15, apart=1.5, start=6_001)
        if "line" in parts:
            _forget_messages(store)
            found["next_message"] = measures.line(store, waiting=10_000)
    if "drain" in parts:
        with databases.fresh() as url:
            found["drain"] = measures.drain(url, count=500, speed=8.0)
    if "commands" in parts:
        with databases.fresh() as url:
            found["commands"] = commands(url, at_once=50, rounds=6)
    return found


def _forget_messages(store: Store) -> None:
    """What the measure before left in the outbox is not this one's to send."""
    from sqlalchemy import text

    with store.engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET state = 'dropped' WHERE state IN ('waiting', 'sending')"))
        connection.execute(text("UPDATE alerts SET next_step_at = NULL"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, default=1_000_000, dest="count")
    parser.add_argument("--database", required=True, help="sqlite:// or a PostgreSQL URL; schemas are made")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each intake measure")
    parser.add_argument("--rate", type=float, default=600.0, help="single events a second")
    parser.add_argument("--only", action="append", choices=PARTS)
    chosen = parser.parse_args()
    service.prepare()
    began = os.getloadavg()[0]
    with Databases(chosen.database, durable=True) as databases:
        figures = measure(
            databases,
            chosen.count,
            seconds=chosen.seconds,
            rate=chosen.rate,
            parts=tuple(chosen.only or PARTS),
        )
    figures["machine"] = machine() | {"load_at_start": round(began, 1)}
    text = json.dumps(figures, indent=2)
    if chosen.json is not None:
        chosen.json.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
