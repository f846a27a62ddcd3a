"""Rules a past week may be replayed with, as they are typed (SCENARIOS P13)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Final

from bot.core.errors import RefusedError
from bot.core.near_names import nearest
from bot.core.what_if import TargetAsked, read_target

__all__ = ["RULES", "ReplayRules", "read_rules"]

RULES: Final = ("lunch", "rest", "step", "minimum", "target", "headcount")
"""``lunch=11-14``, ``rest=12h``, ``step=15m``, ``minimum=2``, ``target=chat=80/45s``, ``headcount=+2``."""
MOST_PEOPLE: Final = 50
_WINDOW: Final = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*(?:-|–|to|至|到)\s*(\d{1,2})(?::(\d{2}))?")
_HOURS: Final = re.compile(r"(\d{1,2}(?:\.\d+)?)\s*(?:h|hours?|小时)?", re.IGNORECASE)
_MINUTES: Final = re.compile(r"(\d{1,3})\s*(?:m|min|minutes?|分|分钟)?", re.IGNORECASE)
_WHOLE: Final = re.compile(r"\d{1,3}")
_SIGNED: Final = re.compile(r"([-+−–＋])\s*(\d{1,3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRules:
    """What is other than it was; None and empty for what stays.

    ``lunch``: whole lunches lie between these local times.  ``headcount``: so many people more or fewer.
    """

    lunch: tuple[time, time] | None = None
    rest_hours: float | None = None
    step: timedelta | None = None
    minimum: int | None = None
    targets: tuple[TargetAsked, ...] = ()
    headcount: int = 0

    @property
    def changes_need(self) -> bool:
        """Whether the requirement itself is another one."""
        return self.minimum is not None or bool(self.targets)


def read_rules(texts: Sequence[str]) -> ReplayRules:
    """The rules as typed, each ``NAME=VALUE``.

    Raises RefusedError for none, an unknown one (with the list), a value it cannot have, and one said twice.

    >>> read_rules(["lunch=11-14", "headcount=-1"]).headcount
    -1
    """
    found: dict[str, object] = {}
    targets: list[TargetAsked] = []
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        name = name.casefold()
        if name not in RULES or not equals:
            near = nearest(name, RULES)
            raise RefusedError(
                "replay_rule",
                f"{text!r} is no rule a week can be replayed with; nothing was worked out. "
                f"There are: {', '.join(RULES)}.",
                value=text,
                known=", ".join(RULES),
                near=near,
                **({"variant": "near"} if near and near != name else {}),
            )
        if name == "target":
            targets.append(read_target(value))
            continue
        if name in found:
            raise RefusedError("replay_twice", f"{name} was given twice; nothing was worked out.", name=name)
        read = _READ[name](value)
        if read is None:
            raise RefusedError(
                "replay_value",
                f"{text!r} was not understood; nothing was worked out. Write {_EXAMPLES[name]}.",
                value=text,
                example=_EXAMPLES[name],
            )
        found[name] = read
    if not found and not targets:
        raise RefusedError(
            "replay_nothing",
            "say which rule was to be another, --rule lunch=11-14; nothing was worked out.",
            known=", ".join(RULES),
        )
    names = {"rest": "rest_hours"}
    return ReplayRules(targets=tuple(targets), **{names.get(k, k): v for k, v in found.items()})  # type: ignore[arg-type]


def _lunch(value: str) -> tuple[time, time] | None:
    found = _WINDOW.fullmatch(value)
    if found is None:
        return None
    try:
        first = time(int(found[1]), int(found[2] or 0))
        last = time(int(found[3]), int(found[4] or 0))
    except ValueError:
        return None
    return (first, last) if first < last else None


def _rest(value: str) -> float | None:
    found = _HOURS.fullmatch(value)
    hours = None if found is None else float(found[1])
    return hours if hours is not None and hours <= 24 else None


def _step(value: str) -> timedelta | None:
    found = _MINUTES.fullmatch(value)
    minutes = 0 if found is None else int(found[1])
    return timedelta(minutes=minutes) if 0 < minutes <= 240 and not minutes % 5 else None


def _minimum(value: str) -> int | None:
    return int(value) if _WHOLE.fullmatch(value) and int(value) <= MOST_PEOPLE else None


def _headcount(value: str) -> int | None:
    found = _SIGNED.fullmatch(value)
    if found is None or not 0 < int(found[2]) <= MOST_PEOPLE:
        return None
    return int(found[2]) if found[1] in "+＋" else -int(found[2])


_READ: Final = {
    "lunch": _lunch,
    "rest": _rest,
    "step": _step,
    "minimum": _minimum,
    "headcount": _headcount,
}
_EXAMPLES: Final = {
    "lunch": "lunch=11-14",
    "rest": "rest=12h",
    "step": "step=15m",
    "minimum": "minimum=2",
    "headcount": "headcount=+2",
}
