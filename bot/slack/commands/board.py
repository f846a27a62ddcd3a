"""`/muster board`: what waits now, what is late, and with `stage` where it stands."""

from __future__ import annotations

from slack_sdk.models.blocks import Block

from bot.core.board import Board
from bot.core.permissions import Action
from bot.reports.board_text import promise_rows, queue_rows, stage_rows, type_line
from bot.slack.blocks.cause import age_line
from bot.slack.blocks.kit import Content, code, context, escape, lines, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.sla import team_of
from bot.usecases import board

__all__ = ["BOARD"]

_STAGE = frozenset({"stage", "stages", "--stage", "环节"})


def _board(asked: Asked) -> Content:
    view = asked.argument.strip()
    if view and view.casefold() not in _STAGE:
        known = asked.f.join([code("/muster board"), code("/muster board stage")])
        typed = code(f"/muster board {view}")
        return message([section(asked.t.text("command.unknown", typed=typed, known=known))])
    found = board.look(asked.desk.store, asked.desk.settings, team_of(asked), now=asked.now)
    title = asked.t.text("board.title", team=escape(found.team), at=asked.f.moment(asked.now))
    blocks: list[Block] = [section(f"*{title}*"), section(lines(_queues(found, asked)))]
    if view:
        blocks += _stages(found, asked)
    types = type_line(found, asked.t, asked.f)
    if types is not None:
        blocks.append(section(types))
    zone = asked.voice.zone_note([line.queue for line in found.queues])
    blocks.append(context(age_line(found.age, asked.voice), *([zone] if zone else [])))
    return message(blocks, shortened=asked.t.text("message.shortened"))


def _queues(found: Board, asked: Asked) -> list[str]:
    keys = ("pending", "unanswered", "late", "rate", "in_resolution", "median", "oldest")
    rows = [
        asked.t.text("board.queue", queue=escape(queue), **dict(zip(keys, cells, strict=True)))
        for queue, *cells in queue_rows(found, asked.f)
    ]
    return rows or [asked.t.text("board.nothing")]


def _stages(found: Board, asked: Asked) -> list[Block]:
    stages = [
        asked.t.text("board.stage_line", stage=stage, cases=cases, longest=longest)
        for stage, cases, longest in stage_rows(found, asked.t, asked.f)
    ]
    promises = [
        asked.t.text(
            "board.promise_line", promise=promise, running=running, overdue=overdue, soon=soon, paused=paused
        )
        for promise, running, overdue, soon, paused in promise_rows(found, asked.t, asked.f)
    ]
    return [
        section(lines([asked.t.text("board.stages"), *stages])),
        section(lines([asked.t.text("board.promises"), *promises])),
    ]


BOARD = Subcommand(
    name="board", answer=_board, aliases=("看板",), usage="[stage]", action=Action.TEAM_FIGURES
)
