"""The post that shows a team's board in its channel: made once, edited when a figure changed.

The row of `board_posts` is the one hand-off: whoever locks it looks, the others find that somebody has.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.core.board import Board
from bot.core.board_messages import (
    GONE,
    BoardPost,
    PostedGap,
    PostedPromise,
    PostedQueue,
    PostedStage,
    PostedType,
    unchanged,
)
from bot.core.messages import DeliveryState, OutboxMessage, Outgoing, Recipient, RecipientKind, Urgency
from bot.core.people import Team
from bot.core.settings import Settings
from bot.store.board_posts import StandingBoard
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases.team_now import TeamNow, team_now

__all__ = ["AGAIN", "tick"]

AGAIN: Final = timedelta(hours=1)
"""A post that could not be made is tried again after so long; meanwhile the operators know why."""


def tick(store: Store, settings: Settings, *, now: datetime) -> int:
    """Look at every board whose time has come; returns how many messages were written."""
    written = 0
    for team in settings.teams.values():
        if team.board_every is None or not _due(store, team, team.board_every, now):
            continue
        seen = _post(team_now(store, settings, team.team, now=now), team.board_every)
        with store.unit() as uow:
            held = uow.board_posts.lock(team.team, team.channels["board"], now)
            if held.generation and now - held.looked_at < team.board_every:
                continue  # another replica has looked meanwhile
            written += _tell(uow, team, replace(held, looked_at=now), seen, now)
            uow.commit()
    return written


def _due(store: Store, team: Team, every: timedelta, now: datetime) -> bool:
    with store.read() as uow:
        held = uow.board_posts.get(team.team)
    return held is None or now - held.looked_at >= every


def _tell(uow: UnitOfWork, team: Team, held: StandingBoard, seen: BoardPost, now: datetime) -> int:
    """Edit what stands, or make a first post or one in its place; 0 where nothing changed."""
    key = _key(held)
    post = uow.outbox.by_key(key)
    edit = uow.outbox.last_edit(key)
    moved = held.channel != team.channels["board"]
    if held.generation == 0 or moved or _lost(post, edit):
        failed = post is not None and post.state is not DeliveryState.SENT
        if failed and not moved and now - held.posted_at < AGAIN:
            uow.board_posts.save(held)
            return 0
        return _anew(uow, team, held, seen, now)
    assert post is not None  # else it is lost
    shown = post if edit is None or edit.state is DeliveryState.FAILED else edit
    before = shown.outgoing.message
    if isinstance(before, BoardPost) and unchanged(before, seen):
        uow.board_posts.save(held)
        return 0
    standing = uow.outbox.post_of(key)
    if standing is not None and standing.untouched:
        uow.outbox.rewrite({standing.id: seen})
        uow.board_posts.save(held)
        return 1
    held = replace(held, edits=held.edits + 1)
    uow.board_posts.save(held)
    uow.outbox.supersede_edits([key])
    uow.outbox.put(_outgoing(team, seen, f"{key}:edit:{held.edits}", now, edits=key), now)
    if edit is not None:
        uow.outbox.forget_edits(key, edit.id)
    return 1


def _lost(post: OutboxMessage | None, edit: OutboxMessage | None) -> bool:
    """Whether there is nothing in Slack, and will not be, that an edit could change."""
    if post is None or post.state in (DeliveryState.FAILED, DeliveryState.DROPPED):
        return True
    return edit is not None and edit.state is DeliveryState.FAILED and edit.last_error in GONE


def _anew(uow: UnitOfWork, team: Team, held: StandingBoard, seen: BoardPost, now: datetime) -> int:
    made = replace(
        held, channel=team.channels["board"], generation=held.generation + 1, edits=0, posted_at=now
    )
    uow.board_posts.save(made)
    uow.outbox.put(_outgoing(team, seen, _key(made), now), now)
    return 1


def _key(board: StandingBoard) -> str:
    return f"board:{board.team}:{board.generation}"


def _outgoing(team: Team, seen: BoardPost, key: str, now: datetime, *, edits: str | None = None) -> Outgoing:
    return Outgoing(
        recipient=Recipient(kind=RecipientKind.CHANNEL, name=team.channels["board"], team=team.team),
        message=seen,
        dedupe_key=key,
        urgency=Urgency.DIGEST,
        not_before=now,
        edits=edits,
    )


def _post(now: TeamNow, every: timedelta) -> BoardPost:
    board = now.board
    return BoardPost(
        team=board.team,
        at=board.at,
        queues=tuple(
            PostedQueue(
                queue=line.queue,
                pending=line.pending,
                unanswered=line.unanswered,
                late=line.late,
                in_resolution=line.in_resolution,
                median_since=_since(board, line.median_age),
                oldest_since=_since(board, line.oldest_age),
            )
            for line in board.queues
        ),
        stages=tuple(
            PostedStage(stage=line.stage.value, cases=line.cases, oldest_at=line.oldest_at)
            for line in board.stages
            if line.cases
        ),
        promises=tuple(
            PostedPromise(
                measure=line.measure.value, running=line.running, overdue=line.overdue, soon=line.soon
            )
            for line in board.promises
        ),
        types=tuple(PostedType(type=name, cases=cases) for name, cases in board.overdue_types),
        every_seconds=every.total_seconds(),
        gaps=tuple(
            PostedGap(
                queue=gap.queue,
                peak=gap.required_agents_peak,
                worst_missing=gap.worst_missing,
                worst_at=gap.worst_at,
            )
            for gap in now.gaps
            if gap.worst_at is not None
        ),
        working=len(now.on.working) if now.on.published else None,
        pausing=len(now.on.pausing) if now.on.published else None,
        data_until=board.age.contacts,
    )


def _since(board: Board, age: float | None) -> datetime | None:
    """The instant behind an age; to the second, so that looking again finds the same."""
    if age is None:
        return None
    at = board.at - timedelta(seconds=age)
    return (at + timedelta(milliseconds=500)).replace(microsecond=0)
