"""Weekly self-reviews as they were sent and came back, and the cases their figures are counted from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased

from bot.core.contacts import EventKind
from bot.core.ids import AgentId, ContactRef, ReviewId, TeamId
from bot.core.own_figures import FIGURES, OwnCase, OwnFigures
from bot.core.weekly_reviews import Filled, Goal, GoalMeasure, ImprovementPoint, Review
from bot.store.bulk import insert_new
from bot.store.surveys import Surveys
from bot.store.tables import ContactEventRow, ContactRecordRow, ContactRow, WeeklyReviewRow

__all__ = ["WeeklyReviews"]


class WeeklyReviews:
    def __init__(self, session: Session) -> None:
        self._session = session

    def send(
        self, agent: AgentId, team: TeamId, day: date, measured: OwnFigures, *, now: datetime
    ) -> ReviewId | None:
        """A form of the week that ends on ``day``; None where there is one already."""
        row = {
            "agent": agent,
            "team": team,
            "day": day,
            "sent_at": now,
            "measured": {n: v for n in FIGURES if (v := measured.value(n)) is not None},
            "missing": dict(measured.missing),
        }
        made = insert_new(self._session, WeeklyReviewRow, [row], keys=("agent", "day"), returning="id")
        return ReviewId(made[0]) if made else None

    def get(self, review: ReviewId) -> Review | None:
        row = self._session.get(WeeklyReviewRow, review, populate_existing=True)
        return None if row is None else _review(row)

    def latest(self, agent: AgentId, *, before: date | None = None) -> Review | None:
        """An agent's newest form; with ``before`` the newest of an earlier week."""
        query = select(WeeklyReviewRow).where(WeeklyReviewRow.agent == agent)
        if before is not None:
            query = query.where(WeeklyReviewRow.day < before)
        row = self._session.scalar(query.order_by(WeeklyReviewRow.day.desc()).limit(1))
        return None if row is None else _review(row)

    def sent(self, day: date) -> set[AgentId]:
        """Who has a form of the week that ends on ``day``."""
        query = select(WeeklyReviewRow.agent).where(WeeklyReviewRow.day == day)
        return {AgentId(agent) for agent in self._session.scalars(query)}

    def of_week(self, team: TeamId, first: date, last: date) -> list[Review]:
        """A team's forms of days from ``first`` to ``last`` inclusive, by agent."""
        query = select(WeeklyReviewRow).where(
            WeeklyReviewRow.team == team, WeeklyReviewRow.day >= first, WeeklyReviewRow.day <= last
        )
        return [_review(row) for row in self._session.scalars(query.order_by(WeeklyReviewRow.agent))]

    def newest_day(self, team: TeamId) -> date | None:
        """The end of the newest week of which a team has forms."""
        return self._session.scalar(select(func.max(WeeklyReviewRow.day)).where(WeeklyReviewRow.team == team))

    def fill(self, review: ReviewId, filled: Filled, *, now: datetime) -> bool:
        """It is back, or back anew; ``back_at`` stays the first time.  False where there is none."""
        done = self._session.execute(
            update(WeeklyReviewRow)
            .where(WeeklyReviewRow.id == review)
            .values(
                told=dict(filled.told),
                points=[point.value for point in filled.points],
                goals=[{"measure": g.measure.value, "value": g.value} for g in filled.goals],
                back_at=func.coalesce(WeeklyReviewRow.back_at, now),
            )
            .returning(WeeklyReviewRow.id)
        )
        return len(done.all()) == 1

    def to_remind(self, since: date) -> list[Review]:
        """Forms of weeks that end on ``since`` or later, not back, whose agent was not reminded."""
        query = select(WeeklyReviewRow).where(
            WeeklyReviewRow.day >= since,
            WeeklyReviewRow.back_at.is_(None),
            WeeklyReviewRow.reminded_at.is_(None),
        )
        return [_review(row) for row in self._session.scalars(query.order_by(WeeklyReviewRow.id))]

    def mark_reminded(self, review: ReviewId, *, now: datetime) -> bool:
        """False where somebody else has, or it is back."""
        done = self._session.execute(
            update(WeeklyReviewRow)
            .where(
                WeeklyReviewRow.id == review,
                WeeklyReviewRow.back_at.is_(None),
                WeeklyReviewRow.reminded_at.is_(None),
            )
            .values(reminded_at=now)
            .returning(WeeklyReviewRow.id)
        )
        return len(done.all()) == 1

    def solved(
        self, agent: AgentId, start: datetime, end: datetime, repeat_within: timedelta
    ) -> list[OwnCase]:
        """Cases an agent solved in [start, end), as `own_figures` counts them."""
        query = (
            select(
                ContactRow.ref,
                ContactRow.type,
                ContactRow.opened_at,
                ContactRow.handle_seconds,
                ContactRecordRow.customer_key,
            )
            .outerjoin(ContactRecordRow, ContactRecordRow.ref == ContactRow.ref)
            .where(
                ContactRow.agent == agent,
                ContactRow.resolved_at >= start,
                ContactRow.resolved_at < end,
                ContactRow.merged_into.is_(None),
            )
            .order_by(ContactRow.resolved_at, ContactRow.ref)
        )
        rows = self._session.execute(query).all()
        again = self._opened_again(rows) | self._followed(rows, repeat_within)
        said = Surveys(self._session).said_of([ContactRef(row.ref) for row in rows])
        return [
            OwnCase(
                ref=ContactRef(row.ref),
                handle_seconds=row.handle_seconds,
                satisfaction=said.get(ContactRef(row.ref)),
                customer_known=row.customer_key is not None,
                again=row.ref in again,
            )
            for row in rows
        ]

    def _opened_again(self, rows: Sequence[Any]) -> set[str]:
        query = select(ContactEventRow.ref).where(
            ContactEventRow.ref.in_([row.ref for row in rows]),
            ContactEventRow.kind == EventKind.REOPENED.value,
        )
        return set(self._session.scalars(query)) if rows else set()

    def _followed(self, rows: Sequence[Any], repeat_within: timedelta) -> set[str]:
        """Cases after which their customer came again with the same type."""
        keys = {row.customer_key for row in rows if row.customer_key is not None}
        if not keys:
            return set()
        first = min(row.opened_at for row in rows)
        later = aliased(ContactRow)
        query = (
            select(ContactRecordRow.customer_key, later.type, later.opened_at, later.ref)
            .join(later, later.ref == ContactRecordRow.ref)
            .where(
                ContactRecordRow.customer_key.in_(sorted(keys)),
                later.opened_at > first,
                later.merged_into.is_(None),
            )
        )
        came = self._session.execute(query).all()
        return {
            row.ref
            for row in rows
            for key, kind, opened_at, ref in came
            if key == row.customer_key
            and kind == row.type
            and ref != row.ref
            and row.opened_at < opened_at <= row.opened_at + repeat_within
        }


def _review(row: WeeklyReviewRow) -> Review:
    numbers = {name: float(value) for name, value in row.measured.items()}
    handled = numbers.get("handled")
    filled = None
    if row.told is not None:
        filled = Filled(
            told={str(k): float(v) for k, v in row.told.items()},
            points=tuple(ImprovementPoint(p) for p in row.points or ()),
            goals=tuple(
                Goal(measure=GoalMeasure(g["measure"]), value=float(g["value"])) for g in row.goals or ()
            ),
        )
    return Review(
        review=ReviewId(row.id),
        agent=AgentId(row.agent),
        team=TeamId(row.team),
        day=row.day,
        sent_at=row.sent_at,
        measured=OwnFigures(
            handled=None if handled is None else int(handled),
            aht=numbers.get("aht"),
            fcr=numbers.get("fcr"),
            csat=numbers.get("csat"),
            missing={str(k): str(v) for k, v in row.missing.items()},
        ),
        filled=filled,
        back_at=row.back_at,
        reminded_at=row.reminded_at,
    )
