"""A button whose value somebody made up is answered like a number nobody knows, and changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.playground import Message
from tests.stories.service import Service, Setting, running
from tests.support.builders import at


def test_a_forged_value_is_refused_in_words(tmp_path: Path) -> None:
    with running(tmp_path, Setting()) as service:
        service.opened("GD1", at(10))
        service.forward_to(at(10, 11))
        (post,) = service.wait(
            lambda: [m for m in service.posts() if m.text.startswith("Breach")], "the breach"
        )
        button = _buttons(service, post)[0]
        real = button["value"]
        for forged in ("1 OR 1=1", "-1", "\u00b2", "9" * 40):
            button["value"] = forged
            reply = service.slack.user("bo").press(post, "alert.acknowledge").answer()
            assert "is no number of an alert; nothing was changed" in reply.text
        button["value"] = real
        service.slack.user("bo").press(post, "alert.acknowledge")
        service.wait(lambda: post.text.startswith("Taken"), "the edit")


def _buttons(service: Service, post: Message) -> list[dict[str, Any]]:
    blocks = service.slack.channel("harbour-alerts").by_ts[post.ts].blocks
    return [e for block in blocks for e in block.get("elements", []) if e.get("type") == "button"]
