"""RosterProblem: everything a roster is made from, checked at birth."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo

import numpy as np

from forecasting.grid import IntervalGrid
from scheduler.roster.errors import ProblemError
from scheduler.roster.people import RosterAgent
from scheduler.roster.roster import Assignment, RosterPeriod
from scheduler.roster.rules import ObjectiveWeights, RosterRules
from scheduler.roster.sessions import Activity, Session
from scheduler.roster.shifts import PREPARE, RESERVED_ACTIVITIES, ShiftTemplate
from scheduler.roster.wishes import Pairing, ShiftCover, Wish
from scheduler.staffing.requirement import Requirement

__all__ = ["RosterPeriod", "RosterProblem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterProblem:
    """What is needed, who there is, and the rules.

    ``grid`` covers exactly the period; every requirement lies on it, one per queue.  Starts, lengths,
    pauses, spacings and sessions are multiples of the grid's interval.  ``fixed`` assignments stay as they
    are, also where they break a rule.  ``previous`` are the last shifts before the period: they count for
    rest, runs and the ISO week they share.  ``activities`` are what sessions should take place for;
    ``sessions`` are those whose time and guests are settled.
    """

    period: RosterPeriod
    grid: IntervalGrid
    agents: tuple[RosterAgent, ...]
    templates: tuple[ShiftTemplate, ...]
    requirements: tuple[Requirement, ...]
    rules: RosterRules = field(default_factory=RosterRules)
    weights: ObjectiveWeights = field(default_factory=ObjectiveWeights)
    fixed: tuple[Assignment, ...] = ()
    previous: tuple[Assignment, ...] = ()
    wishes: tuple[Wish, ...] = ()
    shift_cover: tuple[ShiftCover, ...] = ()
    pairings: tuple[Pairing, ...] = ()
    activities: tuple[Activity, ...] = ()
    sessions: tuple[Session, ...] = ()

    def __post_init__(self) -> None:
        if not self.agents:
            raise ProblemError("there are no agents to roster; import or name at least one")
        if not self.requirements:
            raise ProblemError("there is no requirement; a roster needs at least one queue")
        _refuse_doubles("agent", (a.agent for a in self.agents))
        _refuse_doubles("shift template", (t.name for t in self.templates))
        _refuse_doubles("requirement for queue", (r.queue for r in self.requirements))
        self._check_grid()
        self._check_templates()
        self._check_agents()
        self._check_assignments()
        self._check_wishes()
        self._check_sessions()

    def _check_grid(self) -> None:
        if self.grid.start != self.period.start or self.grid.end != self.period.end:
            raise ProblemError(
                f"the grid must cover the period exactly: {self.period.start} to {self.period.end}, "
                f"got {self.grid.describe()}"
            )
        for requirement in self.requirements:
            if requirement.queue in RESERVED_ACTIVITIES:
                raise ProblemError(f"queue {requirement.queue!r} has the name of a pause; call it otherwise")
            same = (
                requirement.grid.start == self.grid.start
                and requirement.grid.interval == self.grid.interval
                and requirement.grid.count == self.grid.count
            )
            if not same:
                raise ProblemError(
                    f"requirement for {requirement.queue!r} is on another grid: "
                    f"{requirement.grid.describe()}, the roster's is {self.grid.describe()}"
                )
            values = np.asarray(requirement.scheduled_agents, dtype=np.float64)
            if not np.all(np.isfinite(values)) or np.any(values < 0):
                raise ProblemError(f"requirement for {requirement.queue!r} has negative or undefined agents")

    def _check_templates(self) -> None:
        interval = self.grid.interval
        for template in self.templates:
            rule = template.breaks
            parts = {
                "start_step": template.start_step,
                "earliest_start": timedelta(
                    hours=template.earliest_start.hour,
                    minutes=template.earliest_start.minute,
                    seconds=template.earliest_start.second,
                ),
                "lunch": rule.lunch,
                "lunch_earliest": rule.lunch_earliest,
                "lunch_latest": rule.lunch_latest,
                "break_length": rule.break_length,
                "min_spacing": rule.min_spacing,
                **{f"length {length}": length for length in template.lengths},
            }
            for name, value in parts.items():
                if value % interval:
                    raise ProblemError(
                        f"shift template {template.name!r}: {name} ({value}) is not a multiple of the "
                        f"roster's interval ({interval})"
                    )

    def _check_agents(self) -> None:
        names = [t.name for t in self.templates]
        for contract in {a.contract for a in self.agents}:
            for template in contract.templates:
                if template not in names:
                    hint = get_close_matches(template, names, n=1)
                    raise ProblemError(
                        f"contract {contract.name!r} names the unknown shift template {template!r}"
                        + (f"; did you mean {hint[0]!r}?" if hint else f"; there are {', '.join(names)}")
                    )
            for limit in contract.shift_limits:
                self._known_templates(f"a shift limit of contract {contract.name!r}", limit.templates)
        for agent in self.agents:
            for share in agent.fair_shares:
                self._known_templates(f"a fair share of {agent.agent!r}", share.templates)
        noon = datetime.combine(self.period.first, time(12))
        for zone in {a.zone for a in self.agents}:
            offset = noon.replace(tzinfo=ZoneInfo(zone)) - self.grid.start
            if offset % self.grid.interval:
                raise ProblemError(
                    f"clock times in {zone} do not fall on the roster's intervals of {self.grid.interval}; "
                    "use a shorter interval"
                )

    def _check_assignments(self) -> None:
        known = {a.agent for a in self.agents}
        for assignment in self.fixed:
            shift = assignment.shift
            if assignment.agent not in known:
                raise ProblemError(
                    f"fixed shift on {shift.date} is for the unknown agent {assignment.agent!r}"
                )
            if self.period.date_of(shift.start) != shift.date or not (
                self.period.start <= shift.start < self.period.end
            ):
                raise ProblemError(
                    f"fixed shift of {assignment.agent!r} starts {shift.start.isoformat()}, which is not on "
                    f"{shift.date} inside the period"
                )
            # Preparing comes before the first interval at a queue and may begin inside another.
            instants = [t for s in shift.segments if s.activity != PREPARE for t in (s.start, s.end)]
            begins = [] if any(s.activity == PREPARE for s in shift.segments) else [shift.start]
            if any((t - self.grid.start) % self.grid.interval for t in (*begins, shift.end, *instants)):
                raise ProblemError(
                    f"fixed shift of {assignment.agent!r} on {shift.date} is not on the roster's intervals"
                )
        for assignment in self.previous:
            if assignment.shift.start >= self.period.start:
                raise ProblemError(
                    f"previous shift of {assignment.agent!r} starts {assignment.shift.start.isoformat()}, "
                    "inside the period; only earlier shifts belong there"
                )

    def _known_templates(self, what: str, named: Iterable[str]) -> None:
        names = [t.name for t in self.templates]
        for name in named:
            if name not in names:
                raise ProblemError(
                    f"{what} names the unknown shift template {name!r}; there are {', '.join(names)}"
                )

    def _check_wishes(self) -> None:
        known = {a.agent for a in self.agents}
        for who in (
            *(w.agent for w in self.wishes),
            *(n for p in self.pairings for n in (p.agent, p.mentor)),
        ):
            if who not in known:
                raise ProblemError(f"a wish or pairing is for the unknown agent {who!r}")
        for wish in self.wishes:
            self._known_templates(f"a wish of {wish.agent!r}", wish.templates)
        self._known_templates("a shift cover", (c.template for c in self.shift_cover))
        _refuse_doubles("shift cover", ((c.date, c.template) for c in self.shift_cover))
        if self.rules.successions is not None:
            self._known_templates(
                "a forbidden succession", (n for p in self.rules.successions.pairs for n in p)
            )

    def _check_sessions(self) -> None:
        _refuse_doubles("activity", (a.name for a in self.activities))
        known = {a.agent for a in self.agents}
        for what, agents in (
            *((f"activity {a.name!r}", a.agents) for a in self.activities),
            *((f"session of {s.activity!r}", s.agents) for s in self.sessions),
        ):
            if not agents <= known:
                raise ProblemError(f"{what} is for the unknown agent {min(agents - known)!r}")
        for activity in self.activities:
            if activity.length % self.grid.interval:
                raise ProblemError(
                    f"activity {activity.name!r}: its length ({activity.length}) is not a multiple of the "
                    f"roster's interval ({self.grid.interval})"
                )
        for session in self.sessions:
            if any((t - self.grid.start) % self.grid.interval for t in (session.start, session.end)) or not (
                self.period.start <= session.start and session.end <= self.period.end
            ):
                raise ProblemError(
                    f"session of {session.activity!r} at {session.start.isoformat()} is not on the roster's "
                    "intervals inside the period"
                )

    def required(self, queue: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Whole agents required per interval: scheduled agents, rounded up."""
        for requirement in self.requirements:
            if requirement.queue == queue:
                values = np.asarray(requirement.scheduled_agents, dtype=np.float64)
                rounded: np.ndarray[tuple[int], np.dtype[np.int64]] = np.ceil(values - 1e-6).astype(np.int64)
                return rounded
        raise ProblemError(f"no requirement for queue {queue!r}")

    @property
    def queues(self) -> tuple[str, ...]:
        return tuple(r.queue for r in self.requirements)

    @property
    def interval_minutes(self) -> int:
        return int(self.grid.interval.total_seconds() // 60)

    def required_staff_minutes(self) -> int:
        """Required agents times minutes over queues and intervals, and the paid time of shifts asked for by
        template; what gaps are measured by."""
        length = {t.name: int(t.paid(t.lengths[0]).total_seconds() // 60) for t in self.templates}
        by_queue = sum(int(self.required(q).sum()) for q in self.queues) * self.interval_minutes
        return by_queue + sum(c.required * length[c.template] for c in self.shift_cover)

    def digest(self) -> str:
        """SHA-256 of the whole problem; equal problems have equal digests on every machine."""
        text = json.dumps(_plain(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    """A value as JSON types, in one order."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return [float(v) for v in value.ravel()]
    if isinstance(value, set | frozenset):
        return sorted(str(v) for v in value)
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if value is None or isinstance(value, str | int | float):
        return value
    return str(value)


def _refuse_doubles(what: str, names: Iterable[Hashable]) -> None:
    seen: set[Hashable] = set()
    for name in names:
        if name in seen:
            raise ProblemError(f"{what} {name!r} is given twice")
        seen.add(name)
