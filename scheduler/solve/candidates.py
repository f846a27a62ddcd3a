"""Legal shifts, before the model: families of shifts, their cells, and who may take which.

A *family* holds the shifts of one local day, queue, length and break rule; a *cell* is one start in a
family.  Times are counted in intervals from the grid's start.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, pairwise
from zoneinfo import ZoneInfo

from scheduler.check.opening import open_spans
from scheduler.roster.people import RosterAgent
from scheduler.roster.problem import RosterProblem
from scheduler.roster.shifts import BreakRule, PauseWindow, Shift, ShiftTemplate

__all__ = ["Candidates", "Cell", "Family", "Pause", "find_candidates"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A pause of a family in intervals; it starts ``earliest`` to ``latest`` after the shift."""

    activity: str
    length: int
    earliest: int
    latest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Shifts that differ only in their start; ``starts`` are sorted interval indices, all on day ``day``.

    The cell of ``starts[i]`` is number ``first_cell + i``.  ``prepare`` minutes come before the start.
    Every shift of the family has the ``sessions`` in it: numbers of the problem's, in order of time.
    ``blocks`` are their first intervals and ends; pauses lie outside.
    """

    first_cell: int
    day: int
    queue: str
    length: int
    pauses: tuple[Pause, ...]
    spacing: int
    paid_lunch: bool
    paid_minutes: int
    template: str
    prepare: int
    starts: tuple[int, ...]
    sessions: tuple[int, ...] = ()
    blocks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One start of one family; the agent prepares from ``begin`` and is at the queue from ``start``."""

    family: int
    day: int
    begin: int
    start: int
    end: int
    paid_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Families, their cells (sorted by family, then start) and the cells each agent may take."""

    families: tuple[Family, ...]
    cells: tuple[Cell, ...]
    allowed: dict[str, tuple[int, ...]]


_MINUTE = timedelta(minutes=1)
#: Of up to so many sessions that a shift covers it may have any in it; of more all, one or none.
_ANY_OF = 3
_FamilyKey = tuple[int, str, int, BreakRule, bool, str, timedelta, tuple[int, ...]]
_CellKey = tuple[_FamilyKey, int]


def find_candidates(problem: RosterProblem) -> Candidates:
    """Every shift the rules about single shifts allow, per agent.

    Templates, skills, opening hours, availability, leave, fixed days, and rest towards fixed and previous
    shifts are settled here; what couples several free shifts is left to the model.
    """
    opening = {q: open_spans(problem, q) for q in problem.queues}
    forms: dict[tuple[object, ...], tuple[_CellKey, ...]] = {}
    wanted: dict[str, list[_CellKey]] = {}
    held = _held_shifts(problem)
    invited = _invited(problem)
    for agent in problem.agents:
        queues = tuple(r.queue for r in problem.requirements if r.skill in agent.skills)
        form = (agent.zone, agent.contract.templates, queues)
        if form not in forms:
            forms[form] = _forms(problem, agent, queues, opening)
        keys = forms[form]
        own = held.get(agent.agent, ())
        if own or agent.leave or agent.available is not None:
            wanted[agent.agent] = [key for key in keys if _may_work(problem, agent, key, own)]
        else:
            wanted[agent.agent] = list(keys)
        if agent.agent in invited:
            wanted[agent.agent] += _with_sessions(problem, wanted[agent.agent], invited[agent.agent])
    starts: dict[_FamilyKey, set[int]] = {}
    for keys_of_agent in wanted.values():
        for family_key, start in keys_of_agent:
            starts.setdefault(family_key, set()).add(start)
    ordered = sorted(starts, key=lambda k: (k[0], k[1], k[2], min(starts[k]), repr(k[3]), k[4:]))
    families: list[Family] = []
    cells: list[Cell] = []
    index: dict[_CellKey, int] = {}
    for number, key in enumerate(ordered):
        family = _family(problem, key, tuple(sorted(starts[key])), first_cell=len(cells))
        families.append(family)
        for start in family.starts:
            index[key, start] = len(cells)
            cells.append(
                Cell(
                    family=number,
                    day=family.day,
                    begin=start - -(-family.prepare // problem.interval_minutes),
                    start=start,
                    end=start + family.length,
                    paid_minutes=family.paid_minutes,
                )
            )
    allowed = {agent: tuple(sorted(index[key] for key in keys)) for agent, keys in wanted.items()}
    return Candidates(families=tuple(families), cells=tuple(cells), allowed=allowed)


def _forms(
    problem: RosterProblem,
    agent: RosterAgent,
    queues: tuple[str, ...],
    opening: dict[str, tuple[tuple[datetime, datetime], ...] | None],
) -> tuple[_CellKey, ...]:
    """Cells that templates, zone, skills and opening hours leave, for anyone like this agent."""
    found: dict[_CellKey, None] = {}
    grid = problem.grid
    for template in problem.templates:
        if template.name not in agent.contract.templates:
            continue
        for start in _starts(problem, template, agent.zone):
            day = (problem.period.date_of(start - template.prepare) - problem.period.first).days
            if start - template.prepare < problem.period.start:
                continue
            for length in template.lengths:
                for queue in queues:
                    spans = opening[queue]
                    if spans is not None and not any(a <= start and start + length <= b for a, b in spans):
                        continue
                    key: _FamilyKey = (
                        day,
                        queue,
                        length // grid.interval,
                        template.breaks,
                        template.paid_lunch,
                        template.name,
                        template.prepare,
                        (),
                    )
                    found[key, (start - grid.start) // grid.interval] = None
    return tuple(found)


def _starts(problem: RosterProblem, template: ShiftTemplate, zone: str) -> list[datetime]:
    """Starts of a template inside the period, UTC; clock times that do not exist are left out."""
    tz = ZoneInfo(zone)
    first: date = problem.period.first - timedelta(days=1)
    found: list[datetime] = []
    for offset in range(problem.period.days + 2):
        for moment in template.starts():
            local = datetime.combine(first + timedelta(days=offset), moment, tzinfo=tz)
            start = local.astimezone(UTC)
            exists = start.astimezone(tz).replace(tzinfo=None) == local.replace(tzinfo=None)
            if exists and problem.period.start <= start < problem.period.end:
                found.append(start)
    return found


def _held_shifts(problem: RosterProblem) -> dict[str, tuple[Shift, ...]]:
    """Shifts free ones must keep their rest towards: all fixed, and previous ones that end late enough."""
    rest = timedelta(hours=problem.rules.rest.hours) if problem.rules.rest is not None else timedelta(0)
    held: dict[str, tuple[Shift, ...]] = {}
    late = (a for a in problem.previous if a.shift.end + rest > problem.period.start)
    for assignment in (*late, *problem.fixed):
        held[assignment.agent] = (*held.get(assignment.agent, ()), assignment.shift)
    return held


def _may_work(problem: RosterProblem, agent: RosterAgent, key: _CellKey, held: tuple[Shift, ...]) -> bool:
    (day, _, length, _, _, _, prepare, _), index = key
    start = problem.grid.start_of(index) - prepare
    end = problem.grid.start_of(index + length)
    rules = problem.rules
    if rules.availability is not None and not agent.is_available(start, end):
        return False
    if rules.leave is not None and agent.is_on_leave(start, end):
        return False
    rest = timedelta(hours=rules.rest.hours) if rules.rest is not None else timedelta(0)
    today = problem.period.first + timedelta(days=day)
    return all(
        shift.date != today and (shift.end + rest <= start or end + rest <= shift.start) for shift in held
    )


def _invited(problem: RosterProblem) -> dict[str, tuple[int, ...]]:
    """Agent to the numbers of the sessions they are invited to, in order of time."""
    found: dict[str, list[int]] = {}
    for number in sorted(range(len(problem.sessions)), key=lambda n: problem.sessions[n]):
        for agent in problem.sessions[number].agents:
            found.setdefault(agent, []).append(number)
    return {agent: tuple(numbers) for agent, numbers in found.items()}


def _with_sessions(problem: RosterProblem, keys: list[_CellKey], invited: tuple[int, ...]) -> list[_CellKey]:
    """The same shifts with the sessions they can have in them."""
    held = [(problem.sessions[n], n) for n in invited]
    blocks = [(*problem.grid.edges(session.start, session.end), n) for session, n in held]
    found: list[_CellKey] = []
    known: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
    for key, start in keys:
        inside = tuple(n for first, end, n in blocks if start <= first and end <= start + key[2])
        if inside:
            if inside not in known:
                known[inside] = _choices(problem, inside)
            found += [((*key[:7], chosen), start) for chosen in known[inside]]
    return found


def _choices(problem: RosterProblem, inside: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Sets of sessions that can be attended together, each in order of time, none of them empty."""
    sizes = range(1, len(inside) + 1) if len(inside) <= _ANY_OF else (len(inside), 1)
    return [
        chosen
        for size in sizes
        for chosen in combinations(inside, size)
        if all(problem.sessions[a].end <= problem.sessions[b].start for a, b in pairwise(chosen))
    ]


def _family(problem: RosterProblem, key: _FamilyKey, starts: tuple[int, ...], *, first_cell: int) -> Family:
    day, queue, length, breaks, paid_lunch, template, prepare, sessions = key
    interval = problem.grid.interval
    windows: tuple[PauseWindow, ...] = breaks.pauses(length * interval) if problem.rules.breaks else ()
    pauses = tuple(
        Pause(
            activity=w.activity,
            length=w.length // interval,
            earliest=w.earliest // interval,
            latest=w.latest // interval,
        )
        for w in windows
    )
    unpaid = 0 if paid_lunch else sum(p.length for p in pauses if p.activity == "lunch")
    return Family(
        first_cell=first_cell,
        day=day,
        queue=queue,
        length=length,
        pauses=pauses,
        spacing=breaks.min_spacing // interval,
        paid_lunch=paid_lunch,
        paid_minutes=(length - unpaid) * problem.interval_minutes + prepare // _MINUTE,
        template=template,
        prepare=prepare // _MINUTE,
        starts=starts,
        sessions=sessions,
        blocks=tuple(problem.grid.edges(s.start, s.end) for s in (problem.sessions[n] for n in sessions)),
    )
