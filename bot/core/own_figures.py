"""The figures of one person's week (SR8): what each means, from the cases that person solved.

* handled: cases solved in the window, whatever the channel; cases merged into others are the others'.
* AHT: mean handling time, in seconds, of those whose handling time is known.
* FCR: of those where it can be told (the customer is known, or the case was opened again), the share after
  which neither the case was opened again nor the same customer came with the same type within
  ``kpis.repeat_within``, as far as is known when it is counted.
* CSAT: mean answer from 1 to 5.  Three values and points are put on that scale by ``1 + 4 * normalised``
  (`bot.core.satisfaction`); NPS asks something else and is left out.

What cannot be told is None with its reason, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Final

from bot.core.ids import ContactRef
from bot.core.satisfaction import Satisfaction, Scale, normalised

__all__ = ["FIGURES", "OwnCase", "OwnFigures", "own_figures"]

FIGURES: Final = ("handled", "aht", "fcr", "csat")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCase:
    """A case somebody solved.  ``customer_known``: a second contact of the customer would be recognised.

    ``again``: it was opened again, or the customer came again with the same type.
    """

    ref: ContactRef
    handle_seconds: float | None = None
    satisfaction: Satisfaction | None = None
    customer_known: bool = False
    again: bool = False


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


def own_figures(cases: Sequence[OwnCase]) -> OwnFigures:
    """The figures of these cases.

    >>> found = own_figures([OwnCase(ref=ContactRef("GD1"), handle_seconds=185.0)])
    >>> found.handled, found.aht, found.fcr, found.missing["fcr"], found.missing["csat"]
    (1, 185.0, None, 'no_customers', 'no_answers')
    """
    if not cases:
        return OwnFigures(missing=dict.fromkeys(FIGURES, "no_cases"))
    times = [c.handle_seconds for c in cases if c.handle_seconds is not None and c.handle_seconds > 0]
    told = [c for c in cases if c.customer_known or c.again]
    answers = [
        c.satisfaction for c in cases if c.satisfaction is not None and c.satisfaction.scale is not Scale.NPS
    ]
    missing = {}
    if not times:
        missing["aht"] = "no_handle_times"
    if not told:
        missing["fcr"] = "no_customers"
    if not answers:
        missing["csat"] = "no_answers"
    return OwnFigures(
        handled=len(cases),
        aht=fmean(times) if times else None,
        fcr=sum(not c.again for c in told) / len(told) if told else None,
        csat=fmean(1 + 4 * normalised(a) for a in answers) if answers else None,
        missing=missing,
        rescaled=any(a.scale is not Scale.FIVE for a in answers),
    )
