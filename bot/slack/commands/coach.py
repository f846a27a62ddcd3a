"""/muster coach: a talk to help somebody, at a time that costs the queues least (TI7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.core.coaching import DEFAULT, minutes_meant
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId
from bot.core.people import Agent, Role
from bot.core.permissions import Action
from bot.core.requests import RequestId
from bot.slack.blocks import coach as look
from bot.slack.blocks.kit import Content, message, section
from bot.slack.blocks.requests import TALK_OFF
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.named import colleague, without_mentions
from bot.slack.commands.swap import own
from bot.usecases import coach as talks
from bot.usecases.coach import Talk

__all__ = ["BUTTONS", "COACH"]

_CANCEL: Final = frozenset({"cancel", "off", "取消"})
_ME: Final = frozenset({"me", "我", "本人"})
_MINUTE: Final = timedelta(minutes=1)


def coach(asked: Asked) -> Content:
    """``@name 30``: a lead with an agent, an agent with a lead of their team; alone: with any lead of it."""
    words = [w for w in without_mentions(asked.argument).split() if w.casefold() not in _ME]
    if words and words[0].casefold() in _CANCEL:
        return _cancelled(asked, "".join(words[1:]).lstrip("#"))
    length = minutes_meant(" ".join(words))
    me = own(asked)
    named = colleague(asked, asked.argument)
    if named is not None and named.agent != me.agent and _leads(asked, me):
        asked.need(Action.SHIFTS_MEND, team=named.team)
        return _offered(asked, named, [me.agent], length)
    with asked.desk.store.read() as uow:
        leads = talks.coaches_of(uow, asked.desk.settings, me.team, me.agent)
    chosen = [a.agent for a in leads if named is None or a.agent in (named.agent, me.agent)]
    if not chosen:
        raise NotFoundError(
            "coach_nobody",
            "A talk is with a lead of one's own team who is on the roster; nothing was booked.",
        )
    return _offered(asked, me, chosen, length)


def offer(asked: Asked) -> Content:
    """The press beside somebody's figures."""
    with asked.desk.store.read() as uow:
        agent = uow.people.get(AgentId(asked.argument))
    if agent is None or not agent.active:
        raise _forged()
    asked.need(Action.SHIFTS_MEND, team=agent.team)
    return _offered(asked, agent, [own(asked).agent], DEFAULT)


def book(asked: Asked) -> Content:
    """Both shifts have the talk from now on."""
    talk = _meant(asked)
    done = talks.book(asked.desk.store, asked.desk.settings, talk, by=asked.person.actor, now=asked.now)
    asked.desk.nudge()
    return message(look.booked(talk, done.request.request, asked.voice))


def cancel(asked: Asked) -> Content:
    return _cancelled(asked, asked.argument)


def _offered(asked: Asked, agent: Agent, coaches: Sequence[AgentId], length: timedelta) -> Content:
    slots = talks.find(asked.desk.store, asked.desk.settings, agent.agent, coaches, length, now=asked.now)
    minutes = int(length / _MINUTE)
    if not slots:
        text = asked.t.text("coach.none", minutes=minutes, days=talks.DAYS_AHEAD)
        return message([section(text)])
    return message(look.offered(slots, minutes, asked.voice))


def _cancelled(asked: Asked, number: str) -> Content:
    plain = number.isascii() and number.isdigit() and len(number) < 15
    _, talk = talks.talk_of(asked.desk.store, RequestId(int(number) if plain else 0))
    _need_part(asked, talk)
    talks.cancel(
        asked.desk.store,
        asked.desk.settings,
        RequestId(int(number)),
        by=asked.person.actor,
        now=asked.now,
    )
    asked.desk.nudge()
    return message([section(asked.t.text("coach.cancelled", talk=look.talk_line(talk, asked.voice)))])


def _meant(asked: Asked) -> Talk:
    """The talk a press names, for one of the two or a lead.  Raises RefusedError, NotAllowedError."""
    try:
        agent, lead, start, end = asked.argument.split("|")
        talk = Talk(
            agent=AgentId(agent),
            coach=AgentId(lead),
            start=datetime.fromtimestamp(int(start), UTC),
            end=datetime.fromtimestamp(int(end), UTC),
        )
    except (ValueError, OverflowError, OSError):
        raise _forged() from None
    _need_part(asked, talk)
    return talk


def _need_part(asked: Asked, talk: Talk) -> None:
    """The agent and the lead of a talk may book it and call it off, and other leads of the agent's team."""
    with asked.desk.store.read() as uow:
        agents = uow.people.named({talk.agent, talk.coach})
    agent, lead = agents.get(talk.agent), agents.get(talk.coach)
    if agent is None or lead is None or agent.team != lead.team:
        raise _forged()
    me = asked.person.agent
    if me is None or me.agent not in (talk.agent, talk.coach):
        asked.need(Action.SHIFTS_MEND, team=agent.team)


def _leads(asked: Asked, me: Agent) -> bool:
    return asked.desk.settings.roles.role_of(me.email, me.role) is not Role.AGENT


def _forged() -> RefusedError:
    return RefusedError("coach_button", "This button names no talk; nothing was booked. See /muster coach.")


BUTTONS: Final[Mapping[str, Callable[[Asked], Content]]] = {
    look.OFFER: offer,
    **dict.fromkeys(look.BOOK, book),
    TALK_OFF: cancel,
}

COACH: Final = Subcommand(
    name="coach",
    answer=coach,
    aliases=("coaching", "辅导", "一对一"),
    usage="[@lead] [MINUTES] | cancel NUMBER",
    lead_usage="@name [MINUTES] | cancel NUMBER",
    action=Action.OWN_SHIFTS,
    group="shifts",
)
"""Subcommand of /muster."""
