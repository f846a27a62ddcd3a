"""Predictions and episodes: what was foretold or found unusual, and what became of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, delete, func, select, update
from sqlalchemy.orm import Session

from bot.core.contacts import ContactStatus
from bot.core.courses import Measure
from bot.core.ids import QueueId
from bot.core.sla import ClockState
from bot.store.bulk import insert_new, insert_open, upsert
from bot.store.tables import ContactRow, CountMarkRow, RiskCallRow, SlaClockRow, WatchEpisodeRow

LONGEST_PROMISE: Final = timedelta(days=14)
"""How long before it falls due a promise may have been made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskCall:
    """P(at least ``breaches`` promises broken in the window) as last computed, and what happened.

    ``told_at``: when a card went out, with ``told_chance``; ``happened``: broken promises, None until judged
    (or not to be judged, where the data was silent).
    """

    queue: QueueId
    window_start: datetime
    window_end: datetime
    made_at: datetime
    chance: float
    expected: float
    breaches: int
    seed: int
    told_at: datetime | None = None
    told_chance: float | None = None
    judged_at: datetime | None = None
    happened: int | None = None
    detail: Mapping[str, Any]

    @property
    def came_true(self) -> bool | None:
        """Whether at least ``breaches`` happened; None until judged."""
        return None if self.happened is None else self.happened >= self.breaches


@dataclass(frozen=True, slots=True, kw_only=True)
class HitRate:
    """Of ``sent`` risk cards, ``judged`` have a known outcome and ``came_true`` of these were right."""

    sent: int
    judged: int
    came_true: int


class RiskCalls:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, queue: QueueId, window_start: datetime) -> RiskCall | None:
        row = self._session.scalar(
            select(RiskCallRow).where(RiskCallRow.queue == queue, RiskCallRow.window_start == window_start)
        )
        return None if row is None else _call(row)

    def save(self, call: RiskCall) -> None:
        """Keep a prediction in the place of the one before it."""
        upsert(
            self._session,
            RiskCallRow,
            [
                {
                    "queue": call.queue,
                    "window_start": call.window_start,
                    "window_end": call.window_end,
                    "made_at": call.made_at,
                    "chance": call.chance,
                    "expected": call.expected,
                    "breaches": call.breaches,
                    "seed": call.seed,
                    "told_at": call.told_at,
                    "told_chance": call.told_chance,
                    "judged_at": call.judged_at,
                    "happened": call.happened,
                    "detail": dict(call.detail),
                }
            ],
            keys=("queue", "window_start"),
        )

    def unjudged(self, ended_by: datetime, limit: int = 100) -> list[RiskCall]:
        """Predictions whose window ended by an instant and that nobody has judged, oldest first."""
        query = (
            select(RiskCallRow)
            .where(RiskCallRow.window_end <= ended_by, RiskCallRow.judged_at.is_(None))
            .order_by(RiskCallRow.window_end, RiskCallRow.queue)
            .limit(limit)
        )
        return [_call(row) for row in self._session.scalars(query)]

    def between(self, start: datetime, end: datetime) -> list[RiskCall]:
        """Predictions of windows that begin in [start, end), in order."""
        query = (
            select(RiskCallRow)
            .where(RiskCallRow.window_start >= start, RiskCallRow.window_start < end)
            .order_by(RiskCallRow.window_start, RiskCallRow.queue)
        )
        return [_call(row) for row in self._session.scalars(query)]

    def forget(self, before: datetime) -> int:
        """Delete predictions of windows that ended before an instant; returns how many."""
        gone = delete(RiskCallRow).where(RiskCallRow.window_end < before).returning(RiskCallRow.id)
        return len(self._session.execute(gone).all())

    def hit_rate(self, queues: list[QueueId], start: datetime, end: datetime) -> HitRate:
        """Cards sent in [start, end) and how many of them came true."""
        right = case((RiskCallRow.happened >= RiskCallRow.breaches, 1))
        query = select(func.count(), func.count(RiskCallRow.happened), func.count(right)).where(
            RiskCallRow.queue.in_(queues), RiskCallRow.told_at >= start, RiskCallRow.told_at < end
        )
        sent, judged, true = self._session.execute(query).one()
        return HitRate(sent=sent, judged=judged, came_true=true)


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """Something unusual with a beginning: ``kind`` volume_high, volume_low or silence."""

    id: int
    kind: str
    queue: QueueId
    since: datetime
    noticed_at: datetime
    ended_at: datetime | None
    detail: Mapping[str, Any]


class Episodes:
    def __init__(self, session: Session) -> None:
        self._session = session

    def open(
        self, kind: str, queue: QueueId, *, since: datetime, now: datetime, detail: Mapping[str, Any]
    ) -> int | None:
        """Begin an episode; None where one of this kind and queue is open, whoever began it."""
        row = {
            "kind": kind,
            "queue": queue,
            "since": since,
            "noticed_at": now,
            "ended_at": None,
            "detail": dict(detail),
        }
        # Whoever is second waits for the first one's commit and then finds it there.
        made = insert_open(self._session, WatchEpisodeRow, row, returning="id")
        return None if made is None else int(made)

    def end(self, episode: int, at: datetime) -> bool:
        """End an episode; False where it is over already."""
        ended = self._session.execute(
            update(WatchEpisodeRow)
            .where(WatchEpisodeRow.id == episode, WatchEpisodeRow.ended_at.is_(None))
            .values(ended_at=at)
            .returning(WatchEpisodeRow.id)
        )
        return bool(ended.all())

    def forget(self, before: datetime) -> int:
        """Delete episodes that ended before an instant; returns how many."""
        gone = delete(WatchEpisodeRow).where(WatchEpisodeRow.ended_at < before).returning(WatchEpisodeRow.id)
        return len(self._session.execute(gone).all())

    def going_on(self, kind: str | None = None) -> list[Episode]:
        """Episodes that are not over, oldest first."""
        query = select(WatchEpisodeRow).where(WatchEpisodeRow.ended_at.is_(None))
        if kind is not None:
            query = query.where(WatchEpisodeRow.kind == kind)
        return [_episode(row) for row in self._session.scalars(query.order_by(WatchEpisodeRow.since))]

    def touching(self, kind: str, queue: QueueId, start: datetime, end: datetime) -> list[Episode]:
        """Episodes of a kind and queue with any part in [start, end)."""
        query = select(WatchEpisodeRow).where(
            WatchEpisodeRow.kind == kind,
            WatchEpisodeRow.queue == queue,
            WatchEpisodeRow.since < end,
            WatchEpisodeRow.ended_at.is_(None) | (WatchEpisodeRow.ended_at > start),
        )
        return [_episode(row) for row in self._session.scalars(query.order_by(WatchEpisodeRow.since))]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountMark:
    """``event``: id of the latest event counted; ``since``: opening of the first live contact counted."""

    event: int
    since: datetime | None
    counted_at: datetime


class CountMarks:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, name: str) -> CountMark | None:
        row = self._session.get(CountMarkRow, name, populate_existing=True)
        return None if row is None else CountMark(event=row.event, since=row.since, counted_at=row.counted_at)

    def set(self, name: str, mark: CountMark) -> None:
        upsert(
            self._session,
            CountMarkRow,
            [{"name": name, "event": mark.event, "since": mark.since, "counted_at": mark.counted_at}],
            keys=("name",),
        )

    def begin(self, name: str, now: datetime) -> bool:
        """Make the mark where there is none yet; True for the one who made it."""
        row = {"name": name, "event": 0, "since": None, "counted_at": now}
        return bool(insert_new(self._session, CountMarkRow, [row], keys=("name",), returning="name"))


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingContact:
    """An unanswered contact; ``due_at`` None where no answer was promised."""

    opened_at: datetime
    due_at: datetime | None


class LiveQueues:
    """A queue as it stands now, from its latest contacts; older ones have no promise left to break."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def waiting(self, queue: QueueId, since: datetime, limit: int = 5_000) -> list[WaitingContact]:
        """Contacts opened at ``since`` or later that nobody has answered, oldest first."""
        query = (
            select(ContactRow.opened_at, SlaClockRow.due_at)
            .outerjoin(SlaClockRow, _first_response())
            .where(
                ContactRow.queue == queue,
                ContactRow.opened_at >= since,
                ContactRow.status == ContactStatus.NEW.value,
            )
            .order_by(ContactRow.opened_at)
            .limit(limit)
        )
        return [WaitingContact(opened_at=o, due_at=d) for o, d in self._session.execute(query)]

    def in_hand(self, queue: QueueId, since: datetime) -> int:
        """Contacts answered at ``since`` or later that somebody is still working on."""
        query = select(func.count()).where(
            ContactRow.queue == queue,
            ContactRow.opened_at >= since - timedelta(days=1),
            ContactRow.status == ContactStatus.RESPONDED.value,
            ContactRow.responded_at >= since,
        )
        return self._session.scalar(query) or 0

    def promises(self, queue: QueueId, since: datetime, limit: int = 300) -> list[float]:
        """Time from arrival until the answer is due [s] of the latest contacts; inf where none was."""
        query = (
            select(ContactRow.opened_at, SlaClockRow.due_at)
            .outerjoin(SlaClockRow, _first_response())
            .where(ContactRow.queue == queue, ContactRow.opened_at >= since, ContactRow.source != "file")
            .order_by(ContactRow.opened_at.desc())
            .limit(limit)
        )
        found: list[float] = []
        for row in self._session.execute(query):
            due_at: datetime | None = row[1]
            found.append(math.inf if due_at is None else (due_at - row[0]).total_seconds())
        return found

    def last_opened(self, queue: QueueId, until: datetime) -> datetime | None:
        """The latest opening of a queue's contacts up to an instant."""
        return self._session.scalar(
            select(func.max(ContactRow.opened_at)).where(
                ContactRow.queue == queue, ContactRow.opened_at <= until
            )
        )

    def broken(self, queue: QueueId, start: datetime, end: datetime) -> int:
        """First responses that were due in [start, end) and were not given by then."""
        query = (
            select(func.count())
            .select_from(ContactRow)
            .join(SlaClockRow, _first_response())
            .where(
                ContactRow.queue == queue,
                ContactRow.opened_at >= start - LONGEST_PROMISE,
                ContactRow.opened_at < end,
                SlaClockRow.due_at >= start,
                SlaClockRow.due_at < end,
                SlaClockRow.state == ClockState.BREACHED.value,
            )
        )
        return self._session.scalar(query) or 0

    def broken_due_times(
        self, queues: list[QueueId], start: datetime, end: datetime
    ) -> list[tuple[QueueId, datetime]]:
        """Queue and due time of every first response that was due in [start, end) and broken."""
        query = (
            select(ContactRow.queue, SlaClockRow.due_at)
            .select_from(ContactRow)
            .join(SlaClockRow, _first_response())
            .where(
                ContactRow.queue.in_(queues),
                ContactRow.opened_at >= start - LONGEST_PROMISE,
                ContactRow.opened_at < end,
                SlaClockRow.due_at >= start,
                SlaClockRow.due_at < end,
                SlaClockRow.state == ClockState.BREACHED.value,
            )
        )
        return [(QueueId(queue), due_at) for queue, due_at in self._session.execute(query)]

    def unanswered_within(self, queue: QueueId, within: timedelta, start: datetime, end: datetime) -> int:
        """Contacts whose time ``within`` ran out in [start, end), neither answered nor over by then."""
        query = select(ContactRow.opened_at, ContactRow.responded_at, ContactRow.resolved_at).where(
            ContactRow.queue == queue,
            ContactRow.opened_at >= start - within,
            ContactRow.opened_at < end - within,
        )
        late = 0
        for opened_at, responded_at, resolved_at in self._session.execute(query):
            ended = min((t for t in (responded_at, resolved_at) if t is not None), default=None)
            late += ended is None or ended > opened_at + within
        return late


def _first_response() -> ColumnElement[bool]:
    return and_(SlaClockRow.contact_id == ContactRow.id, SlaClockRow.measure == Measure.FIRST_RESPONSE.value)


def _call(row: RiskCallRow) -> RiskCall:
    return RiskCall(
        queue=QueueId(row.queue),
        window_start=row.window_start,
        window_end=row.window_end,
        made_at=row.made_at,
        chance=row.chance,
        expected=row.expected,
        breaches=row.breaches,
        seed=row.seed,
        told_at=row.told_at,
        told_chance=row.told_chance,
        judged_at=row.judged_at,
        happened=row.happened,
        detail=row.detail,
    )


def _episode(row: WatchEpisodeRow) -> Episode:
    return Episode(
        id=row.id,
        kind=row.kind,
        queue=QueueId(row.queue),
        since=row.since,
        noticed_at=row.noticed_at,
        ended_at=row.ended_at,
        detail=row.detail,
    )
