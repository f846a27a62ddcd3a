"""One run: a fresh database, the service in its own processes, a fault, and the count at the end."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from bot.playground import StandInSlack
from bot.store.engine import make_engine
from bot.store.unit_of_work import Store
from tests.benchmarks.faults import service
from tests.benchmarks.faults.clock import FastClock
from tests.benchmarks.faults.scenario import (
    INTAKE_TOKEN,
    START,
    Scenario,
    Told,
    chosen_settings,
    furnish,
    make,
    workspace,
)
from tests.benchmarks.faults.staging import Plan, Stage, plan
from tests.benchmarks.faults.tally import Tally, take, told, unfinished

SPEED = 12.0
LONGEST_SECONDS = 240.0
QUIET_SECONDS = 0.4
UNNOTED_SECONDS = 1.0
"""Real time a busy machine may take from Slack's answer to the commit that keeps it."""


@dataclass(frozen=True, kw_only=True)
class Run:
    number: int
    fault: str
    seconds: float
    tally: Tally


def one(number: int, fault: str, database_url: str, *, seed: int, log: str | None = None) -> Run:
    """Run number ``number``; the database must have its tables and no rows."""
    begun = time.monotonic()
    rng = Random(f"{seed}:{number}")
    chosen = plan(fault, rng)
    scenario = make(rng, cases=rng.randint(1, 2))
    clock = FastClock(start=START, speed=SPEED)
    slack = StandInSlack(workspace(clock))
    store = Store(make_engine(database_url))
    with ExitStack() as held:
        held.callback(store.close)
        held.enter_context(slack)
        furnish(store, slack)
        spec = service.Spec(
            database_url=database_url,
            settings=chosen_settings(),
            environment={
                **slack.environment(),
                "MUSTER_INTAKE_TOKEN": INTAKE_TOKEN,
                "MUSTER_HTTP_PORT": "0",
            },
            clock=clock,
            log=log,
        )
        play = _Play(plan=chosen, rng=rng, slack=slack, store=store, spec=spec)
        held.callback(play.end)
        expected = play.through(scenario)
        tally = take(store, slack, expected, killed_at=play.killed_at, unnoted=clock.speed * UNNOTED_SECONDS)
    return Run(number=number, fault=fault, seconds=time.monotonic() - begun, tally=tally)


@dataclass(kw_only=True)
class _Play:
    """A run while it goes on."""

    plan: Plan
    rng: Random
    slack: StandInSlack
    store: Store
    spec: service.Spec
    killed_at: list[float] = field(default_factory=list)
    _processes: list[service.Started] = field(default_factory=list)
    _kills: list[float] = field(default_factory=list)
    _stage: Stage | None = None

    def through(self, scenario: Scenario) -> Counter[Told]:
        self._stage = Stage(
            plan=self.plan, faults=self.slack.faults, rng=self.rng, patience=self.spec.patience
        )
        starting = [service.begin(self.spec) for _ in range(self.plan.processes)]
        self._processes = [service.ready(*each) for each in starting]
        now = time.monotonic()
        self._kills = sorted(now + self.rng.uniform(0.0, 1.2) for _ in range(self.plan.kills))
        self._stage.open()
        deadline = now + LONGEST_SECONDS
        expected = scenario.told_first
        self._tell(scenario.first, deadline)
        self._until(lambda: not expected - told(self.store, self.slack), deadline)
        if scenario.later:
            expected = expected + scenario.told_later
            self._tell(scenario.later, deadline)
            self._until(lambda: not expected - told(self.store, self.slack), deadline)
        while self._kills and time.monotonic() < deadline:
            self._step()
        self._until(lambda: not unfinished(self.store), deadline)
        time.sleep(QUIET_SECONDS)
        return expected

    def end(self) -> None:
        for process in self._processes:
            process.kill()

    def _tell(self, events: Sequence[dict[str, Any]], deadline: float) -> None:
        """As a source does: until it has been answered, and to whichever process does."""
        cases = list(dict.fromkeys(e["contact"] for e in events))
        batches = [[e for e in events if e["contact"] in part] for part in (cases[::2], cases[1::2]) if part]
        turn = self.rng.randrange(2)
        while batches and time.monotonic() < deadline:
            self._step()
            turn += 1
            url = self._processes[turn % len(self._processes)].url
            try:
                answer = httpx.post(
                    f"{url}/v1/contact-events",
                    json=batches[0],
                    headers={"Authorization": f"Bearer {INTAKE_TOKEN}"},
                    timeout=5,
                )
            except httpx.HTTPError:
                continue
            if answer.status_code == 202:
                if answer.json()["refused"]:
                    raise RuntimeError(f"refused: {answer.text}")
                batches.pop(0)

    def _until(self, look: Callable[[], bool], deadline: float) -> None:
        while time.monotonic() < deadline:
            self._step()
            if look():
                return

    def _step(self) -> None:
        """A moment passes: a fault is put in the way, a process is killed when its time has come."""
        if self._stage is not None:
            self._stage.go_on()
        if self._kills and time.monotonic() >= self._kills[0]:
            self._kills.pop(0)
            place = self.rng.randrange(len(self._processes))
            self._processes[place].kill()
            self.killed_at.append(self.spec.clock.seconds())
            if len(self._processes) > 1 and self.rng.random() < 0.5:
                del self._processes[place]  # the other one goes on alone
            else:
                self._processes[place] = service.ready(*service.begin(self.spec))
            return
        time.sleep(0.05)


def log_file(number: int) -> str | None:
    """Where the services of a run write their log; asked for by MUSTER_FAULTS_LOG, a folder."""
    folder = os.environ.get("MUSTER_FAULTS_LOG")
    return None if folder is None else f"{folder}/run-{number}.log"
