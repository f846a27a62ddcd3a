"""The board as people read it: queues, stages, promises, types and the age of the data."""

from __future__ import annotations

from datetime import datetime

from slack_sdk.models.blocks import Block

from bot.core.board import Board
from bot.core.board_messages import BoardPost, PostedQueue
from bot.reports.board_text import promise_rows, queue_rows, stage_rows, type_line
from bot.slack.blocks.cause import age_line
from bot.slack.blocks.kit import code, context, escape, lines, section
from bot.slack.blocks.voice import Voice

__all__ = ["board_blocks", "headline", "posted"]


def headline(board: Board, voice: Voice) -> str:
    """All queues in one line, which reads alone."""
    return _headline(board, voice.f.moment(board.at, reference=voice.now), voice)


def _headline(of: Board | BoardPost, at: str, voice: Voice) -> str:
    unanswered, late = sum(q.unanswered for q in of.queues), sum(q.late for q in of.queues)
    return voice.t.text(
        "board.headline",
        team=escape(of.team),
        at=at,
        pending=voice.f.number(sum(q.pending for q in of.queues)),
        unanswered=voice.f.number(unanswered),
        late=voice.f.number(late),
        rate=voice.f.percent(late / unanswered) if unanswered else "–",
    )


def board_blocks(board: Board, voice: Voice, *, stages: bool) -> list[Block]:
    """By queue, with ``stages`` by stage and promise as well; then what is overdue, and how old it all is."""
    blocks: list[Block] = [section(lines(_queues(board, voice)))]
    if stages:
        blocks += _stages(board, voice)
    types = type_line(board, voice.t, voice.f)
    if types is not None:
        blocks.append(section(types))
    zone = voice.zone_note([line.queue for line in board.queues])
    return [*blocks, context(age_line(board.age, voice), *([zone] if zone else []))]


def posted(post: BoardPost, voice: Voice) -> list[Block]:
    """The post in a channel: figures of the team and nobody's; times as they are, which do not grow old."""
    t, f = voice.t, voice.f
    queues = [_posted_queue(queue, post, voice) for queue in post.queues]
    blocks: list[Block] = [
        section(_headline(post, f.moment(post.at), voice)),
        section(lines(queues or [t.text("board.nothing")])),
    ]
    more = [
        t.text(
            "board.post.stage",
            stage=t.text(f"board.stage.{line.stage}"),
            cases=f.number(line.cases),
            since="–" if line.oldest_at is None else f.moment(line.oldest_at, reference=post.at),
        )
        for line in post.stages
    ]
    more += [
        t.text(
            "board.post.promise",
            promise=voice.label("measure", line.measure),
            running=f.number(line.running),
            overdue=f.number(line.overdue),
            soon=f.number(line.soon),
        )
        for line in post.promises
        if line.running
    ]
    if more:
        blocks.append(section(lines(more)))
    if post.types:
        named = [
            t.text("board.post.type", type=voice.label("type", line.type), n=f.number(line.cases))
            for line in post.types
        ]
        blocks.append(section(t.text("board.post.overdue", types=f.join(named))))
    return [*blocks, section(lines(_people(post, voice))), context(*_posted_notes(post, voice))]


def _posted_queue(queue: PostedQueue, post: BoardPost, voice: Voice) -> str:
    def since(at: datetime | None) -> str:
        return "–" if at is None else voice.f.moment(at, reference=post.at)

    return voice.t.text(
        "board.post.queue" if queue.in_resolution else "board.post.queue_new",
        queue=escape(queue.queue),
        pending=voice.f.number(queue.pending),
        unanswered=voice.f.number(queue.unanswered),
        late=voice.f.number(queue.late),
        rate=voice.f.percent(queue.late / queue.unanswered) if queue.unanswered else "–",
        in_resolution=voice.f.number(queue.in_resolution),
        median=since(queue.median_since),
        oldest=since(queue.oldest_since),
    )


def _people(post: BoardPost, voice: Voice) -> list[str]:
    if post.working is None:
        return [voice.t.text("board.post.no_roster")]
    found = [voice.t.plural("who.title", post.working, pausing=voice.f.number(post.pausing or 0))]
    found += [
        voice.t.text(
            "board.post.gap",
            queue=escape(gap.queue),
            missing=voice.f.number(gap.worst_missing),
            peak=voice.f.number(gap.peak),
            at=voice.f.time(gap.worst_at),
        )
        for gap in post.gaps
    ]
    return found


def _posted_notes(post: BoardPost, voice: Voice) -> list[str]:
    data = voice.t.text("board.post.no_data")
    if post.data_until is not None:
        data = voice.t.text("board.post.data", at=voice.f.moment(post.data_until, reference=post.at))
    every = voice.f.duration(post.every_seconds)
    notes = [data, voice.t.text("board.post.edited", every=every, command=code("/sla"))]
    zone = voice.zone_note([queue.queue for queue in post.queues])
    return [*notes, *([zone] if zone else [])]


def _queues(board: Board, voice: Voice) -> list[str]:
    keys = ("pending", "unanswered", "late", "rate", "in_resolution", "median", "oldest")
    rows = [
        voice.t.text("board.queue", queue=escape(queue), **dict(zip(keys, cells, strict=True)))
        for queue, *cells in queue_rows(board, voice.f)
    ]
    return rows or [voice.t.text("board.nothing")]


def _stages(board: Board, voice: Voice) -> list[Block]:
    stages = [
        voice.t.text("board.stage_line", stage=stage, cases=cases, longest=longest)
        for stage, cases, longest in stage_rows(board, voice.t, voice.f)
    ]
    promises = [
        voice.t.text(
            "board.promise_line", promise=promise, running=running, overdue=overdue, soon=soon, paused=paused
        )
        for promise, running, overdue, soon, paused in promise_rows(board, voice.t, voice.f)
    ]
    return [
        section(lines([voice.t.text("board.stages"), *stages])),
        section(lines([voice.t.text("board.promises"), *promises])),
    ]
