"""What is said about weekly self-reviews.  Figures of a person go to that person alone; leads get counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

__all__ = [
    "KINDS",
    "ReviewAsked",
    "ReviewMessage",
    "ReviewReminder",
    "ReviewsBack",
    "ShiftReview",
    "TypeSeen",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewAsked:
    """To one agent: the form of the week that ends on ``day`` is ready; opening it reads its figures."""

    review: int
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReminder:
    """To one agent, once: the form of that week is not back."""

    review: int
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewsBack:
    """To the leads of a team: how many forms of that week were sent, and how many are back."""

    team: str
    day: date
    sent: int
    back: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeSeen:
    """``contacts`` of a type of contact."""

    type: str
    contacts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftReview:
    """To one agent at the end of a shift: what most of their ``total`` contacts were about (SR5)."""

    day: date
    total: int
    types: tuple[TypeSeen, ...]


ReviewMessage = ReviewAsked | ReviewReminder | ReviewsBack | ShiftReview

KINDS: Final[Mapping[str, type[Any]]] = {
    "review_asked": ReviewAsked,
    "review_reminder": ReviewReminder,
    "reviews_back": ReviewsBack,
    "shift_review": ShiftReview,
}
