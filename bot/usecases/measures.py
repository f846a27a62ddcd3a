"""Measures: an action that is to move a figure, what it did, and how it ends (SR11, SR12, CA11)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bot.core.action_items import LONGEST, ItemState
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import ActionItemId, TeamId
from bot.core.improvements import Improvement, ImprovementState, MeasureEffect, Value, effect
from bot.core.kpis.catalogue import KPIS, Better, Kpi
from bot.core.near_names import nearest
from bot.core.privacy import refuse_personal
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases.kpis import Span, TeamFacts, read_facts, team_queues

__all__ = ["LONGEST_WINDOW", "MEASURABLE", "begin", "drop", "held", "keep", "measures_of"]

WEEK: Final = timedelta(days=7)
SHORTEST_WINDOW: Final = timedelta(days=14)
LONGEST_WINDOW: Final = timedelta(days=182)
USUAL_WEEKS: Final = 8
"""So many weeks before a measure say what is usual, or the window before it where that is longer."""
ENDED_SHOWN: Final = timedelta(days=7)
MEASURABLE: Final = tuple(kpi for kpi in Kpi if kpi is not Kpi.THROUGHPUT)
"""Figures a measure may be to move; how many contacts are solved depends on how long one looks."""
_LOWER: Final = {Better.LOWER: True, Better.HIGHER: False, Better.NEITHER: None}


def measures_of(uow: ReadUnit, settings: Settings, team: TeamId, now: datetime) -> tuple[MeasureEffect, ...]:
    """What each measure of a team has done so far: those that run, and those that ended in the last week."""
    measures = uow.improvements.of_team(team, now - ENDED_SHOWN)
    if not measures:
        return ()
    spans = [span for measure in measures for span in _spans(measure, now)]
    facts = read_facts(uow, settings, team_queues(settings, team), spans, now=now)
    return tuple(_effect(facts, measure, now) for measure in measures)


def held(uow: ReadUnit, item: ActionItemId) -> Improvement:
    """The measure that an action is; raises NotFoundError where it is none."""
    found = uow.improvements.get(item)
    if found is None:
        raise NotFoundError(
            "no_measure", f"Action {item} is no measure; nothing was changed. See: /muster measure", item=item
        )
    return found


def begin(
    store: Store,
    settings: Settings,
    item: ActionItemId,
    *,
    kpi: str,
    goal: float | None = None,
    window: timedelta | None = None,
    since: datetime | None = None,
    by: str,
    now: datetime,
) -> Improvement:
    """Make an action a measure, from ``since`` (``now`` unless given) on.

    ``window``: before and after; that of app.yaml unless given.  Raises NotFoundError for an action nobody
    noted; RefusedError for one that was dropped or is a measure already, an unknown figure, a goal no such
    figure can have, a window shorter than two weeks or longer than half a year, and a beginning ahead.
    """
    known = [k.value for k in MEASURABLE]
    if kpi not in known:
        near = nearest(kpi, known)
        raise RefusedError(
            "measure_kpi",
            f"{kpi[:40]!r} is no figure a measure can be judged by; nothing was changed. "
            f"There are: {', '.join(known)}.",
            value=kpi[:40],
            known=", ".join(known),
            near=near,
            **({"variant": "near"} if near else {}),
        )
    length = settings.reviews.measure_window if window is None else window
    if not SHORTEST_WINDOW <= length <= LONGEST_WINDOW:
        raise RefusedError(
            "measure_window",
            "a measure is judged over 14 to 182 days; nothing was changed.",
            days=length.days,
        )
    start = now if since is None else since
    if start > now:
        raise RefusedError("measure_ahead", "a measure begins today or before; nothing was changed.")
    with store.unit() as uow:
        action = uow.action_items.get(item)
        if action is None:
            raise NotFoundError(
                "no_item", f"There is no action {item}; nothing was changed. See: /muster action", item=item
            )
        if action.state is ItemState.DROPPED:
            raise RefusedError(
                "measure_item_dropped", f"action {item} was dropped; nothing was changed.", item=item
            )
        if uow.improvements.get(item) is not None:
            raise RefusedError(
                "measure_twice", f"action {item} is a measure already; nothing was changed.", item=item
            )
        measure = Improvement(
            item=item,
            team=action.team,
            what=action.what,
            owner=action.owner,
            kpi=kpi,
            goal=goal,
            since=start,
            window=timedelta(days=length.days),
            made_at=now,
            made_by=by,
        )
        uow.improvements.add(measure)
        detail = {"kpi": kpi, "goal": goal, "since": start.isoformat(), "days": length.days}
        uow.audit.add(by, "measure_begun", f"item:{item}", detail, now)
        uow.commit()
    return measure


def keep(store: Store, settings: Settings, item: ActionItemId, *, by: str, now: datetime) -> MeasureEffect:
    """Made permanent: part of the routine from now on.  Raises NotFoundError, RefusedError where it ended."""
    return _end(store, settings, item, ImprovementState.PERMANENT, None, by=by, now=now)


def drop(
    store: Store, settings: Settings, item: ActionItemId, *, because: str, by: str, now: datetime
) -> MeasureEffect:
    """Not continued.  Raises as `keep`, and RefusedError without a reason, or for one that is too long."""
    words = " ".join(because.split())
    if not words:
        raise RefusedError(
            "measure_why", "say why it is dropped; nothing was changed. Write /muster measure 3 drop WHY."
        )
    if len(words) > LONGEST:
        raise RefusedError(
            "item_long",
            f"that is {len(words)} characters, at most {LONGEST} are kept; nothing was changed.",
            length=len(words),
            longest=LONGEST,
        )
    refuse_personal(words)
    return _end(store, settings, item, ImprovementState.DROPPED, words, by=by, now=now)


def _end(
    store: Store,
    settings: Settings,
    item: ActionItemId,
    state: ImprovementState,
    because: str | None,
    *,
    by: str,
    now: datetime,
) -> MeasureEffect:
    with store.unit() as uow:
        held(uow, item)
        if not uow.improvements.end(item, state, by=by, now=now, because=because):
            raise RefusedError(
                "measure_over", f"measure {item} has ended already; nothing was changed.", item=item
            )
        measure = held(uow, item)
        queues = team_queues(settings, measure.team)
        found = _effect(read_facts(uow, settings, queues, _spans(measure, now), now=now), measure, now)
        detail = {"verdict": found.verdict, "before": found.before, "after": found.after}
        uow.audit.add(by, f"measure_{state.value}", f"item:{item}", detail, now)
        uow.commit()
    return found


def _until(measure: Improvement, now: datetime) -> datetime:
    return min(measure.ended_at or now, now, measure.since + measure.window)


def _spans(measure: Improvement, now: datetime) -> list[Span]:
    """Both windows, and the weeks before: cut from the day the measure began, not from Mondays."""
    since, window = measure.since, measure.window
    weeks = max(USUAL_WEEKS, window // WEEK)
    before = [(since - (n + 1) * WEEK, since - n * WEEK) for n in reversed(range(weeks))]
    return [(since - window, since), (since, max(since, _until(measure, now))), *before]


def _effect(facts: TeamFacts, measure: Improvement, now: datetime) -> MeasureEffect:
    """``facts`` hold the rows of its `_spans`."""
    kpi = Kpi(measure.kpi)
    figures = [facts.figures(span).by_kpi[kpi] for span in _spans(measure, now)]
    before, after, *usual = [Value(value=f.value, count=f.count) for f in figures]
    return effect(
        measure,
        before=before,
        after=after,
        weeks_before=[w.value for w in usual if w.value is not None],
        weeks_after=(_until(measure, now) - measure.since) // WEEK,
        lower_is_better=_LOWER[KPIS[kpi].better],
        now=now,
    )
