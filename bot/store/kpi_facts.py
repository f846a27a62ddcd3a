"""The rows key figures are computed from: narrow columns of the windows asked for, and nothing else.

Cases merged into another are that other's; they stand in no figure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from bot.core.contacts import EventKind
from bot.core.courses import Measure
from bot.core.ids import AgentId, QueueId
from bot.core.kpis.rows import Answer, ContactFact
from bot.core.satisfaction import Satisfaction, Scale
from bot.core.sla import ClockState
from bot.core.surveys import aspect_share
from bot.store.tables import ContactEventRow, ContactRecordRow, ContactRow, SlaClockRow, SurveyAnswerRow

__all__ = ["KpiFacts"]

_RESPONSE = aliased(SlaClockRow)
_RESOLUTION = aliased(SlaClockRow)
_OFF = (ClockState.CANCELLED.value, ClockState.PAUSED.value)
"""A promise taken back, and one whose due time is not known while it waits."""
_STANDS = _RESPONSE.state.not_in(_OFF)


class KpiFacts:
    def __init__(self, session: Session) -> None:
        self._session = session

    def contacts(
        self, queues: Collection[QueueId], opened_from: datetime, solved_from: datetime, end: datetime
    ) -> list[ContactFact]:
        """What was opened in [opened_from, end), and what was opened before and solved in [solved_from, end).

        ``opened_from`` is not after ``solved_from``.
        """
        names = sorted(queues)
        opened = (
            ContactRow.queue.in_(names),
            ContactRow.opened_at >= opened_from,
            ContactRow.opened_at < end,
        )
        earlier = (
            ContactRow.queue.in_(names),
            ContactRow.resolved_at >= solved_from,
            ContactRow.resolved_at < end,
            ContactRow.opened_at < opened_from,
        )
        return [
            ContactFact._make(row)
            for condition in (opened, earlier)
            for row in self._session.execute(_query(*condition)).all()
        ]

    def solved_by(self, agent: AgentId, start: datetime, end: datetime) -> list[ContactFact]:
        """What one agent solved in [start, end), the first first."""
        query = _query(
            ContactRow.agent == agent, ContactRow.resolved_at >= start, ContactRow.resolved_at < end
        ).order_by(ContactRow.resolved_at, ContactRow.ref)
        return [ContactFact._make(row) for row in self._session.execute(query).all()]

    def reopened(
        self, queues: Collection[QueueId], opened_from: datetime, end: datetime
    ) -> dict[str, datetime]:
        """When contacts opened in [opened_from, end) were first opened again; others are absent."""
        query = (
            select(ContactEventRow.ref, func.min(ContactEventRow.at))
            .join(ContactRow, ContactRow.ref == ContactEventRow.ref)
            .where(
                ContactEventRow.kind == EventKind.REOPENED.value,
                ContactEventRow.at >= opened_from,
                ContactRow.queue.in_(sorted(queues)),
                ContactRow.opened_at >= opened_from,
                ContactRow.opened_at < end,
            )
            .group_by(ContactEventRow.ref)
        )
        return dict(self._session.execute(query).all())

    def reopened_of(self, refs: Collection[str]) -> dict[str, datetime]:
        """The same of contacts by name."""
        query = select(ContactEventRow.ref, func.min(ContactEventRow.at)).where(
            ContactEventRow.ref.in_(sorted(refs)), ContactEventRow.kind == EventKind.REOPENED.value
        )
        return dict(self._session.execute(query.group_by(ContactEventRow.ref)).all())

    def followed(self, contacts: Sequence[ContactFact], within: timedelta) -> frozenset[str]:
        """Those after which their customer came again with the same type, within so long."""
        keys = {c.customer for c in contacts if c.customer is not None}
        if not keys:
            return frozenset()
        query = (
            select(ContactRecordRow.customer_key, ContactRow.type, ContactRow.opened_at)
            .join(ContactRow, ContactRow.ref == ContactRecordRow.ref)
            .where(
                ContactRecordRow.customer_key.in_(sorted(keys)),
                ContactRow.opened_at > min(c.opened_at for c in contacts),
                ContactRow.merged_into.is_(None),
            )
        )
        came: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        for key, kind, at in self._session.execute(query):
            came[str(key), kind].append(at)
        return frozenset(
            c.ref
            for c in contacts
            if c.customer is not None
            and any(c.opened_at < at <= c.opened_at + within for at in came[c.customer, c.type])
        )

    def answers(self, queues: Collection[QueueId], start: datetime, end: datetime) -> list[Answer]:
        """Survey answers given in [start, end), and what records of contacts opened then say.

        Where a case has a survey answer, its record's is left out: the customer was asked once.
        """
        return [*self._surveys(queues, start, end), *self._records(queues, start, end)]

    def _surveys(self, queues: Collection[QueueId], start: datetime, end: datetime) -> Iterator[Answer]:
        query = select(
            SurveyAnswerRow.queue,
            SurveyAnswerRow.answered_at,
            SurveyAnswerRow.scale,
            SurveyAnswerRow.value,
            SurveyAnswerRow.aspects,
        ).where(
            SurveyAnswerRow.queue.in_(sorted(queues)),
            SurveyAnswerRow.answered_at >= start,
            SurveyAnswerRow.answered_at < end,
        )
        for queue, at, scale, value, aspects in self._session.execute(query):
            kind = Scale(scale)
            yield Answer(
                queue=queue,
                at=at,
                satisfaction=Satisfaction(scale=kind, value=value),
                aspects={name: aspect_share(kind, held) for name, held in aspects.items()},
            )

    def _records(self, queues: Collection[QueueId], start: datetime, end: datetime) -> Iterator[Answer]:
        surveyed = select(SurveyAnswerRow.id).where(SurveyAnswerRow.ref == ContactRow.ref).exists()
        query = (
            select(
                ContactRow.queue,
                ContactRow.opened_at,
                ContactRecordRow.satisfaction_scale,
                ContactRecordRow.satisfaction_value,
            )
            .join(ContactRecordRow, ContactRecordRow.ref == ContactRow.ref)
            .where(
                ContactRow.queue.in_(sorted(queues)),
                ContactRow.opened_at >= start,
                ContactRow.opened_at < end,
                ContactRow.merged_into.is_(None),
                ContactRecordRow.satisfaction_value.is_not(None),
                ~surveyed,
            )
        )
        for queue, at, scale, value in self._session.execute(query):
            if value is not None:
                satisfaction = Satisfaction(scale=Scale(scale), value=value)
                yield Answer(queue=queue, at=at, satisfaction=satisfaction, aspects={})


def _query(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """In the order of ContactFact's fields."""
    return (
        select(
            ContactRow.ref,
            ContactRow.queue,
            ContactRow.type,
            ContactRow.priority,
            ContactRow.opened_at,
            ContactRow.responded_at,
            ContactRow.resolved_at,
            ContactRow.agent,
            ContactRow.handle_seconds,
            ContactRecordRow.customer_key,
            case((_RESPONSE.id.is_(None), ContactRow.response_due_at), (_STANDS, _RESPONSE.due_at)),
            _RESOLUTION.due_at,
            _RESOLUTION.policy,
        )
        .outerjoin(ContactRecordRow, ContactRecordRow.ref == ContactRow.ref)
        .outerjoin(_RESPONSE, _first(_RESPONSE, Measure.FIRST_RESPONSE))
        .outerjoin(_RESOLUTION, and_(_first(_RESOLUTION, Measure.RESOLUTION), _RESOLUTION.state.not_in(_OFF)))
        .where(ContactRow.merged_into.is_(None), *conditions)
    )


def _first(clock: type[SlaClockRow], measure: Measure) -> ColumnElement[bool]:
    return and_(
        clock.contact_id == ContactRow.id,
        clock.measure == measure.value,
        clock.cycle == 0,
    )
