"""Figures of a window of time from plain rows.

Everything is told as it was at the end of the window (or now, where that is earlier), so that a finished week
never changes and all weeks compare.  A figure without data is None with the reason, never 0.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from statistics import fmean
from typing import Final, TypeVar

from bot.core.attainment import quantile
from bot.core.contacts import ContactType, Priority
from bot.core.kpis.catalogue import Kpi
from bot.core.kpis.first_contact import first_contact
from bot.core.kpis.rows import Answer, ContactFact
from bot.core.satisfaction import Satisfaction, Scale, normalised

__all__ = [
    "AspectFigure",
    "ClassRate",
    "Facts",
    "Figure",
    "Figures",
    "Missing",
    "TypeShare",
    "compute",
    "facts_of",
    "handling_time",
    "positive",
    "satisfaction_share",
    "type_shares",
]

_T = TypeVar("_T")

PROMOTERS_FROM: Final = 9
DETRACTORS_TO: Final = 6
"""Reichheld, "The One Number You Need to Grow", Harvard Business Review 81 (12), 2003."""


class Missing(Enum):
    """Why there is no figure."""

    NO_CONTACTS = "no_contacts"
    NONE_ANSWERED = "none_answered"
    NONE_SOLVED = "none_solved"
    NO_PROMISES = "no_promises"
    NONE_DUE = "none_due"
    NO_COMPLAINTS = "no_complaints"
    NO_CUSTOMERS = "no_customers"
    NO_HANDLE_TIMES = "no_handle_times"
    NO_ANSWERS = "no_answers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """``value`` in the KPI's unit; None with the reason ``missing``.  ``count``: of how many cases."""

    kpi: Kpi
    value: float | None
    count: int
    missing: Missing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRate:
    """First responses of one class (priority): ``overdue`` of ``judged`` (KS3)."""

    priority: str
    judged: int
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeShare:
    """``share`` of the window's contacts; ``change`` to the window before, None where that had none."""

    type: str
    count: int
    share: float
    change: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AspectFigure:
    """``points``: mean of an aspect, 0 to 100, of ``count`` answers (KS14)."""

    aspect: str
    points: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything about one window.  ``solved_by``: contacts solved, by agent; not for others' eyes (PS11)."""

    start: datetime
    end: datetime
    by_kpi: Mapping[Kpi, Figure]
    classes: tuple[ClassRate, ...]
    types: Mapping[str, int]
    aspects: tuple[AspectFigure, ...]
    solved_by: Mapping[str, int]

    def value(self, kpi: Kpi) -> float | None:
        return self.by_kpi[kpi].value


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Rows of several windows, ordered once.

    ``opened``: in order of opening; ``solved``: in order of solution; ``answers``: in order of time.
    ``repeats``: refs of contacts that came within ``repeat_within`` after another of the same customer and
    type; ``followed``: of those that such a one came after.  ``reopened``: when contacts were first opened
    again.
    """

    opened: Sequence[ContactFact]
    solved: Sequence[ContactFact]
    answers: Sequence[Answer]
    repeats: frozenset[str]
    followed: frozenset[str]
    repeat_within: timedelta
    reopened: Mapping[str, datetime] = field(default_factory=dict)


def facts_of(
    contacts: Iterable[ContactFact],
    answers: Iterable[Answer],
    repeat_within: timedelta,
    reopened: Mapping[str, datetime] | None = None,
) -> Facts:
    """Order rows for `compute`.

    They must reach back ``repeat_within`` before the first window, and hold what was solved in any window
    whenever it was opened.
    """
    opened = sorted(contacts, key=lambda c: (c.opened_at, c.ref))
    latest: dict[tuple[str, str], ContactFact] = {}
    repeats: set[str] = set()
    followed: set[str] = set()
    for contact in opened:
        if contact.customer is None:
            continue
        key = (contact.customer, contact.type)
        before = latest.get(key)
        if before is not None and contact.opened_at - before.opened_at <= repeat_within:
            repeats.add(contact.ref)
            followed.add(before.ref)
        latest[key] = contact
    return Facts(
        opened=opened,
        solved=sorted((c for c in opened if c.resolved_at is not None), key=_solved_at),
        answers=sorted(answers, key=lambda a: a.at),
        repeats=frozenset(repeats),
        followed=frozenset(followed),
        repeat_within=repeat_within,
        reopened=reopened or {},
    )


def _solved_at(contact: ContactFact) -> datetime:
    assert contact.resolved_at is not None
    return contact.resolved_at


def compute(
    facts: Facts,
    start: datetime,
    end: datetime,
    *,
    now: datetime,
    resolution_time: Callable[[ContactFact], float],
) -> Figures:
    """Every figure of [start, end).

    ``resolution_time``: seconds a solved contact took, on the calendar its promise counts on.
    """
    as_of = min(end, now)
    opened = _between(facts.opened, start, end, lambda c: c.opened_at)
    solved = _between(facts.solved, start, end, _solved_at)
    answers = _between(facts.answers, start, end, lambda a: a.at)
    found: dict[Kpi, Figure] = {}

    def put(kpi: Kpi, value: float | None, count: int, missing: Missing | None) -> None:
        found[kpi] = Figure(kpi=kpi, value=value, count=count, missing=missing if value is None else None)

    waits = [
        (at - c.opened_at).total_seconds() for c in opened if (at := c.answered_at) is not None and at < as_of
    ]
    nothing = Missing.NO_CONTACTS if not opened else Missing.NONE_ANSWERED
    _times(put, (Kpi.FIRST_RESPONSE_MEAN, Kpi.FIRST_RESPONSE_MEDIAN, Kpi.FIRST_RESPONSE_P90), waits, nothing)
    taken = [resolution_time(c) for c in solved]
    _times(put, (Kpi.RESOLUTION_MEAN, Kpi.RESOLUTION_MEDIAN, Kpi.RESOLUTION_P90), taken, Missing.NONE_SOLVED)
    classes = _classes(opened, as_of)
    judged = sum(c.judged for c in classes)
    put(
        Kpi.OVERDUE_RATE,
        _share(sum(c.overdue for c in classes), judged),
        judged,
        _no_promise(opened, lambda c: c.response_due),
    )
    for kpi, some, none in (
        (Kpi.SOLUTION_RATE, opened, Missing.NO_CONTACTS),
        (Kpi.COMPLAINT_RESOLUTION_RATE, _complaints(opened), Missing.NO_COMPLAINTS),
    ):
        done = sum(_solved_by(c, as_of) for c in some)
        due = sum(_solved_by(c, as_of) or c.resolution_due is None or c.resolution_due <= as_of for c in some)
        put(kpi, _share(done, due), due, Missing.NONE_DUE if some else none)
    put(
        Kpi.COMPLAINT_RATE,
        _share(len(_complaints(opened)), len(opened)),
        len(opened),
        Missing.NO_CONTACTS,
    )
    known = [c for c in opened if c.customer is not None]
    unknown = Missing.NO_CONTACTS if not opened else Missing.NO_CUSTOMERS
    put(Kpi.REPEAT_RATE, _share(sum(c.ref in facts.repeats for c in known), len(known)), len(known), unknown)
    unhandled = Missing.NO_CONTACTS if not opened else Missing.NO_HANDLE_TIMES
    put(Kpi.AHT, *handling_time(opened), unhandled)
    within = facts.repeat_within
    past = _between(facts.opened, start - within, as_of - within, lambda c: c.opened_at)
    first_time, told = first_contact(
        past, followed=facts.followed, reopened=facts.reopened, within=within, so_far=False
    )
    put(
        Kpi.FCR,
        _share(first_time, told),
        told,
        Missing.NO_CONTACTS if not past else Missing.NO_CUSTOMERS,
    )
    _satisfaction(put, [a.satisfaction for a in answers])
    put(Kpi.THROUGHPUT, float(len(solved)) if solved else None, len(solved), Missing.NONE_SOLVED)
    return Figures(
        start=start,
        end=end,
        by_kpi=found,
        classes=classes,
        types=Counter(c.type for c in opened),
        aspects=_aspects(answers),
        solved_by=Counter(c.agent for c in solved if c.agent is not None),
    )


def handling_time(contacts: Iterable[ContactFact]) -> tuple[float | None, int]:
    """Mean handling time of those whose handling time is known, in seconds, and how many those are."""
    known = [c.handle_seconds for c in contacts if c.handle_seconds is not None and c.handle_seconds > 0]
    return (fmean(known) if known else None), len(known)


def satisfaction_share(answers: Iterable[Satisfaction]) -> tuple[float | None, int]:
    """Mean of the answers, each from 0 (worst) to 1 (best) of its scale, without NPS; and how many."""
    asked = [normalised(a) for a in answers if a.scale is not Scale.NPS]
    return (fmean(asked) if asked else None), len(asked)


def type_shares(types: Mapping[str, int], before: Mapping[str, int]) -> tuple[TypeShare, ...]:
    """Contacts by type, most first, with the change of their share to the window before (KS13).

    >>> [(s.type, s.share, s.change) for s in type_shares({"order": 3, "other": 1}, {"order": 1, "other": 1})]
    [('order', 0.75, 0.25), ('other', 0.25, -0.25)]
    """
    total, total_before = sum(types.values()), sum(before.values())
    return tuple(
        TypeShare(
            type=name,
            count=count,
            share=count / total,
            change=count / total - before.get(name, 0) / total_before if total_before else None,
        )
        for name, count in sorted(types.items(), key=lambda item: (-item[1], item[0]))
        if count
    )


def positive(satisfaction: Satisfaction) -> bool | None:
    """Whether an answer is a praise: 4 and 5 of 5, "satisfied", 80 points and more; None for NPS (KS16).

    >>> positive(Satisfaction(scale=Scale.FIVE, value=4)), positive(Satisfaction(scale=Scale.THREE, value=1))
    (True, False)
    """
    if satisfaction.scale is Scale.NPS:
        return None
    least = {Scale.FIVE: 4, Scale.THREE: 2, Scale.POINTS: 80}[satisfaction.scale]
    return satisfaction.value >= least


_Put = Callable[[Kpi, float | None, int, Missing | None], None]


def _times(put: _Put, kpis: tuple[Kpi, Kpi, Kpi], seconds: list[float], missing: Missing) -> None:
    """Mean, median and p90: the mean alone hides breaches (KS1)."""
    seconds.sort()
    mean, median, p90 = kpis
    put(mean, fmean(seconds) if seconds else None, len(seconds), missing)
    put(median, quantile(seconds, 0.5), len(seconds), missing)
    put(p90, quantile(seconds, 0.9), len(seconds), missing)


def _classes(opened: Sequence[ContactFact], as_of: datetime) -> tuple[ClassRate, ...]:
    judged: Counter[str] = Counter()
    overdue: Counter[str] = Counter()
    for contact in opened:
        due, answered = contact.response_due, contact.answered_at
        if answered is not None and answered >= as_of:
            answered = None
        if due is None or (answered is None and due >= as_of):
            continue  # nothing was promised, or it still has time
        judged[contact.priority] += 1
        overdue[contact.priority] += answered is None or answered > due
    order = {p.value: place for place, p in enumerate(Priority)}
    return tuple(
        ClassRate(priority=name, judged=judged[name], overdue=overdue[name])
        for name in sorted(judged, key=lambda n: (order.get(n, len(order)), n))
    )


def _no_promise(opened: Sequence[ContactFact], due: Callable[[ContactFact], datetime | None]) -> Missing:
    if not opened:
        return Missing.NO_CONTACTS
    return Missing.NONE_DUE if any(due(c) is not None for c in opened) else Missing.NO_PROMISES


def _satisfaction(put: _Put, answers: Sequence[Satisfaction]) -> None:
    by_scale: dict[Scale, list[Satisfaction]] = defaultdict(list)
    for answer in answers:
        by_scale[answer.scale].append(answer)
    asked = [a for a in answers if a.scale is not Scale.NPS]
    none = Missing.NO_ANSWERS
    share, count = satisfaction_share(answers)
    put(Kpi.CSAT, None if share is None else 100 * share, count, none)
    five, three, points = (by_scale[s] for s in (Scale.FIVE, Scale.THREE, Scale.POINTS))
    put(Kpi.CSAT_FIVE, fmean(a.value for a in five) if five else None, len(five), none)
    put(Kpi.CSAT_THREE, _share(sum(a.value == 2 for a in three), len(three)), len(three), none)
    put(Kpi.CSAT_POINTS, fmean(a.value for a in points) if points else None, len(points), none)
    nps = by_scale[Scale.NPS]
    score = sum((a.value >= PROMOTERS_FROM) - (a.value <= DETRACTORS_TO) for a in nps)
    put(Kpi.NPS, 100 * score / len(nps) if nps else None, len(nps), none)
    put(Kpi.POSITIVE_SHARE, _share(sum(bool(positive(a)) for a in asked), len(asked)), len(asked), none)


def _aspects(answers: Sequence[Answer]) -> tuple[AspectFigure, ...]:
    """Best first: where the high and the low spots are."""
    values: dict[str, list[float]] = defaultdict(list)
    for answer in answers:
        for aspect, value in answer.aspects.items():
            values[aspect].append(value)
    found = [AspectFigure(aspect=a, points=100 * fmean(v), count=len(v)) for a, v in values.items()]
    return tuple(sorted(found, key=lambda a: (-a.points, a.aspect)))


def _complaints(contacts: Sequence[ContactFact]) -> list[ContactFact]:
    return [c for c in contacts if c.type == ContactType.COMPLAINT.value]


def _solved_by(contact: ContactFact, at: datetime) -> bool:
    return contact.resolved_at is not None and contact.resolved_at < at


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _between(
    rows: Sequence[_T], start: datetime, end: datetime, at: Callable[[_T], datetime]
) -> Sequence[_T]:
    return rows[bisect_left(rows, start, key=at) : bisect_left(rows, end, key=at)]
