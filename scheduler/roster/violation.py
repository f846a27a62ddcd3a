"""Violation: one broken rule, as data.  Words for it come from the application's catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

__all__ = ["Violation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """``amount`` was found where ``limit`` is allowed; the unit follows from ``code``.

    ``rule`` is the rule's name, ``code`` the finer key of the text (``minimum_rest.too_short``).
    ``date`` is the local day concerned, the week's first day in the period for weekly rules.
    """

    rule: str
    code: str
    agent: str
    date: date
    amount: float
    limit: float
    hard: bool = True
