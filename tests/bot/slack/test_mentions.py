"""Who a text mentions, as Slack writes mentions."""

from __future__ import annotations

from pathlib import Path

import pytest

import bot
from bot.slack.commands.named import user_alone, user_in, without_mentions


@pytest.mark.parametrize(
    ("text", "inside", "alone"),
    [
        ("<@U0123ABC>", "U0123ABC", "U0123ABC"),
        ("<@W0123ABC|bo>", "W0123ABC", "W0123ABC"),
        ("thu <@U0123ABC|bo> <@U9>", "U0123ABC", None),
        ("<@U0123ABC|bo> please", "U0123ABC", None),
        ("<@U0123ABC>\n", "U0123ABC", None),
        ("@bo", None, None),
        ("<!channel>", None, None),
        ("<#C0123ABC|room>", None, None),
        ("", None, None),
    ],
)
def test_who_is_mentioned(text: str, inside: str | None, alone: str | None) -> None:
    assert user_in(text) == inside
    assert user_alone(text) == alone


def test_what_is_left_without_mentions() -> None:
    assert without_mentions("thu <@U0123ABC|bo> early <@U9>").split() == ["thu", "early"]


def test_how_slack_writes_a_mention_stands_in_one_place() -> None:
    root = Path(bot.__file__).parent
    found = {path.name for path in root.rglob("*.py") if "<@(" in path.read_text(encoding="utf-8")}
    assert found == {"named.py"}
