"""Answers to surveys."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.core.changes import ChangeCounts
from bot.core.ids import ContactRef
from bot.core.satisfaction import Satisfaction, Scale
from bot.core.surveys import SurveyAnswer
from bot.store.bulk import batches, upsert
from bot.store.tables import ContactRecordRow, SurveyAnswerRow

BATCH = 500


class Surveys:
    def __init__(self, session: Session) -> None:
        self._session = session

    def save(self, answers: Iterable[SurveyAnswer]) -> ChangeCounts:
        """Write answers; the last one of a key stands."""
        new = changed = unchanged = 0
        for part in batches({a.key: a for a in answers}.values(), BATCH):
            query = select(SurveyAnswerRow).where(SurveyAnswerRow.key.in_([a.key for a in part]))
            held = {row.key: _of_row(row) for row in self._session.scalars(query)}
            fresh = [a for a in part if a.key not in held]
            differs = [a for a in part if a.key in held and held[a.key] != _values(a)]
            rows = [_values(a) for a in (*fresh, *differs)]
            upsert(self._session, SurveyAnswerRow, rows, keys=("key",))
            new += len(fresh)
            changed += len(differs)
            unchanged += len(part) - len(fresh) - len(differs)
        return ChangeCounts(new=new, changed=changed, unchanged=unchanged)

    def said_of(self, refs: Collection[ContactRef]) -> dict[ContactRef, Satisfaction]:
        """What customers said of cases: the newest survey answer, else what the record says.

        The customer was asked once; `bot.store.kpi_facts` counts in the same way.
        """
        found: dict[ContactRef, Satisfaction] = {}
        for part in batches(sorted(refs), BATCH):
            record, survey = ContactRecordRow, SurveyAnswerRow
            recorded = select(record.ref, record.satisfaction_scale, record.satisfaction_value).where(
                record.ref.in_(part), record.satisfaction_value.is_not(None)
            )
            surveyed = (
                select(survey.ref, survey.scale, survey.value)
                .where(survey.ref.in_(part))
                .order_by(survey.answered_at, survey.id)
            )
            for query in (recorded, surveyed):
                for ref, scale, value in self._session.execute(query):
                    found[ContactRef(ref)] = Satisfaction(scale=Scale(scale), value=value)
        return found

    def latest(self) -> datetime | None:
        """When the newest answer was given."""
        query = select(SurveyAnswerRow.answered_at).order_by(SurveyAnswerRow.answered_at.desc()).limit(1)
        return self._session.scalar(query)


def _values(answer: SurveyAnswer) -> dict[str, Any]:
    return {
        "key": answer.key,
        "ref": answer.ref,
        "queue": answer.queue,
        "answered_at": answer.answered_at,
        "scale": answer.satisfaction.scale.value,
        "value": answer.satisfaction.value,
        "aspects": dict(answer.aspects),
    }


def _of_row(row: SurveyAnswerRow) -> dict[str, Any]:
    return {
        "key": row.key,
        "ref": row.ref,
        "queue": row.queue,
        "answered_at": row.answered_at,
        "scale": row.scale,
        "value": row.value,
        "aspects": dict(row.aspects),
    }
