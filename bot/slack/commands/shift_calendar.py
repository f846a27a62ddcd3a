"""/shift calendar: a secret address under which one's own calendar reads one's shifts (SCENARIOS A2)."""

from __future__ import annotations

import secrets
from typing import Final

from bot.core.errors import RefusedError
from bot.core.people import Agent
from bot.slack.blocks.kit import (
    SECTION_CHARACTERS,
    Content,
    actions,
    button,
    code,
    context,
    message,
    section,
)
from bot.slack.commands.command import Asked
from bot.slack.commands.swap import own
from bot.usecases import share_calendar

__all__ = ["LINK", "NEW", "STOP", "new_link", "shift_calendar", "stop_link"]

LINK: Final = "calendar.link"
NEW: Final = "calendar.new"
STOP: Final = "calendar.stop"
_TOKEN_BYTES: Final = 32


def shift_calendar(asked: Asked) -> Content:
    """Make the address, or say that there is one: it is shown once, only its digest is kept."""
    agent = own(asked)
    since = share_calendar.standing_since(asked.desk.store, agent.agent)
    if since is None:
        return _made(asked, agent)
    return message(
        [
            section(asked.t.text("calendar.stands", since=asked.voice.moment(since))),
            actions(
                "calendar",
                button(asked.t.text("calendar.button.new"), action=NEW, value=agent.agent),
                button(asked.t.text("calendar.button.stop"), action=STOP, value=agent.agent),
            ),
        ]
    )


def new_link(asked: Asked) -> Content:
    """A new address; the one before opens nothing any more."""
    return _made(asked, own(asked))


def stop_link(asked: Asked) -> Content:
    """No address opens the shifts any more."""
    ended = share_calendar.unlink(asked.desk.store, own(asked).agent)
    return message([section(asked.t.text("calendar.stopped" if ended else "calendar.none"))])


def _made(asked: Asked, agent: Agent) -> Content:
    if asked.desk.public_url is None:
        raise RefusedError(
            "calendar_no_address",
            "Muster does not know the address calendars can reach it at; nothing was made. "
            "Ask your admin to set MUSTER_PUBLIC_URL.",
        )
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    share_calendar.link(asked.desk.store, agent.agent, token, now=asked.now)
    address = f"{asked.desk.public_url}/calendar/{token}.ics"
    return message(
        [
            section(asked.t.text("calendar.made")),
            section(code(address, limit=SECTION_CHARACTERS)),
            context(
                asked.t.text("calendar.secret"),
                asked.t.text("calendar.again", command=code("/shift calendar")),
            ),
        ]
    )
