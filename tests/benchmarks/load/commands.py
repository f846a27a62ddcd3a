"""Slash commands given at once while a roster is solved: when each is acknowledged, and when answered."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import time as time_of_day
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from bot.core.people import Role
from bot.core.settings import Settings
from bot.playground import StandInSlack
from bot.store.engine import make_engine
from bot.store.unit_of_work import Store
from bot.usecases import forecast, plan_roster, staff
from tests.benchmarks.load.measures import running
from tests.bot.usecases.planning import NOW, WEEK, planning_settings
from tests.bot.usecases.planning import fill as fill_plan
from tests.stories.service import publish
from tests.support.builders import CHAT, PHONE, agent, at

__all__ = ["commands"]

LOOKS: Final[Mapping[Role, Sequence[str]]] = MappingProxyType(
    {
        Role.AGENT: ("/shift", "/shift week", "/muster help", "/muster who", "/muster fair", "/muster wish"),
        Role.LEAD: ("/sla", "/muster board", "/muster requests"),
    }
)
"""What people look at all day: read and shown."""
WORKED_OUT: Final[Mapping[Role, Sequence[str]]] = MappingProxyType(
    {Role.AGENT: ("/muster swap tue", "/muster why tue")}
)
"""What is searched for on the live roster: seconds of work each, and asked for now and then."""
SEARCHERS: Final = 5
LEADS: Final = 10
WEEKS: Final = (WEEK - timedelta(days=7), WEEK)
QUARTER: Final = timedelta(minutes=15)
AHEAD: Final = tuple(WEEK + timedelta(days=7 * n) for n in range(8))
LIMIT: Final = timedelta(seconds=120)


def commands(url: str, *, at_once: int, rounds: int) -> dict[str, Any]:
    """Milliseconds until people are acknowledged and until they read the answer, beside a solve.

    ``at_once`` people, ten of them leads, have shifts every weekday of two published weeks.  Each looks at
    something else every round; then five at once ask for what has to be worked out.
    """
    chosen = _hard(planning_settings())
    with closing(Store(make_engine(url))) as store:
        _fill(store, at_once)
        forecast.make(store, chosen, weeks=len(AHEAD), now=NOW, seed=1)
        for first in AHEAD:
            staff.make(store, chosen, first=first, days=7, now=NOW)
        with running(url, chosen=chosen, start=NOW) as live:
            # One after the other: when the first is done, the next begins.
            runs = [
                plan_roster.request(store, chosen, first=first, days=7, by="pei", now=live.clock())
                for first in AHEAD
            ]
            deadline = time.monotonic() + 40
            while _state(store, runs[0]) != "running" and time.monotonic() < deadline:
                time.sleep(0.2)
            time.sleep(4)  # the child has started and searches
            looks = _typed(live.slack, LOOKS, at_once, rounds)
            worked_out = _typed(live.slack, WORKED_OUT, SEARCHERS, rounds)
            solving = any(_state(store, run) == "running" for run in runs)
    if not solving:
        raise RuntimeError("the solve did not last as long as the commands")
    return {"solve_still_running": solving, "looks": looks, "worked_out": worked_out}


def _hard(base: Settings) -> Settings:
    """Weeks that take the search a while: quarter-hours, many starts and lengths, two short breaks."""
    day = base.roster.templates["day"]
    breaks = replace(day.breaks, break_length=QUARTER, break_count=2, min_spacing=timedelta(hours=1))
    shapes = replace(
        day,
        latest_start=time_of_day(11),
        start_step=QUARTER,
        lengths=(timedelta(hours=6), timedelta(hours=7), timedelta(hours=8)),
        breaks=breaks,
    )
    full_time = replace(base.roster.contracts["full-time"], min_hours_per_week=20)
    solve = replace(base.roster.solve, time_limit=LIMIT, workers=2)
    return replace(
        base,
        staffing=replace(base.staffing, interval=QUARTER),
        roster=replace(
            base.roster, templates={"day": shapes}, contracts={"full-time": full_time}, solve=solve
        ),
    )


def _fill(store: Store, count: int) -> None:
    fill_plan(store)
    people = [f"p{n}" for n in range(count)]
    with store.unit() as uow:
        for n, name in enumerate(people):
            role = Role.LEAD if n < LEADS else Role.AGENT
            uow.people.upsert(agent(name, role=role, skills={PHONE: 1.0, CHAT: 1.0}))
        uow.commit()
    for first in WEEKS:
        days = [first + timedelta(days=i) for i in range(5)]
        publish(
            store, [(name, at(9, day=day), at(17, day=day)) for name in people for day in days], first=first
        )


def _typed(
    slack: StandInSlack, known: Mapping[Role, Sequence[str]], at_once: int, rounds: int
) -> dict[str, Any]:
    """Until the acknowledgement, and until the answer is there to read."""
    acknowledged: list[float] = []
    answered: dict[str, list[float]] = defaultdict(list)
    failed = 0
    ready = threading.Barrier(at_once)

    def one(n: int, turn: int) -> tuple[str, float | None, float | None]:
        choice = known[Role.LEAD if n < LEADS else Role.AGENT]
        typed = choice[(n + turn) % len(choice)]
        command, _, text = typed.partition(" ")
        ready.wait()
        begun = time.perf_counter()
        outcome = slack.user(f"p{n}").command(command, text)
        try:
            outcome.answer()
        except TimeoutError:
            return typed, outcome.latency, None
        return typed, outcome.latency, time.perf_counter() - begun

    # Those who work out are agents: they come after the leads.
    people = range(at_once) if at_once > LEADS else range(LEADS, LEADS + at_once)
    with ThreadPoolExecutor(at_once) as pool:
        for turn in range(rounds):
            for typed, latency, taken in pool.map(one, people, [turn] * at_once):
                if latency is None or taken is None:
                    failed += 1
                    continue
                acknowledged.append(latency)
                answered[typed].append(taken)
    return {
        "at_once": at_once,
        "commands": at_once * rounds,
        "failed": failed,
        "acknowledged": _milliseconds(acknowledged),
        "answered": _milliseconds([taken for each in answered.values() for taken in each]),
        "worst_ms": {typed: _milliseconds(taken)["worst_ms"] for typed, taken in sorted(answered.items())},
    }


def _milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    ranked = sorted(seconds)
    return {
        "p50_ms": round(ranked[len(ranked) // 2] * 1000, 1),
        "p99_ms": round(ranked[min(len(ranked) - 1, int(len(ranked) * 0.99))] * 1000, 1),
        "worst_ms": round(ranked[-1] * 1000, 1),
    }


def _state(store: Store, run: Any) -> str:
    with store.read() as uow:
        found = uow.runs.get(run)
    return "" if found is None else found.state.value
