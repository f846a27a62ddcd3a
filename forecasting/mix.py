"""What a queue's contacts are made of, by type or channel, and their handling time (FP7, FP9).

Shares are learned from counted contacts with half a contact of prior each (Jeffreys), so a part never seen
is not impossible; they sum to one, and what is split by them adds up to the whole.  A part's handling time
is its standard (SP21) and its contacts together, each weighed by what it is worth:

    AHT = (p S + sum of seconds) / (p + n),    p = (cv / relative sd of the standard)^2 contacts
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forecasting.errors import ForecastingError
from forecasting.standard_handling_time import ASSUMED_RELATIVE_SD, USUAL_CV, Standard

__all__ = ["Counted", "MixPart", "mixed_handling_time", "parts_of"]

_PRIOR = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Contacts of one part [count]; of ``handled`` of them the handling time is known, ``seconds`` in all."""

    part: str
    contacts: int
    handled: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MixPart:
    """``share`` of the contacts, 80 % sure between ``low`` and ``high``; ``aht_seconds`` with its relative sd
    ``aht_unsure``, from ``handled`` contacts and the standard."""

    part: str
    share: float
    low: float
    high: float
    contacts: int
    handled: int
    aht_seconds: float
    aht_unsure: float


def parts_of(
    counted: Sequence[Counted], *, standards: Mapping[str, Standard], default_seconds: float
) -> tuple[MixPart, ...]:
    """The parts, the largest first; shares sum to 1.  Empty where nothing was counted.

    ``default_seconds``: the standard of a part that has none [s], known to 25 %.

    >>> counted = [Counted(part="consult", contacts=75), Counted(part="complaint", contacts=25)]
    >>> standards = {"complaint": Standard(low=600.0, high=900.0)}
    >>> found = parts_of(counted, standards=standards, default_seconds=240.0)
    >>> [(part.part, round(part.share, 2), round(part.aht_seconds)) for part in found]
    [('consult', 0.75, 240), ('complaint', 0.25, 750)]
    """
    total = sum(row.contacts for row in counted)
    if not total:
        return ()
    # SciPy takes half a second to load, and settings name standards without it.
    from scipy.special import betaincinv

    whole = total + _PRIOR * len(counted)
    found = []
    for row in counted:
        standard = standards.get(row.part)
        seconds = default_seconds if standard is None else standard.seconds
        sd = ASSUMED_RELATIVE_SD if standard is None else standard.relative_sd
        prior = (USUAL_CV / sd) ** 2
        a = row.contacts + _PRIOR
        low, high = (float(betaincinv(a, whole - a, level)) if whole > a else 1.0 for level in (0.1, 0.9))
        found.append(
            MixPart(
                part=row.part,
                share=a / whole,
                low=low,
                high=high,
                contacts=row.contacts,
                handled=row.handled,
                aht_seconds=(prior * seconds + row.seconds) / (prior + row.handled),
                aht_unsure=USUAL_CV / (prior + row.handled) ** 0.5,
            )
        )
    return tuple(sorted(found, key=lambda part: (-part.share, part.part)))


def mixed_handling_time(parts: Sequence[MixPart]) -> tuple[float, float]:
    """(mean [s], relative sd) of a queue of these parts, their handling times independent.

    Raises ForecastingError for no parts.
    """
    if not parts:
        raise ForecastingError("no parts, so no mean of them")
    mean = sum(part.share * part.aht_seconds for part in parts)
    variance = sum((part.share * part.aht_seconds * part.aht_unsure) ** 2 for part in parts)
    return mean, variance**0.5 / mean
