"""`make bench`: every benchmark at full size; results are files beside this one, with the machine noted.

What needs the real data of ``../shared``, or the libraries of the extra ``peers``, is left out where they are
absent, with a line that says so.
"""

from __future__ import annotations

import csv
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.peers import ALL, fault_of, versions
from tests.support.databases import SERVER, PostgresServer

RESULTS = Path(__file__).parent / "results"
DATA = Path(__file__).parents[3] / "shared" / "data"
VOLUMES = {
    "bank": ("bank/calls_5min.csv", "America/New_York", "30", "10"),
    "anonymous_bank": ("anonymous_bank/calls_6min_1999.csv", "Asia/Jerusalem", "30", "12"),
    "county": ("county/calls_hourly.csv", "America/Denver", "60", "16"),
    "county_with_events": ("county/calls_hourly.csv", "America/Denver", "60", "16"),
}
EVENTS = {"county_with_events": "county/events.csv"}


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    cpu = ""
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = names[0].partition(":")[2].strip() if names else ""
    return {
        "cpu": cpu or platform.processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
        "measured_on": datetime.now(UTC).date().isoformat(),
        "load_before": [round(v, 1) for v in os.getloadavg()],
    }


def run(module: str, *arguments: str) -> str:
    print(f"== {module} {' '.join(arguments)}", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    print(done.stdout, flush=True)
    return done.stdout


def databases() -> dict[str, str]:
    """Where the service is measured: SQLite, and the PostgreSQL server of the tests if there is one."""
    found = {"sqlite": "sqlite://"}
    reason = PostgresServer().unavailable()
    if reason is None:
        found["postgresql"] = f"{SERVER}/postgres"
    else:
        print(f"== on PostgreSQL: left out, {reason}")
    return found


def truth() -> None:
    """Staffed by the forecast, played against what came."""
    calls = [str(DATA / "anonymous_bank" / f"calls_{month}.txt") for month in ("january", "february")]
    bank = ("--weeks", "3", "--seconds", "30", "--plays", "4")
    small = ("--weeks", "6", "--seconds", "8")
    for name, aht, patience, more, rosters in (
        ("bank", "240", "180", (), bank),
        ("anonymous_bank", "181", "358", ("--services", *calls), small),
    ):
        file, zone, interval, weeks = VOLUMES[name]
        if not (DATA / file).exists():
            print(f"== truth on {name}: left out, ../shared/data/{file} is absent")
            continue
        for module in ("truth", "certificates"):
            run(
                module,
                *("--volumes", str(DATA / file), "--interval", interval, "--zone", zone, "--weeks", weeks),
                *("--aht-seconds", aht, "--patience-seconds", patience, *more),
                *("--csv", str(RESULTS / f"{module}_{name}.csv")),
            )
        run(
            "through_rosters",
            *("--volumes", str(DATA / file), "--interval", interval, "--zone", zone),
            *("--aht-seconds", aht, "--patience-seconds", patience, *more, *rosters),
            *("--csv", str(RESULTS / f"rosters_{name}.csv")),
        )


def forecasts(prefix: str, *options: str) -> None:
    """The models on every set there is; results are files that begin with ``prefix``."""
    for name, (file, zone, interval, weeks) in VOLUMES.items():
        if not (DATA / file).exists():
            print(f"== forecast on {name}: left out, ../shared/data/{file} is absent")
            continue
        events = ("--events", str(DATA / EVENTS[name])) if name in EVENTS else ()
        run(
            "forecast",
            *("--volumes", str(DATA / file), "--interval", interval, "--zone", zone, *events, *options),
            *("--weeks", weeks, "--horizons", "1,4", "--csv", str(RESULTS / f"{prefix}_{name}.csv")),
        )


def peers() -> None:
    """Other libraries beside the models, if all are there: some of them would replace the figures of all."""
    faults = [f"{peer.name}: {fault}" for peer in ALL if (fault := fault_of(peer)) is not None]
    if faults:
        print(f"== forecast --peers: left out, {'; '.join(faults)}")
        return
    noted = machine() | {"libraries": versions()}
    forecasts("peers", "--peers")
    (RESULTS / "peers_machine.json").write_text(json.dumps(noted, indent=2) + "\n", encoding="utf-8")


CENTRES = {"200-week": 60, "40-week": 60, "500-wishes": 600, "1000-month": 300}
"""Generated contact centres, with seconds for each."""
BEST_KNOWN = (607, 828, 1001, 1716, 1143, 1950, 1056, 1300, 439, 4631, 3443, 4040)
"""Totals of the public staff scheduling instances 1 to 12 (schedulingbenchmarks.org)."""
STAFF_SECONDS = 600


def rosters() -> None:
    """The solver on generated contact centres and on the public instances, beside others; then repairs."""
    centres = [roster("contact_centre", ("--preset", preset), seconds) for preset, seconds in CENTRES.items()]
    table(
        "contact_centre", centres, "instance version seed workers limit_seconds objective bound gap outcome"
    )
    staff = DATA / "rosters" / "staff_scheduling"
    if staff.exists():
        rows = [
            roster("staff_scheduling", ("--quiet", str(staff / f"Instance{n}.txt")), STAFF_SECONDS)
            | {"instance": n, "best_known": best}
            for n, best in enumerate(BEST_KNOWN, start=1)
        ]
        columns = "instance seed workers limit_seconds objective best_known bound outcome"
        table("staff_scheduling", rows, columns)
    else:
        print("== rosters.staff_scheduling: left out, ../shared/data/rosters is absent")
    run("rosters.side_by_side", "--csv", str(RESULTS / "side_by_side.csv"))
    presets = [word for name in ("40-week", "200-week", "1000-month") for word in ("--preset", name)]
    run("rosters.repair", *presets, "--csv", str(RESULTS / "repair.csv"))


def roster(module: str, what: tuple[str, ...], seconds: int) -> dict[str, object]:
    """The figures of one solve."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "figures.json"
        run(f"rosters.{module}", *what, "--seconds", str(seconds), "--json", str(result))
        figures: dict[str, object] = json.loads(result.read_text())
    return figures | {"limit_seconds": seconds}


def table(name: str, rows: list[dict[str, object]], columns: str) -> None:
    """Write results; every table ends with broken rules, seconds and memory."""
    with (RESULTS / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        names = [*columns.split(), "violations", "seconds", "peak_mb"]
        writer = csv.DictWriter(file, fieldnames=names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "machine.json").write_text(json.dumps(machine(), indent=2) + "\n", encoding="utf-8")
    (RESULTS / "erlang.csv").write_text(run("erlang"), encoding="utf-8")
    run("clocks", "--cases", "100000", "--seed", "1", "--json", str(RESULTS / "clocks.json"))
    run("simulation", "--json", str(RESULTS / "simulation.json"))
    run("packs", "--contacts", "200000", "--json", str(RESULTS / "packs.json"))
    (RESULTS / "outlook.csv").write_text(run("outlook"), encoding="utf-8")
    rosters()
    forecasts("forecast")
    peers()
    truth()
    months = [DATA / "anonymous_bank" / f"calls_{month}.txt" for month in ("january", "february")]
    if all(month.exists() for month in months):
        result = str(RESULTS / "call_by_call.json")
        run("call_by_call", "--before", str(months[0]), "--calls", str(months[1]), "--json", result)
    else:
        print("== call_by_call: left out, ../shared/data/anonymous_bank is absent")
    run("many_queues", "--json", str(RESULTS / "many_queues.json"))
    bank = DATA / VOLUMES["bank"][0]
    if bank.exists():
        run("bank_week", "--volumes", str(bank), "--json", str(RESULTS / "bank_week.json"))
    else:
        print("== bank_week: left out, ../shared/data/bank is absent")
    for name, url in databases().items():
        load = RESULTS / f"load_{name}.json"
        run("load", "--open", "1000000", "--database", url, "--json", str(load))
        run("faults", "--runs", "500", "--database", url, "--csv", str(RESULTS / f"faults_{name}.csv"))


if __name__ == "__main__":
    main()
