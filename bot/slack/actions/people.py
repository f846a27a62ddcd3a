"""The button a stranger is offered: link me by e-mail."""

from __future__ import annotations

from bot.core.errors import NotFoundError
from bot.core.messages import OperatorNotice
from bot.slack.blocks.kit import Content, code, message, section
from bot.slack.commands.command import Asked
from bot.usecases.operator_notices import admins, tell_operators

__all__ = ["link_me"]


def link_me(asked: Asked) -> Content:
    """Link whoever pressed; where no agent has the address, the admins are told once a day."""
    try:
        agent = asked.desk.people.link_one(asked.person.user, by=asked.person.actor)
    except NotFoundError:
        told = _tell_admins(asked)
        return message([section(asked.t.text("link.asked" if told else "link.nobody_to_ask"))])
    person = f"<@{asked.person.user}>"
    return message([section(asked.t.text("link.done", person=person, agent=code(agent.agent)))])


def _tell_admins(asked: Asked) -> bool:
    if not admins(asked.desk.settings):
        return False
    notice = OperatorNotice(code="link_requested", subject=asked.person.user)
    with asked.desk.store.unit() as uow:
        tell_operators(uow, asked.desk.settings, notice, asked.now)
        uow.commit()
    asked.desk.nudge()
    return True
