"""Messages as a reader sees them, and what holds for every one of them, whoever writes it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from bot.core.ids import MessageId
from bot.core.messages import (
    DeliveryState,
    Message,
    OutboxMessage,
    Outgoing,
    Recipient,
    RecipientKind,
    Urgency,
)
from bot.core.ports import Destination
from bot.playground.checks import Surface, characters, check_blocks
from bot.slack.blocks.kit import Content, escape
from bot.slack.render import Renderer
from tests.support.builders import at
from tests.support.builders import settings as make_settings

HOSTILE = [
    "<!channel>",
    "<@U0000001> & <https://evil.example|click>",
    "*bold* _it_ ~no~ `code` ```block```",
    "\u202eevil\u202c\u200b\x00\x1b[31m\r\n\n> quote",
    "😀" * 300,
    "漢" * 4000,
    "",
]
NOW = at(10, 15)
VERBATIM = re.compile(
    r"`[^`]*`|/\w+( @?\w+)?|Slack|Muster|first_response|app\.yaml|never heard of|muster (roster |import )?\w+"
)


def hostile_person(who: str) -> str:
    return escape(who)


def row(
    message: Message, *, created_at: datetime = NOW, attempts: int = 1, last_error: str | None = None
) -> OutboxMessage:
    recipient = Recipient(kind=RecipientKind.CHANNEL, name="harbour-alerts", team="harbour")
    return OutboxMessage(
        id=MessageId(1),
        outgoing=Outgoing(
            recipient=recipient,
            message=message,
            dedupe_key="key",
            urgency=Urgency.ALERT,
            not_before=created_at,
        ),
        state=DeliveryState.SENDING,
        attempts=attempts,
        created_at=created_at,
        last_error=last_error,
    )


def render(
    message: Message, locale: str = "en", zone: str = "Asia/Shanghai", *, direct: bool = False, **fields: Any
) -> Content:
    kind = RecipientKind.AGENT if direct else RecipientKind.CHANNEL
    destination = Destination(recipient=Recipient(kind=kind, name="x"), locale=locale, zone=zone)
    return Renderer(make_settings(), hostile_person).render(row(message, **fields), destination, NOW)


def shown(content: Content) -> str:
    found = [content.text]
    for block in content.blocks:
        for item in [block, *block.get("elements", [])]:
            text = item.get("text")
            found += [text] if isinstance(text, str) else [text["text"]] if text else []
    return "\n".join(found)


def refuse_harm(content: Content) -> None:
    """Inside Slack's limits, with a text of its own, and nothing of a name became more than a name."""
    assert check_blocks(list(content.blocks), Surface.MESSAGE) == []
    assert characters(list(content.blocks)) <= 13_200
    assert 0 < len(content.text) <= 3_000
    assert content.text.strip()
    text = shown(content)
    # Nothing of the name became a mention, a link or another direction of writing.
    assert not re.search(r"<(?!/)[^>]*>", text)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00-\x08\x1b\r]", text)
    # Each & begins an entity that is whole, whatever was cut.
    assert not re.search(r"&(?!(?:amp|lt|gt);)", text)


def refuse_another_beginning(content: Content) -> None:
    """The first block alone reads as the notification."""
    first = content.blocks[0]
    assert first["type"] == "section"
    assert re.sub("[*`]", "", first["text"]["text"]) == re.sub("[*`]", "", content.text)


def latin_words(message: Message, *also: str) -> list[str]:
    """Words of Latin letters left in the Chinese of a message; ``also``: patterns that stay as they are."""
    text = shown(render(message, "zh-CN"))
    for kept in (VERBATIM.pattern, *also):
        text = re.sub(kept, "", text)
    return re.findall(r"[A-Za-z]{2,}", text)
