"""The risk of the next half hour that can still be helped, and the break whose move would help most.

Inside a unit that reads.  Method, sources and limits: bot/docs/outlook.md.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum

import numpy as np

from bot.core.break_moves import BreakMove, Moved, possible
from bot.core.calendar import is_open
from bot.core.floor import AgentState
from bot.core.ids import AgentId, QueueId
from bot.core.outlook import pausing_in, staffed_ahead, window_ahead
from bot.core.queues import Queue
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit
from bot.usecases.find_cause import STALE, break_rules
from bot.usecases.todays_forecast import SILENCE, Today, today
from bot.usecases.watch_volume import opening_before
from bot.usecases.workloads import KINDS
from forecasting.forecast import VolumeForecast, expected_between
from forecasting.grid import IntervalGrid
from forecasting.intraday import stretch
from scheduler.queueing.targets import WorkKind
from scheduler.roster.roster import Assignment
from scheduler.simulation.ahead import Ahead, LiveQueue, play_ahead

__all__ = ["PATHS", "Obstacle", "Prediction", "Tried", "best_move", "obstacle", "predict", "try_move"]

PATHS = 400
FIX_PATHS = 200
FIXES = 12
"""Moves of breaks that are tried at most."""
BINS = timedelta(minutes=5)
BACK = timedelta(days=7)
"""How far back contacts are read for what is waiting and what is promised."""
_AWAY_FOR = {
    AgentState.BREAK: timedelta(minutes=15),
    AgentState.LUNCH: timedelta(hours=1),
    AgentState.TRAINING: timedelta(minutes=30),
    AgentState.AWAY: timedelta(minutes=30),
}
"""How long somebody is taken to be away, from when the state began; at least five minutes from now."""
_AT_LEAST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prediction:
    """The risk of one queue in one window, and what it rests on."""

    queue: QueueId
    start: datetime
    end: datetime
    chance: float
    expected: float
    breaches: int
    backlog: int
    pausing: int
    leaving: int
    seed: int
    within_seconds: float | None = None
    fix: BreakMove | None = None
    chance_after: float | None = None


class Obstacle(Enum):
    """Why nothing is foretold."""

    OFF = "off"  # switched off in app.yaml
    CLOSED = "closed"
    SILENT = "silent"
    NO_FORECAST = "no_forecast"
    NO_ROSTER = "no_roster"
    NO_CONTACTS = "no_contacts"  # none told live in the last days: what is promised is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """P(at least ``breaches`` promises broken in [start, end)) ``before`` and ``after`` a change."""

    start: datetime
    end: datetime
    breaches: int
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Basis:
    forecast: VolumeForecast
    assignments: list[Assignment]
    promises: list[float]


def predict(
    uow: ReadUnit, settings: Settings, queue: QueueId, now: datetime, *, threshold: float | None = None
) -> Prediction | None:
    """P(at least ``watch.risk.breaches`` promises broken) in the half hour that is next to be foretold.

    None where there is an `obstacle`: nothing is foretold from nothing.  From ``threshold`` on (the
    configured chance) the move of a break that helps most is looked for.
    """
    found = _basis(uow, settings, queue, now)
    if isinstance(found, Obstacle):
        return None
    watch = settings.watch
    least = watch.risk_chance if threshold is None else threshold
    scene = _scene(uow, settings, queue, found, now)
    play, start, end, assignments = scene.play, scene.start, scene.end, found.assignments
    within = watch.risk_within.get(queue)
    ahead = play(assignments, PATHS)
    chance = ahead.chance(watch.risk_breaches)
    pausing, leaving = pausing_in(assignments, queue, start, end)
    made = Prediction(
        queue=queue,
        start=start,
        end=end,
        chance=chance,
        expected=ahead.expected,
        breaches=watch.risk_breaches,
        backlog=scene.backlog,
        pausing=pausing,
        leaving=leaving,
        seed=scene.seed,
        within_seconds=None if within is None else within.total_seconds(),
    )
    if least is None or chance < least:
        return made
    best = _best(uow, settings, scene, assignments)
    if best is None:
        return made
    return replace(made, fix=best.move, chance_after=min(chance, best.after))


def best_move(
    uow: ReadUnit, settings: Settings, queue: QueueId, now: datetime, *, but: str
) -> BreakMove | None:
    """The move of a break, of anybody but one, that helps most; None where none does or can be foretold."""
    found = _basis(uow, settings, queue, now)
    if isinstance(found, Obstacle):
        return None
    best = _best(uow, settings, _scene(uow, settings, queue, found, now), found.assignments, but=but)
    return None if best is None else best.move


@dataclass(frozen=True, slots=True)
class _Best:
    move: BreakMove
    after: float


def _best(
    uow: ReadUnit,
    settings: Settings,
    scene: _Scene,
    assignments: Sequence[Assignment],
    *,
    but: str | None = None,
) -> _Best | None:
    breaches = settings.watch.risk_breaches
    moves = possible(
        [a for a in assignments if a.agent != but],
        break_rules(uow, settings),
        scene.queue,
        now=scene.now,
        start=scene.now + _AT_LEAST,
        end=scene.end,
        step=settings.staffing.interval,
    )
    before = scene.play(assignments, FIX_PATHS).chance(breaches)
    best: tuple[float, timedelta, Moved] | None = None
    for moved in _nearest(moves):
        after = scene.play(_with(assignments, moved), FIX_PATHS).chance(breaches)
        offer = (after, abs(moved.move.to - moved.move.start), moved)
        if best is None or offer[:2] < best[:2]:
            best = offer
    if best is None or best[0] >= before - 0.02:
        return None
    return _Best(best[2].move, best[0])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Scene:
    """Everything a queue's next minutes are played with; ``play`` plays them with other shifts."""

    queue: QueueId
    now: datetime
    start: datetime
    end: datetime
    live: LiveQueue
    off: Set[AgentId]
    back_at: dict[AgentId, datetime]
    backlog: int
    seed: int

    def play(self, rows: Sequence[Assignment], paths: int) -> Ahead:
        staffed = staffed_ahead(rows, self.queue, self.now, off=self.off, back_at=self.back_at)
        window = ((self.start - self.now).total_seconds(), (self.end - self.now).total_seconds())
        return play_ahead(self.live, staffed, window=window, paths=paths, seed=self.seed)


def _scene(uow: ReadUnit, settings: Settings, queue: QueueId, found: _Basis, now: datetime) -> _Scene:
    start, end = window_ahead(now)
    held, within = settings.queues[queue], settings.watch.risk_within.get(queue)
    waiting = uow.live_queues.waiting(queue, now - BACK)
    due = [_due(w.opened_at, w.due_at, within, now) for w in waiting]
    states = uow.presence.now(now)
    fresh = any(now - s.heard_at < STALE for s in states.values())
    away = 0.0 if fresh else _shrinkage(settings, start, end)
    off = {a for a, s in states.items() if s.state is AgentState.OFFLINE} if fresh else set()
    # Who has not begun yet is not logged in yet.
    off &= {AgentId(a.agent) for a in found.assignments if a.shift.start <= now}
    back_at = (
        {
            a: max(now + _AT_LEAST, s.since + _AWAY_FOR[s.state])
            for a, s in states.items()
            if s.state in _AWAY_FOR
        }
        if fresh
        else {}
    )
    return _Scene(
        queue=queue,
        now=now,
        start=start,
        end=end,
        live=_live(uow, settings, held, found.forecast, found.promises, due, now, end, absence=away),
        off=off,
        back_at=back_at,
        backlog=len(waiting),
        seed=zlib.crc32(f"{queue}:{start.isoformat()}".encode()) & 0x7FFFFFFF,  # fits the column
    )


def try_move(uow: ReadUnit, settings: Settings, queue: QueueId, moved: Moved, now: datetime) -> Tried | None:
    """The chance of the next half hour as the roster stands and with a break moved, of the same draws.

    None where there is an `obstacle`.
    """
    found = _basis(uow, settings, queue, now)
    if isinstance(found, Obstacle):
        return None
    scene = _scene(uow, settings, queue, found, now)
    breaches = settings.watch.risk_breaches
    return Tried(
        start=scene.start,
        end=scene.end,
        breaches=breaches,
        before=scene.play(found.assignments, PATHS).chance(breaches),
        after=scene.play(_with(found.assignments, moved), PATHS).chance(breaches),
    )


def obstacle(uow: ReadUnit, settings: Settings, queue: QueueId, now: datetime) -> Obstacle | None:
    """Why nothing is foretold of a queue at ``now``; None where something is."""
    found = _basis(uow, settings, queue, now)
    return found if isinstance(found, Obstacle) else None


def _basis(uow: ReadUnit, settings: Settings, queue: QueueId, now: datetime) -> _Basis | Obstacle:
    start, end = window_ahead(now)
    if settings.watch.risk_chance is None:
        return Obstacle.OFF
    if not is_open(settings.calendars[settings.queues[queue].calendar], start):
        return Obstacle.CLOSED
    if any(e.queue == queue for e in uow.episodes.going_on(SILENCE)):
        return Obstacle.SILENT
    opened = min(now, opening_before(settings, queue, now))
    forecast = uow.forecasts.latest_around(queue, now, end, back_to=opened)
    if forecast is None or not forecast.grid.count:
        return Obstacle.NO_FORECAST
    assignments = uow.rosters.shifts_between(now, end)
    if not assignments:
        return Obstacle.NO_ROSTER
    within = settings.watch.risk_within.get(queue)
    promises = [within.total_seconds()] if within is not None else uow.live_queues.promises(queue, now - BACK)
    if not promises:
        return Obstacle.NO_CONTACTS
    return _Basis(forecast=forecast, assignments=assignments, promises=promises)


def _due(opened_at: datetime, due_at: datetime | None, within: timedelta | None, now: datetime) -> float:
    """When an answer is due [s after now]; inf where none was promised."""
    if within is not None:
        due_at = opened_at + within
    return float("inf") if due_at is None else (due_at - now).total_seconds()


def _live(
    uow: ReadUnit,
    settings: Settings,
    queue: Queue,
    forecast: VolumeForecast,
    promises: Sequence[float],
    due: Sequence[float],
    now: datetime,
    end: datetime,
    *,
    absence: float,
) -> LiveQueue:
    kind = KINDS[queue.channel]
    bins = -(-(end - now) // BINS)
    so_far = today(uow, settings, queue.queue, now)
    means = [_expected(forecast, so_far, now + i * BINS, now + (i + 1) * BINS) for i in range(bins)]
    variance = 0.0 if so_far is None else so_far.rest.factor_variance
    index = min(max(0, (now - forecast.grid.start) // forecast.grid.interval), forecast.grid.count - 1)
    own = stretch(forecast, slice(index, index + 1)).excess
    shared = forecast.shared_by_week + forecast.shared_by_day
    aht = float(forecast.aht_seconds[index]) or queue.aht_seconds
    return LiveQueue(
        waiting_due=np.array(due, dtype=np.float64),
        in_hand=uow.live_queues.in_hand(queue.queue, now - timedelta(seconds=4 * aht)),
        means=np.array(means, dtype=np.float64),
        interval_seconds=BINS.total_seconds(),
        own_excess=own * max(0.0, 1.0 - shared),
        # A gamma factor of mean 1 with what is not known of the day's level.
        level=(1 / variance, 1 / variance) if variance > 1e-9 else None,
        promises=np.array(promises, dtype=np.float64),
        aht_seconds=aht,
        concurrency=queue.concurrency if kind is WorkKind.CONCURRENT else 1,
        patience_seconds=None if kind is WorkKind.DEFERRABLE else queue.patience_seconds,
        absence=absence,
        answered_at_end=kind is WorkKind.DEFERRABLE,
    )


def _shrinkage(settings: Settings, start: datetime, end: datetime) -> float:
    """Mean share of rostered people who are away in [start, end).

    Planned causes count as well: the roster does not name who sits in the training, so for each of its
    people it is a chance.
    """
    grid = IntervalGrid(
        start=start.astimezone(UTC), interval=BINS, count=(end - start) // BINS, zone=settings.zone
    )
    return float(settings.staffing.shrinkage.per_interval(grid).mean())


def _expected(forecast: VolumeForecast, so_far: Today | None, start: datetime, end: datetime) -> float:
    """Contacts in [start, end) as the day stands; after midnight as forecast."""
    if so_far is not None and end <= so_far.rest.forecast.grid.end:
        return expected_between(so_far.rest.forecast, start, end)
    return expected_between(forecast, start, end)


def _nearest(moves: Iterable[Moved]) -> list[Moved]:
    """A few moves to try: of each person's pauses the two nearest new times, least far first."""
    held: dict[tuple[str, datetime], list[Moved]] = {}
    for moved in moves:
        held.setdefault((moved.move.agent, moved.move.start), []).append(moved)
    few = [m for found in held.values() for m in found[:2]]
    few.sort(key=lambda m: (abs(m.move.to - m.move.start), m.move.agent))
    return few[:FIXES]


def _with(assignments: Sequence[Assignment], moved: Moved) -> list[Assignment]:
    return [
        replace(a, shift=moved.shift)
        if a.agent == moved.move.agent and a.shift.start == moved.shift.start
        else a
        for a in assignments
    ]
