"""How the promises were kept: per row of the table, with what broke in exception windows apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.attainment import Attainment, quantile
from bot.core.case_history import steps_of
from bot.core.courses import Measure
from bot.core.errors import NotFoundError
from bot.core.exception_windows import excusing
from bot.core.explanation import Explanation, explain
from bot.core.ids import ContactRef, QueueId
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.intake import rebuilt

__all__ = ["attainment", "explain_case"]


@dataclass(slots=True)
class _Tally:
    kept: int = 0
    broken: int = 0
    excused: int = 0
    seconds: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    queues: Counter[str] = field(default_factory=Counter)


def attainment(
    store: Store,
    settings: Settings,
    *,
    start: datetime,
    end: datetime,
    now: datetime,
    queues: Collection[QueueId] | None = None,
) -> list[Attainment]:
    """Every row and measure with a promise due in [start, end), in the order of app.yaml.

    ``queues``: only promises about contacts of these.
    """
    tallies: dict[tuple[str, Measure], _Tally] = defaultdict(_Tally)
    with store.read() as uow:
        windows = uow.exception_windows.between(start, end)
        for clock in uow.clocks.judged_between(start, end, now):
            if queues is not None and clock.queue not in queues:
                continue
            tally = tallies[(clock.policy, clock.measure)]
            tally.queues[clock.queue] += 1
            if clock.stopped_at is not None:
                taken = (clock.stopped_at - clock.started_at).total_seconds()
                promised = (clock.due_at - clock.started_at).total_seconds()
                tally.seconds.append(taken)
                if promised > 0:
                    tally.shares.append(taken / promised)
            if clock.stopped_at is not None and clock.stopped_at <= clock.due_at:
                tally.kept += 1
                continue
            tally.broken += 1
            queue = settings.queues.get(clock.queue)
            if queue is not None and excusing(windows, team=queue.team, queue=clock.queue, at=clock.due_at):
                tally.excused += 1
    order = {policy.name: place for place, policy in enumerate(settings.policies)}
    measures = list(Measure)
    return [
        Attainment(
            policy=policy,
            measure=measure,
            kept=tally.kept,
            broken=tally.broken,
            excused=tally.excused,
            median=quantile(tally.seconds, 0.5),
            p90=quantile(tally.seconds, 0.9),
            p90_share=quantile(tally.shares, 0.9),
            queues=tuple(name for name, _ in tally.queues.most_common()),
        )
        for (policy, measure), tally in sorted(
            tallies.items(), key=lambda item: (order.get(item[0][0], len(order)), measures.index(item[0][1]))
        )
    ]


def explain_case(store: Store, settings: Settings, ref: ContactRef) -> tuple[Explanation, ...]:
    """Every promise on a case, with the arithmetic behind its due time.

    Raises NotFoundError for a case that is not known, or whose queue has left app.yaml.
    """
    with store.read() as uow:
        contact = uow.contacts.get(ref)
        events = uow.contacts.events([ref]).get(ref, [])
    queue = None if contact is None else settings.queues.get(contact.queue)
    if contact is None or queue is None:
        raise NotFoundError(
            "case_unknown",
            f"no case {ref} is known; nothing can be explained. Check its number, or import it first.",
            ref=ref,
        )
    steps = rebuilt(settings, events, contact).steps or steps_of(contact)
    return explain(steps, settings.terms, settings.calendars[queue.calendar])
