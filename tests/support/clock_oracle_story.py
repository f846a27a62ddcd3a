"""The second reading's story of a case: its events as they took effect, and how it stood after each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.core.contacts import RULES, ContactEvent, ContactType, EventKind, Priority, WaitingFor
from bot.core.ids import QueueId
from bot.core.queues import Channel
from tests.support.clock_oracle_wall import microseconds

__all__ = ["Case", "CaseClass", "Moment", "story"]


@dataclass(slots=True)
class CaseClass:
    """What the rows of the table ask about."""

    queue: QueueId
    channel: Channel
    type: ContactType
    priority: Priority
    tier: str
    tags: frozenset[str]


@dataclass(slots=True)
class Case:
    """The case as it stands while its story is told."""

    opened: int
    first_opened: int
    kind: CaseClass
    answered: bool = False
    waits_for: WaitingFor | None = None
    solved: int | None = None
    archived: int | None = None
    merged: bool = False
    told: int | None = None  # how it stands
    priority_by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """After an event that took effect."""

    at: int
    event: EventKind
    answered_before: bool
    waits: bool  # for the customer
    solved: int | None
    gone: tuple[str, int] | None  # "archived" or "merged" without a solution, and since when
    kind: CaseClass


_AT_ONE_TIME = (
    *("opened", "absorbed", "reclassified", "priority_changed", "assigned", "customer_replied", "responded"),
    *("handed_over", "hand_over_answered", "call_back_asked", "called_back", "blocked", "unblocked"),
    *("pending", "resumed", "examined", "plan_given", "resolved", "informed", "reopened"),
    *("archived", "merged"),
)
"""What is told for one instant happened in this order, where the case allows it."""


def story(events: Iterable[ContactEvent], channels: Mapping[QueueId, Channel]) -> tuple[Case, list[Moment]]:
    """The events in the order they took effect; those that make no sense are left out."""

    def place(event: ContactEvent) -> tuple[int, bool, str, str]:
        # A rule of ours speaks after what it judges.
        by_rule = event.source == RULES
        return _AT_ONE_TIME.index(event.kind.value), by_rule, event.source, event.source_event_id

    told = list(events)
    openings = [e for e in told if e.kind is EventKind.OPENED]
    first = min(openings, key=lambda e: (e.at, *place(e)))
    assert first.queue is not None
    start = microseconds(first.at)
    case = Case(
        opened=start,
        first_opened=start,
        kind=CaseClass(
            queue=first.queue,
            channel=first.channel or channels[first.queue],
            type=first.type or ContactType.OTHER,
            priority=first.priority or Priority.MEDIUM,
            tier=first.tier or "",
            tags=first.tags or frozenset(),
        ),
    )
    moments = [_moment(case, start, EventKind.OPENED, before=False)]
    later = [e for e in told if e.kind is not EventKind.OPENED]
    for instant in sorted({e.at for e in later}):
        at = max(microseconds(instant), start)  # nothing comes before the opening
        left = sorted((e for e in later if e.at == instant), key=place)
        while left:
            # Several at one instant: first what changes something, then what repeats what is so already.
            fits = [e for e in left if _makes_sense(case, e)]
            fits = [e for e in fits if not _says_it_again(case, e)] or fits
            if not fits:
                break
            before = case.answered
            _happen(case, fits[0], at)
            moments.append(_moment(case, at, fits[0].kind, before=before))
            left.remove(fits[0])
    return case, moments


def _moment(case: Case, at: int, event: EventKind, *, before: bool) -> Moment:
    kind = case.kind
    return Moment(
        at=at,
        event=event,
        answered_before=before,
        waits=case.waits_for is WaitingFor.CUSTOMER,
        solved=case.solved,
        gone=_gone(case),
        kind=CaseClass(kind.queue, kind.channel, kind.type, kind.priority, kind.tier, kind.tags),
    )


def _gone(case: Case) -> tuple[str, int] | None:
    if case.archived is None or case.solved is not None:
        return None
    return "merged" if case.merged else "archived", case.archived


def _makes_sense(case: Case, event: ContactEvent) -> bool:
    kind = event.kind
    if kind is EventKind.ABSORBED:
        return True
    if kind is EventKind.REOPENED:
        return case.solved is not None or case.archived is not None
    if case.archived is not None:
        return False
    if kind is EventKind.RESUMED:
        return case.waits_for is not None
    if kind in (
        EventKind.PENDING,
        EventKind.HANDED_OVER,
        EventKind.CALL_BACK_ASKED,
        EventKind.BLOCKED,
    ):
        return case.solved is None
    if kind is EventKind.ARCHIVED and case.kind.type is ContactType.COMPLAINT and case.solved is not None:
        # CP11: not before the customer was told the result.
        return case.told is not None and case.told >= case.solved
    return True


def _says_it_again(case: Case, event: ContactEvent) -> bool:
    if event.kind is EventKind.RESOLVED:
        return case.solved is not None
    return event.kind is EventKind.PENDING and case.waits_for is not None


def _happen(case: Case, event: ContactEvent, at: int) -> None:
    kind = event.kind
    if kind is EventKind.RESPONDED:
        case.answered = True
    elif kind is EventKind.CUSTOMER_REPLIED:
        if case.waits_for is WaitingFor.CUSTOMER or case.solved is not None:
            case.waits_for = case.solved = None
    elif kind is EventKind.PENDING:
        case.waits_for = event.waiting_for or WaitingFor.CUSTOMER
    elif kind is EventKind.RESUMED:
        case.waits_for = None
    elif kind is EventKind.RESOLVED:
        case.answered, case.waits_for, case.solved = True, None, at
    elif kind is EventKind.REOPENED:
        case.waits_for = case.solved = case.archived = None
        case.merged = False
    elif kind is EventKind.PRIORITY_CHANGED:
        case.kind.priority = event.priority or case.kind.priority
        case.priority_by_hand = True
    elif kind is EventKind.RECLASSIFIED:
        case.kind.queue = event.queue or case.kind.queue
        case.kind.type = event.type or case.kind.type
        case.kind.tier = case.kind.tier if event.tier is None else event.tier
        case.kind.tags = case.kind.tags if event.tags is None else event.tags
        if event.priority is not None and not case.priority_by_hand:
            # A rule only raises it.  Most pressing first is how the priorities are written down.
            by_rule, order = event.source == RULES, list(Priority)
            if not by_rule or order.index(event.priority) < order.index(case.kind.priority):
                case.kind.priority = event.priority
    elif kind in (EventKind.INFORMED, EventKind.PLAN_GIVEN):
        case.told = at
    elif kind in (EventKind.ARCHIVED, EventKind.MERGED):
        case.archived, case.waits_for, case.merged = at, None, kind is EventKind.MERGED
    elif kind is EventKind.ABSORBED and event.opened_at is not None:
        case.opened = min(case.opened, microseconds(event.opened_at))
