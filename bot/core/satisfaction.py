"""Satisfaction as customers are asked for it, and one scale to report it on (T5).

The raw answer and its scale are what is stored.  ``normalised`` is computed, never stored, and by an open
formula: reports that put several scales together say so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from bot.core.errors import RefusedError

__all__ = ["Satisfaction", "Scale", "ThreeValue", "normalised", "parse_satisfaction", "shown", "unsatisfied"]


class Scale(Enum):
    """How the question was put."""

    FIVE = "1-5"
    THREE = "three"
    POINTS = "0-100"
    NPS = "nps"


class ThreeValue(Enum):
    """The three answers of S4."""

    SATISFIED = "satisfied"
    AVERAGE = "average"
    UNSATISFIED = "unsatisfied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Satisfaction:
    """``value``: 1 to 5, 0 to 100, 0 to 10 (NPS); of three values 2 satisfied, 1 average, 0 unsatisfied."""

    scale: Scale
    value: int

    def __post_init__(self) -> None:
        least, most = RANGES[self.scale]
        if not least <= self.value <= most:
            raise RefusedError(
                "satisfaction_range",
                f"{self.value} is not on the scale {least} to {most}; nothing was saved. "
                f"Give a number from {least} to {most}.",
                value=self.value,
                least=least,
                most=most,
            )


RANGES: Final[Mapping[Scale, tuple[int, int]]] = MappingProxyType(
    {Scale.FIVE: (1, 5), Scale.THREE: (0, 2), Scale.POINTS: (0, 100), Scale.NPS: (0, 10)}
)
"""Least and most of each scale."""

THREE_VALUES: Final[tuple[ThreeValue, ...]] = (
    ThreeValue.UNSATISFIED,
    ThreeValue.AVERAGE,
    ThreeValue.SATISFIED,
)
"""By their number."""

_WORDS: Final[Mapping[str, ThreeValue]] = MappingProxyType(
    {
        "满意": ThreeValue.SATISFIED,
        "滿意": ThreeValue.SATISFIED,
        "好": ThreeValue.SATISFIED,
        "一般": ThreeValue.AVERAGE,
        "neutral": ThreeValue.AVERAGE,
        "不满意": ThreeValue.UNSATISFIED,
        "不滿意": ThreeValue.UNSATISFIED,
        "dissatisfied": ThreeValue.UNSATISFIED,
    }
)
_NPS = re.compile(r"nps\s*[:：]?\s*(\d{1,2})(?:\s*/\s*10)?", re.IGNORECASE)
_OF = re.compile(r"(\d{1,3})\s*/\s*(5|10|100)")
_POINTS = re.compile(r"(\d{1,3})\s*(?:points?|pts?|分)", re.IGNORECASE)
_STARS = re.compile(r"([1-5])\s*(?:stars?|星)?", re.IGNORECASE)


def normalised(satisfaction: Satisfaction) -> float:
    """The answer from 0 (worst) to 1 (best) of its own scale: ``(value - least) / (most - least)``.

    >>> [normalised(Satisfaction(scale=Scale.FIVE, value=v)) for v in (1, 4, 5)]
    [0.0, 0.75, 1.0]
    >>> normalised(Satisfaction(scale=Scale.POINTS, value=85))
    0.85
    >>> normalised(Satisfaction(scale=Scale.THREE, value=1))
    0.5
    """
    least, most = RANGES[satisfaction.scale]
    return (satisfaction.value - least) / (most - least)


def unsatisfied(satisfaction: Satisfaction) -> bool:
    """Whether the customer said "unsatisfied": then the reason belongs into the record (CR3).

    Only the three-value question asks for it in so many words; a low number is not turned into one.
    """
    return satisfaction.scale is Scale.THREE and satisfaction.value == 0


def parse_satisfaction(text: str) -> Satisfaction:
    """What people write: ``4``, ``4/5``, ``满意``, ``unsatisfied``, ``85 points``, ``85分``, ``NPS 9``.

    A bare number is taken on the scale 1 to 5 only; anything else has to say its scale.  Raises RefusedError.

    >>> parse_satisfaction("4").scale, parse_satisfaction("不满意").value, parse_satisfaction("NPS 9").scale
    (<Scale.FIVE: '1-5'>, 0, <Scale.NPS: 'nps'>)
    >>> parse_satisfaction("85分")
    Satisfaction(scale=<Scale.POINTS: '0-100'>, value=85)
    """
    word = text.strip().lower()
    three = _WORDS.get(word) or next((v for v in ThreeValue if v.value == word), None)
    if three is not None:
        return Satisfaction(scale=Scale.THREE, value=THREE_VALUES.index(three))
    if found := _NPS.fullmatch(word):
        return Satisfaction(scale=Scale.NPS, value=int(found.group(1)))
    if found := _OF.fullmatch(word):
        scale = {"5": Scale.FIVE, "10": Scale.NPS, "100": Scale.POINTS}[found.group(2)]
        return Satisfaction(scale=scale, value=int(found.group(1)))
    if found := _STARS.fullmatch(word):
        return Satisfaction(scale=Scale.FIVE, value=int(found.group(1)))
    if found := _POINTS.fullmatch(word):
        return Satisfaction(scale=Scale.POINTS, value=int(found.group(1)))
    raise RefusedError(
        "satisfaction_unknown",
        "that is no satisfaction; nothing was saved. Write 1 to 5, satisfied, average, unsatisfied, "
        "'85 points' or 'NPS 9'.",
    )


def shown(satisfaction: Satisfaction) -> str:
    """As `parse_satisfaction` reads it: for files, never for people of one language only.

    >>> shown(Satisfaction(scale=Scale.FIVE, value=4)), shown(Satisfaction(scale=Scale.THREE, value=2))
    ('4', 'satisfied')
    """
    match satisfaction.scale:
        case Scale.FIVE:
            return str(satisfaction.value)
        case Scale.THREE:
            return THREE_VALUES[satisfaction.value].value
        case Scale.POINTS:
            return f"{satisfaction.value}/100"
        case Scale.NPS:
            return f"NPS {satisfaction.value}"
