"""A message of every kind of the people's side of the week."""

from __future__ import annotations

from datetime import date

from bot.core.idea_messages import IdeaAnswered, IdeaLine, IdeaMade, KudosGiven, KudosLine
from bot.core.load_messages import LoadPatterns, OwnPattern, PatternCount
from bot.core.messages import Message
from bot.core.proposal_messages import ProposalDecided, ProposalMade
from bot.core.remote_messages import RemoteAnswered, RemoteAsked
from bot.core.review_messages import ReviewAsked, ReviewReminder, ReviewsBack, ShiftReview, TypeSeen
from bot.core.training_messages import AttendanceAsked, SkillGranted, TrainingLine
from bot.core.work_load import Pattern
from tests.support.builders import at

__all__ = ["an_idea", "rhythm_kinds"]


def an_idea(name: str) -> IdeaLine:
    return IdeaLine(idea=7, words=name, by=name, due_at=at(9))


def rhythm_kinds(name: str, many: int) -> list[Message]:
    """With names as long as can be."""
    return [
        *(
            ProposalMade(
                proposal=7,
                key=name,
                kind="phrase",
                locale="zh-Hans",
                title=name,
                text=name * (20 if many > 3 else 1),
                by=name,
                state=state,
                decided_by=None if state == "open" else name,
                reason=None if state == "open" else name,
            )
            for state in ("open", "accepted", "rejected")
        ),
        *(
            ProposalDecided(proposal=7, key=name, state=state, by=name, reason=name)
            for state in ("accepted", "rejected")
        ),
        IdeaMade(line=an_idea(name)),
        *(
            IdeaAnswered(line=an_idea(name), state=state, by=name, answer=name)
            for state in ("adopted", "declined")
        ),
        *(
            KudosGiven(kudos=7, line=KudosLine(whom=name, by=name, words=name), shown=always)
            for always in (True, False)
        ),
        *(
            AttendanceAsked(
                line=TrainingLine(
                    training=7,
                    kind=kind,
                    start=at(10),
                    end=at(11),
                    people=(name,) * many,
                    away=away,
                    topic=topic,
                    skill=topic,
                    level=None if topic is None else 0.8,
                )
            )
            for kind, topic, away in (
                ("training", name, (name,) * (many // 2)),
                ("one_to_one", None, ()),
                ("training", name, ()),
            )
        ),
        SkillGranted(skill=name, by=name, level=0.8, topic=name),
        SkillGranted(skill=name, by=name),
        RemoteAsked(team=name, day=date(2026, 11, 24)),
        RemoteAnswered(answer=7, by=name, done=name, next=name, blocked=name),
        RemoteAnswered(answer=7, by=name, done=name),
        ShiftReview(
            day=date(2026, 11, 24),
            total=99,
            types=tuple(TypeSeen(type=name, contacts=30) for _ in range(3)),
        ),
        ReviewAsked(review=7, day=date(2026, 11, 27)),
        ReviewReminder(review=7, day=date(2026, 11, 27)),
        LoadPatterns(
            team=name,
            week=date(2026, 11, 23),
            people=14,
            concerned=2,
            patterns=tuple(PatternCount(pattern=p.value, people=2) for p in Pattern),
        ),
        OwnPattern(team=name, week=date(2026, 11, 23), patterns=tuple(p.value for p in Pattern)),
        ReviewsBack(team=name, day=date(2026, 11, 27), sent=24, back=21),
    ]
