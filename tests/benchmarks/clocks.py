"""Every clock of random cases against the oracle that walks minutes.

    python -m tests.benchmarks.clocks --cases 100000 --seed 1 [--json OUT]
    python -m tests.benchmarks.clocks --cases 1 --first 4711 --seed 1 --show    # one case again, in full

Compared for each clock of a case, at several instants: row in force, start, due time, state, stop, pause,
warnings, what a look at it says and when the next look is due; and that the events, delivered in batches in
any order with looks in between, end in the same state with no warning told twice.  Ends with
``differences: D of N``, the cases that differ of the cases tried.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from pathlib import Path
from pprint import pformat
from random import Random

from bot.core.case_history import opening_of, rebuild
from bot.core.contacts import ContactEvent, EventKind
from bot.core.courses import Measure
from bot.core.sla import ClockState, SlaClock, Verdict, VerdictKind, judge, make_clocks, replaced
from tests.support.clock_cases import ClockCase, make_case
from tests.support.clock_oracle import Reading, Wall, read_clocks

Key = tuple[Measure, int]
_CHUNK = 100
_SHOWN = 5


def case_of(seed: int, number: int) -> ClockCase:
    return make_case(Random(f"{seed}:{number}"))


def differences(case: ClockCase) -> list[str]:
    """What the engine and the oracle do not agree on; empty where both read the case alike."""
    walls = {name: Wall(calendar) for name, calendar in case.terms.calendars.items()}
    found: list[str] = []
    at_last: dict[Key, Reading] = {}
    for now in case.looks:
        known = [event for event in case.events if event.at <= now]
        if any(event.kind is EventKind.OPENED for event in known):
            at_last = read_clocks(known, case.terms, walls, case.queues, now)
            found += [f"at {now.isoformat()}: {line}" for line in _compare(_made(case, known), at_last, now)]
    return [*found, *_delivered(case, at_last)]


def _made(case: ClockCase, known: list[ContactEvent]) -> dict[Key, SlaClock]:
    opening = opening_of(known)
    assert opening is not None
    assert opening.queue is not None
    steps = rebuild(known, channel=case.queues[opening.queue][0]).steps
    calendar = case.terms.calendars[case.queues[steps[-1].contact.queue][1]]
    return {clock.key: clock for clock in make_clocks(steps, case.terms, calendar)}


def _compare(made: Mapping[Key, SlaClock], read: Mapping[Key, Reading], now: datetime) -> Iterator[str]:
    for key in sorted({*made, *read}, key=lambda k: (k[0].value, k[1])):
        name = f"{key[0].value} {key[1]}"
        clock, expected = made.get(key), read.get(key)
        if clock is None or expected is None:
            yield f"{name}: engine {_short(clock)}, oracle {_short(expected)}"
            continue
        seen, verdict = judge(clock, now)
        for field in ("policy", "started_at", "due_at", "stopped_at", "paused_since"):
            if getattr(clock, field) != getattr(expected, field):
                yield f"{name} {field}: engine {getattr(clock, field)}, oracle {getattr(expected, field)}"
        if seen.state is not expected.state:
            yield f"{name} state: engine {seen.state}, oracle {expected.state}"
        if expected.warnings is not None and clock.warnings != expected.warnings:
            yield f"{name} warnings: engine {clock.warnings}, oracle {expected.warnings}"
        if verdict != _verdict(expected, now):
            yield f"{name} verdict: engine {verdict}, oracle {_verdict(expected, now)}"
        if seen.next_check_at != _next_look(expected, now):
            yield f"{name} next look: engine {seen.next_check_at}, oracle {_next_look(expected, now)}"


def _verdict(expected: Reading, now: datetime) -> Verdict:
    """What is to be said to somebody who has not looked before."""
    if expected.warnings is None:
        return Verdict(kind=VerdictKind.NOTHING)
    if now >= expected.due_at:
        return Verdict(kind=VerdictKind.BREACH, at=expected.due_at)
    passed = [(at, fraction) for fraction, at in expected.warnings if at <= now]
    if not passed:
        return Verdict(kind=VerdictKind.NOTHING)
    at, fraction = max(passed)
    return Verdict(kind=VerdictKind.WARNING, at=at, fraction=fraction)


def _next_look(expected: Reading, now: datetime) -> datetime | None:
    if expected.state is not ClockState.RUNNING or expected.warnings is None:
        return None
    return min([*(at for _, at in expected.warnings if at > now), expected.due_at])


def _delivered(case: ClockCase, expected: Mapping[Key, Reading]) -> Iterator[str]:
    """The events as they arrive, batch by batch, with a look at the clocks after each."""
    known: list[ContactEvent] = []
    held: dict[Key, SlaClock] = {}
    told: set[tuple[Measure, datetime, float]] = set()
    last = case.looks[-1]
    for now, batch in (*case.batches, (last, ())):
        known += batch
        if any(event.kind is EventKind.OPENED for event in known):
            held = replaced(held, _made(case, known).values(), now)
        for key, clock in held.items():
            held[key], verdict = judge(clock, now)
            if verdict.kind is VerdictKind.WARNING and verdict.fraction is not None:
                once = (clock.measure, clock.started_at, verdict.fraction)
                if once in told:
                    yield f"delivered: {key[0].value} {key[1]} warned twice of {verdict.fraction}"
                told.add(once)
    for key in sorted({*held, *expected}, key=lambda k: (k[0].value, k[1])):
        clock, reading = held.get(key), expected.get(key)
        if reading is None:
            # A promise that is no longer made leaves its clock behind, cancelled.
            if clock is not None and clock.state is not ClockState.CANCELLED:
                yield f"delivered: {key[0].value} {key[1]} is {clock.state}, oracle knows no such promise"
        elif clock is None or _ending(clock) != _ending(reading):
            yield f"delivered: {key[0].value} {key[1]}: engine {_short(clock)}, oracle {_short(reading)}"


def _ending(clock: SlaClock | Reading) -> tuple[object, ...]:
    return (
        clock.policy,
        clock.started_at,
        clock.due_at,
        clock.state,
        clock.stopped_at,
        clock.paused_since,
    )


def _short(clock: SlaClock | Reading | None) -> str:
    return "none" if clock is None else " ".join(map(str, _ending(clock)))


def _chunk(seed: int, numbers: range) -> list[tuple[int, list[str]]]:
    found = []
    for number in numbers:
        try:
            lines = differences(case_of(seed, number))
        except Exception as error:  # a case that raises is a difference like any other
            lines = [f"{type(error).__name__}: {error}"]
        if lines:
            found.append((number, lines))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cases", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--show", action="store_true", help="print the cases that differ in full")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    numbers = range(asked.first, asked.first + asked.cases)
    chunks = [numbers[at : at + _CHUNK] for at in range(0, len(numbers), _CHUNK)]
    began = time.perf_counter()
    if asked.workers > 1 and len(chunks) > 1:
        with ProcessPoolExecutor(asked.workers) as pool:
            results = list(pool.map(_chunk, [asked.seed] * len(chunks), chunks))
    else:
        results = [_chunk(asked.seed, chunk) for chunk in chunks]
    seconds = time.perf_counter() - began
    differ = [one for result in results for one in result]
    for number, lines in differ[:_SHOWN]:
        print(f"seed {asked.seed}, case {number}:")
        print("\n".join(f"  {line}" for line in lines[:10]))
        if asked.show:
            print(pformat(case_of(asked.seed, number), width=110))
    print(f"{asked.cases} cases in {seconds:.0f} s, {asked.cases / seconds:.0f} a second")
    if asked.json is not None:
        figures = {
            "cases": asked.cases,
            "seed": asked.seed,
            "differences": len(differ),
            "seconds": round(seconds),
            "cases_per_second": round(asked.cases / seconds),
        }
        asked.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(f"differences: {len(differ)} of {asked.cases}")


if __name__ == "__main__":
    main()
