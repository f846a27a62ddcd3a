"""Which customers are to be asked, which were, and how many answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from bot.core.contacts import ContactType
from bot.core.ids import ContactRef, QueueId
from bot.core.survey_requests import AskState, LeftOut, SurveyRequest, again_after
from bot.store.bulk import batches, insert_new_rows
from bot.store.contacts import CLOSED
from bot.store.tables import ContactRecordRow, ContactRow, SurveyAnswerRow, SurveyRequestRow

__all__ = ["SurveyRequests"]

BATCH = 500


class SurveyRequests:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, ref: ContactRef) -> SurveyRequest | None:
        row = self._session.get(SurveyRequestRow, ref, populate_existing=True)
        return None if row is None else _request(row)

    def plan(self, requests: Iterable[SurveyRequest]) -> None:
        """Note cases that were solved.  One that was left out, or waits, is due anew; none is asked twice."""
        for request in requests:
            row = {
                "ref": request.ref,
                "queue": request.queue,
                "channel": request.channel,
                "token": request.token,
                "solved_at": request.solved_at,
                "due_at": request.due_at,
                "state": AskState.WAITING.value,
                "tries": 0,
            }
            if insert_new_rows(self._session, SurveyRequestRow, [row], keys=("ref",), returning=("ref",)):
                continue
            self._session.execute(
                update(SurveyRequestRow)
                .where(
                    SurveyRequestRow.ref == request.ref,
                    SurveyRequestRow.state.in_([AskState.WAITING.value, AskState.LEFT_OUT.value]),
                    SurveyRequestRow.tries == 0,
                )
                .values(
                    solved_at=request.solved_at,
                    due_at=request.due_at,
                    state=AskState.WAITING.value,
                    why=None,
                )
            )

    def any_due(self, now: datetime) -> bool:
        return self._session.scalar(select(SurveyRequestRow.ref).where(*_due(now)).limit(1)) is not None

    def next_due(self, now: datetime) -> SurveyRequest | None:
        """The first that is due, for this unit alone; None where none is."""
        row = self._session.scalar(
            select(SurveyRequestRow)
            .where(*_due(now))
            .order_by(SurveyRequestRow.due_at, SurveyRequestRow.ref)
            .limit(1)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
        return None if row is None else _request(row)

    def customer_of(self, ref: ContactRef) -> str | None:
        """The keyed hash by which cases of one customer are matched; None where no record names any."""
        return self._session.scalar(select(ContactRecordRow.customer_key).where(ContactRecordRow.ref == ref))

    def asked_lately(self, customer: str, *, but: ContactRef, since: datetime) -> bool:
        """Whether this customer was asked about another case, or is being asked."""
        sent = SurveyRequestRow.asked_at > since
        under_way = (SurveyRequestRow.state == AskState.WAITING.value) & (SurveyRequestRow.tries > 0)
        query = (
            select(SurveyRequestRow.ref)
            .where(
                SurveyRequestRow.customer_key == customer, SurveyRequestRow.ref != but, or_(sent, under_way)
            )
            .limit(1)
        )
        return self._session.scalar(query) is not None

    def complaint_open(self, customer: str) -> bool:
        """Whether a complaint of this customer is not solved."""
        query = (
            select(ContactRow.ref)
            .join(ContactRecordRow, ContactRecordRow.ref == ContactRow.ref)
            .where(
                ContactRecordRow.customer_key == customer,
                ContactRow.type == ContactType.COMPLAINT.value,
                ContactRow.status.not_in(CLOSED),
            )
            .limit(1)
        )
        return self._session.scalar(query) is not None

    def claim(self, request: SurveyRequest, customer: str | None, now: datetime) -> SurveyRequest:
        """Count a try, for this caller alone until it may be tried again."""
        tries = request.tries + 1
        self._set(request.ref, tries=tries, due_at=now + again_after(tries), customer_key=customer)
        found = self.get(request.ref)
        assert found is not None
        return found

    def postpone(self, ref: ContactRef, by: timedelta, now: datetime) -> None:
        self._set(ref, due_at=now + by)

    def leave_out(self, ref: ContactRef, why: LeftOut) -> None:
        self._set(ref, state=AskState.LEFT_OUT.value, why=why.value)

    def asked(self, ref: ContactRef, now: datetime) -> None:
        self._set(ref, state=AskState.ASKED.value, asked_at=now)

    def failed(self, ref: ContactRef) -> None:
        self._set(ref, state=AskState.FAILED.value)

    def by_token(self, tokens: Collection[str]) -> dict[str, ContactRef]:
        """The case behind each token that was given out; others are absent."""
        found: dict[str, ContactRef] = {}
        for part in batches(sorted(tokens), BATCH):
            query = select(SurveyRequestRow.token, SurveyRequestRow.ref).where(
                SurveyRequestRow.token.in_(part)
            )
            found |= {token: ContactRef(ref) for token, ref in self._session.execute(query)}
        return found

    def response(self, queues: Collection[QueueId], start: datetime, end: datetime) -> tuple[int, int]:
        """Of the cases asked about in [start, end): how many, and how many of them have an answer."""
        answer = aliased(SurveyAnswerRow)
        answered = select(answer.ref).where(answer.ref == SurveyRequestRow.ref).exists()
        query = select(func.count(), func.count().filter(answered)).where(
            SurveyRequestRow.queue.in_(sorted(queues)),
            SurveyRequestRow.asked_at >= start,
            SurveyRequestRow.asked_at < end,
        )
        asked, back = self._session.execute(query).one()
        return int(asked), int(back)

    def _set(self, ref: ContactRef, **values: object) -> None:
        self._session.execute(update(SurveyRequestRow).where(SurveyRequestRow.ref == ref).values(**values))


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return SurveyRequestRow.state == AskState.WAITING.value, SurveyRequestRow.due_at <= now


def _request(row: SurveyRequestRow) -> SurveyRequest:
    return SurveyRequest(
        ref=ContactRef(row.ref),
        queue=QueueId(row.queue),
        channel=row.channel,
        token=row.token,
        solved_at=row.solved_at,
        due_at=row.due_at,
        state=AskState(row.state),
        why=None if row.why is None else LeftOut(row.why),
        tries=row.tries,
        asked_at=row.asked_at,
    )
