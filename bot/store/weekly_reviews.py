"""Weekly self-reviews as they were sent and came back, and the cases their figures are counted from."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.core.ids import AgentId, ContactRef, ReviewId, TeamId
from bot.core.own_figures import FIGURES, OwnFigures, OwnWeek
from bot.core.weekly_reviews import Filled, Goal, GoalMeasure, ImprovementPoint, Review
from bot.store.bulk import insert_new
from bot.store.kpi_facts import KpiFacts
from bot.store.surveys import Surveys
from bot.store.tables import WeeklyReviewRow

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

    def solved(self, agent: AgentId, start: datetime, end: datetime, repeat_within: timedelta) -> OwnWeek:
        """Cases an agent solved in [start, end), as `own_figures` counts them."""
        facts = KpiFacts(self._session)
        cases = facts.solved_by(agent, start, end)
        return OwnWeek(
            cases=tuple(cases),
            said=Surveys(self._session).said_of([ContactRef(c.ref) for c in cases]),
            followed=facts.followed(cases, repeat_within),
            reopened=facts.reopened_of([c.ref for c in cases]),
            repeat_within=repeat_within,
        )


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
