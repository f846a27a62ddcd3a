"""`/muster board`: what waits now, what is late, and with `stage` where it stands."""

from __future__ import annotations

from bot.core.permissions import Action
from bot.slack.blocks.board import board_blocks
from bot.slack.blocks.kit import Content, code, escape, message, section
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
    blocks = [section(f"*{title}*"), *board_blocks(found, asked.voice, stages=bool(view))]
    return message(blocks, shortened=asked.t.text("message.shortened"))


BOARD = Subcommand(
    name="board",
    answer=_board,
    aliases=("看板",),
    usage="[stage]",
    action=Action.TEAM_FIGURES,
    group="figures",
)
