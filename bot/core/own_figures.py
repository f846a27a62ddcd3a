"""The figures of one person's week (SR8), from the cases that person solved, counted as `bot.core.kpis` does.

* handled: cases solved in the window, whatever the channel; cases merged into others are the others'.
* AHT: mean handling time, in seconds, of those whose handling time is known.
* FCR: `bot.core.kpis.first_contact`, so far: on Friday not all days are over in which a customer may return.
* CSAT: mean answer from 1 to 5.  Three values and points are put on that scale; NPS is left out.

What cannot be told is None with its reason, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.core.ids import ContactRef
from bot.core.kpis.compute import handling_time, satisfaction_share
from bot.core.kpis.first_contact import first_contact
from bot.core.kpis.rows import ContactFact
from bot.core.satisfaction import Satisfaction, Scale

__all__ = ["FIGURES", "OwnFigures", "OwnWeek", "own_figures"]

FIGURES: Final = ("handled", "aht", "fcr", "csat")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWeek:
    """``cases`` somebody solved, and ``said``, what their customers answered.

    ``followed`` and ``reopened``: as `first_contact` wants them.
    """

    cases: Sequence[ContactFact]
    said: Mapping[ContactRef, Satisfaction] = field(default_factory=dict)
    followed: frozenset[str] = frozenset()
    reopened: Mapping[str, datetime] = field(default_factory=dict)
    repeat_within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFigures:
    """``aht`` in seconds, ``fcr`` a share, ``csat`` from 1 to 5.  ``missing``: figure to why it is None.

    ``rescaled``: answers on other scales than 1 to 5 are among those of ``csat``.
    """

    handled: int | None = None
    aht: float | None = None
    fcr: float | None = None
    csat: float | None = None
    missing: Mapping[str, str] = field(default_factory=dict)
    rescaled: bool = False

    def value(self, figure: str) -> float | None:
        """The figure of this name (`FIGURES`)."""
        found: float | None = getattr(self, figure)
        return found


def own_figures(week: OwnWeek) -> OwnFigures:
    """The figures of these cases.

    >>> from datetime import UTC
    >>> monday = datetime(2026, 11, 16, tzinfo=UTC)
    >>> case = ContactFact("GD1", "chat", "order", "low", monday, handle_seconds=185.0)
    >>> found = own_figures(OwnWeek(cases=[case], repeat_within=timedelta(days=7)))
    >>> found.handled, found.aht, found.fcr, found.missing["fcr"], found.missing["csat"]
    (1, 185.0, None, 'no_customers', 'no_answers')
    """
    if not week.cases:
        return OwnFigures(missing=dict.fromkeys(FIGURES, "no_cases"))
    aht, _ = handling_time(week.cases)
    held, told = first_contact(
        week.cases,
        followed=week.followed,
        reopened=week.reopened,
        within=week.repeat_within,
        so_far=True,
    )
    answers = week.said.values()
    share, _ = satisfaction_share(answers)
    found = {
        "aht": aht,
        "fcr": held / told if told else None,
        "csat": None if share is None else 1 + 4 * share,
    }
    reasons = {"aht": "no_handle_times", "fcr": "no_customers", "csat": "no_answers"}
    return OwnFigures(
        handled=len(week.cases),
        **found,
        missing={name: reasons[name] for name, value in found.items() if value is None},
        rescaled=any(a.scale not in (Scale.FIVE, Scale.NPS) for a in answers),
    )
