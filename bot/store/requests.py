"""Requests that wait for people's word, and the changes made to published shifts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from bot.core.ids import AgentId, RosterId
from bot.core.requests import (
    Answer,
    Cause,
    MadeChange,
    Request,
    RequestId,
    RequestState,
    shift_from_json,
    shift_json,
    trades_from_json,
    trades_json,
)
from bot.store.tables import RequestRow, ShiftChangeRow
from scheduler.requests.verdicts import Trade

__all__ = ["Requests"]

_WAITS = or_(
    RequestRow.state == RequestState.OPEN.value,
    and_(RequestRow.state == RequestState.PROPOSED.value, RequestRow.asker.is_not(None)),
)
"""For people's word, or for a lead's (`Request.is_referred`)."""


class Requests:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        *,
        cause: Cause,
        roster: RosterId,
        asker: AgentId | None,
        trades: tuple[Trade, ...],
        answers: Mapping[AgentId, Answer],
        made_at: datetime,
        made_by: str,
        ends_at: datetime,
        state: RequestState = RequestState.OPEN,
        event: str | None = None,
    ) -> Request:
        """Keep a new request, open or proposed."""
        row = RequestRow(
            cause=cause.value,
            roster_id=roster,
            asker=asker,
            trades=trades_json(trades),
            answers={agent: answer.value for agent, answer in answers.items()},
            posts=[],
            event=event,
            state=state.value,
            made_at=made_at,
            made_by=made_by,
            ends_at=ends_at,
        )
        self._session.add(row)
        self._session.flush()
        return _request(row)

    def get(self, request: RequestId, *, locked: bool = False) -> Request | None:
        """A request; ``locked`` until the end of the unit, so that two answers follow one another."""
        query = select(RequestRow).where(RequestRow.id == request)
        if locked:
            query = query.with_for_update()
        row = self._session.scalar(query.execution_options(populate_existing=True))
        return None if row is None else _request(row)

    def open_of(self, agent: AgentId) -> list[Request]:
        """Requests that wait and concern an agent, as asker or asked, the oldest first.

        Whoever would only be asked once a lead has granted it is not asked yet.
        """
        return [r for r in self._waiting() if agent == r.asker or (agent in r.people and not r.is_referred)]

    def open_in(self, roster: RosterId, causes: Collection[Cause]) -> list[Request]:
        """Requests about a roster, of these causes, that wait for people's word."""
        query = (
            select(RequestRow)
            .where(
                RequestRow.roster_id == roster,
                RequestRow.state == RequestState.OPEN.value,
                RequestRow.cause.in_(sorted(c.value for c in causes)),
            )
            .order_by(RequestRow.id)
        )
        return [_request(row) for row in self._session.scalars(query)]

    def spared_since(self, roster: RosterId, since: datetime) -> frozenset[AgentId]:
        """Who has said to an offer made since then that it should be the last of that day."""
        query = select(RequestRow.answers).where(
            RequestRow.roster_id == roster,
            RequestRow.made_at >= since,
            RequestRow.cause.in_((Cause.OVERTIME.value, Cause.GO_HOME.value)),
        )
        return frozenset(
            AgentId(agent)
            for answers in self._session.scalars(query)
            for agent, word in answers.items()
            if word == Answer.NOT_TODAY.value
        )

    def referred(self) -> list[Request]:
        """What lies before the leads of any team, the oldest first."""
        return [r for r in self._waiting() if r.is_referred]

    def ended_by(self, now: datetime) -> list[RequestId]:
        """Requests that wait for an answer or a lead's decision, and whose time is over."""
        query = select(RequestRow.id).where(_WAITS, RequestRow.ends_at <= now)
        return [RequestId(i) for i in self._session.scalars(query.order_by(RequestRow.id))]

    def told(self, request: RequestId, posts: Sequence[str]) -> None:
        """Remember messages that ask, to be edited when nothing is left to answer."""
        row = self._session.get_one(RequestRow, request)
        row.posts = sorted({*row.posts, *posts})
        self._session.flush()

    def of_event(self, event: str) -> list[Request]:
        """All ways to answer to something that happened, in the order they were proposed."""
        query = select(RequestRow).where(RequestRow.event == event).order_by(RequestRow.id)
        return [_request(row) for row in self._session.scalars(query)]

    def choose(self, request: RequestId, *, by: str, ends_at: datetime) -> bool:
        """Open a proposed request; False where it is not proposed any more."""
        done = self._session.execute(
            update(RequestRow)
            .where(RequestRow.id == request, RequestRow.state == RequestState.PROPOSED.value)
            .values(state=RequestState.OPEN.value, made_by=by, ends_at=ends_at)
            .returning(RequestRow.id)
        )
        return len(done.all()) == 1

    def answer(self, request: RequestId, agent: AgentId, answer: Answer) -> None:
        """Keep one person's word."""
        row = self._session.get_one(RequestRow, request)
        row.answers = {**row.answers, agent: answer.value}
        self._session.flush()

    def end(self, request: RequestId, state: RequestState, *, by: str, at: datetime) -> bool:
        """End an open or proposed request; False where it has ended already."""
        done = self._session.execute(
            update(RequestRow)
            .where(
                RequestRow.id == request,
                RequestRow.state.in_((RequestState.OPEN.value, RequestState.PROPOSED.value)),
            )
            .values(state=state.value, ended_at=at, ended_by=by)
            .returning(RequestRow.id)
        )
        return len(done.all()) == 1

    def add_change(self, change: MadeChange) -> None:
        """Put a change of a published shift on record."""
        self._session.add(
            ShiftChangeRow(
                roster_id=change.roster,
                request_id=change.request,
                agent=change.agent,
                day=change.day,
                before=None if change.before is None else shift_json(change.before),
                after=None if change.after is None else shift_json(change.after),
                cause=change.cause.value,
                by=change.by,
                at=change.at,
            )
        )
        self._session.flush()

    def changes_of(self, roster: RosterId) -> list[MadeChange]:
        """Everything that changed in a published roster, in the order it was made."""
        query = select(ShiftChangeRow).where(ShiftChangeRow.roster_id == roster).order_by(ShiftChangeRow.id)
        return [_change(row) for row in self._session.scalars(query)]

    def absences(self, first: date, last: date) -> list[MadeChange]:
        """Changes by reported absences of days from ``first`` to ``last`` inclusive, in order."""
        made = self.changes_between(first, last + timedelta(days=1))
        return [change for change in made if change.cause is Cause.ABSENCE]

    def changes_between(self, first: date, end: date) -> list[MadeChange]:
        """Changes of published shifts of the days [first, end), in the order they were made."""
        query = (
            select(ShiftChangeRow)
            .where(ShiftChangeRow.day >= first, ShiftChangeRow.day < end)
            .order_by(ShiftChangeRow.id)
        )
        return [_change(row) for row in self._session.scalars(query)]

    def changes_for(self, request: RequestId) -> list[MadeChange]:
        """What a request changed, in the order it was made."""
        query = select(ShiftChangeRow).where(ShiftChangeRow.request_id == request).order_by(ShiftChangeRow.id)
        return [_change(row) for row in self._session.scalars(query)]

    def _waiting(self) -> list[Request]:
        query = select(RequestRow).where(_WAITS).order_by(RequestRow.id)
        return [_request(row) for row in self._session.scalars(query)]


def _request(row: RequestRow) -> Request:
    answers: dict[str, Any] = row.answers
    return Request(
        request=RequestId(row.id),
        cause=Cause(row.cause),
        roster=RosterId(row.roster_id),
        asker=None if row.asker is None else AgentId(row.asker),
        trades=trades_from_json(row.trades),
        answers={AgentId(agent): Answer(answer) for agent, answer in answers.items()},
        state=RequestState(row.state),
        made_at=row.made_at,
        made_by=row.made_by,
        ends_at=row.ends_at,
        posts=tuple(str(key) for key in row.posts),
        event=row.event,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )


def _change(row: ShiftChangeRow) -> MadeChange:
    return MadeChange(
        roster=RosterId(row.roster_id),
        agent=AgentId(row.agent),
        day=row.day,
        before=None if row.before is None else shift_from_json(row.before),
        after=None if row.after is None else shift_from_json(row.after),
        cause=Cause(row.cause),
        by=row.by,
        at=row.at,
        request=None if row.request_id is None else RequestId(row.request_id),
    )
