"""What a what-if does to the load of a week: other service targets, more or fewer contacts (SCENARIOS P6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time
from enum import Enum
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import QueueId
from bot.core.near_names import nearest
from bot.core.queue_events import QueueEvent, acting_on
from bot.core.settings import Settings
from bot.core.what_if import CampaignAsked, Question, VolumeAsked
from bot.usecases.workloads import QueueLoad, load_of
from forecasting.events import DatedEvent, known_events, span_of
from forecasting.grid import IntervalGrid
from forecasting.uncertainty import lifted
from scheduler.roster.roster import RosterPeriod

__all__ = ["CampaignActs", "Counted", "factors", "refuse_unknown_queues", "under", "with_targets"]

Floats = NDArray[np.float64]
_NAMED = 12


class Counted(Enum):
    """How the forecast stands to a campaign."""

    NOT_YET = "not_yet"  # entered after the forecast was made
    ENTERED = "entered"  # the lift entered by hand is in it; what was asked replaces that
    LEARNED = "learned"  # it counts on what such days did before; what was asked comes on top


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignActs:
    """A stored event as the what-if uses it: ``factor`` on its days for ``queues``."""

    event: DatedEvent
    factor: float
    queues: tuple[QueueId, ...]
    counted: Counted


def refuse_unknown_queues(settings: Settings, question: Question) -> None:
    """Raises RefusedError for a queue that app.yaml does not have, and a target said twice."""
    for queue in [*(t.queue for t in question.targets), *(v.queue for v in question.volumes)]:
        if queue is not None and queue not in settings.queues:
            near, names = nearest(queue, settings.queues), ", ".join(settings.queues)
            raise RefusedError(
                "what_if_queue",
                f"There is no queue {queue!r}; nothing was worked out. app.yaml has: {names}.",
                queue=queue,
                queues=names,
                near=near,
                **({"variant": "near"} if near else {}),
            )
    named = [t.queue for t in question.targets]
    for queue in named:
        if named.count(queue) > 1:
            raise RefusedError(
                "what_if_twice",
                f"Two targets of {queue} were given; nothing was worked out. Write one.",
                queue=queue,
            )


def with_targets(settings: Settings, question: Question) -> Settings:
    """The settings with the targets that were asked; those of other queues, and all limits, stay.

    Queues must be known.
    """
    queues, targets = dict(settings.queues), dict(settings.staffing.targets)
    for asked in question.targets:
        queue = queues[QueueId(asked.queue)]
        present = targets[queue.target]
        # Queues share targets by name: this one gets its own.
        own = f"what-if {asked.queue}"
        targets[own] = replace(
            present,
            share=present.share if asked.share is None else asked.share,
            within_seconds=present.within_seconds if asked.within_seconds is None else asked.within_seconds,
        )
        queues[QueueId(asked.queue)] = replace(queue, target=own)
    return replace(settings, queues=queues, staffing=replace(settings.staffing, targets=targets))


def under(
    settings: Settings, load: QueueLoad, factor: Floats | None, question: Question
) -> tuple[QueueLoad, bool]:
    """The load as it would be, with what is promised for it, and whether it was asked about.

    ``settings`` are those of ``with_targets``; ``factor``: shape (grid.count,).
    """
    name = load.queue.queue
    if factor is None and all(asked.queue != name for asked in question.targets):
        return load, False
    stored = load.stored
    if factor is not None:
        stored = replace(stored, forecast=lifted(stored.forecast, factor))
    after = load_of(settings, name, stored, load.workload.grid)
    promised, aht = load.workload.promised, load.workload.aht_seconds
    return replace(after, workload=replace(after.workload, promised=promised, aht_seconds=aht)), True


def factors(
    settings: Settings,
    question: Question,
    period: RosterPeriod,
    loads: Sequence[QueueLoad],
    events: Iterable[QueueEvent],
) -> tuple[Mapping[QueueId, Floats], tuple[CampaignActs, ...]]:
    """By queue what to multiply its contacts with, shape (grid.count,); queues without a change are left out.

    Raises RefusedError where days or hours meet nothing of the roster, NotFoundError for an unknown event.
    """
    found: dict[QueueId, Floats] = {}

    def multiply(queue: QueueId, by: Floats) -> None:
        found[queue] = found.get(queue, np.ones_like(by)) * by

    for volume in question.volumes:
        for queue, by in _of_volume(volume, period, loads).items():
            multiply(queue, by)
    acts: list[CampaignActs] = []
    held = list(events)
    for asked in question.campaigns:
        acting, changes = _of_campaign(settings, asked, period, loads, held)
        acts += acting
        for queue, by in changes:
            multiply(queue, by)
    return found, tuple(acts)


def _of_volume(asked: VolumeAsked, period: RosterPeriod, loads: Sequence[QueueLoad]) -> dict[QueueId, Floats]:
    found: dict[QueueId, Floats] = {}
    expected = 0.0
    for load in loads:
        if asked.queue not in (None, load.queue.queue):
            continue
        inside = _inside(asked, load.workload.grid)
        expected += float(load.workload.contacts[inside].sum())
        found[load.queue.queue] = np.where(inside, asked.factor, 1.0)
    if not expected:
        first, last = period.first.isoformat(), period.dates[-1].isoformat()
        raise RefusedError(
            "what_if_no_contacts",
            f"No contacts are expected then; nothing was worked out. The roster goes from {first} to {last}.",
            first=first,
            last=last,
        )
    return found


def _inside(asked: VolumeAsked, grid: IntervalGrid) -> NDArray[np.bool_]:
    """The intervals that begin on the days and in the hours asked, by the roster's clock."""
    zone = ZoneInfo(grid.zone)
    local = [start.astimezone(zone) for start in grid.starts()]
    return np.array(
        [
            (asked.first is None or asked.first <= at.date())
            and (asked.last is None or at.date() <= asked.last)
            and (asked.start is None or asked.start <= at.time())
            and (asked.end in (None, time(0)) or at.time() < asked.end)
            for at in local
        ],
        dtype=np.bool_,
    )


def _of_campaign(
    settings: Settings,
    asked: CampaignAsked,
    period: RosterPeriod,
    loads: Sequence[QueueLoad],
    events: Sequence[QueueEvent],
) -> tuple[list[CampaignActs], list[tuple[QueueId, Floats]]]:
    named = _named(asked.name, period, events)
    acts: dict[tuple[DatedEvent, Counted], CampaignActs] = {}
    changes: list[tuple[QueueId, Floats]] = []
    for load in loads:
        queue = load.queue.queue
        zone = ZoneInfo(settings.calendars[load.queue.calendar].zone)
        days = [start.astimezone(zone).date() for start in load.workload.grid.starts()]
        for event in acting_on(named, queue):
            counted = _counted(named, event, queue, load, zone)
            factor = asked.factor if asked.factor is not None else _own(asked, event)
            known = event.lift.mid if event.lift is not None and counted is Counted.ENTERED else 1.0
            if not np.isclose(factor, known):
                by = np.array([(factor / known) ** event.ramp(day) for day in days])
                changes.append((queue, by))
            before = acts.get((event, counted))
            acts[(event, counted)] = CampaignActs(
                event=event,
                factor=factor,
                queues=(*(() if before is None else before.queues), queue),
                counted=counted,
            )
    if not changes:
        raise RefusedError(
            "what_if_campaign_known",
            f"The forecast counts on {asked.name} already; nothing was worked out. Write what it might bring "
            f"instead, such as {asked.name} +35%.",
            name=asked.name,
        )
    return list(acts.values()), changes


def _named(name: str, period: RosterPeriod, events: Sequence[QueueEvent]) -> list[QueueEvent]:
    """The events of that name, kind or number that act on days of the roster."""
    wanted = name.casefold().removeprefix("#")
    named = [e for e in events if wanted in (e.event.kind.casefold(), e.event.name.casefold(), str(e.number))]
    if not named:
        by_kind: dict[str, list[QueueEvent]] = {}
        for held in events:
            by_kind.setdefault(held.event.kind, []).append(held)
        names = [*by_kind, *(e.event.name for e in events if e.event.name)]
        near = nearest(name, names)
        shown = [f"{kind} ({_days(held[-1].event)})" for kind, held in by_kind.items()][-_NAMED:]
        variant = "none" if not events else "near" if near else None
        raise NotFoundError(
            "what_if_campaign",
            f"No stored event is called {name!r}; nothing was worked out. There are: "
            f"{', '.join(shown) or '-'}. See: muster event list",
            name=name,
            near=near,
            events=", ".join(shown),
            **({"variant": variant} if variant else {}),
        )
    first, last = period.first, period.dates[-1]
    acting = [e for e in named if span_of(e.event)[0] <= last and span_of(e.event)[1] >= first]
    if not acting:
        days = ", ".join(_days(e.event) for e in named[-_NAMED:])
        raise RefusedError(
            "what_if_campaign_days",
            f"{name} is on {days}, the roster from {first} to {last}; nothing was worked out.",
            name=name,
            days=days,
            first=first.isoformat(),
            last=last.isoformat(),
        )
    return acting


def _days(event: DatedEvent) -> str:
    first = event.first_day.isoformat()
    if event.last_day == event.first_day:
        return first
    return f"{first} – {event.last_day.isoformat()}" if event.last_day.year < 9000 else f"{first} –"


def _own(asked: CampaignAsked, event: DatedEvent) -> float:
    if event.lift is None:
        raise RefusedError(
            "what_if_no_lift",
            f"{asked.name} has no lift entered by hand; nothing was worked out. Write what it might "
            f"bring, such as {asked.name} +35%.",
            name=asked.name,
        )
    return event.lift.mid


def _counted(
    named: Sequence[QueueEvent], event: DatedEvent, queue: QueueId, load: QueueLoad, zone: ZoneInfo
) -> Counted:
    """Whether the forecast knew the event when it was made."""
    made_at = load.stored.forecast.made_at
    added_at = max(e.added_at for e in named if e.event == event and e.queue in (None, queue))
    if added_at > made_at or not known_events([event], made_at.astimezone(zone).date()):
        return Counted.NOT_YET
    return Counted.LEARNED if event.lift is None else Counted.ENTERED
