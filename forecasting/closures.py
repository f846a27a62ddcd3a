"""Where the contacts of a closed day go: what the open days after it get more than usual."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from forecasting.models.base import EffectKind, LearnedEffect


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """Share of a closed day's usual contacts that come on open days around it instead, with its 80 % range.

    ``by_day``: open day after the closure (1, 2; -1 is the day before it) to its part of the share.
    Below 0 where those days are quieter than usual.
    """

    share: float
    low: float
    high: float
    by_day: tuple[tuple[int, float], ...]


_SIGN = {EffectKind.AFTER_CLOSURE: 1, EffectKind.BEFORE_CLOSURE: -1}


def returned_after_closures(effects: Iterable[LearnedEffect]) -> Returned | None:
    """What the learned effects say of it; None where no closure was learned from.

    A day's excess is its factor less 1, in units of a usual day, which is what the closed day would have
    been.  The range takes the effects as independent.

    >>> def after(number: int, factor: float, low: float, high: float) -> LearnedEffect:
    ...     return LearnedEffect(
    ...         kind=EffectKind.AFTER_CLOSURE, number=number, factor=factor, low=low, high=high, days=9
    ...     )
    >>> found = returned_after_closures([after(1, 1.25, 1.21, 1.29), after(2, 1.1, 1.07, 1.13)])
    >>> (round(found.share, 2), round(found.low, 2), round(found.high, 2))
    (0.35, 0.3, 0.4)
    """
    held = [(_SIGN[e.kind] * e.number, e) for e in effects if e.kind in _SIGN]
    if not held:
        return None
    share = sum(e.factor - 1 for _, e in held)
    below = sum((e.factor - e.low) ** 2 for _, e in held) ** 0.5
    above = sum((e.high - e.factor) ** 2 for _, e in held) ** 0.5
    return Returned(
        share=share,
        low=share - below,
        high=share + above,
        by_day=tuple(sorted((day, e.factor - 1) for day, e in held)),
    )
