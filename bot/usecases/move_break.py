"""One break moved by a press: what it would do, whether it may be, then done and told (SCENARIOS L7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.break_moves import NOTICE, BreakMove, Moved, possible
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId, QueueId
from bot.core.requests import Cause
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases.ask_changes import Outcome, request
from bot.usecases.find_cause import break_rules, moves
from bot.usecases.foretell_risk import Tried, best_move, try_move
from bot.usecases.labour_receipts import judge as judge_labour
from bot.usecases.live_rosters import Standing, standing
from scheduler.labour.receipt import Receipt
from scheduler.requests.verdicts import Trade, Verdict, judge
from scheduler.roster.roster import Assignment, Roster
from scheduler.roster.shifts import PauseWindow, Shift

__all__ = ["Hindrance", "Preview", "confirm", "look"]

INSTANT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a move would do.  ``window``: when after the shift's start such a pause may begin, by its rule.

    ``verdict``: rules and cover; ``tried``: chances with and without it, None where nothing can be foretold.
    """

    move: BreakMove
    before: Shift
    shift: Shift
    verdict: Verdict
    window: PauseWindow | None
    tried: Tried | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hindrance:
    """Why a move cannot be (any more), and the next best one.

    ``begun``: since when the pause goes on, or the time at which it begins within minutes; None where the
    roster has no such pause any more, or a rule (``broken``) forbids it.
    """

    move: BreakMove
    begun: datetime | None = None
    broken: str | None = None
    instead: BreakMove | None = None


def look(
    store: Store, settings: Settings, queue: QueueId, move: BreakMove, *, now: datetime
) -> Preview | Hindrance:
    """What moving the break would do; nothing is changed."""
    with store.read() as uow:
        found = _look(uow, settings, queue, move, now)
        return _with_next(uow, settings, queue, found, now) if isinstance(found, Hindrance) else found


def confirm(
    store: Store, settings: Settings, queue: QueueId, move: BreakMove, *, by: str, now: datetime
) -> Outcome | Hindrance:
    """Move the break, after everything was asked again; whose break it is gets told, with the reason.

    Nobody is asked: it stays inside the contract's own rules for breaks.
    """
    with store.read() as uow:
        found = _look(uow, settings, queue, move, now, play=False)
        if isinstance(found, Hindrance):
            return _with_next(uow, settings, queue, found, now)
    trade = Trade(agent=move.agent, gone=(found.before,), come=(found.shift,))
    try:
        return request(
            store, settings, (trade,), cause=Cause.BREAK_MOVED, asker=None, asked=(), by=by, now=now
        )
    except RefusedError as error:
        if error.kind != "roster_moved_on":
            raise
        with store.read() as uow:
            return _with_next(uow, settings, queue, Hindrance(move=move), now)


def _look(
    uow: ReadUnit, settings: Settings, queue: QueueId, move: BreakMove, now: datetime, *, play: bool = True
) -> Preview | Hindrance:
    shift = _shift_of(uow, move)
    if shift is None:
        return Hindrance(move=move)
    if move.start < now + NOTICE:
        return Hindrance(move=move, begun=move.start)
    moved = _moved(uow, settings, queue, move, shift, now)
    if moved is None:
        return Hindrance(move=move, broken="break_rule")
    try:
        stands = standing(uow, settings, shift.date, now=now)
    except NotFoundError:
        return Hindrance(move=move)
    trade = Trade(agent=move.agent, gone=(shift,), come=(moved.shift,))
    verdict = judge(stands.live, (trade,))
    if verdict.violations:
        return Hindrance(move=move, broken=verdict.violations[0].code)
    unlawful = _unlawful(uow, settings, stands, move.agent, shift, moved.shift)
    if unlawful is not None:
        return Hindrance(move=move, broken=unlawful)
    return Preview(
        move=moved.move,
        before=shift,
        shift=moved.shift,
        verdict=verdict,
        window=_window(uow, settings, move.agent, moved),
        tried=try_move(uow, settings, queue, moved, now) if play else None,
    )


def _shift_of(uow: ReadUnit, move: BreakMove) -> Shift | None:
    """The agent's published shift that has the pause as the move knows it."""
    for shift in uow.rosters.shifts_of(AgentId(move.agent), move.start, move.start + INSTANT):
        if any(s.activity == move.activity and s.start == move.start for s in shift.segments):
            return shift
    return None


def _moved(
    uow: ReadUnit, settings: Settings, queue: QueueId, move: BreakMove, shift: Shift, now: datetime
) -> Moved | None:
    """The move, if the rules for breaks of the agent's contract have it."""
    found = possible(
        [Assignment(agent=move.agent, shift=shift)],
        break_rules(uow, settings),
        queue,
        now=now,
        start=move.start,
        end=move.start + INSTANT,
        step=settings.staffing.interval,
    )
    return next((m for m in found if m.move.start == move.start and m.move.to == move.to), None)


def _unlawful(
    uow: ReadUnit, settings: Settings, stands: Standing, agent: str, before: Shift, after: Shift
) -> str | None:
    """The first rule of labour law that the moved break would break and the roster now does not."""
    packs = settings.roster.labour
    if not packs:
        return None
    version = stands.version
    changed = Roster(
        period=version.roster.period,
        assignments=tuple(
            Assignment(agent=agent, shift=after) if a.agent == agent and a.shift == before else a
            for a in version.roster.assignments
        ),
    )
    held = _findings(judge_labour(uow, settings, version, packs))
    new = _findings(judge_labour(uow, settings, replace(version, roster=changed), packs))
    return next((rule for rule in sorted(new) if new[rule] > held.get(rule, 0)), None)


def _findings(receipt: Receipt) -> dict[str, int]:
    return {f"{p.pack}.{r.rule.code}": len(r.findings) for p in receipt.packs for r in p.rules}


def _window(uow: ReadUnit, settings: Settings, agent: str, moved: Moved) -> PauseWindow | None:
    """The window of the template for the pause that moves."""
    person = uow.people.get(AgentId(agent))
    contract = None if person is None else settings.roster.contracts.get(person.contract)
    names: Sequence[str] = () if contract is None else contract.templates
    shift = moved.shift
    for name in (shift.template, *names):
        template = settings.roster.templates.get(name)
        if template is None or name not in names:
            continue
        start = shift.start + template.prepare
        windows = template.breaks.pauses(shift.end - start)
        for window in windows:
            if window.activity != moved.move.activity or window.length != timedelta(
                minutes=moved.move.minutes
            ):
                continue
            if start + window.earliest <= moved.move.to <= start + window.latest:
                return window
    return None


def _with_next(
    uow: ReadUnit, settings: Settings, queue: QueueId, found: Hindrance, now: datetime
) -> Hindrance:
    """With the best other move: that helps most as foretold, else one without a gap where it goes."""
    but = found.move.agent
    instead = best_move(uow, settings, queue, now, but=but)
    if instead is None:
        instead = next((m for m in moves(uow, settings, queue, now) if m.agent != but), None)
    return replace(found, instead=instead)
