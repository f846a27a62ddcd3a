"""What goes wrong in a run: a plan drawn from a seed, and the calls of Slack that it spoils."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from bot.playground import Fault, FaultKind, Faults

SINGLE = {
    "429": FaultKind.RATE_LIMITED,
    "500": FaultKind.SERVER_ERROR,
    "html": FaultKind.HTML,
    "drop_before": FaultKind.DROP_BEFORE,
    "drop_after": FaultKind.DROP_AFTER,
    "error_after": FaultKind.ERROR_AFTER,
    "hang_before": FaultKind.HANG_BEFORE,
    "hang_after": FaultKind.HANG_AFTER,
}
"""The fault of a run to what the stand-in does with a call."""

POSTS = ("chat.postMessage", "chat.postMessage", "chat.postMessage", "chat.update")
LOOK_UPS = ("conversations.history", "users.conversations", "conversations.open", "users.lookupByEmail")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """``kills``: how often a process is killed and started again; ``processes`` on the one database."""

    name: str
    kinds: tuple[FaultKind, ...]
    budget: int
    kills: int = 0
    processes: int = 1


def cycle(*, two_processes: bool) -> tuple[str, ...]:
    """The faults of a benchmark in turn; two processes need a database that is made for it."""
    both = ("two_processes", "two_processes_mixture") if two_processes else ()
    return (*SINGLE, "kill", "mixture", *both, "mixture_kill")


def plan(name: str, rng: Random) -> Plan:
    """What this fault means in this run."""
    if name in SINGLE:
        return Plan(name=name, kinds=(SINGLE[name],), budget=rng.randint(3, 8))
    every = tuple(SINGLE.values())
    if name == "kill":
        return Plan(name=name, kinds=(), budget=0, kills=rng.randint(1, 3))
    if name == "mixture":
        return Plan(name=name, kinds=every, budget=rng.randint(6, 16))
    if name == "mixture_kill":
        return Plan(name=name, kinds=every, budget=rng.randint(4, 10), kills=rng.randint(1, 2))
    if name == "two_processes":
        return Plan(name=name, kinds=(), budget=0, kills=1, processes=2)
    if name == "two_processes_mixture":
        return Plan(name=name, kinds=every, budget=rng.randint(4, 10), kills=1, processes=2)
    raise ValueError(f"no fault {name!r}")


@dataclass(kw_only=True)
class Stage:
    """Spoils calls until the plan's budget is spent: a burst at once, the rest one by one."""

    plan: Plan
    faults: Faults
    rng: Random
    patience: float
    _left: int = 0

    def open(self) -> None:
        self._left = self.plan.budget
        for _ in range(self.rng.randint(0, min(4, self._left))):
            self._spoil()

    def go_on(self) -> None:
        """To be called every now and then while the run lasts."""
        if self._left and self.faults.waiting() < 2 and self.rng.random() < 0.4:
            self._spoil()

    def _spoil(self) -> None:
        kind = self.rng.choice(self.plan.kinds)
        method = self.rng.choice(POSTS)
        if self.rng.random() < 0.25:
            method = self.rng.choice(LOOK_UPS)
        # Longer than the service waits, and now and then shorter: late, but it counts.
        seconds = self.patience * self.rng.choice((0.6, 1.5, 2.0))
        self.faults.add(method, Fault(kind=kind, retry_after=self.rng.randint(1, 15), seconds=seconds))
        self._left -= 1
