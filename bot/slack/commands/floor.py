"""/muster in, break, lunch, out and state: what an agent is doing, told by the agent (MA7).

Nobody has to: states are kept of those who type them, or whose telephone or chat system sends them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from bot.core.errors import RefusedError
from bot.core.floor import AgentState, PresenceEntry, PresenceState
from bot.core.people import Agent
from bot.core.permissions import Action
from bot.slack.blocks.kit import Content, code, context, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.usecases.track_floor import record_presence

__all__ = ["FLOOR_COMMANDS"]

SOURCE: Final = "slack"
"""What stands for the agent's own word where several systems speak."""


def tell(state: AgentState, asked: Asked) -> Content:
    """Keep the state from now on, and say what it is used for."""
    agent = _agent(asked)
    entry = PresenceEntry(agent=agent.agent, state=state, since=asked.now, source=SOURCE)
    record_presence(asked.desk.store, [entry], now=asked.now)
    said = asked.t.text("floor.now", state=_word(asked, state), time=asked.f.time(asked.now))
    back = "/muster out" if state is AgentState.AVAILABLE else "/muster in"
    hint = asked.t.text("floor.used_for", command=code(back), look=code("/muster state"))
    return message([section(said), context(hint)])


def show(asked: Asked) -> Content:
    """What is kept of the agent: the state in force, who said it, and how old the word is."""
    agent = _agent(asked)
    with asked.desk.store.read() as uow:
        held = uow.presence.now(asked.now).get(agent.agent)
    if held is None:
        return message([section(asked.t.text("floor.nothing", command=code("/muster in")))])
    return message([section(_held(asked, held)), context(asked.t.text("floor.kept"))])


def _held(asked: Asked, held: PresenceState) -> str:
    return asked.t.text(
        "floor.state_line",
        state=_word(asked, held.state),
        since=_moment(asked, held.since),
        source=code(held.source),
        age=asked.f.duration(max(asked.now - held.heard_at, timedelta(0))),
    )


def _moment(asked: Asked, at: datetime) -> str:
    return asked.f.moment(at, reference=asked.now)


def _word(asked: Asked, state: AgentState) -> str:
    return asked.t.text(f"floor.state.{state.value}")


def _agent(asked: Asked) -> Agent:
    agent = asked.person.agent
    if agent is None:
        raise RefusedError(
            "floor_unlinked",
            "nobody of agents.csv is linked to you; no state was kept. Type /muster link me first.",
        )
    return agent


def _state(name: str, state: AgentState, *aliases: str) -> Subcommand:
    return Subcommand(
        name=name, answer=partial(tell, state), aliases=aliases, group="shifts", action=Action.OWN_SHIFTS
    )


FLOOR_COMMANDS = (
    _state("in", AgentState.AVAILABLE, "back", "上线", "在岗", "回来"),
    _state("break", AgentState.BREAK, "小休", "休息"),
    _state("lunch", AgentState.LUNCH, "午休", "吃饭"),
    _state("out", AgentState.OFFLINE, "下线", "下班"),
    Subcommand(
        name="state",
        answer=show,
        aliases=("status", "状态", "我的状态"),
        group="shifts",
        action=Action.OWN_SHIFTS,
    ),
)
"""Subcommands of /muster, under the shifts in its help (K4)."""
