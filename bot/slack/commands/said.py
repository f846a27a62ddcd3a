"""What people write to Muster directly: "sick" is heard, anything else gets the help (SCENARIOS A11)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from bot.core.day_phrases import leading_day
from bot.slack.blocks.kit import Content, code, message, section
from bot.slack.commands.command import Asked, run
from bot.slack.commands.table import COMMANDS

__all__ = ["heard", "heard_with_file"]

_DAY: Final = "今天|今日|今晚|明天|明日|后天|today|tonight|tomorrow"
_SICK: Final = re.compile(
    rf"(?:i\s*['’]?\s*a?m\s+|我)?(?P<day>{_DAY})?我?(?:(?:sick|ill|unwell)\b|(?:生病|病了|病假|不舒服)了?)(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_LEADING: Final = re.compile(_DAY, re.IGNORECASE)
_AROUND: Final = re.compile(r"[\s,，.。!！:：]+")


def heard(asked: Asked) -> Content:
    """As `/muster sick` where that is said, for the day that is named with it; else one line of help.

    What else stands there is not guessed at: unless it is a day, nothing changes and a day is asked for.
    Nothing that is written is kept, and nothing of it is repeated.
    """
    found = _SICK.fullmatch(asked.argument.strip())
    if found is None:
        commands = {"help": code("/muster help"), "shift": code("/shift")}
        return message([section(asked.t.text("said.help", **commands))])
    muster = next(c for c in COMMANDS if c.name == "/muster")
    answer = run(muster, replace(asked, argument=f"sick {_when(asked, found)}"))
    assert isinstance(answer, Content)
    return answer


def heard_with_file(asked: Asked) -> Content | None:
    """What stands beside a file: only "sick" is heard, as the file has an answer of its own."""
    return heard(asked) if _SICK.fullmatch(asked.argument.strip()) else None


def _when(asked: Asked, found: re.Match[str]) -> str:
    """The day in words `/muster sick` takes, or whatever stands there for it to answer to."""
    rest = _AROUND.sub(" ", found["rest"]).strip()
    if found["day"]:
        return found["day"]
    day, _ = leading_day(rest, asked.f.local_day(asked.now))
    if "<@" in rest:
        return rest
    if day is not None:
        return day.isoformat()
    word = _LEADING.match(rest)
    return word[0] if word else rest
