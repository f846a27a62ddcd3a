"""When sessions take place and who is invited: off the peaks of a first roster, where people are at work.

The roster search then knows the sessions as they are set, and may still move shifts and pauses round them or
leave somebody out of one.  Bounds are those of the problem with these sessions.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scheduler.check.lines import Lines, cover_lines, presence_lines
from scheduler.roster.people import TimeSpan
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster
from scheduler.roster.sessions import Activity, Session
from scheduler.roster.shifts import BREAK, LUNCH, PREPARE
from scheduler.solve.candidates import Candidates
from scheduler.solve.tours.lagrange import stepped

__all__ = ["set_sessions"]

_MINUTE = timedelta(minutes=1)
_Span = tuple[int, int]


def set_sessions(problem: RosterProblem, candidates: Candidates, roster: Roster) -> tuple[Session, ...]:
    """Sessions for every occasion of the problem's activities, each where it costs least in ``roster``.

    What an hour away costs is known exactly from the cover ``roster`` leaves; who is not at work counts as
    missing.  Nobody is in two sessions at once.  Who has no shift that could have a session in it (leave,
    availability) is not invited to any.  Daily occasions on which nobody of the activity works have none.
    """
    board = _Board.of(problem, candidates, roster)
    found: list[Session] = []
    for activity in problem.activities:
        for occasion in activity.occasions:
            if activity.group is None:
                session = _one_for_all(board, activity, occasion)
                found += [] if session is None else [session]
            else:
                found += _in_groups(board, activity, occasion)
    return tuple(sorted(found, key=lambda s: (s.start, s.end, s.activity, sorted(s.agents))))


class _Worked(NamedTuple):
    first: int
    end: int
    lines: tuple[int, ...]
    pauses: frozenset[int]


@dataclass(slots=True, eq=False)
class _Board:
    """The first roster's people per interval, less those already in a session.

    ``work``: each agent's shifts from the first interval at a queue to their end, the lines counted in, and
    the intervals of pauses.  ``costs`` are running sums of what so many fewer on a line cost, made when
    asked for.
    """

    problem: RosterProblem
    candidates: Candidates
    lines: Lines
    at: NDArray[np.int64]
    work: dict[str, list[_Worked]]
    fixed: dict[str, list[_Span]]
    booked: dict[str, list[_Span]] = field(default_factory=dict)
    costs: dict[tuple[int, int], NDArray[np.float64]] = field(default_factory=dict)
    reach: dict[str, list[_Span]] = field(default_factory=dict)

    @classmethod
    def of(cls, problem: RosterProblem, candidates: Candidates, roster: Roster) -> _Board:
        lines, at = cover_lines(problem, roster)
        queue = {q: i for i, q in enumerate(problem.queues)}
        presence = {a.agent: tuple(presence_lines(problem, a)[0].tolist()) for a in problem.agents}
        grid = problem.grid
        work: dict[str, list[_Worked]] = {a.agent: [] for a in problem.agents}
        fixed: dict[str, list[_Span]] = {a.agent: [] for a in problem.agents}
        held = set(problem.fixed)
        for assignment in roster.assignments:
            shift = assignment.shift
            begins = max((s.end for s in shift.segments if s.activity == PREPARE), default=shift.start)
            span = grid.edges(begins, shift.end)
            if assignment in held:
                fixed[assignment.agent].append(span)
            elif len(shift.queues) == 1 and shift.queues[0] in queue:
                lines_of = (queue[shift.queues[0]], *presence[assignment.agent])
                away = [s for s in shift.segments if s.activity in (LUNCH, BREAK)]
                pauses = frozenset(t for s in away for t in range(*grid.edges(s.start, s.end)))
                work[assignment.agent].append(_Worked(*span, lines_of, pauses))
        board = cls(problem=problem, candidates=candidates, lines=lines, at=at, work=work, fixed=fixed)
        for session in problem.sessions:
            for agent in session.agents:
                board.book(agent, grid.edges(session.start, session.end))
        return board

    def book(self, agent: str, span: _Span) -> None:
        """The agent is away from the queues then."""
        self.booked.setdefault(agent, []).append(span)
        worked = self.worked_at(agent, span)
        touched = set(worked.lines) if worked is not None else set()
        for line in touched:
            for t in range(*span):
                self.at[line, t] -= worked is not None and t not in worked.pauses
        self.costs = {key: held for key, held in self.costs.items() if key[0] not in touched}

    def is_free(self, agent: str, span: _Span) -> bool:
        """Neither in another session then nor bound by a fixed shift."""
        return not any(
            first < span[1] and span[0] < end
            for first, end in (*self.booked.get(agent, ()), *self.fixed[agent])
        )

    def worked_at(self, agent: str, span: _Span) -> _Worked | None:
        """The shift that covers a span; None where there is none."""
        for worked in self.work[agent]:
            if worked.first <= span[0] and span[1] <= worked.end:
                return worked
        return None

    def fewer(self, line: int, people: int, span: _Span) -> float:
        """What so many fewer on a line cost through a span [paid minutes]."""
        key = line, people
        if key not in self.costs:
            lines, off = self.lines, self.lines.required[line] - self.at[line]

            def price(off: NDArray[np.int64]) -> NDArray[np.float64]:
                under = stepped(off, lines.under_tops[line], lines.under[line])
                return under + stepped(-off, lines.over_tops[line], lines.over[line])

            self.costs[key] = np.concatenate([[0.0], np.cumsum(price(off + people) - price(off))])
        held = self.costs[key]
        return float(held[span[1]] - held[span[0]])

    def cost(self, agents: Sequence[str], span: _Span) -> float:
        """What it costs that these are away through a span.

        A pause that lies there has to go elsewhere in the shift, where it costs as much as on average.
        """
        people: dict[tuple[int, int], int] = {}
        total = 0.0
        for agent in agents:
            worked = self.worked_at(agent, span)
            if worked is None:
                continue
            for line in worked.lines:
                for t in range(*span):
                    if t not in worked.pauses:
                        people[line, t] = people.get((line, t), 0) + 1
                    else:
                        whole = worked.first, worked.end
                        total += self.fewer(line, 1, whole) / (worked.end - worked.first)
        return total + sum(self.fewer(line, count, (t, t + 1)) for (line, t), count in people.items())

    def spans(self, occasion: Sequence[TimeSpan], length: timedelta) -> Iterator[_Span]:
        """Where a session of this length can lie, in order of time."""
        grid = self.problem.grid
        size = length // grid.interval
        for span in sorted(occasion):
            first = max(0, -((grid.start - span.start) // grid.interval))
            last = min(grid.count, (span.end - grid.start) // grid.interval)
            for start in range(first, last - size + 1):
                yield start, start + size

    def could(self, agent: str, span: _Span) -> bool:
        """Whether any shift the agent may take has room for the span."""
        if agent not in self.reach:
            cells = self.candidates.cells
            held = {(cells[c].start, cells[c].end) for c in self.candidates.allowed[agent]}
            self.reach[agent] = sorted(held)
        return any(first <= span[0] and span[1] <= end for first, end in self.reach[agent])

    def session(self, activity: Activity, span: _Span, agents: Sequence[str]) -> Session:
        """Make a session and book its guests."""
        for agent in agents:
            self.book(agent, span)
        grid = self.problem.grid
        return Session(
            start=grid.start_of(span[0]),
            end=grid.start_of(span[1]),
            activity=activity.name,
            kind=activity.kind,
            agents=frozenset(agents),
            price=activity.weight * int(activity.length / _MINUTE),
            on_shift=activity.on_shift,
        )


def _one_for_all(board: _Board, activity: Activity, occasion: Sequence[TimeSpan]) -> Session | None:
    """The occasion's one session; those at work on the day who are not there then count as missing."""
    spans = list(board.spans(occasion, activity.length))
    if not spans:
        return None
    price = activity.weight * (activity.length / _MINUTE)
    leaders = _leaders(board, activity)
    asked = [a.agent for a in board.problem.agents if a.agent in activity.agents and a.agent not in leaders]
    low, high = spans[0][0], spans[-1][1]
    if activity.on_shift:
        # A shift counts for the occasion where it reaches into it.
        asked = [a for a in asked if any(w.first < high and low < w.end for w in board.work[a])]
    else:
        asked = [a for a in asked if any(board.could(a, span) for span in spans)]
    if not asked:
        return None
    needed = math.ceil(activity.share * len(asked) - 1e-9)
    best: tuple[float, _Span, list[str], list[str]] | None = None
    for span in spans:
        there = [a for a in asked if board.is_free(a, span) and board.worked_at(a, span) is not None]
        # Who is missed least comes first; alike, in the order of the problem.
        if len(there) > needed:
            there = sorted(there, key=lambda a: board.cost([a], span))[:needed]
        lead = _at_work(board, leaders, span)[:1]
        if not there or (activity.leader is not None and not lead):
            continue
        value = board.cost([*there, *lead], span) + price * (needed - len(there))
        if best is None or value < best[0] - 1e-9:
            best = value, span, there, lead
    if best is None:
        return _where_least_is_asked(board, activity, spans, asked[:needed], leaders)
    _, span, there, lead = best
    # Who works at another time in this roster may be given a shift that has the session in it.
    later = [a for a in asked if a not in there and board.is_free(a, span) and board.could(a, span)]
    return board.session(activity, span, [*there, *later[: needed - len(there)], *lead])


def _in_groups(board: _Board, activity: Activity, occasion: Sequence[TimeSpan]) -> list[Session]:
    """Sessions for everybody asked in groups, each with a leader where one is wanted."""
    assert activity.group is not None
    spans = list(board.spans(occasion, activity.length))
    leaders, size = _leaders(board, activity), activity.group
    waiting = [
        a.agent
        for a in board.problem.agents
        if a.agent in activity.agents
        and a.agent not in leaders
        and any(board.could(a.agent, span) for span in spans)
    ]
    if activity.on_shift and spans:
        low, high = spans[0][0], spans[-1][1]
        waiting = [a for a in waiting if any(w.first < high and low < w.end for w in board.work[a])]
    price = activity.weight * (activity.length / _MINUTE)
    left = math.ceil(activity.share * len(waiting) - 1e-9)

    def offer(span: _Span) -> tuple[float, list[str]] | None:
        """What a session then would be worth, and who would be there."""
        there = _at_work(board, waiting, span)[: min(size, left)]
        lead = _at_work(board, leaders, span)[:1]
        if not there or (activity.leader is not None and not lead):
            return None
        guests = [*there, *lead]
        return board.cost(guests, span) - price * len(guests), guests

    # Whatever is set makes the others worth no more, so that an old value is as good as it can still be.
    heap: list[tuple[float, _Span]] = []
    for span in spans:
        first = offer(span)
        if first is not None:
            heapq.heappush(heap, (first[0], span))
    found: list[Session] = []
    while heap and left:
        _, span = heapq.heappop(heap)
        now = offer(span)
        if now is None:
            continue
        value, guests = now
        if heap and value > heap[0][0] + 1e-9:
            heapq.heappush(heap, (value, span))
            continue
        found.append(board.session(activity, span, guests))
        present = set(guests)
        left -= len(present & set(waiting))
        waiting = [a for a in waiting if a not in present]
        heapq.heappush(heap, (value, span))
    waiting = waiting[:left]
    for place in range(0, len(waiting), size):
        group = waiting[place : place + size]
        session = _where_least_is_asked(board, activity, spans, group, leaders)
        found += [] if session is None else [session]
    return found


def _leaders(board: _Board, activity: Activity) -> list[str]:
    """Who could lead the activity; they are not among the guests."""
    return [
        a.agent
        for a in board.problem.agents
        if activity.leader is not None and activity.leader in a.attributes
    ]


def _at_work(board: _Board, agents: Sequence[str], span: _Span) -> list[str]:
    """Those who could leave their queues then, who is missed least first."""
    there = [a for a in agents if board.is_free(a, span) and board.worked_at(a, span) is not None]
    return sorted(there, key=lambda a: board.cost([a], span))


def _where_least_is_asked(
    board: _Board,
    activity: Activity,
    spans: Sequence[_Span],
    agents: Sequence[str],
    leaders: Sequence[str],
) -> Session | None:
    """A session for people none of whom is at work in any of the spans: where most of them could be, and the
    queues ask for fewest."""
    best: tuple[int, int, _Span, list[str]] | None = None
    asked = board.lines.required[: board.lines.queues].sum(axis=0)
    for span in spans:
        there = [a for a in agents if board.is_free(a, span) and board.could(a, span)]
        lead = [a for a in leaders if board.is_free(a, span) and board.could(a, span)][:1]
        if there and (activity.leader is None or lead):
            value = -len(there), int(asked[span[0] : span[1]].sum())
            if best is None or value < best[:2]:
                best = *value, span, [*there, *lead]
    return None if best is None else board.session(activity, best[2], best[3])
