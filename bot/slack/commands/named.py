"""The people a command mentions."""

from __future__ import annotations

import re
from typing import Final

from bot.core.errors import NotAllowedError, NotFoundError, RefusedError
from bot.core.people import Agent
from bot.slack.commands.command import Asked

__all__ = ["colleague", "mentioned", "user_alone", "user_in", "without_mentions"]

_MENTION: Final = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


def mentioned(asked: Asked, text: str, usage: str) -> Agent:
    """The agent a text mentions.  Raises RefusedError where it mentions nobody, and as `colleague` does."""
    found = colleague(asked, text)
    if found is None:
        raise RefusedError(
            "mention_needed", f"name a person with @; nothing was changed. Write {usage}", usage=usage
        )
    return found


def colleague(asked: Asked, text: str) -> Agent | None:
    """The agent a text mentions, linked on first sight; None where it mentions nobody.

    Raises NotFoundError for somebody who is no agent, guests among them.
    """
    user = user_in(text)
    if user is None:
        return None
    try:
        agent = asked.desk.people.identify(user).agent
    except NotAllowedError:
        # What a guest is told of themselves is no answer to whoever names them.
        agent = None
    if agent is None or not agent.active:
        raise NotFoundError(
            "not_an_agent",
            "this person is no agent Muster knows; nothing was changed. They type /muster link me, "
            "or a lead /muster link @name",
        )
    return agent


def user_in(text: str) -> str | None:
    """The Slack user a text mentions first."""
    found = _MENTION.search(text)
    return None if found is None else found[1]


def user_alone(text: str) -> str | None:
    """The Slack user a text is the mention of, and nothing else."""
    found = _MENTION.fullmatch(text)
    return None if found is None else found[1]


def without_mentions(text: str) -> str:
    """The text with a space in the place of each mention."""
    return _MENTION.sub(" ", text)
