"""The whole line on a real week: ``python -m tests.benchmarks.bank_week --volumes FILE --json OUT``.

The bank's calls, forecast for the week of 2003-08-25 as of 2003-08-22, staffed at 80/20 with an AHT of
180 s, rostered, and played against the calls that really came.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

from bot.config.load import load_settings
from bot.core.ids import AgentId, TeamId
from bot.core.import_report import ImportReport, Numbered
from bot.core.people import Agent
from bot.imports.volumes import read_volumes
from bot.jobs.compute import ProcessSolver
from bot.store.engine import make_engine
from bot.store.schema import check_current
from bot.store.unit_of_work import Store
from bot.usecases import certify, forecast, import_data, plan_roster, staff

CONFIG = Path(__file__).parents[1] / "data" / "bank.yaml"
MONDAY, AS_OF = date(2003, 8, 25), date(2003, 8, 22)
NOW = datetime(2003, 8, 23, 12, tzinfo=UTC)
T = TypeVar("T")


def people(full_time: int, part_time: int) -> list[Numbered[Agent]]:
    """Identical agents, the full-timers first."""
    return [
        Numbered(
            line=i + 2,
            value=Agent(
                agent=AgentId(f"b{i:04d}"),
                name=f"Agent {i}",
                email=f"b{i:04d}@bank.example",
                team=TeamId("bank"),
                skills={"phone": 1.0},
                contract="full-time" if i < full_time else "part-time",
                zone="America/New_York",
            ),
        )
        for i in range(full_time + part_time)
    ]


def run(volumes: Path, *, full_time: int, part_time: int) -> dict[str, Any]:
    """The figures of the line: seconds per step, and what came out."""
    settings = load_settings(CONFIG, today=NOW.date()).settings
    seconds: dict[str, float] = {}

    def timed(step: str, work: Callable[[], T]) -> T:
        begun = time.perf_counter()
        result = work()
        seconds[step] = round(time.perf_counter() - begun, 2)
        return result

    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/muster.db")
        check_current(engine)
        store = Store(engine)
        rows, report = timed(
            "read", lambda: read_volumes(volumes.read_bytes(), source=volumes.name, settings=settings)
        )
        timed("import", lambda: import_data.import_volumes(store, rows, report))
        import_data.import_agents(
            store,
            settings,
            people(full_time, part_time),
            ImportReport(kind="agents", source="generated", read=0),
        )
        (made,) = timed(
            "forecast", lambda: forecast.make(store, settings, weeks=1, as_of=AS_OF, now=NOW, seed=1)
        )
        staffing = timed("staffing", lambda: staff.make(store, settings, first=MONDAY, days=7, now=NOW))
        asked = plan_roster.request(store, settings, first=MONDAY, days=7, by="bench", now=NOW)
        version = timed(
            "solve",
            lambda: plan_roster.perform(
                store, settings, ProcessSolver(), asked, now=lambda: datetime.now(UTC)
            ),
        )
        assessment = plan_roster.assess(store, settings, version.roster_id)
        against = timed(
            "certify_against", lambda: certify.against(store, settings, version.roster_id, rows, seed=1)
        )
        certified = timed(
            "certify",
            lambda: certify.certify(store, settings, version.roster_id, seed=1, paths=100, now=NOW),
        )
        store.close()
    truth = against.comparison.queues["phone"]
    return {
        "seconds": seconds,
        "wape_backtest": made.report["wape"],
        "model": made.report["model"],
        "contacts_forecast": round(float(against.expected["phone"])),
        "contacts_true": round(float(truth.contacts)),
        "probability": settings.staffing.probability,
        "required_agent_hours": staffing.queues[0].requirement.agent_hours,
        "agents": assessment.agents,
        "shifts": len(version.roster.assignments),
        "paid_hours": assessment.paid_hours,
        "broken_rules": len(assessment.violations),
        "gap": version.gap,
        "true_week": {
            "share_of_intervals_inside": truth.share_inside,
            "share_of_peak_intervals_inside": truth.peak_share_inside,
            "service_level": truth.overall_service_level,
        },
        "simulated": {
            "weakest_peak": certified.stored.weakest,
            "share_of_intervals_inside": certified.stored.inside_share,
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--volumes", type=Path, required=True)
    parser.add_argument("--full-time", type=int, default=200)
    parser.add_argument("--part-time", type=int, default=130)
    parser.add_argument("--json", type=Path, required=True)
    given = parser.parse_args()
    result = run(given.volumes, full_time=given.full_time, part_time=given.part_time)
    given.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
