"""The figures a measure may be to move, over stretches of a team's contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from types import MappingProxyType
from typing import Final

from bot.core.contacts import Contact, answered_at
from bot.core.courses import Measure
from bot.core.ids import TeamId
from bot.core.improvements import Value
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit

__all__ = ["FIGURES", "Terms", "values_of"]

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """``unit``: seconds or share; ``lower_is_better`` None: neither is."""

    unit: str
    lower_is_better: bool | None


FIGURES: Final[Mapping[str, Terms]] = MappingProxyType(
    {
        "overdue_rate": Terms(unit="share", lower_is_better=True),
        "first_response_mean": Terms(unit="seconds", lower_is_better=True),
        "resolution_mean": Terms(unit="seconds", lower_is_better=True),
        "aht": Terms(unit="seconds", lower_is_better=None),
    }
)


def values_of(
    uow: ReadUnit, settings: Settings, team: TeamId, kpi: str, spans: Sequence[Span], *, now: datetime
) -> list[Value]:
    """The figure of the contacts opened in each span, as it stands now.  KeyError for an unknown one."""
    queues = [queue.queue for queue in settings.queues.values() if queue.team == team]
    start, end = min(s for s, _ in spans), max(e for _, e in spans)
    contacts = uow.contacts.opened_between(queues, start, end)
    due: dict[str, datetime] = {}
    if kpi == "overdue_rate":
        for ref, clocks in uow.clocks.of([c.ref for c in contacts]).items():
            first = clocks.get((Measure.FIRST_RESPONSE, 0))
            if first is not None:
                due[ref] = first.due_at
    return [
        _value(kpi, [c for c in contacts if begin <= c.opened_at < until], due, now) for begin, until in spans
    ]


def _value(kpi: str, contacts: Sequence[Contact], due: Mapping[str, datetime], now: datetime) -> Value:
    if kpi == "overdue_rate":
        judged = [c for c in contacts if c.ref in due and (answered_at(c) is not None or due[c.ref] < now)]
        late = sum((at := answered_at(c)) is None or at > due[c.ref] for c in judged)
        return Value(value=late / len(judged) if judged else None, count=len(judged))
    seconds = [s for s in (_seconds(kpi, c) for c in contacts) if s is not None]
    return Value(value=fmean(seconds) if seconds else None, count=len(seconds))


def _seconds(kpi: str, contact: Contact) -> float | None:
    if kpi == "first_response_mean":
        at = answered_at(contact)
        return None if at is None else (at - contact.opened_at).total_seconds()
    if kpi == "resolution_mean":
        solved = contact.resolved_at
        return None if solved is None else (solved - contact.opened_at).total_seconds()
    if kpi == "aht":
        return contact.handle_seconds if contact.handle_seconds and contact.handle_seconds > 0 else None
    raise KeyError(kpi)
