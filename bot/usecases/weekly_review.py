"""The weekly self-review (SR8, A13, L14): asked for on Friday, compared a week later, seen by two people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId, ReviewId, TeamId
from bot.core.messages import Recipient
from bot.core.on_duty import reachable
from bot.core.own_figures import own_figures
from bot.core.people import Agent, Role, Team
from bot.core.person_choices import Choice
from bot.core.review_messages import ReviewAsked, ReviewReminder, ReviewsBack
from bot.core.settings import Settings
from bot.core.weekly_reviews import (
    GoalOutcome,
    Review,
    ReviewTimes,
    due_day,
    fill,
    outcomes,
    remind_due,
    window,
)
from bot.store.unit_of_work import ReadUnit, Store, UnitOfWork
from bot.usecases.change_shifts import team_leads

__all__ = ["OpenReview", "WeekBack", "ask", "choose", "newest", "remind", "send_back", "week_back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReview:
    """A form with what became of the goals of the form before it."""

    review: Review
    outcomes: tuple[GoalOutcome, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekBack:
    """A team's newest week of forms; empty where none was ever sent."""

    day: date | None
    reviews: tuple[Review, ...] = ()

    @property
    def back(self) -> tuple[Review, ...]:
        return tuple(r for r in self.reviews if r.filled is not None)


def ask(store: Store, settings: Settings, *, now: datetime) -> int:
    """Send the forms that are due; returns how many.

    One for each agent and week, whatever the number of replicas.  Who switched it off, and who neither had a
    shift nor solved a case in the week, is not asked.
    """
    due: list[tuple[Agent, Team, ReviewTimes, date]] = []
    with store.read() as look:
        days: dict[date, set[AgentId]] = {}
        for agent in look.people.all():
            team = settings.teams.get(agent.team)
            if team is None or team.review is None or not reachable(agent):
                continue
            day = due_day(team.review, agent.zone, now)
            if day is None or settings.roles.role_of(agent.email, agent.role) is not Role.AGENT:
                continue
            if day not in days:
                days[day] = look.weekly_reviews.sent(day)
            if agent.agent not in days[day] and not look.job_slots.taken(_skip(agent), day.isoformat()):
                due.append((agent, team, team.review, day))
        off = look.person_choices.differing(Choice.WEEKLY_REVIEW) if due else set()
    sent = 0
    told: set[tuple[TeamId, date]] = set()
    for agent, team, times, day in due:
        if agent.agent in off:
            continue
        start, end = window(times, agent.zone, day)
        with store.read() as look:
            within = settings.kpis.repeat_within
            measured = own_figures(look.weekly_reviews.solved(agent.agent, start, end, within))
            away = measured.handled is None and not look.rosters.shifts_of(agent.agent, start, end)
        with store.unit() as uow:
            if away:
                # Noted, so that the week is not counted again and again for who was away.
                uow.job_slots.take(_skip(agent), day.isoformat(), now)
                uow.commit()
                continue
            review = uow.weekly_reviews.send(agent.agent, agent.team, day, measured, now=now)
            if review is None:
                continue
            uow.outbox.post(
                Recipient.direct(agent.agent, agent.team),
                ReviewAsked(review=review, day=day),
                _key(review),
                now,
            )
            uow.commit()
        told.add((team.team, day))
        sent += 1
    for name, day in sorted(told):
        with store.unit() as uow:
            _count(uow, settings, name, day, now)
            uow.commit()
    return sent


def remind(store: Store, settings: Settings, *, now: datetime) -> int:
    """Tell, once, those whose form is not back; returns how many.  After it there is silence."""
    with store.read() as look:
        waiting = look.weekly_reviews.to_remind(now.date() - timedelta(days=8))
        agents = look.people.named({review.agent for review in waiting}) if waiting else {}
        off = look.person_choices.differing(Choice.WEEKLY_REVIEW) if waiting else set()
    told = 0
    for review in waiting:
        agent = agents.get(review.agent)
        team = settings.teams.get(review.team)
        if agent is None or team is None or team.review is None or not reachable(agent):
            continue
        if agent.agent in off or not remind_due(team.review, agent.zone, review.day, now):
            continue
        with store.unit() as uow:
            if not uow.weekly_reviews.mark_reminded(review.review, now=now):
                continue
            message = ReviewReminder(review=review.review, day=review.day)
            told += uow.outbox.post(
                Recipient.direct(agent.agent, agent.team), message, f"{_key(review.review)}:reminder", now
            )
            uow.commit()
    return told


def newest(store: Store, agent: AgentId, review: ReviewId | None = None) -> OpenReview | None:
    """An agent's newest form, or the one named; None where there is none.

    Raises NotFoundError for one that is somebody else's, or gone.
    """
    with store.read() as uow:
        found = uow.weekly_reviews.latest(agent) if review is None else uow.weekly_reviews.get(review)
        if found is None and review is None:
            return None
        if found is None or found.agent != agent:
            raise _gone()
        return _open(uow, found)


def send_back(
    store: Store,
    settings: Settings,
    review: ReviewId,
    *,
    agent: AgentId,
    figures: Mapping[str, str],
    points: Sequence[str],
    goal: str,
    now: datetime,
) -> OpenReview:
    """Keep what the agent typed.  It may be sent again: the later words count.

    Raises InvalidFormError, NotFoundError for a form of somebody else's, and RefusedError where a newer one
    has come since.  The leads' count follows.
    """
    with store.unit() as uow:
        held = uow.weekly_reviews.get(review)
        if held is None or held.agent != agent:
            raise _gone()
        latest = uow.weekly_reviews.latest(agent)
        if latest is not None and latest.review != review:
            raise RefusedError(
                "review_over", "A newer form has come since; nothing was changed. Type /muster review"
            )
        filled = fill(figures=figures, points=points, goal=goal, measured=held.measured)
        first = held.filled is None
        uow.weekly_reviews.fill(review, filled, now=now)
        if first:
            _count(uow, settings, held.team, held.day, now)
        after = uow.weekly_reviews.get(review)
        assert after is not None
        found = _open(uow, after)
        uow.commit()
    return found


def week_back(store: Store, team: TeamId) -> WeekBack:
    """A team's newest week: who was asked and whose form is back."""
    with store.read() as uow:
        day = uow.weekly_reviews.newest_day(team)
        found = () if day is None else tuple(uow.weekly_reviews.of_week(team, day, day))
    return WeekBack(day=day, reviews=found)


def choose(store: Store, agent: AgentId, wanted: bool, *, now: datetime) -> None:
    """Whether the agent gets the form from now on (PS11)."""
    with store.unit() as uow:
        uow.person_choices.keep(agent, Choice.WEEKLY_REVIEW, wanted, now=now)
        uow.commit()


def _open(uow: ReadUnit, review: Review) -> OpenReview:
    before = uow.weekly_reviews.latest(review.agent, before=review.day)
    return OpenReview(review=review, outcomes=outcomes(before, review.measured))


def _count(uow: UnitOfWork, settings: Settings, team: TeamId, day: date, now: datetime) -> None:
    """One card for each lead and week; it is edited as forms come back."""
    # Two forms that come back at once are counted one after the other.
    uow.job_slots.hold(f"reviews_back:{team}", day.isoformat(), now)
    reviews = uow.weekly_reviews.of_week(team, day, day)
    back = sum(r.filled is not None for r in reviews)
    message = ReviewsBack(team=team, day=day, sent=len(reviews), back=back)
    stem = f"reviews-back-{team}-{day.isoformat()}"
    for reader in team_leads(uow, settings, team, now=now) if back == 0 else _readers(uow, stem):
        key = f"{stem}-{reader.name}"
        post = uow.outbox.post_of(key)
        if post is None:
            uow.outbox.post(reader, message, key, now)
        elif post.untouched:
            uow.outbox.rewrite({post.id: message})
        else:
            uow.outbox.supersede_edits([key])
            uow.outbox.post(reader, message, f"{key}:edit:{len(reviews)}:{back}", now, edits=key)


def _readers(uow: ReadUnit, stem: str) -> list[Recipient]:
    """The leads who have the card already: who is on duty when a form comes back is not told anew."""
    return [
        found.outgoing.recipient
        for agent in uow.people.all()
        if (found := uow.outbox.by_key(f"{stem}-{agent.agent}")) is not None
    ]


def _gone() -> NotFoundError:
    return NotFoundError("review_gone", "There is no such form of yours; nothing was changed.")


def _key(review: ReviewId) -> str:
    return f"review-{review}"


def _skip(agent: Agent) -> str:
    return f"review_skipped:{agent.agent}"
