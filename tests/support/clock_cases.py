"""Cases to try clocks on: seeded, in zones and calendars where counting is hard, events in any order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bot.core.calendar import BusinessCalendar, Period, SpecialDay
from bot.core.contacts import RULES, ContactEvent, ContactType, EventKind, Priority, WaitingFor
from bot.core.courses import Measure
from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.queues import Channel
from bot.core.sla import Counted, Days, SlaPolicy, SlaTarget, SlaTerms

__all__ = ["ClockCase", "make_case"]

PLACES = (
    ("Asia/Shanghai", date(2026, 10, 1)),
    ("Europe/Lisbon", date(2026, 3, 29)),
    ("Europe/Lisbon", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # half an hour back
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Asia/Kathmandu", date(2026, 5, 3)),  # 5:45 ahead
    ("Pacific/Apia", date(2011, 12, 30)),  # a Friday that never was
    ("America/Sao_Paulo", date(2018, 2, 17)),  # 23:00 to 24:00 twice
    ("America/Sao_Paulo", date(2018, 11, 4)),  # begins at one o'clock
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Africa/Casablanca", date(2026, 2, 15)),  # Ramadan, and after it
    ("Africa/Casablanca", date(2026, 3, 22)),
    ("UTC", date(2024, 2, 29)),
)
"""Zones, each with a date round which the clock or the calendar does something."""

_MIDNIGHT = time(0)
_ALL_DAY: tuple[Period, ...] = ((_MIDNIGHT, _MIDNIGHT),)
_HOURS: tuple[tuple[Period, ...], ...] = (
    ((time(9), time(18)),),
    ((time(8), time(22)),),
    ((time(9), time(12, 30)), (time(13, 30), time(18))),
    ((time(1), time(2, 30)), (time(3), time(4)), (time(22), _MIDNIGHT)),
    ((_MIDNIGHT, time(6)), (time(18), _MIDNIGHT)),
    _ALL_DAY,
)
CHAT, EMAIL = QueueId("chat"), QueueId("email")
REF = ContactRef("GD1")
_LATER = tuple(kind for kind in EventKind if kind is not EventKind.OPENED)
_STORY = (
    *(EventKind.RESPONDED, EventKind.CUSTOMER_REPLIED, EventKind.PENDING, EventKind.RESUMED) * 3,
    *(EventKind.RESOLVED, EventKind.REOPENED, EventKind.PRIORITY_CHANGED, EventKind.RECLASSIFIED) * 2,
    *_LATER,
)
_TYPES = (ContactType.CONSULT, ContactType.COMPLAINT, ContactType.URGENT)
_TAGS = ("vip", "agitated", "refund")
_WARN_AT = ((), (0.5, 0.8), (0.5, 0.75, 0.9), (0.1, 0.333, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockCase:
    """``batches``: the events as they are delivered, each batch with the instant it arrives at.

    ``looks``: instants at which the case is looked at; the last one lies behind every event.
    """

    terms: SlaTerms
    queues: Mapping[QueueId, tuple[Channel, str]]
    events: tuple[ContactEvent, ...]
    looks: tuple[datetime, ...]
    batches: tuple[tuple[datetime, tuple[ContactEvent, ...]], ...]


def make_case(draw: Random) -> ClockCase:
    """A case; the same for the same state of ``draw``."""
    zone, day = draw.choice(PLACES)
    other_zone, _ = draw.choice([place for place in PLACES if abs((place[1] - day).days) < 400])
    calendars = {
        "one": _calendar(draw, "one", zone, day),
        "two": _calendar(draw, "two", draw.choice((zone, other_zone)), day),
    }
    policies = tuple(_policy(draw, n) for n in range(draw.randint(1, 4)))
    queues = {CHAT: (Channel.CHAT, "one"), EMAIL: (Channel.EMAIL, draw.choice(("one", "two")))}
    terms = SlaTerms(
        policies=policies,
        warn_at=draw.choice(_WARN_AT),
        calendars=calendars,
        queues={queue: calendar for queue, (_, calendar) in queues.items()},
    )
    events = _events(draw, calendars["one"], day, policies)
    first, last = min(e.at for e in events), max(e.at for e in events)
    looks = {last + timedelta(minutes=draw.choice((0, 0, 3, 400, 6000)))}
    for _ in range(draw.randint(0, 2)):
        spread = int((max(looks) - first) / timedelta(minutes=1))
        looks.add(draw.choice((draw.choice(events).at, first + timedelta(minutes=draw.randint(0, spread)))))
    return ClockCase(
        terms=terms,
        queues=queues,
        events=events,
        looks=tuple(sorted(looks)),
        batches=_batches(draw, events, max(looks)),
    )


def _calendar(draw: Random, name: str, zone: str, day: date) -> BusinessCalendar:
    usual = draw.choice(_HOURS)
    open_on = draw.choice((range(5), range(7), range(7), sorted(draw.sample(range(7), draw.randint(1, 6)))))
    weekly = {
        weekday: usual if draw.random() < 0.8 else draw.choice((*_HOURS, _quarters(draw)))
        for weekday in open_on
    }
    working = draw.choice((frozenset(range(5)), frozenset(open_on), frozenset(draw.sample(range(7), 3))))

    def near() -> date:
        return day + timedelta(days=draw.randint(-3, 6))

    holidays = {near(): "holiday" for _ in range(draw.choice((0, 0, 1, 2)))}
    if draw.random() < 0.1:
        holidays |= {day + timedelta(days=n): "closed week" for n in range(8)}
    return BusinessCalendar(
        name=name,
        zone=zone,
        weekly=weekly,
        working_weekdays=working,
        holidays=holidays,
        makeup_workdays={near(): "make-up" for _ in range(draw.choice((0, 0, 1)))},
        special_days={
            near(): SpecialDay(
                name="special",
                periods=draw.choice(((), *_HOURS, _quarters(draw))),
                working=draw.random() < 0.6,
            )
            for _ in range(draw.choice((0, 0, 1, 2)))
        },
    )


def _quarters(draw: Random) -> tuple[Period, ...]:
    marks = sorted(draw.sample(range(97), 2 * draw.randint(1, 3)))
    clock = [_MIDNIGHT if mark == 96 else time(mark // 4, mark % 4 * 15) for mark in marks]
    return tuple(zip(clock[::2], clock[1::2], strict=True))


def _policy(draw: Random, number: int) -> SlaPolicy:
    def some(*values: object) -> frozenset:  # type: ignore[type-arg]
        chosen = draw.sample(values, draw.randint(1, len(values) - 1))
        return frozenset(chosen) if number and draw.random() < 0.35 else frozenset()

    usual = ((time(9), time(18)), (time(18), time(22)), (time(22), time(9)))
    start, end = draw.choice((*usual, draw.sample([time(h, m) for h in range(24) for m in (0, 30)], 2)))
    timed = number and draw.random() < 0.2
    return SlaPolicy(
        name=f"row {number}",
        channels=some(Channel.CHAT, Channel.EMAIL),
        types=some(*_TYPES),
        priorities=some(*Priority),
        tiers=some("", "gold", "vip"),
        tags=some(*_TAGS),
        days=draw.choice(tuple(Days)) if number and draw.random() < 0.2 else None,
        hours=(start, end) if timed else None,
        targets=tuple(
            _target(draw, measure)
            for measure in Measure
            if draw.random() < (0.7 if measure in (Measure.FIRST_RESPONSE, Measure.RESOLUTION) else 0.3)
        ),
    )


def _target(draw: Random, measure: Measure) -> SlaTarget:
    counted = draw.choice(tuple(Counted))
    seconds = draw.choice(
        (
            draw.choice((0, 1, 5, 10, 30, 60, 120, 240, 540, 1440)) * 60,
            draw.randint(1, 1500) * 60,
            draw.choice((30, 45, 90, 3599)),
        )
    )
    return SlaTarget(
        measure=measure,
        counted=counted,
        within=timedelta(0) if counted is Counted.WORKING_DAYS else timedelta(seconds=seconds),
        working_days=draw.choice((0, 1, 1, 2, 3)) if counted is Counted.WORKING_DAYS else 0,
        calendar=draw.choice((None, None, None, "two")),
    )


def _events(
    draw: Random, calendar: BusinessCalendar, day: date, policies: tuple[SlaPolicy, ...]
) -> tuple[ContactEvent, ...]:
    grain = draw.choice((60, 60, 60, 1, 30))
    spread = draw.choice((2, 60, 60, 600, 600, 3000, 9000))
    promised = [t.within for p in policies for t in p.targets if t.within] or [timedelta(minutes=7)]
    opened = _opening(draw, calendar, day, grain)
    found = [_event(draw, EventKind.OPENED, opened, 0)]
    at = opened
    kinds = draw.choice((_STORY, _STORY, _LATER))
    for number in range(1, draw.choice((1, 3, 4, 6, 9)) + 1):
        chance = draw.random()
        if chance < 0.2:
            pass  # in the same instant
        elif chance < 0.3:
            at = draw.choice((at, opened)) + draw.choice(promised)  # in the instant it is due, perhaps
        elif chance < 0.35:
            at = _opening(draw, calendar, day, grain)
        elif chance < 0.5:
            at = max(at, _edge(draw, calendar, day + timedelta(days=draw.randint(0, 4))))
        else:
            at = at + timedelta(seconds=draw.randint(1, spread * 60) // grain * grain)
        found.append(_event(draw, draw.choice(kinds), at, number))
    if draw.random() < 0.03:
        found.append(_event(draw, EventKind.OPENED, at, len(found)))
    return tuple(found)


def _opening(draw: Random, calendar: BusinessCalendar, day: date, grain: int) -> datetime:
    """An instant near the day on which the clock changes: any, or one at which a period begins or ends."""
    if draw.random() < 0.3:
        return _edge(draw, calendar, day + timedelta(days=draw.randint(-1, 2)))
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(calendar.zone)).astimezone(UTC)
    return noon + timedelta(seconds=draw.randint(-36 * 3600, 30 * 3600) // grain * grain)


def _edge(draw: Random, calendar: BusinessCalendar, day: date) -> datetime:
    """The begin or end of a period of the usual hours, on a day."""
    hours = calendar.weekly.get(day.weekday()) or draw.choice(tuple(calendar.weekly.values()))
    wall = draw.choice(draw.choice(hours))
    return datetime.combine(day, wall, tzinfo=ZoneInfo(calendar.zone)).astimezone(UTC)


def _event(draw: Random, kind: EventKind, at: datetime, number: int) -> ContactEvent:
    reclassified = kind is EventKind.RECLASSIFIED
    told = kind is EventKind.OPENED or reclassified

    def maybe(value: object, *, unless: bool = False) -> object:
        return value if told and not unless and draw.random() < 0.6 else None

    return ContactEvent(
        ref=REF,
        kind=kind,
        at=at,
        source=RULES if reclassified and draw.random() < 0.3 else "test",
        source_event_id=f"e{number}",
        queue=draw.choice((CHAT, CHAT, EMAIL)) if kind is EventKind.OPENED else maybe(EMAIL),  # type: ignore[arg-type]
        channel=draw.choice((None, None, *Channel)) if kind is EventKind.OPENED else None,
        type=maybe(draw.choice(_TYPES)),  # type: ignore[arg-type]
        priority=(
            draw.choice(tuple(Priority))
            if kind is EventKind.PRIORITY_CHANGED
            else maybe(draw.choice(tuple(Priority)))
        ),  # type: ignore[arg-type]
        tier=maybe(draw.choice(("", "gold", "vip"))),  # type: ignore[arg-type]
        tags=maybe(frozenset(draw.sample(_TAGS, draw.randint(0, 2)))),  # type: ignore[arg-type]
        waiting_for=draw.choice((None, *WaitingFor)) if kind is EventKind.PENDING else None,
        department="finance" if kind in (EventKind.HANDED_OVER, EventKind.BLOCKED) else None,
        agent=AgentId("bo") if kind is EventKind.ASSIGNED else None,
        into=ContactRef("GD2") if kind is EventKind.MERGED else None,
        opened_at=at - timedelta(minutes=draw.randint(-60, 600)) if kind is EventKind.ABSORBED else None,
    )


def _batches(
    draw: Random, events: tuple[ContactEvent, ...], last: datetime
) -> tuple[tuple[datetime, tuple[ContactEvent, ...]], ...]:
    shuffled = draw.sample(events, len(events)) if draw.random() < 0.7 else list(events)
    batches: list[tuple[ContactEvent, ...]] = []
    while shuffled:
        size = draw.randint(1, 4)
        batches.append(tuple(shuffled[:size]))
        shuffled = shuffled[size:]
    first = min(e.at for e in events)
    minutes = int((last - first) / timedelta(minutes=1))
    arrive = sorted(first + timedelta(minutes=draw.randint(0, minutes)) for _ in batches)
    found = []
    latest = first
    for instant, batch in zip(arrive, batches, strict=True):
        # A source speaks of what was, so nothing arrives before it happened.
        latest = max(latest, instant, *(e.at for e in batch))
        found.append((latest, batch))
    return tuple(found)
