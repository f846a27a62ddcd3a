"""Samples of what is said about incidents and drills."""

from __future__ import annotations

from dataclasses import replace

from bot.core.incident_messages import (
    BacklogLine,
    ContactLine,
    IncidentBacklog,
    IncidentCard,
    IncidentNews,
    IncidentTold,
    ReviewMissing,
    StepGiven,
    StepLate,
    StepLine,
)
from bot.core.incidents import Wording
from bot.core.messages import Message
from tests.support.builders import at


def incident_kinds(name: str, many: int) -> list[Message]:
    titles = (Wording(locale="en", text=name), Wording(locale="zh-Hans", text=name))
    texts = (Wording(locale="en", text=name * 3),)
    steps = (
        StepLine(number=1, texts=texts, role="incident", owner=name, due_at=at(9, 50), taken=True),
        StepLine(number=2, texts=texts, role="lead", due_at=at(10, 50)),
        StepLine(number=3, texts=texts, owner=name, done_at=at(10), done_by=name, due_at=at(9, 50)),
        StepLine(number=4, texts=texts, owner=name, done_at=at(9), done_by=name),
    )
    card = IncidentCard(
        incident=3,
        titles=titles,
        what=name,
        drill=False,
        state="running",
        started_at=at(9),
        by=name,
        steps=steps,
        contacts=(ContactLine(name=name, reach=name),),
        window_until=at(12),
    )
    told = IncidentTold(incident=3, titles=titles, stage="started", what=name)
    lines = tuple(
        BacklogLine(
            ref=name, queue=name, due_at=None if i % 3 == 0 else at(9, i), owner=name if i % 2 else None
        )
        for i in range(15)
    )
    words = ("unowned", "taken", "done", "late", "updated", "notice", "over")
    words += ("cleared", "closed", "window", "review_missing")
    return [
        card,
        replace(
            card,
            steps=tuple(replace(steps[1], number=n) for n in range(1, 13)),
            cause=name,
            recover_by=at(12),
            compensation=name,
        ),
        replace(card, state="over", over_at=at(11), backlog_left=many),
        replace(card, state="closed", over_at=at(11), drill=True, cases=3, what=""),
        replace(card, drill=True, window_until=None),
        *(
            IncidentNews(
                incident=3,
                titles=titles,
                drill=index % 2 == 0,
                news=news,
                by="muster" if index % 3 == 0 else name,
                step=steps[0],
                words=name,
                until=at(12),
                compensation=name,
                count=2,
            )
            for index, news in enumerate(words)
        ),
        StepGiven(incident=3, titles=titles, drill=True, what=name, step=steps[0]),
        StepLate(incident=3, titles=titles, drill=False, step=steps[1]),
        told,
        replace(told, stage="updated", cause=name, recover_by=at(12), compensation=name),
        replace(told, stage="over", what=""),
        IncidentBacklog(incident=3, titles=titles, drill=False, lines=lines, left=many, total=many),
        IncidentBacklog(incident=3, titles=titles, drill=False, lines=(), left=0, total=many),
        IncidentBacklog(
            incident=3,
            titles=titles,
            drill=True,
            lines=(BacklogLine(ref="TEST-3-1", due_at=at(12), case=1),),
            left=1,
            total=1,
        ),
        ReviewMissing(incident=3, titles=titles, over_at=at(9)),
    ]
