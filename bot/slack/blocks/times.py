"""How a typed time was understood: said under every answer, with the zone it was read in."""

from __future__ import annotations

from bot.core.time_phrases import Assumption, PhraseKind, Understood
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats

__all__ = ["understood_as"]


def understood_as(t: Translator, understood: Understood) -> str:
    """``understood as Thu 26 Nov, 18:00 (Shanghai, UTC+08:00)``, and what had to be assumed."""
    f = Formats(t.locale, understood.zone)
    at = t.text("promise.at_zone", at=f.moment(understood.at), zone=f.zone_label(understood.at))
    said = [t.text(f"promise.understood.{_reading(understood)}", at=at, n=understood.count or 0)]
    said += [t.text(f"promise.assumed.{a.value}") for a in Assumption if a in understood.assumed]
    return " ".join(said)


def _reading(understood: Understood) -> str:
    if understood.kind in (PhraseKind.WORKING_DAYS, PhraseKind.CLOSE_OF_BUSINESS):
        return str(understood.kind.value)
    return "time"
