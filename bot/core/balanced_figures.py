"""Figures of a team's people as a table for their lead (TI3): balanced, unranked, and no verdict on anybody.

Handling time stands only where what it may cost, FCR and CSAT, is known too (KS17).  Nothing is weighed into
one number and nobody is placed before anybody: what follows from it, pay above all, people decide.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.core.own_figures import FIGURES, OwnFigures

__all__ = ["COLUMNS", "BalancedRow", "balanced", "cells"]

COLUMNS: Final = ("agent", "first", "last", "handled", "aht_seconds", "fcr", "csat", "not_shown")
_QUALITY: Final = ("fcr", "csat")
_ALONE: Final = "without_quality"


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancedRow:
    """One person's figures; ``not_shown``: figure to why it is empty."""

    agent: str
    figures: OwnFigures
    not_shown: tuple[tuple[str, str], ...]

    def value(self, figure: str) -> float | None:
        return None if figure in dict(self.not_shown) else self.figures.value(figure)


def balanced(people: Iterable[tuple[str, OwnFigures]]) -> tuple[BalancedRow, ...]:
    """Rows by agent id, which says nothing of how somebody works.

    >>> (row,) = balanced([("bo", OwnFigures(handled=9, aht=180.0, missing={"fcr": "no_customers"}))])
    >>> row.value("aht"), dict(row.not_shown)["aht"]
    (None, 'without_quality')
    """
    found = []
    for agent, figures in sorted(people, key=lambda item: item[0]):
        missing = {
            name: figures.missing.get(name, "no_cases") for name in FIGURES if figures.value(name) is None
        }
        if "aht" not in missing and any(name in missing for name in _QUALITY):
            missing["aht"] = _ALONE
        found.append(BalancedRow(agent=agent, figures=figures, not_shown=tuple(missing.items())))
    return tuple(found)


def cells(row: BalancedRow, first: date, last: date) -> tuple[str, ...]:
    """A row of the table; the reasons of empty cells stand in the last column."""
    handled, aht, fcr, csat = (row.value(name) for name in FIGURES)
    return (
        row.agent,
        first.isoformat(),
        last.isoformat(),
        "" if handled is None else f"{handled:.0f}",
        "" if aht is None else f"{aht:.1f}",
        "" if fcr is None else f"{fcr:.4f}",
        "" if csat is None else f"{csat:.2f}",
        "; ".join(f"{name}: {why}" for name, why in row.not_shown),
    )
