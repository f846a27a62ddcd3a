"""Handling times that hold until contacts say otherwise (SP21)."""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.errors import ForecastingError

__all__ = ["ASSUMED_RELATIVE_SD", "USUAL_CV", "Standard"]

USUAL_CV = 1.2
"""Coefficient of variation of one contact's handling time, where no history tells it: that of the bank of
Brown et al., "Statistical analysis of a telephone call center", 2005."""
ASSUMED_RELATIVE_SD = 0.25
"""How far a single default may be off: an 80 % range of about a third either way."""
_EIGHTY_PERCENT = 1.2815515655446004


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """A handling time that holds until contacts say otherwise: 80 % sure between ``low`` and ``high`` [s].

    Raises ForecastingError unless 0 < low <= high.

    >>> bill = Standard(low=300.0, high=480.0)
    >>> round(bill.seconds), round(bill.relative_sd, 3)
    (390, 0.18)
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.high:
            raise ForecastingError(f"a handling time has 0 < low <= high, got {self.low} to {self.high}")

    @property
    def seconds(self) -> float:
        return (self.low + self.high) / 2

    @property
    def relative_sd(self) -> float:
        """At least 1 %: nothing is known for certain."""
        return max(0.01, (self.high - self.low) / (2 * _EIGHTY_PERCENT * self.seconds))
