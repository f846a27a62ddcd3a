"""`make bench`: every benchmark at full size; results are files beside this one, with the machine noted.

What needs the real data of ``../shared``, or the libraries of the extra ``peers``, is left out where they are
absent, with a line that says so.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
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


def main() -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "machine.json").write_text(json.dumps(machine(), indent=2) + "\n", encoding="utf-8")
    (RESULTS / "erlang.csv").write_text(run("erlang"), encoding="utf-8")
    run("clocks", "--cases", "100000", "--seed", "1", "--json", str(RESULTS / "clocks.json"))
    run("simulation", "--json", str(RESULTS / "simulation.json"))
    (RESULTS / "outlook.csv").write_text(run("outlook"), encoding="utf-8")
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
