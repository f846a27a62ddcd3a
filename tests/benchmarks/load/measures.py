"""What is measured, one function each; every one returns figures for the JSON file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.core.alert_settings import AlertSettings
from bot.core.settings import Settings
from bot.playground import Message, RateLimits, StandInSlack, Workspace
from bot.slack.commands.table import COMMANDS
from bot.store.unit_of_work import Store
from bot.usecases import escalate, watch_sla
from tests.benchmarks.faults import service
from tests.benchmarks.faults.clock import FastClock
from tests.benchmarks.load import filling
from tests.support.builders import settings

TOKEN = "intake-token-of-the-benchmark"
DUE = 1_000
ALERTS = "harbour-alerts"


def chosen_settings(*, grouped: bool = False) -> Settings:
    """The team Harbour; unless ``grouped``, each case has a post of its own and nobody is spared."""
    base = replace(settings(warn_at=()), locale="en")
    alone = AlertSettings(storm=None, budget=None, quiet_hours=None, ownerless_after=None, repeat=None)
    return base if grouped else replace(base, alerts=alone)


def tick(store: Store, *, start: int, grouped: bool) -> dict[str, float]:
    """Seconds in which DUE broken promises become alerts and messages; of a tick with nothing due."""
    now = datetime.now(UTC)
    chosen = chosen_settings(grouped=grouped)
    filling.make_due(store, [now - timedelta(seconds=i / 10) for i in range(DUE)], start=start)
    idle = min(_seconds(lambda: watch_sla.tick(store, chosen, now=now - timedelta(days=1))) for _ in range(5))
    begun, cpu = time.perf_counter(), time.process_time()
    handled = 0
    while done := watch_sla.tick(store, chosen, now=now):
        handled += done
    seconds, worked = time.perf_counter() - begun, time.process_time() - cpu
    if handled < DUE:
        raise RuntimeError(f"{handled} of {DUE} promises were judged")
    escalation = _seconds(lambda: escalate.tick(store, chosen, now=now))
    return {
        "due": handled,
        "seconds": round(seconds, 3),
        "processor_seconds": round(worked, 3),
        "idle_milliseconds": round(idle * 1000, 2),
        "escalate_seconds": round(escalation, 3),
    }


def _seconds(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


@dataclass(frozen=True, kw_only=True)
class Running:
    slack: StandInSlack
    process: service.Started
    clock: FastClock


@contextmanager
def running(
    url: str,
    *,
    chosen: Settings,
    start: datetime | None = None,
    speed: float = 1.0,
    limits: RateLimits | None = None,
) -> Iterator[Running]:
    """The service in its own process on this database, against a stand-in with Slack's limits."""
    clock = FastClock(start=start or datetime.now(UTC), speed=speed)
    workspace = Workspace(now=clock.seconds, limits=limits or RateLimits())
    workspace.app.commands = {c.name for c in COMMANDS}
    people = [f"p{n}" for n in range(50)] + ["lin", "ada"]
    for name in people:
        workspace.add_user(name, email=f"{name}@harbour.example")
    for channel in (ALERTS, "harbour-standup"):
        workspace.add_channel(channel, members=people)
    with ExitStack() as held:
        slack = held.enter_context(StandInSlack(workspace))
        spec = service.Spec(
            database_url=url,
            settings=chosen,
            environment={
                **slack.environment(),
                "MUSTER_INTAKE_TOKEN": TOKEN,
                "MUSTER_HTTP_PORT": "0",
            },
            clock=clock,
        )
        yield Running(slack=slack, process=held.enter_context(service.started(spec)), clock=clock)


def intake(store: Store, url: str, *, seconds: float, rate: float, start: int) -> dict[str, Any]:
    """Events a second by lists of 200; single events at a steady rate while promises break each second."""
    found: dict[str, Any] = {}
    with running(url, chosen=chosen_settings(grouped=True)) as live:
        run = f"{time.time_ns():x}"
        order = {"token": TOKEN, "seconds": seconds, **_where(live)}
        found["lists_of_200"] = _generate(
            live, order | {"what": "lists", "size": 200, "connections": 4, "name": f"L{run}"}
        )
        soon = datetime.now(UTC) + timedelta(seconds=1)
        filling.make_due(
            store, [soon + timedelta(seconds=i / 10) for i in range(int(seconds * 10))], start=start
        )
        found["single"] = _generate(
            live, order | {"what": "singles", "rate": rate, "connections": 64, "name": f"S{run}"}
        ) | {"asked_per_second": rate}
        found["single_most"] = _generate(
            live, order | {"what": "lists", "size": 1, "connections": 64, "name": f"M{run}"}
        )
    return found


def lateness(store: Store, url: str, *, count: int, apart: float, start: int) -> dict[str, Any]:
    """Seconds from the due time of a promise to the moment Slack takes its alert."""
    with running(url, chosen=chosen_settings()) as live:
        first = live.clock() + timedelta(seconds=2)
        instants = [first + timedelta(seconds=i * apart) for i in range(count)]
        refs = filling.make_due(store, instants, start=start)
        posts = live.slack.channel(ALERTS).posts
        deadline = time.monotonic() + count * apart + 20
        while len(posts) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        due = dict(zip(refs, instants, strict=True))
        late = sorted(float(p.ts) - due[ref].timestamp() for p in list(posts) if (ref := _ref(p, due)))
    if len(late) < count:
        raise RuntimeError(f"{len(late)} of {count} alerts arrived")
    return {
        "alerts": count,
        "apart_seconds": apart,
        "median_seconds": round(median(late), 3),
        "worst_seconds": round(late[-1], 3),
    }


def drain(url: str, *, count: int, speed: float) -> dict[str, Any]:
    """Alerts of one minute to one channel: their pace, and whether the urgent ones leave first."""
    begun_at = datetime.now(UTC)
    opened = begun_at - timedelta(minutes=12)
    priorities = ("high", "urgent")
    events = [
        {
            "contact": f"D-{n}",
            "kind": "opened",
            "at": (opened - timedelta(minutes=5 * (n % 2)) + timedelta(seconds=n * 60 / count)).isoformat(),
            "source": "load",
            "event_id": f"D-{n}",
            "queue": "chat",
            "priority": priorities[n % 2],
            "type": "consult",
        }
        for n in range(count)
    ]
    with running(url, chosen=chosen_settings(), start=begun_at, speed=speed) as live:
        answer = httpx.post(
            f"{live.process.url}/v1/contact-events",
            json=events,
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=30,
        )
        answer.raise_for_status()
        posts = live.slack.channel(ALERTS).posts
        deadline = time.monotonic() + 4 * count / speed + 30
        while len(posts) < count and time.monotonic() < deadline:
            time.sleep(0.1)
        sent = list(posts)
        limited = sum(r.status == 429 for r in live.slack.workspace.refusals)
        early = len(live.slack.workspace.rates.early_retries)
    if len(sent) != count:
        raise RuntimeError(f"{len(sent)} of {count} alerts arrived")
    numbers = [int(ref.removeprefix("D-")) for p in sent if (ref := _ref(p, [e["contact"] for e in events]))]
    # The first few leave before the rest is known.
    behind = _out_of_order([n % 2 == 0 for n in numbers])
    seconds = float(sent[-1].ts) - float(sent[0].ts)
    return {
        "alerts": count,
        "clock_speed": speed,
        "seconds": round(seconds, 1),
        "per_second": round((count - 1) / seconds, 3),
        "urgent_that_left_after_a_lesser_one": behind,
        "refused_for_their_rate": limited,
        "early_retries": early,
    }


def _out_of_order(lesser: Sequence[bool]) -> int:
    """How many urgent ones left after a lesser one."""
    first = lesser.index(True) if True in lesser else len(lesser)
    return sum(not each for each in lesser[first:])


def line(store: Store, *, waiting: int) -> dict[str, Any]:
    """Milliseconds in which the next message is chosen, with so many waiting for 20 channels."""
    now = datetime.now(UTC)
    filling.make_line(store, waiting, channels=20, now=now)
    asked = []
    for _ in range(20):
        with store.read() as uow:
            begun = time.perf_counter()
            heads = uow.outbox.heads(now)
            asked.append(time.perf_counter() - begun)
    if len(heads) != 20:
        raise RuntimeError(f"{len(heads)} heads of 20 lines")
    return {"waiting": waiting, "milliseconds": round(median(asked) * 1000, 2)}


def _ref(post: Message, refs: Any) -> str | None:
    """The case a post is about."""
    text = json.dumps([post.text, post.blocks])
    words = Counter(part for part in _words(text) if part in refs)
    return words.most_common(1)[0][0] if words else None


def _words(text: str) -> Iterator[str]:
    word = ""
    for sign in text:
        if sign.isalnum() or sign == "-":
            word += sign
        else:
            yield word
            word = ""
    yield word


def _where(live: Running) -> dict[str, Any]:
    parts = urlsplit(live.process.url)
    return {"host": parts.hostname, "port": parts.port}


def _generate(live: Running, order: dict[str, Any]) -> dict[str, Any]:
    """The generator's figures, and the processor time the service took for each event."""
    before = _processor_seconds(live.process.process.pid)
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.load.generator"],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=True,
        timeout=180,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    worked = _processor_seconds(live.process.process.pid) - before
    answer["service_processor_ms_per_event"] = round(worked * 1000 / max(1, answer["events"]), 3)
    return answer


def _processor_seconds(pid: int | None) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
