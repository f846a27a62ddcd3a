"""Simulated mornings of a chat queue, played by an event list in plain Python, and predictions made in them.

Shares no code with the compiled simulation; an agent who finishes late begins his break late.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from scheduler.simulation.ahead import LiveQueue, Stretch, play_ahead

AHT, PROMISE, EXCESS, PER_HOUR = 300.0, 600.0, 0.05, 66.0
START, END = 0.0, 4 * 3600.0
LEAST = 3


@dataclass(slots=True)
class Day:
    """A simulated morning: arrivals, and when each was taken; snapshots ask it for its state."""

    rng: np.random.Generator
    arrival: list[float] = field(default_factory=list)
    begun: dict[int, float] = field(default_factory=dict)
    done: dict[int, float] = field(default_factory=dict)
    breaks: dict[str, tuple[float, float]] = field(default_factory=dict)

    def play(self, agents: int) -> Day:
        level = self.rng.gamma(1 / EXCESS) * EXCESS
        t = 0.0
        while (t := t + self.rng.exponential(3600 / (PER_HOUR * level))) < END:
            self.arrival.append(t)
        for i in range(agents):
            begins = float(self.rng.choice([3600, 5400, 7200, 9000]))
            self.breaks[f"a{i}"] = (begins, begins + 1800)
        events: list[tuple[float, int, str, int]] = [(t, 1, "", i) for i, t in enumerate(self.arrival)]
        for name, (begins, ends) in self.breaks.items():
            events += [(begins, 2, name, 0), (ends, 3, name, 0)]
        heapq.heapify(events)
        waiting: list[int] = []
        free = set(self.breaks)
        resting: set[str] = set()
        late: dict[str, float] = {}
        while events:
            now, kind, name, contact = heapq.heappop(events)
            if kind == 1:
                waiting.append(contact)
            elif kind == 0:
                self.done[contact] = now
                if name in late:  # the break he could not begin in time, at its full length
                    resting.add(name)
                    heapq.heappush(events, (now + 1800, 3, name, 0))
                    late.pop(name)
                else:
                    free.add(name)
            elif kind == 2:
                if name in free:
                    free.remove(name)
                    resting.add(name)
                else:
                    late[name] = now
            elif name in resting:
                resting.remove(name)
                free.add(name)
            while free and waiting:
                taken, who = waiting.pop(0), min(free)
                free.remove(who)
                self.begun[taken] = now
                heapq.heappush(events, (now + self.rng.exponential(AHT), 0, who, taken))
        return self

    def broken(self, start: float, end: float) -> int:
        return sum(
            start <= t + PROMISE < end and self.begun.get(i, math.inf) > t + PROMISE
            for i, t in enumerate(self.arrival)
        )

    def foretold(self, now: float, window: tuple[float, float], *, seed: int, paths: int) -> float:
        come = [i for i, t in enumerate(self.arrival) if t <= now]
        waiting = [self.arrival[i] + PROMISE - now for i in come if self.begun.get(i, math.inf) > now]
        in_hand = sum(self.begun.get(i, math.inf) <= now < self.done.get(i, math.inf) for i in come)
        staffed = []
        for name, (begins, ends) in self.breaks.items():
            spans = [(-3600.0, begins), (ends, 2 * END)]
            staffed += [Stretch(agent=name, start=s - now, end=e - now) for s, e in spans if e > now]
        queue = LiveQueue(
            waiting_due=np.array(waiting),
            in_hand=in_hand,
            means=np.full(24, PER_HOUR / 12),
            level=(1 / EXCESS + len(come), 1 / EXCESS + PER_HOUR * now / 3600),
            interval_seconds=300.0,
            own_excess=0.0,
            promises=np.array([PROMISE]),
            aht_seconds=AHT,
        )
        ahead = play_ahead(queue, staffed, window=(window[0] - now, window[1] - now), paths=paths, seed=seed)
        return ahead.chance(LEAST)


def predictions(days: int, agents: int, seed: int, paths: int = 200) -> Iterator[tuple[float, bool]]:
    """(chance foretold, whether it came true) of four half hours a morning, 20 or 25 minutes ahead."""
    for n in range(days):
        day = Day(rng=np.random.default_rng([seed, n])).play(agents)
        for start in (3600.0, 5400.0, 7200.0, 9000.0):
            window = (start, start + 1800.0)
            now = start - (1200.0 if n % 2 else 1500.0)
            yield day.foretold(now, window, seed=n, paths=paths), day.broken(*window) >= LEAST
