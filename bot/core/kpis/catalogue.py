"""Every key figure by name: its unit, which way is better, and what must stand beside it.

Definition and formula are texts of the catalogues (``kpi.definition.<name>``, ``kpi.formula.<name>``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

__all__ = ["KPIS", "Better", "Kpi", "KpiTerms", "Unit", "named", "shown_with"]


class Kpi(Enum):
    """The values are the names in app.yaml, commands and rows; they never change."""

    FIRST_RESPONSE_MEAN = "first_response_mean"
    FIRST_RESPONSE_MEDIAN = "first_response_median"
    FIRST_RESPONSE_P90 = "first_response_p90"
    RESOLUTION_MEAN = "resolution_mean"
    RESOLUTION_MEDIAN = "resolution_median"
    RESOLUTION_P90 = "resolution_p90"
    OVERDUE_RATE = "overdue_rate"
    SOLUTION_RATE = "solution_rate"
    COMPLAINT_RATE = "complaint_rate"
    COMPLAINT_RESOLUTION_RATE = "complaint_resolution_rate"
    REPEAT_RATE = "repeat_rate"
    AHT = "aht"
    FCR = "fcr"
    CSAT = "csat"
    CSAT_FIVE = "csat_five"
    CSAT_THREE = "csat_three"
    CSAT_POINTS = "csat_points"
    NPS = "nps"
    POSITIVE_SHARE = "positive_share"
    THROUGHPUT = "throughput"


class Unit(Enum):
    SECONDS = "seconds"
    SHARE = "share"  # 0 to 1
    POINTS = "points"  # 0 to 100
    SCORE = "score"  # 1 to 5
    NPS = "nps"  # -100 to 100
    COUNT = "count"


class Better(Enum):
    LOWER = "lower"
    HIGHER = "higher"
    NEITHER = "neither"  # an AHT is not better for being short (KS17)


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiTerms:
    unit: Unit
    better: Better


def _terms(unit: Unit, better: Better) -> KpiTerms:
    return KpiTerms(unit=unit, better=better)


KPIS: Final[Mapping[Kpi, KpiTerms]] = MappingProxyType(
    {
        Kpi.FIRST_RESPONSE_MEAN: _terms(Unit.SECONDS, Better.LOWER),
        Kpi.FIRST_RESPONSE_MEDIAN: _terms(Unit.SECONDS, Better.LOWER),
        Kpi.FIRST_RESPONSE_P90: _terms(Unit.SECONDS, Better.LOWER),
        Kpi.RESOLUTION_MEAN: _terms(Unit.SECONDS, Better.LOWER),
        Kpi.RESOLUTION_MEDIAN: _terms(Unit.SECONDS, Better.LOWER),
        Kpi.RESOLUTION_P90: _terms(Unit.SECONDS, Better.LOWER),
        Kpi.OVERDUE_RATE: _terms(Unit.SHARE, Better.LOWER),
        Kpi.SOLUTION_RATE: _terms(Unit.SHARE, Better.HIGHER),
        Kpi.COMPLAINT_RATE: _terms(Unit.SHARE, Better.LOWER),
        Kpi.COMPLAINT_RESOLUTION_RATE: _terms(Unit.SHARE, Better.HIGHER),
        Kpi.REPEAT_RATE: _terms(Unit.SHARE, Better.LOWER),
        Kpi.AHT: _terms(Unit.SECONDS, Better.NEITHER),
        Kpi.FCR: _terms(Unit.SHARE, Better.HIGHER),
        Kpi.CSAT: _terms(Unit.POINTS, Better.HIGHER),
        Kpi.CSAT_FIVE: _terms(Unit.SCORE, Better.HIGHER),
        Kpi.CSAT_THREE: _terms(Unit.SHARE, Better.HIGHER),
        Kpi.CSAT_POINTS: _terms(Unit.POINTS, Better.HIGHER),
        Kpi.NPS: _terms(Unit.NPS, Better.HIGHER),
        Kpi.POSITIVE_SHARE: _terms(Unit.SHARE, Better.HIGHER),
        Kpi.THROUGHPUT: _terms(Unit.COUNT, Better.NEITHER),
    }
)
"""In the order they are shown."""


def shown_with(kpi: Kpi) -> tuple[Kpi, ...]:
    """The figures that stand together: an AHT never without FCR and CSAT (KS17).

    >>> [k.value for k in shown_with(Kpi.AHT)], [k.value for k in shown_with(Kpi.NPS)]
    (['aht', 'fcr', 'csat'], ['nps'])
    """
    return (Kpi.AHT, Kpi.FCR, Kpi.CSAT) if kpi is Kpi.AHT else (kpi,)


def named(word: str) -> tuple[Kpi, ...]:
    """The figures a person means: one by its name, or all whose name begins so; empty for none.

    >>> [k.value for k in named("first-response")]
    ['first_response_mean', 'first_response_median', 'first_response_p90']
    >>> [k.value for k in named("CSAT")], named("speed")
    (['csat'], ())
    """
    wanted = word.strip().casefold().replace("-", "_").replace(" ", "_")
    exact = tuple(k for k in Kpi if k.value == wanted)
    return exact or tuple(k for k in Kpi if wanted and k.value.startswith(wanted))
